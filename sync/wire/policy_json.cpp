#include "sync/wire/policy_json.hpp"

#include <algorithm>
#include <cmath>

#include "sync/wire/json.hpp"

namespace vitrine::wire {

namespace {

using profiles::Experiment;
using profiles::Exploration;
using profiles::Policy;
using std::chrono::milliseconds;

constexpr JsonLimits kLimits{.bytes = 256U << 10, .depth = 6, .members = 64};
constexpr std::string_view kFormat = "vitrine-policy-1";
constexpr std::size_t kArmsMax = 16;

/// A field of a policy that is a whole number: its name and its bounds. docs/configuration.md lists
/// them.
template <class Rep>
struct Whole {
    std::string_view name;
    Rep Policy::*field;
    std::int64_t min;
    std::int64_t max;
};
constexpr std::array<Whole<std::uint8_t>, 8> kSmall{{
    {"slate_size", &Policy::slate_size, 1, 3},
    {"ambient_size", &Policy::ambient_size, 1, 8},
    {"per_category_max", &Policy::per_category_max, 1, 3},
    {"decisions_per_member_day", &Policy::decisions_per_member_day, 0, 255},
    {"category_per_member_day", &Policy::category_per_member_day, 0, 255},
    {"dismissals_before_quiet", &Policy::dismissals_before_quiet, 1, 20},
    {"rest_after_unopened", &Policy::rest_after_unopened, 0, 100},
    {"rest_days", &Policy::rest_days, 0, 90},
}};
constexpr std::array<Whole<std::uint16_t>, 2> kMedium{{
    {"quiet_minutes_after_dismissals", &Policy::quiet_minutes_after_dismissals, 0, 1440},
    {"holdout_permille", &Policy::holdout_permille, 0, 500},
}};
constexpr std::array<Whole<milliseconds>, 8> kTimes{{
    {"loop_step_ms", &Policy::loop_step, 1000, 60'000},
    {"change_jitter_ms", &Policy::change_jitter, 0, 30'000},
    {"minimum_dwell_ms", &Policy::minimum_dwell, 0, 60'000},
    {"idle_after_ms", &Policy::idle_after, 10'000, 300'000},
    {"idle_grace_ms", &Policy::idle_grace, 20'000, 120'000},
    {"claim_valid_ms", &Policy::claim_valid, 30'000, 300'000},
    {"touch_grace_ms", &Policy::touch_grace, 0, 60'000},
    {"verified_for_ms", &Policy::verified_for, 30'000, 600'000},
}};

constexpr std::array<std::string_view, 2> kExplorations{"inverse_gap", "thompson"};

Exploration read_exploration(const Json& value, const Place& place, Report& report) {
    for (std::size_t i = 0; i < kExplorations.size(); ++i) {
        if (value == kExplorations[i]) return static_cast<Exploration>(i);
    }
    report.add(place, "expected inverse_gap or thompson, got " + shown(value));
    return Exploration::inverse_gap;
}

std::vector<std::string> read_arms(ObjectReader& object) {
    std::vector<std::string> arms;
    const Json* value = object.require("arms");
    if (value == nullptr) return arms;
    const Place at = object.at("arms");
    for (const Json& each : read_array(*value, at, object.report(), kArmsMax)) {
        const Place here(at, arms.size());
        const std::string* name = read_text(each, here, object.report(), 64);
        arms.push_back(name == nullptr ? std::string() : *name);
        if (name != nullptr && name->empty()) object.report().add(here, "is empty");
        if (std::ranges::count(arms, arms.back()) > 1) object.report().add(here, "stands twice");
    }
    return arms;
}

/// One an arm: how it draws offers, or null for as the policy says.
std::vector<std::optional<Exploration>> read_explorations(ObjectReader& object) {
    std::vector<std::optional<Exploration>> explorations;
    const Json* value = object.find("explorations");
    if (value == nullptr) return explorations;
    const Place at = object.at("explorations");
    for (const Json& each : read_array(*value, at, object.report(), kArmsMax)) {
        const Place here(at, explorations.size());
        explorations.emplace_back();
        if (!each.is_null()) explorations.back() = read_exploration(each, here, object.report());
    }
    return explorations;
}

std::string read_name(ObjectReader& object, std::string_view field, std::string name) {
    if (object.is_object() && !is_name(name)) {
        object.report().add(object.at(field), "expected 1 to 31 of a-z, 0-9 and '-'");
    }
    return name;
}

Experiment read_experiment(const Json& value, const Place& place, Report& report) {
    ObjectReader object(value, place, report);
    const std::size_t before = report.problems().size();
    Experiment experiment;
    experiment.id = read_name(object, "id", object.text("id", 64));
    experiment.arms = read_arms(object);
    if (const Json* weights = object.require("weights")) {
        const Place at = object.at("weights");
        for (const Json& each : read_array(*weights, at, report, kArmsMax)) {
            const Place here(at, experiment.weights.size());
            experiment.weights.push_back(
                static_cast<std::uint16_t>(read_integer(each, here, report, 1, 1000).value_or(1)));
        }
    }
    experiment.explorations = read_explorations(object);
    if (object.find("layer") != nullptr) {
        experiment.layer = read_name(object, "layer", object.text("layer", 64));
    }
    experiment.permille =
        static_cast<std::uint16_t>(object.integer_or("permille", 1, 1000, experiment.permille));
    object.finish();
    if (report.problems().size() != before) return experiment;
    const std::size_t arms = experiment.arms.size();
    if (arms < 2 || arms != experiment.weights.size()) {
        report.add(place, "needs at least two arms, and one weight an arm");
    }
    if (!experiment.explorations.empty() && experiment.explorations.size() != arms) {
        report.add(object.at("explorations"), "needs one an arm, or null for as the policy says");
    }
    return experiment;
}

/// Ids are the salt of the hash, and a layer has 1,000 places.
void check_experiments(const std::vector<Experiment>& experiments, const Place& place,
                       Report& report) {
    for (std::size_t i = 0; i < experiments.size(); ++i) {
        const Experiment& experiment = experiments[i];
        const Place here(place, i);
        int taken = 0;
        for (std::size_t j = 0; j <= i; ++j) {
            const Experiment& other = experiments[j];
            if (j < i && other.id == experiment.id) {
                report.add(Place(here, "id"), "is also the id of [" + std::to_string(j) + "]");
            }
            if (other.layer == experiment.layer) taken += other.permille;
        }
        if (!experiment.layer.empty() && taken > 1000) {
            report.add(Place(here, "permille"), "takes the layer '" + experiment.layer + "' to " +
                                                    std::to_string(taken) + " of 1000");
        }
    }
}

Policy read_policy(const Json& document, Report& report) {
    const Place root;
    ObjectReader object(document, root, report);
    Policy policy;
    if (object.text("format", 64) != kFormat && report.clean()) {
        report.add(object.at("format"), "expected \"" + std::string(kFormat) + "\"");
    }
    if (object.find("epoch") != nullptr) policy.epoch = Epoch(object.counter("epoch"));
    const auto read = [&](const auto& each, std::int64_t otherwise) {
        return object.integer_or(each.name, each.min, each.max, otherwise);
    };
    for (const auto& each : kSmall) {
        auto& field = policy.*each.field;
        field = static_cast<std::uint8_t>(read(each, field));
    }
    for (const auto& each : kMedium) {
        auto& field = policy.*each.field;
        field = static_cast<std::uint16_t>(read(each, field));
    }
    for (const auto& each : kTimes) {
        auto& field = policy.*each.field;
        field = milliseconds(read(each, field.count()));
    }
    policy.exploration_floor =
        object.real_or("exploration_floor", 0, 0.5, policy.exploration_floor);
    policy.exploration_gamma =
        object.real_or("exploration_gamma", 1, 1e6, policy.exploration_gamma);
    if (const Json* exploration = object.find("exploration")) {
        policy.exploration = read_exploration(*exploration, object.at("exploration"), report);
    }
    if (const Json* experiments = object.find("experiments")) {
        const Place at = object.at("experiments");
        for (const Json& each : read_array(*experiments, at, report, Policy::kExperimentsMax)) {
            const Place here(at, policy.experiments.size());
            policy.experiments.push_back(read_experiment(each, here, report));
        }
    }
    object.finish();
    check_experiments(policy.experiments, object.at("experiments"), report);
    return policy;
}

Json experiment_json(const Experiment& experiment) {
    Json json{{"id", experiment.id}, {"arms", experiment.arms}, {"weights", experiment.weights}};
    for (const std::optional<Exploration>& each : experiment.explorations) {
        Json name;
        if (each) name = kExplorations[static_cast<std::size_t>(*each)];
        json["explorations"].push_back(std::move(name));
    }
    if (!experiment.layer.empty()) json["layer"] = experiment.layer;
    json["permille"] = experiment.permille;
    return json;
}

}  // namespace

std::vector<Problem> check_policy(std::string_view json) {
    const Result<Json> document = parse_json(json, kLimits);
    if (!document) {
        return {
            {.path = {}, .message = document.error().message, .line = failing_line(json, kLimits)}};
    }
    Report report;
    read_policy(*document, report);
    find_lines(json, report.problems());
    return std::move(report.problems());
}

Result<Policy> decode_policy(std::string_view json) {
    const Json document = TRY(parse_json(json, kLimits));
    Report report;
    Policy policy = read_policy(document, report);
    if (!report.clean()) return error_of(report.problems());
    return policy;
}

Result<std::string> encode_policy(const Policy& policy) {
    if (!std::isfinite(policy.exploration_floor) || !std::isfinite(policy.exploration_gamma)) {
        return invalid("exploration: a number that is not finite");
    }
    Json json{{"format", kFormat}};
    json["epoch"] = counter_json(policy.epoch.value());
    for (const auto& each : kSmall) json[std::string(each.name)] = policy.*each.field;
    for (const auto& each : kMedium) json[std::string(each.name)] = policy.*each.field;
    for (const auto& each : kTimes) json[std::string(each.name)] = (policy.*each.field).count();
    json["exploration"] = kExplorations[static_cast<std::size_t>(policy.exploration)];
    json["exploration_floor"] = real_json(policy.exploration_floor);
    json["exploration_gamma"] = real_json(policy.exploration_gamma);
    json["experiments"] = Json::array();
    for (const Experiment& each : policy.experiments) {
        json["experiments"].push_back(experiment_json(each));
    }
    std::string text = TRY(dump_json(json));
    // A policy that shops would refuse is not sent to them.
    const Result<Policy> read_back = decode_policy(text);
    if (!read_back) return read_back.error();
    return text;
}

}  // namespace vitrine::wire
