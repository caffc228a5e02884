#include <cmath>

#include "sync/wire/base64.hpp"
#include "sync/wire/record_data.hpp"
#include "sync/wire/rfc3339.hpp"
#include "sync/wire/statistics.hpp"

namespace vitrine::wire {

namespace {

using namespace session;

Result<Json> finite(float value, std::string_view field) {
    if (!std::isfinite(value)) return invalid(std::string(field) + ": is not finite");
    return real_json(value);
}

Result<Json> text_json(std::string_view text, std::string_view field) {
    Report report(1);
    const Place root;
    const Json value(text);
    if (read_text(value, Place(root, field), report, kRecordTextBytesMax) == nullptr) {
        return error_of(report.problems());
    }
    return value;
}

Json epochs_json(const profiles::Epochs& epochs) {
    return {{"catalogue", counter_json(epochs.catalogue.value())},
            {"profiles", counter_json(epochs.profiles.value())},
            {"model", counter_json(epochs.model.value())},
            {"policy", counter_json(epochs.policy.value())},
            {"recognition", counter_json(epochs.recognition.value())}};
}

Result<Json> slot_json(const offers::Slot& slot, std::size_t position) {
    Json json{{"promotion_id", slot.offer.value()}, {"position", position}};
    json["probability"] = TRY(finite(slot.probability, "probability"));
    json["score"] = TRY(finite(slot.score, "score"));
    if (slot.explored) json["explored"] = true;
    if (slot.reason_count > slot.reasons.size()) return invalid("reasons: more than two");
    Json reasons = Json::array();
    for (std::size_t i = 0; i < slot.reason_count; ++i) {
        const offers::Reason& reason = slot.reasons[i];
        Json one{{"code", offers::name_of(reason.code)}};
        if (reason.category != CategoryId{}) one["category_id"] = reason.category.value();
        reasons.push_back(std::move(one));
    }
    if (!reasons.empty()) json["reasons"] = std::move(reasons);
    return json;
}

Json removals_json(const offers::Decision& decision) {
    Json removals = Json::object();
    for (std::size_t i = 0; i < decision.removals.size(); ++i) {
        if (decision.removals[i] == 0) continue;
        removals[std::string(offers::name_of(static_cast<offers::Removal>(i)))] =
            decision.removals[i];
    }
    return removals;
}

Result<Json> encode(const VisitStarted& started) {
    return Json{{"visit_id", hex_of(started.visit)}};
}

Result<Json> encode(const VisitEnded& ended) {
    return Json{
        {"visit_id", hex_of(ended.visit)}, {"seconds", ended.seconds}, {"touches", ended.touches}};
}

Result<Json> encode(const PromotionViewed& viewed) {
    const offers::Decision& decision = viewed.decision;
    if (decision.slot_count > decision.slots.size()) return invalid("promotions: more than 8");
    Json json{{"visit_id", hex_of(viewed.visit)},
              {"mode", name_of(viewed.mode)},
              {"decision_id", to_text(decision.id)},
              {"path", offers::name_of(decision.path)}};
    if (decision.holdout) json["holdout"] = true;
    if (decision.exploration == profiles::Exploration::thompson) json["exploration"] = "thompson";
    for (std::size_t i = 0; i < decision.assignment_count; ++i) {
        const offers::Assignment& each = decision.assignments[i];
        Json one{{"experiment", each.experiment}, {"arm", each.arm}};
        if (each.exposed) one["exposed"] = true;
        json["experiments"].push_back(std::move(one));
    }
    json["epochs"] = epochs_json(decision.epochs);
    json["candidates"] = decision.candidate_count;
    json["eligible"] = decision.eligible_count;
    json["eligible_hash"] = hex_of(decision.eligible_hash);
    json["removals"] = removals_json(decision);
    Json promotions = Json::array();
    for (std::size_t i = 0; i < decision.slot_count; ++i) {
        promotions.push_back(
            TRY(slot_json(decision.slots[i], i).within("promotions[" + std::to_string(i) + "]")));
    }
    json["promotions"] = std::move(promotions);
    return json;
}

Result<Json> encode(const PromotionTouched& touched) {
    Json json{{"visit_id", hex_of(touched.visit)},
              {"decision_id", to_text(touched.decision)},
              {"promotion_id", touched.offer.value()},
              {"position", touched.position}};
    json["probability"] = TRY(finite(touched.probability, "probability"));
    json["path"] = offers::name_of(touched.path);
    return json;
}

Result<Json> encode(const CouponClaimed& claimed) {
    return Json{{"visit_id", hex_of(claimed.visit)}, {"promotion_id", claimed.offer.value()}};
}

Result<Json> order_number_json(std::string_view order) {
    if (!is_order_number(order)) return invalid("order_id: is no number of a receipt");
    return Json(order);
}

Result<Json> encode(const OrderCompleted& completed) {
    const auto& lines = completed.lines;
    if (lines.empty() || lines.size() > OrderCompleted::kLinesMax) {
        return invalid("lines: expected 1 to " + std::to_string(OrderCompleted::kLinesMax));
    }
    Json json;
    json["order_id"] = TRY(order_number_json(completed.order));
    json["ordered_at"] = TRY(format_time(completed.ordered).within("ordered_at"));
    json["lines"] = Json::array();
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (i > 0 && lines[i].product <= lines[i - 1].product) {
            return invalid("lines: not in order of product");
        }
        json["lines"].push_back({{"product_id", lines[i].product.value()},
                                 {"category_id", lines[i].category.value()},
                                 {"quantity", lines[i].quantity},
                                 {"cents", lines[i].cents}});
    }
    return json;
}

Result<Json> encode(const CouponRedeemed& redeemed) {
    Json json;
    json["order_id"] = TRY(order_number_json(redeemed.order));
    json["promotion_id"] = redeemed.offer.value();
    return json;
}

Result<Json> encode(const ConsentChanged& changed) {
    const consent::Event& event = changed.event;
    Json json{{"consent_id", hex_of(event.id)},
              {"data_subject", to_text(event.subject)},
              {"purpose", consent::name_of(event.purpose)},
              {"decision", consent::name_of(event.decision)},
              {"version", event.version},
              {"hlc", to_text(event.time)}};
    if (event.valid_until) {
        json["valid_until"] = TRY(format_time(*event.valid_until).within("valid_until"));
    }
    json["channel"] = consent::name_of(event.channel);
    Json& notice = json["notice"];
    notice["id"] = TRY(text_json(event.notice.id, "notice.id"));
    notice["version"] = event.notice.version;
    notice["sha256"] = to_hex(event.notice.sha256);
    notice["language"] = event.notice.language == Language::fr ? "fr" : "en";
    json["previous"] = to_hex(event.previous);
    return json;
}

Result<Json> encode(const StaffViewed& viewed) {
    if (viewed.staff.empty()) return invalid("staff_id: is empty");
    return Json{{"staff_id", viewed.staff.view()}};
}

Result<Json> encode(const ModelDelta& delta) {
    const offers::Statistics& statistics = delta.statistics;
    if (statistics.gradient.size() > offers::Example::kWeightsMax) {
        return invalid("weights: more than " + std::to_string(offers::Example::kWeightsMax));
    }
    if (statistics.curvature.size() > kStatisticsPairsMax) {
        return invalid("pairs: more than " + std::to_string(kStatisticsPairsMax));
    }
    if (statistics.offsets.size() > kStatisticsOffsetsMax) {
        return invalid("offsets: more than " + std::to_string(kStatisticsOffsetsMax));
    }
    return Json{{"model_epoch", counter_json(statistics.model.value())},
                {"layout", statistics.layout},
                {"outcomes", counter_json(statistics.outcomes)},
                {"positives", counter_json(statistics.positives)},
                {"weights", statistics.gradient.size()},
                {"pairs", statistics.curvature.size()},
                {"offsets", statistics.offsets.size()},
                {"totals", to_base64(pack_totals(statistics))}};
}

Result<Json> encode(const AgentHealth& health) {
    Json json{{"adverts_heard", counter_json(health.adverts_heard)},
              {"adverts_recognised", counter_json(health.adverts_recognised)},
              {"backlog_records", health.backlog_records},
              {"dropped_records", health.dropped_records},
              {"epochs", epochs_json(health.epochs)}};
    json["scanner"] = TRY(text_json(health.scanner, "scanner"));
    if (health.dropped_actions > 0) json["dropped_actions"] = health.dropped_actions;
    if (health.dropped_impressions > 0) json["dropped_impressions"] = health.dropped_impressions;
    if (health.dropped_health > 0) json["dropped_health"] = health.dropped_health;
    if (health.unsendable_records == 0) return json;
    json["unsendable_records"] = health.unsendable_records;
    json["unsendable_reason"] = TRY(text_json(health.unsendable_reason, "unsendable_reason"));
    return json;
}

}  // namespace

Result<Json> encode_data(const RecordBody& body) {
    return std::visit([](const auto& each) { return encode(each); }, body);
}

}  // namespace vitrine::wire
