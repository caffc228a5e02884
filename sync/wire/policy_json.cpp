#include "sync/wire/policy_json.hpp"

#include <cmath>

#include "sync/wire/json.hpp"

namespace vitrine::wire {

namespace {

using profiles::Experiment;
using profiles::Policy;
using std::chrono::milliseconds;

constexpr JsonLimits kLimits{.bytes = 256U << 10, .depth = 6, .members = 64};
constexpr std::string_view kFormat = "vitrine-policy-1";
constexpr std::size_t kArmsMax = 16;

/// A field of a policy that is a whole number: its name and its bounds. docs/sync.md lists them.
template <class Rep>
struct Whole {
    std::string_view name;
    Rep Policy::*field;
    std::int64_t min;
    std::int64_t max;
};
constexpr std::array<Whole<std::uint8_t>, 6> kSmall{{
    {"slate_size", &Policy::slate_size, 1, 3},
    {"ambient_size", &Policy::ambient_size, 1, 8},
    {"per_category_max", &Policy::per_category_max, 1, 3},
    {"decisions_per_member_day", &Policy::decisions_per_member_day, 0, 255},
    {"category_per_member_day", &Policy::category_per_member_day, 0, 255},
    {"dismissals_before_quiet", &Policy::dismissals_before_quiet, 1, 20},
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

Experiment read_experiment(const Json& value, const Place& place, Report& report) {
    ObjectReader object(value, place, report);
    Experiment experiment;
    experiment.id = object.text("id", 64);
    if (object.is_object() && !is_name(experiment.id)) {
        report.add(object.at("id"), "expected 1 to 31 of a-z, 0-9 and '-'");
    }
    if (const Json* arms = object.require("arms")) {
        const Place at = object.at("arms");
        for (const Json& each : read_array(*arms, at, report, kArmsMax)) {
            const Place here(at, experiment.arms.size());
            const std::string* name = read_text(each, here, report, 64);
            experiment.arms.push_back(name == nullptr ? std::string() : *name);
        }
    }
    if (const Json* weights = object.require("weights")) {
        const Place at = object.at("weights");
        for (const Json& each : read_array(*weights, at, report, kArmsMax)) {
            const Place here(at, experiment.weights.size());
            experiment.weights.push_back(
                static_cast<std::uint16_t>(read_integer(each, here, report, 1, 1000).value_or(1)));
        }
    }
    object.finish();
    if (report.clean() &&
        (experiment.arms.size() < 2 || experiment.arms.size() != experiment.weights.size())) {
        report.add(place, "needs at least two arms, and one weight an arm");
    }
    return experiment;
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
    if (const Json* experiments = object.find("experiments")) {
        const Place at = object.at("experiments");
        for (const Json& each : read_array(*experiments, at, report, Policy::kExperimentsMax)) {
            const Place here(at, policy.experiments.size());
            policy.experiments.push_back(read_experiment(each, here, report));
        }
    }
    object.finish();
    return policy;
}

}  // namespace

std::vector<Problem> check_policy(std::string_view json) {
    const Result<Json> document = parse_json(json, kLimits);
    if (!document) return {{.path = {}, .message = document.error().message}};
    Report report;
    read_policy(*document, report);
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
    json["exploration_floor"] = real_json(policy.exploration_floor);
    json["exploration_gamma"] = real_json(policy.exploration_gamma);
    json["experiments"] = Json::array();
    for (const Experiment& each : policy.experiments) {
        json["experiments"].push_back(
            {{"id", each.id}, {"arms", each.arms}, {"weights", each.weights}});
    }
    std::string text = TRY(dump_json(json));
    // A policy that shops would refuse is not sent to them.
    const Result<Policy> read_back = decode_policy(text);
    if (!read_back) return read_back.error();
    return text;
}

}  // namespace vitrine::wire
