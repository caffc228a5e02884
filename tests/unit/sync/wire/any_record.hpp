#pragma once

#include <rapidcheck.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "agent/session/record.hpp"
#include "sync/wire/record_json.hpp"

// Arbitrary records, within what the values' own comments promise.
namespace vitrine::wire::any {

template <class Int>
Int number() {
    // Small and extreme numbers are where encodings break.
    return *rc::gen::oneOf(rc::gen::arbitrary<Int>(),
                           rc::gen::element<Int>(Int{0}, Int{1}, std::numeric_limits<Int>::max(),
                                                 std::numeric_limits<Int>::min()));
}

template <class Int>
Int below(Int bound) {
    return *rc::gen::inRange<Int>(0, bound);
}

inline bool coin() { return *rc::gen::arbitrary<bool>(); }

/// Any finite float, by its bits.
inline float real() {
    const float value = std::bit_cast<float>(number<std::uint32_t>());
    return std::isfinite(value) ? value : static_cast<float>(below(1000)) / 1000.0F;
}

template <class Id>
Id name() {
    const auto letters = *rc::gen::container<std::string>(
        rc::gen::elementOf(std::string("abcdefghijklmnopqrstuvwxyz0123456789-")));
    const std::string text = "n" + letters.substr(0, 30);
    return *Id::parse(text);
}

inline std::string text() {
    std::string made;
    const auto pieces = below<int>(8);
    for (int i = 0; i < pieces; ++i) {
        made += *rc::gen::elementOf(
            std::vector<std::string>{"a", "Zoë", "\"", "\\", "\n", " ", "日本", "😀", "/", "{}"});
    }
    return made;
}

/// Any time of the years 0 to 9999.
inline WallTime time() {
    return wall_at(std::chrono::milliseconds(
        *rc::gen::inRange<std::int64_t>(-62167219200000, 253402300800000)));
}

inline Digest digest() {
    Digest made{};
    for (auto& byte : made) byte = static_cast<std::uint8_t>(below<int>(256));
    return made;
}

inline profiles::Epochs epochs() {
    return {Epoch(number<std::uint64_t>()), Epoch(number<std::uint64_t>()),
            Epoch(number<std::uint64_t>()), Epoch(number<std::uint64_t>()),
            Epoch(number<std::uint64_t>())};
}

inline offers::Slot slot() {
    offers::Slot made{.offer = OfferId(number<std::uint32_t>()),
                      .probability = real(),
                      .score = real(),
                      .explored = coin()};
    made.reason_count = static_cast<std::uint8_t>(below<int>(3));
    for (std::size_t i = 0; i < made.reason_count; ++i) {
        made.reasons[i] = {static_cast<offers::ReasonCode>(below<int>(offers::kReasonCodes)),
                           CategoryId(number<std::uint16_t>())};
    }
    return made;
}

inline offers::Decision decision() {
    offers::Decision made;
    made.id = DecisionId(number<std::uint64_t>());
    made.epochs = epochs();
    made.path = static_cast<offers::Path>(below<int>(3));
    made.holdout = coin();
    made.exploration = static_cast<profiles::Exploration>(below<std::uint8_t>(2));
    made.assignment_count = below<std::uint8_t>(9);
    for (std::size_t i = 0; i < made.assignment_count; ++i) {
        made.assignments[i] = {static_cast<std::uint8_t>(i),
                               static_cast<std::uint8_t>(1 + below<int>(255)), below<int>(2) == 1};
    }
    made.slot_count = static_cast<std::uint8_t>(below<int>(offers::Decision::kSlotsMax + 1));
    made.candidate_count = number<std::uint16_t>();
    made.eligible_count = number<std::uint16_t>();
    made.eligible_hash = number<std::uint64_t>();
    for (auto& each : made.removals) {
        if (coin()) each = number<std::uint16_t>();
    }
    for (std::size_t i = 0; i < made.slot_count; ++i) made.slots[i] = slot();
    return made;
}

inline consent::Event consent_event() {
    consent::Event made{.id = number<std::uint64_t>(),
                        .subject = MemberId(number<std::uint64_t>()),
                        .purpose = static_cast<consent::Purpose>(below<int>(5)),
                        .decision = static_cast<consent::Decision>(below<int>(4)),
                        .version = number<std::uint32_t>(),
                        .time = Hlc(number<std::uint64_t>())};
    if (coin()) made.valid_until = time();
    made.channel = static_cast<consent::Channel>(below<int>(5));
    made.notice = {.id = text(),
                   .version = number<std::uint32_t>(),
                   .sha256 = digest(),
                   .language = coin() ? Language::fr : Language::en};
    made.previous = digest();
    return made;
}

inline std::vector<std::int64_t> totals(std::size_t size_max) {
    std::vector<std::int64_t> made(below<std::size_t>(size_max + 1));
    for (auto& each : made) each = number<std::int64_t>();
    return made;
}

inline offers::Statistics statistics() {
    offers::Statistics made{.model = Epoch(number<std::uint64_t>()),
                            .layout = number<std::uint32_t>(),
                            .outcomes = number<std::uint64_t>(),
                            .positives = number<std::uint64_t>(),
                            .gradient = totals(12),
                            .curvature = totals(80)};
    made.offsets.resize(below<std::size_t>(6));
    for (auto& each : made.offsets) {
        each = {profiles::offset_id(OfferId(number<std::uint32_t>())),
                profiles::offset_id(CategoryId(number<std::uint16_t>())), number<std::int64_t>(),
                number<std::int64_t>()};
    }
    return made;
}

inline session::PromotionTouched touched() {
    return {.kind = static_cast<session::PromotionTouched::Kind>(below<int>(4)),
            .visit = number<std::uint64_t>(),
            .decision = DecisionId(number<std::uint64_t>()),
            .offer = OfferId(number<std::uint32_t>()),
            .position = number<std::uint8_t>(),
            .probability = real(),
            .path = static_cast<offers::Path>(below<int>(3))};
}

inline session::AgentHealth health() {
    session::AgentHealth health{.adverts_heard = number<std::uint64_t>(),
                                .adverts_recognised = number<std::uint64_t>(),
                                .backlog_records = number<std::uint32_t>(),
                                .dropped_records = number<std::uint32_t>(),
                                .dropped_actions = below<std::uint32_t>(3),
                                .dropped_impressions = number<std::uint32_t>(),
                                .dropped_health = below<std::uint32_t>(2),
                                .unsendable_records = below<std::uint32_t>(2)};
    if (health.unsendable_records > 0) health.unsendable_reason = text();
    health.epochs = epochs();
    health.scanner = text();
    return health;
}

inline std::string order_number() {
    return "T-" + std::to_string(number<std::uint16_t>()) + "/2026.11:a_Z";
}

inline session::OrderCompleted order() {
    session::OrderCompleted made{.order = order_number(), .ordered = time()};
    std::uint32_t product = below<std::uint32_t>(3);
    const int lines = 1 + below<int>(5);
    for (int i = 0; i < lines; ++i, product += 1 + below<std::uint32_t>(1'000'000)) {
        made.lines.push_back({ProductId(product), CategoryId(number<std::uint16_t>()),
                              number<std::uint32_t>(), number<std::uint32_t>()});
    }
    return made;
}

inline session::RecordBody body() {
    switch (below<int>(11)) {
        case 0:
            return session::VisitStarted{number<std::uint64_t>()};
        case 1:
            return session::VisitEnded{number<std::uint64_t>(), number<std::uint32_t>(),
                                       number<std::uint16_t>()};
        case 2:
            return session::PromotionViewed{number<std::uint64_t>(),
                                            static_cast<session::Mode>(below<int>(4)), decision()};
        case 3:
            return touched();
        case 4:
            return session::CouponClaimed{number<std::uint64_t>(),
                                          OfferId(number<std::uint32_t>())};
        case 5:
            return session::ConsentChanged{consent_event()};
        case 6:
            return session::StaffViewed{name<StaffId>()};
        case 7:
            return session::ModelDelta{statistics()};
        case 8:
            return order();
        case 9:
            return session::CouponRedeemed{order_number(), OfferId(number<std::uint32_t>())};
        default:
            return health();
    }
}

inline session::Record record() {
    session::Record made{.time = time(), .hlc = Hlc(number<std::uint64_t>())};
    if (coin()) made.kiosk = name<KioskId>();
    if (coin()) made.subject = MemberId(number<std::uint64_t>());
    made.body = body();
    return made;
}

inline RecordIdentity identity() {
    return {.store = name<StoreId>(),
            .agent = name<AgentId>(),
            .epoch = number<std::uint64_t>(),
            .sequence = Sequence(std::max<std::uint64_t>(1, number<std::uint64_t>()))};
}

}  // namespace vitrine::wire::any
