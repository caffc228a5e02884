#include "sync/central/experiments.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "agent/consent/consent.hpp"
#include "agent/offers/experiments.hpp"
#include "sync/wire/policy_json.hpp"

namespace vitrine::central {

namespace {

using Json = nlohmann::ordered_json;
using profiles::Policy;

constexpr const char* kHoldout = "holdout";
constexpr const char* kPolicyKey = "policy";
constexpr const char* kSinceKey = "experiments_since";

/// Each member who allows `measure` and saw anything since: what they opened, what they took along,
/// and what they spent from the day on which they first saw something.
constexpr const char* kMembers =
    "SELECT f.member, f.clicked, f.took, coalesce((SELECT sum(p.cents) FROM bought p WHERE "
    "p.member = f.member AND p.day >= f.first), 0) FROM (SELECT d.member AS member, min(d.day) AS "
    "first, sum(d.clicked) AS clicked, sum(d.saved + d.claimed) AS took FROM member_days d JOIN "
    "consents c ON c.member = d.member AND c.purpose = ?1 AND c.granted = 1 AND c.grant_version >= "
    "c.withdrawal AND ?2 < c.valid_until WHERE d.day >= ?3 GROUP BY d.member) f";

std::int64_t ms_of(WallTime time) { return time.time_since_epoch().count(); }

/// What makes an experiment another one: with any of these changed it begins anew.
std::string definition_of(const profiles::Experiment& experiment) {
    Json json{{"arms", experiment.arms},
              {"weights", experiment.weights},
              {"layer", experiment.layer},
              {"permille", experiment.permille}};
    for (const auto& each : experiment.explorations) {
        json["explorations"].push_back(each ? static_cast<int>(*each) : -1);
    }
    return json.dump();
}

bool carries_a_verdict(const ArmSums& arm, bool shares) {
    if (arm.members < Experiments::kMembersMin) return false;
    const auto did = static_cast<std::uint64_t>(arm.sum);
    return !shares ||
           (did >= Experiments::kEitherMin && arm.members - did >= Experiments::kEitherMin);
}

Json comparison_json(const ArmSums& arm, const ArmSums& against, bool alarm, bool shares,
                     double alpha) {
    Json json;
    json["difference"] = arm.mean() - against.mean();
    json["low"] = json["high"] = nullptr;
    json["verdict"] = "sample_ratio";
    if (alarm) return json;
    json["verdict"] = "too_few";
    if (!carries_a_verdict(arm, shares) || !carries_a_verdict(against, shares)) return json;
    const auto interval = always_valid(arm, against, alpha);
    if (!interval) return json;
    json["low"] = interval->low;
    json["high"] = interval->high;
    json["verdict"] = interval->low > 0 ? "higher" : interval->high < 0 ? "lower" : "undecided";
    return json;
}

}  // namespace

Result<std::string> Experiments::json(WallTime now) {
    if (made_ && now >= *made_ && now < *made_ + kEvery) return last_;
    last_ = TRY(report(now));
    made_ = now;
    return last_;
}

Result<Policy> Experiments::policy() {
    auto select = TRY(connection_.prepare("SELECT value FROM settings WHERE key = ?"));
    select.bind(kPolicyKey);
    if (!TRY(select.step())) return Policy{};
    return wire::decode_policy(text_of(select.blob(0))).within("kept policy");
}

Result<std::map<std::string, std::int32_t>> Experiments::since(const Policy& policy,
                                                               std::int32_t today) {
    auto select = TRY(connection_.prepare("SELECT value FROM settings WHERE key = ?"));
    select.bind(kSinceKey);
    Json known = Json::object();
    if (TRY(select.step())) known = Json::parse(text_of(select.blob(0)), nullptr, false);
    Json kept = Json::object();
    std::map<std::string, std::int32_t> days;
    const auto keep = [&](const std::string& id, const std::string& definition) {
        const Json before = known.is_object() ? known.value(id, Json::object()) : Json::object();
        const bool same = before.is_object() && before.value("definition", "") == definition;
        const std::int32_t day = same ? before.value("day", today) : today;
        kept[id] = {{"definition", definition}, {"day", day}};
        days[id] = day;
    };
    keep(kHoldout, std::to_string(policy.holdout_permille));
    for (const auto& each : policy.experiments) keep(each.id, definition_of(each));
    if (kept != known) {
        auto upsert = TRY(connection_.prepare(
            "INSERT INTO settings VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = "
            "excluded.value"));
        const std::string text = kept.dump();
        TRY(upsert.bind(kSinceKey, view_of(text)).run());
    }
    return days;
}

template <class ArmOf>
Result<void> Experiments::count(Experiment& experiment, WallTime now, ArmOf arm_of) {
    auto select = TRY(connection_.prepare(kMembers));
    select.bind(static_cast<int>(consent::Purpose::measure), ms_of(now), experiment.since);
    while (TRY(select.step())) {
        const std::size_t arm = arm_of(MemberId(select.bits(0)));
        if (arm >= experiment.arms.size()) continue;
        experiment.arms[arm].responded.add(select.integer(1) > 0 ? 1 : 0);
        experiment.arms[arm].took.add(select.integer(2) > 0 ? 1 : 0);
        experiment.arms[arm].spent.add(static_cast<double>(select.integer(3)));
    }
    return {};
}

Result<std::vector<Experiments::Experiment>> Experiments::counted(const Policy& policy,
                                                                  WallTime now) {
    const auto days = TRY(since(policy, day_of(now)));
    const auto held_out = [&](MemberId member) {
        return offers::in_holdout(member, policy.holdout_permille);
    };
    std::vector<Experiment> experiments;
    if (policy.holdout_permille > 0 && policy.holdout_permille < 1000) {
        const double held = policy.holdout_permille;
        Experiment& one = experiments.emplace_back();
        one.id = kHoldout;
        one.since = days.at(kHoldout);
        one.arms = {{.name = "everyone", .weight = held},
                    {.name = "tailored", .weight = 1000 - held}};
        TRY(count(one, now,
                  [&](MemberId member) -> std::size_t { return held_out(member) ? 0 : 1; }));
    }
    for (std::size_t i = 0; i < policy.experiments.size(); ++i) {
        const profiles::Experiment& made = policy.experiments[i];
        Experiment& one = experiments.emplace_back();
        one.id = made.id;
        one.layer = made.layer;
        one.since = days.at(made.id);
        for (std::size_t arm = 0; arm < std::min(made.arms.size(), made.weights.size()); ++arm) {
            one.arms.push_back(
                {.name = made.arms[arm], .weight = static_cast<double>(made.weights[arm])});
        }
        TRY(count(one, now, [&](MemberId member) -> std::size_t {
            const std::size_t arm = held_out(member) ? 0 : offers::assign(member, policy).arm_in(i);
            return arm == 0 ? one.arms.size() : arm - 1;
        }));
    }
    return experiments;
}

std::string Experiments::text_of_report(const std::vector<Experiment>& experiments) {
    Json json{{"experiments", Json::array()}};
    for (const Experiment& one : experiments) {
        std::vector<std::uint64_t> members;
        std::vector<double> weights;
        Json arms = Json::array();
        for (const Arm& arm : one.arms) {
            members.push_back(arm.responded.members);
            weights.push_back(arm.weight);
            arms.push_back({{"name", arm.name},
                            {"weight", arm.weight},
                            {"members", arm.responded.members},
                            {"responded", static_cast<std::uint64_t>(arm.responded.sum)},
                            {"took", static_cast<std::uint64_t>(arm.took.sum)},
                            {"spent_cents", static_cast<std::int64_t>(arm.spent.sum)}});
        }
        const double p = sample_ratio_p(members, weights);
        const bool alarm = p < kSampleRatioAlarm;
        Json comparisons = Json::array();
        const auto others = static_cast<double>(std::max<std::size_t>(one.arms.size(), 2) - 1);
        const auto compare = [&](const Arm& arm, const char* measure, ArmSums Arm::*sums,
                                 bool shares) {
            Json compared{{"measure", measure}, {"arm", arm.name}, {"against", one.arms[0].name}};
            compared.update(comparison_json(arm.*sums, one.arms[0].*sums, alarm, shares,
                                            kAlpha / (3 * others)));
            comparisons.push_back(std::move(compared));
        };
        for (std::size_t arm = 1; arm < one.arms.size(); ++arm) {
            compare(one.arms[arm], "responded", &Arm::responded, true);
            compare(one.arms[arm], "took", &Arm::took, true);
            compare(one.arms[arm], "spent", &Arm::spent, false);
        }
        json["experiments"].push_back({{"id", one.id},
                                       {"layer", one.layer},
                                       {"since_day", one.since},
                                       {"arms", std::move(arms)},
                                       {"sample_ratio", {{"p", p}, {"alarm", alarm}}},
                                       {"comparisons", std::move(comparisons)}});
    }
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<std::string> Experiments::report(WallTime now) {
    return text_of_report(TRY(counted(TRY(policy()), now)));
}

}  // namespace vitrine::central
