#include <algorithm>

#include "sync/wire/base64.hpp"
#include "sync/wire/record_data.hpp"
#include "sync/wire/statistics.hpp"

namespace vitrine::wire {

namespace {

using namespace session;

constexpr std::int64_t kU8 = 0xff;
constexpr std::int64_t kU16 = 0xffff;
constexpr std::int64_t kU32 = 0xffffffff;

std::uint32_t read_u32(ObjectReader& object, std::string_view name) {
    return static_cast<std::uint32_t>(object.integer(name, 0, kU32));
}
std::uint16_t read_u16(ObjectReader& object, std::string_view name) {
    return static_cast<std::uint16_t>(object.integer(name, 0, kU16));
}

Result<Mode> mode_from(std::string_view name) {
    for (const Mode mode : {Mode::ambient, Mode::tailored, Mode::group, Mode::conflict}) {
        if (name_of(mode) == name) return mode;
    }
    return invalid("'" + std::string(name.substr(0, 64)) + "' is no mode of a screen");
}

Result<Language> language_from(std::string_view name) {
    if (name == "fr") return Language::fr;
    if (name == "en") return Language::en;
    return invalid("expected \"fr\" or \"en\"");
}

profiles::Epochs read_epochs(ObjectReader& parent) {
    profiles::Epochs epochs;
    const Json* value = parent.require("epochs");
    if (value == nullptr) return epochs;
    const Place place = parent.at("epochs");
    ObjectReader object(*value, place, parent.report());
    epochs.catalogue = Epoch(object.counter("catalogue"));
    epochs.profiles = Epoch(object.counter("profiles"));
    epochs.model = Epoch(object.counter("model"));
    epochs.policy = Epoch(object.counter("policy"));
    epochs.recognition = Epoch(object.counter("recognition"));
    object.finish();
    return epochs;
}

offers::Reason read_reason(const Json& value, const Place& place, Report& report) {
    ObjectReader object(value, place, report);
    offers::Reason reason;
    reason.code = object.named<offers::ReasonCode>("code", &offers::reason_from);
    reason.category =
        CategoryId(static_cast<std::uint16_t>(object.integer_or("category_id", 1, kU16, 0)));
    object.finish();
    return reason;
}

offers::Slot read_slot(const Json& value, const Place& place, Report& report,
                       std::size_t position) {
    ObjectReader object(value, place, report);
    offers::Slot slot;
    slot.offer = OfferId(read_u32(object, "promotion_id"));
    const auto here = static_cast<std::int64_t>(position);
    object.integer("position", here, here);
    slot.probability = object.real("probability", -kRealMax, kRealMax);
    slot.score = object.real("score", -kRealMax, kRealMax);
    slot.explored = object.boolean_or("explored", false);
    if (const Json* reasons = object.find("reasons")) {
        const Place at = object.at("reasons");
        for (const Json& each : read_array(*reasons, at, report, slot.reasons.size())) {
            slot.reasons[slot.reason_count] =
                read_reason(each, Place(at, slot.reason_count), report);
            ++slot.reason_count;
        }
    }
    object.finish();
    return slot;
}

void read_removals(ObjectReader& parent, offers::Decision& decision) {
    const Json* value = parent.require("removals");
    if (value == nullptr) return;
    const Place place = parent.at("removals");
    ObjectReader object(*value, place, parent.report());
    for (std::size_t i = 0; i < decision.removals.size(); ++i) {
        const std::string_view name = offers::name_of(static_cast<offers::Removal>(i));
        decision.removals[i] = static_cast<std::uint16_t>(object.integer_or(name, 1, kU16, 0));
    }
    object.finish();
}

VisitStarted read_visit_started(ObjectReader& data) { return {.visit = data.hex64("visit_id")}; }

VisitEnded read_visit_ended(ObjectReader& data) {
    return {.visit = data.hex64("visit_id"),
            .seconds = read_u32(data, "seconds"),
            .touches = read_u16(data, "touches")};
}

void read_experiments(ObjectReader& data, offers::Decision& decision) {
    if (data.text_or_empty("exploration", 16) == "thompson") {
        decision.exploration = profiles::Exploration::thompson;
    }
    const Json* experiments = data.find("experiments");
    if (experiments == nullptr) return;
    const Place at = data.at("experiments");
    for (const Json& each :
         read_array(*experiments, at, data.report(), decision.assignments.size())) {
        const std::size_t index = decision.assignment_count++;
        const Place here(at, index);
        ObjectReader object(each, here, data.report());
        decision.assignments[index] = {
            .experiment = static_cast<std::uint8_t>(
                object.integer("experiment", 0, profiles::Policy::kExperimentsMax - 1)),
            .arm = static_cast<std::uint8_t>(object.integer("arm", 1, kU8)),
            .exposed = object.boolean_or("exposed", false)};
        object.finish();
    }
}

PromotionViewed read_viewed(ObjectReader& data) {
    PromotionViewed viewed;
    offers::Decision& decision = viewed.decision;
    viewed.visit = data.hex64("visit_id");
    viewed.mode = data.named<Mode>("mode", &mode_from);
    decision.id = DecisionId(data.hex64("decision_id"));
    decision.path = data.named<offers::Path>("path", &offers::path_from);
    decision.holdout = data.boolean_or("holdout", false);
    read_experiments(data, decision);
    decision.epochs = read_epochs(data);
    decision.candidate_count = read_u16(data, "candidates");
    decision.eligible_count = read_u16(data, "eligible");
    decision.eligible_hash = data.hex64("eligible_hash");
    read_removals(data, decision);
    if (const Json* promotions = data.require("promotions")) {
        const Place at = data.at("promotions");
        for (const Json& each : read_array(*promotions, at, data.report(), decision.slots.size())) {
            const std::size_t position = decision.slot_count++;
            decision.slots[position] =
                read_slot(each, Place(at, position), data.report(), position);
        }
    }
    return viewed;
}

PromotionTouched read_touched(ObjectReader& data, PromotionTouched::Kind kind) {
    return {.kind = kind,
            .visit = data.hex64("visit_id"),
            .decision = DecisionId(data.hex64("decision_id")),
            .offer = OfferId(read_u32(data, "promotion_id")),
            .position = static_cast<std::uint8_t>(data.integer("position", 0, kU8)),
            .probability = data.real("probability", -kRealMax, kRealMax),
            .path = data.named<offers::Path>("path", &offers::path_from)};
}

CouponClaimed read_claimed(ObjectReader& data) {
    return {.visit = data.hex64("visit_id"), .offer = OfferId(read_u32(data, "promotion_id"))};
}

std::string read_order_number(ObjectReader& data) {
    std::string order = data.text("order_id", OrderCompleted::kOrderBytesMax);
    if (data.report().clean() && !is_order_number(order)) {
        data.report().add(data.at("order_id"), "expected 1 to 64 of A-Z a-z 0-9 . _ : / -");
    }
    return order;
}

OrderCompleted read_order(ObjectReader& data) {
    OrderCompleted completed{.order = read_order_number(data), .ordered = data.time("ordered_at")};
    const Json* lines = data.require("lines");
    if (lines == nullptr) return completed;
    const Place at = data.at("lines");
    for (const Json& each : read_array(*lines, at, data.report(), OrderCompleted::kLinesMax)) {
        const Place here(at, completed.lines.size());
        ObjectReader object(each, here, data.report());
        const OrderCompleted::Line line{.product = ProductId(read_u32(object, "product_id")),
                                        .category = CategoryId(read_u16(object, "category_id")),
                                        .quantity = read_u32(object, "quantity"),
                                        .cents = read_u32(object, "cents")};
        object.finish();
        if (!completed.lines.empty() && line.product <= completed.lines.back().product) {
            data.report().add(here, "is not in order of product");
        }
        completed.lines.push_back(line);
    }
    if (completed.lines.empty()) data.report().add(at, "is empty");
    return completed;
}

CouponRedeemed read_redeemed(ObjectReader& data) {
    return {.order = read_order_number(data), .offer = OfferId(read_u32(data, "promotion_id"))};
}

consent::Notice read_notice(ObjectReader& parent) {
    consent::Notice notice;
    const Json* value = parent.require("notice");
    if (value == nullptr) return notice;
    const Place place = parent.at("notice");
    ObjectReader object(*value, place, parent.report());
    notice.id = object.text("id", kRecordTextBytesMax);
    notice.version = read_u32(object, "version");
    notice.sha256 = object.named<Digest>("sha256", &fixed_from_hex<32>);
    notice.language = object.named<Language>("language", &language_from);
    object.finish();
    return notice;
}

ConsentChanged read_consent(ObjectReader& data) {
    consent::Event event;
    event.id = data.hex64("consent_id");
    event.subject = MemberId(data.hex64("data_subject"));
    event.purpose = data.named<consent::Purpose>("purpose", &consent::purpose_from);
    event.decision = data.named<consent::Decision>("decision", &consent::decision_from);
    event.version = read_u32(data, "version");
    event.time = Hlc(data.hex64("hlc"));
    if (data.find("valid_until") != nullptr) event.valid_until = data.time("valid_until");
    event.channel = data.named<consent::Channel>("channel", &consent::channel_from);
    event.notice = read_notice(data);
    event.previous = data.named<Digest>("previous", &fixed_from_hex<32>);
    return {.event = std::move(event)};
}

StaffViewed read_staff(ObjectReader& data) { return {.staff = data.id_name<StaffId>("staff_id")}; }

ModelDelta read_delta(ObjectReader& data) {
    ModelDelta delta;
    offers::Statistics& statistics = delta.statistics;
    statistics.model = Epoch(data.counter("model_epoch"));
    statistics.layout = read_u32(data, "layout");
    statistics.outcomes = data.counter("outcomes");
    statistics.positives = data.counter("positives");
    const auto size = [&data](std::string_view name, std::size_t max) {
        return static_cast<std::size_t>(data.integer(name, 0, static_cast<std::int64_t>(max)));
    };
    const StatisticsShape shape{.weights = size("weights", offers::Example::kWeightsMax),
                                .pairs = size("pairs", kStatisticsPairsMax),
                                .offsets = size("offsets", kStatisticsOffsetsMax)};
    const std::string totals = data.text("totals", kEventBytesMax);
    if (!data.report().clean()) return delta;
    const Result<Bytes> packed = from_base64(totals);
    const Result<void> unpacked =
        packed ? unpack_totals(*packed, shape, statistics) : Result<void>(packed.error());
    if (!unpacked) data.report().add(data.at("totals"), unpacked.error().message);
    return delta;
}

AgentHealth read_health(ObjectReader& data) {
    const auto unless_none = [&data](std::string_view name) {
        return static_cast<std::uint32_t>(data.integer_or(name, 1, kU32, 0));
    };
    AgentHealth health;
    health.adverts_heard = data.counter("adverts_heard");
    health.adverts_recognised = data.counter("adverts_recognised");
    health.backlog_records = read_u32(data, "backlog_records");
    health.dropped_records = read_u32(data, "dropped_records");
    health.dropped_actions = unless_none("dropped_actions");
    health.dropped_impressions = unless_none("dropped_impressions");
    health.dropped_health = unless_none("dropped_health");
    health.unsendable_records = unless_none("unsendable_records");
    if (health.unsendable_records > 0) {
        health.unsendable_reason = data.text("unsendable_reason", kRecordTextBytesMax);
    }
    health.epochs = read_epochs(data);
    health.scanner = data.text("scanner", kRecordTextBytesMax);
    return health;
}

template <PromotionTouched::Kind kind>
RecordBody touched_body(ObjectReader& data) {
    return read_touched(data, kind);
}
template <auto read>
RecordBody body(ObjectReader& data) {
    return read(data);
}

struct KnownType {
    std::string_view type;
    RecordBody (*read)(ObjectReader&);
};
constexpr std::array kKnownTypes{
    KnownType{"vitrine.visit.started.v1", &body<read_visit_started>},
    KnownType{"vitrine.visit.ended.v1", &body<read_visit_ended>},
    KnownType{"vitrine.promotion.viewed.v1", &body<read_viewed>},
    KnownType{"vitrine.promotion.clicked.v1", &touched_body<PromotionTouched::Kind::clicked>},
    KnownType{"vitrine.promotion.dismissed.v1", &touched_body<PromotionTouched::Kind::dismissed>},
    KnownType{"vitrine.promotion.saved.v1", &touched_body<PromotionTouched::Kind::saved>},
    KnownType{"vitrine.promotion.explained.v1", &touched_body<PromotionTouched::Kind::explained>},
    KnownType{"vitrine.coupon.claimed.v1", &body<read_claimed>},
    KnownType{"vitrine.consent.changed.v1", &body<read_consent>},
    KnownType{"vitrine.staff.viewed.v1", &body<read_staff>},
    KnownType{"vitrine.model.delta.v1", &body<read_delta>},
    KnownType{"vitrine.agent.health.v1", &body<read_health>},
    KnownType{"vitrine.order.completed.v1", &body<read_order>},
    KnownType{"vitrine.coupon.redeemed.v1", &body<read_redeemed>},
};

}  // namespace

bool is_known_type(std::string_view type) {
    return std::any_of(kKnownTypes.begin(), kKnownTypes.end(),
                       [type](const KnownType& known) { return known.type == type; });
}

RecordBody decode_data(std::string_view type, const Json& data, const Place& place,
                       Report& report) {
    const auto known = std::find_if(kKnownTypes.begin(), kKnownTypes.end(),
                                    [type](const KnownType& each) { return each.type == type; });
    CHECK(known != kKnownTypes.end());
    ObjectReader object(data, place, report);
    RecordBody read = known->read(object);
    object.finish();
    return read;
}

}  // namespace vitrine::wire
