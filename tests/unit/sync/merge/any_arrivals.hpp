#pragma once

#include <rapidcheck.h>

#include <array>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "sync/merge/state.hpp"

// A small world: few members, offers and shops, so that records meet each other.
namespace vitrine::merge::any {

inline std::uint64_t below(std::uint64_t bound) {
    return *rc::gen::inRange<std::uint64_t>(0, bound);
}
inline MemberId member() { return MemberId(1 + below(3)); }
inline OfferId offer() { return OfferId(static_cast<std::uint32_t>(1 + below(3))); }
inline offers::Path path() { return static_cast<offers::Path>(below(3)); }

inline Source source() {
    constexpr std::array<Source, 3> sources{{{StoreId("lyon"), AgentId("a"), 1},
                                             {StoreId("lyon"), AgentId("a"), 2},
                                             {StoreId("nice"), AgentId("b"), 1}}};
    return sources[below(sources.size())];
}

/// Some stamps are ahead of when they arrive.
inline Hlc stamp() { return Hlc((1000 + below(2000)) << 16 | below(2)); }

inline consent::Event consent_event() {
    return {.id = below(100),
            .subject = member(),
            .purpose = static_cast<consent::Purpose>(below(2)),
            .decision = static_cast<consent::Decision>(below(4)),
            .version = static_cast<std::uint32_t>(below(3)),
            .time = stamp()};
}

inline session::PromotionViewed viewed() {
    session::PromotionViewed made;
    made.decision.path = path();
    made.decision.slot_count = static_cast<std::uint8_t>(below(3));
    for (std::size_t i = 0; i < made.decision.slot_count; ++i) made.decision.slots[i] = {offer()};
    return made;
}

/// Of few receipts, so that one comes again, and sometimes says something else.
inline session::OrderCompleted order() {
    session::OrderCompleted made{.order = "r" + std::to_string(below(3)),
                                 .ordered = wall_at(std::chrono::milliseconds(below(3000)))};
    for (std::uint32_t product = 1; product <= 1 + below(2); ++product) {
        made.lines.push_back(
            {ProductId(product), CategoryId(7), static_cast<std::uint32_t>(1 + below(2)), 100});
    }
    return made;
}

inline session::RecordBody body() {
    switch (below(11)) {
        case 0:
            return session::VisitStarted{below(9)};
        case 1:
            return session::VisitEnded{below(9), static_cast<std::uint32_t>(below(60)), 2};
        case 2:
            return viewed();
        case 3:
        case 4:
            return session::PromotionTouched{
                .kind = static_cast<session::PromotionTouched::Kind>(below(4)),
                .offer = offer(),
                .path = path()};
        case 5:
            return session::CouponClaimed{1, offer()};
        case 6:
            return session::ConsentChanged{consent_event()};
        case 8:
            return order();
        case 9:
            return session::CouponRedeemed{"r1", offer()};
        case 7:
            return session::ModelDelta{
                {.model = Epoch(1 + below(2)), .outcomes = below(4), .positives = below(3)}};
        default:
            return session::AgentHealth{.adverts_heard = below(5)};
    }
}

/// Different records, the sequences of each source starting at 1 with few gaps.
inline std::vector<Arrival> arrivals() {
    std::map<Source, std::uint64_t> last;
    std::vector<Arrival> made(below(25));
    for (Arrival& each : made) {
        each.source = source();
        std::uint64_t& sequence = last[each.source];
        sequence += below(5) == 0 ? 2U : 1U;
        each.sequence = Sequence(sequence);
        each.content[0] = static_cast<std::uint8_t>(below(256));
        each.received = wall_at(std::chrono::milliseconds(2000));
        each.record.hlc = stamp();
        if (below(3) > 0) each.record.subject = member();
        each.record.body = body();
    }
    return made;
}

template <class Item>
void shuffle(std::vector<Item>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
}

}  // namespace vitrine::merge::any
