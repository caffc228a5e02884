#include <cmath>

#include <nlohmann/json.hpp>

#include "sync/central/audit.hpp"

namespace vitrine::central {

namespace {

using Json = nlohmann::ordered_json;

std::int64_t ms_of(WallTime time) { return time.time_since_epoch().count(); }

Json finite(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json per_member(std::uint64_t count, std::uint64_t members) {
    return static_cast<double>(count) / static_cast<double>(members);
}

/// Small groups say only that they are small.
Json group_json(const AuditGroup& group) {
    Json json{{"dimension", group.dimension}, {"value", group.value}};
    if (group.members == 0) {
        json["members"] = nullptr;
        return json;
    }
    json["members"] = group.members;
    json["exposures_per_member"] = per_member(group.exposures, group.members);
    json["claims_per_member"] = per_member(group.claims, group.members);
    json["benefit_cents_per_member"] =
        static_cast<double>(group.benefit_cents) / static_cast<double>(group.members);
    json["claims_of_no_value"] = group.claims_of_no_value;
    return json;
}

Json comparison_json(const FairComparison& one) {
    Json json;
    json["dimension"] = one.dimension;
    json["value"] = one.value;
    json["offer"] = one.offer.value();
    json["measure"] = name_of(one.measure);
    json["rate"] = one.share.rate();
    json["best"] = one.best;
    json["ratio"] = finite(one.ratio.ratio);
    json["low"] = finite(one.ratio.low);
    json["high"] = finite(one.ratio.high);
    json["verdict"] = name_of(one.verdict);
    return json;
}

Json finding_json(const FairnessFinding& finding) {
    Json json;
    json["id"] = finding.id;
    json["state"] = finding.signed_at ? "signed_off" : "open";
    json["opened"] = ms_of(finding.opened);
    json["dimension"] = finding.dimension;
    json["value"] = finding.value;
    json["best"] = finding.best;
    json["measure"] = finding.measure;
    json["offer"] = finding.offer.value();
    json["ratio"] = finite(finding.ratio.ratio);
    json["low"] = finite(finding.ratio.low);
    json["high"] = finite(finding.ratio.high);
    json["signed_by"] = finding.signed_at ? Json(finding.signed_by) : Json(nullptr);
    json["signed_at"] = finding.signed_at ? Json(ms_of(*finding.signed_at)) : Json(nullptr);
    json["reason"] = finding.signed_at ? Json(finding.reason) : Json(nullptr);
    return json;
}

}  // namespace

Result<std::string> Audit::json() {
    Json json;
    json["as_of"] = last_ ? Json(ms_of(last_->as_of)) : Json(nullptr);
    json["days"] = kDays;
    json["members_min"] = FairLimits{}.members_min;
    json["ratio_min"] = FairLimits{}.ratio_min;
    json["groups"] = Json::array();
    json["comparisons"] = Json::array();
    json["of_offers"] = Json::array();
    json["findings"] = Json::array();
    if (last_) {
        for (const AuditGroup& each : last_->groups) json["groups"].push_back(group_json(each));
        for (const FairComparison& each : last_->comparisons) {
            json["comparisons"].push_back(comparison_json(each));
        }
        for (const FairComparison& each : last_->of_offers) {
            json["of_offers"].push_back(comparison_json(each));
        }
    }
    for (const FairnessFinding& each : TRY(findings())) {
        json["findings"].push_back(finding_json(each));
    }
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace vitrine::central
