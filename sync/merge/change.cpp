#include "sync/merge/change.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

namespace vitrine::merge {

namespace {

using session::PromotionTouched;

template <class Int>
Int sum(Int one, Int other) {
    return other > std::numeric_limits<Int>::max() - one ? std::numeric_limits<Int>::max()
                                                         : one + other;
}

/// Collects what one record changes.
class Collector {
  public:
    Collector(const Arrival& arrival, bool subject_erased)
        : arrival_(arrival),
          at_(effective_time(arrival.record.hlc, arrival.received)),
          member_(subject_erased ? std::nullopt : arrival.record.subject),
          subject_erased_(subject_erased) {}

    void operator()(const session::VisitStarted&) { count({.visits = 1}); }

    void operator()(const session::VisitEnded& ended) {
        count({.visits_ended = 1, .visit_seconds = ended.seconds, .touches = ended.touches});
    }

    void operator()(const session::PromotionViewed& viewed) {
        count({.decisions = 1});
        const offers::Decision& decision = viewed.decision;
        const std::size_t slots = std::min<std::size_t>(decision.slot_count, decision.slots.size());
        for (std::size_t i = 0; i < slots; ++i) {
            const OfferId offer = decision.slots[i].offer;
            count(offer, decision.path, {.viewed = 1});
            interact(offer, {.last_viewed = at_, .viewed = 1});
            did(offer,
                {.viewed = 1, .tailored = decision.path == offers::Path::personal ? 1U : 0U});
        }
    }

    void operator()(const PromotionTouched& touched) {
        switch (touched.kind) {
            case PromotionTouched::Kind::clicked:
                count(touched.offer, touched.path, {.clicked = 1});
                interact(touched.offer, {.clicked = 1});
                did(touched.offer, {.clicked = 1});
                break;
            case PromotionTouched::Kind::dismissed:
                count(touched.offer, touched.path, {.dismissed = 1});
                interact(touched.offer, {.dismissed = at_, .dismissals = 1});
                break;
            case PromotionTouched::Kind::saved:
                count(touched.offer, touched.path, {.saved = 1});
                interact(touched.offer, {.wanted = at_, .saved = 1});
                did(touched.offer, {.saved = 1});
                break;
            case PromotionTouched::Kind::explained:
                count(touched.offer, touched.path, {.explained = 1});
                break;
        }
    }

    void operator()(const session::CouponClaimed& claimed) {
        // The code says nothing of how its offer was chosen.
        count(claimed.offer, offers::Path::mass, {.claimed = 1});
        interact(claimed.offer, {.wanted = at_, .claimed = 1});
        did(claimed.offer, {.claimed = 1});
    }

    void operator()(const session::OrderCompleted& completed) {
        StoreCounts counts{.orders = 1, .orders_of_members = arrival_.record.subject ? 1U : 0U};
        const std::int32_t day = day_of(std::min(completed.ordered, wall_of(at_)));
        for (const auto& line : completed.lines) {
            counts.items += line.quantity;
            counts.revenue_cents += line.cents;
            if (!member_) continue;
            changes.push_back(JoinOrderLine{
                .key = {.member = *member_,
                        .day = day,
                        .order = completed.order,
                        .product = line.product},
                .value = {
                    .category = line.category, .quantity = line.quantity, .cents = line.cents}});
        }
        count(counts);
    }

    void operator()(const session::CouponRedeemed& redeemed) {
        // As with a claim, the till does not know how its offer was chosen.
        count(redeemed.offer, offers::Path::mass, {.redeemed = 1});
        interact(redeemed.offer, {.wanted = at_});
    }

    void operator()(const session::ConsentChanged& changed) {
        if (subject_erased_) return;
        const consent::Event& event = changed.event;
        changes.push_back(JoinConsent{.member = event.subject,
                                      .purpose = event.purpose,
                                      .state = consent::state_of(event),
                                      .event = event});
    }

    void operator()(const session::StaffViewed&) { count({.staff_views = 1}); }

    void operator()(const session::ModelDelta& delta) {
        changes.push_back(
            JoinStatistics{.key = {.model = delta.statistics.model, .source = arrival_.source},
                           .value = delta.statistics});
    }

    void operator()(const session::AgentHealth& health) {
        changes.push_back(
            JoinHealth{.key = arrival_.source,
                       .value = {.at = at_, .sequence = arrival_.sequence, .health = health}});
    }

    std::vector<Change> changes;

  private:
    std::int32_t day() const { return day_of(wall_of(at_)); }

    void count(const StoreCounts& counts) {
        changes.push_back(
            AddStoreCounts{.key = {.store = arrival_.source.store, .day = day()}, .value = counts});
    }

    void count(OfferId offer, offers::Path path, const OfferCounts& counts) {
        changes.push_back(AddOfferCounts{
            .key = {.store = arrival_.source.store, .day = day(), .offer = offer, .path = path},
            .value = counts});
    }

    void interact(OfferId offer, const Interaction& interaction) {
        if (!member_) return;
        changes.push_back(
            AddInteraction{.key = {.member = *member_, .offer = offer}, .value = interaction});
    }

    void did(OfferId offer, const MemberDay& what) {
        if (!member_) return;
        changes.push_back(AddMemberDay{.key = {.member = *member_,
                                               .day = day(),
                                               .offer = offer,
                                               .store = arrival_.source.store},
                                       .value = what});
    }

    const Arrival& arrival_;
    Hlc at_;
    std::optional<MemberId> member_;
    bool subject_erased_;
};

// More outcomes first; all the rest only so that of two with as many the choice is always the same.
auto order_of(const offers::Statistics& statistics) {
    return std::tie(statistics.outcomes, statistics.positives, statistics.layout,
                    statistics.gradient, statistics.curvature);
}
auto order_of(const offers::Statistics::PerOffset& each) {
    return std::tie(each.id, each.within, each.gradient, each.curvature);
}
auto order_of(const session::AgentHealth& health) {
    return std::tie(health.adverts_heard, health.adverts_recognised, health.backlog_records,
                    health.dropped_records, health.dropped_actions, health.dropped_impressions,
                    health.dropped_health, health.unsendable_records, health.unsendable_reason,
                    health.scanner, health.epochs.catalogue, health.epochs.profiles,
                    health.epochs.model, health.epochs.policy, health.epochs.recognition);
}

}  // namespace

Hlc effective_time(Hlc stamped, WallTime received) {
    const std::int64_t ms = received.time_since_epoch().count();
    if (ms < 0) return Hlc{};
    constexpr std::int64_t last = (std::int64_t{1} << 48) - 1;
    const auto physical = static_cast<std::uint64_t>(std::min(ms, last));
    return std::min(stamped, Hlc(physical << 16 | 0xffff));
}

Interaction add(const Interaction& one, const Interaction& other) {
    return {.dismissed = std::max(one.dismissed, other.dismissed),
            .wanted = std::max(one.wanted, other.wanted),
            .last_viewed = std::max(one.last_viewed, other.last_viewed),
            .viewed = sum(one.viewed, other.viewed),
            .clicked = sum(one.clicked, other.clicked),
            .saved = sum(one.saved, other.saved),
            .claimed = sum(one.claimed, other.claimed),
            .dismissals = sum(one.dismissals, other.dismissals)};
}

MemberDay add(const MemberDay& one, const MemberDay& other) {
    return {.viewed = sum(one.viewed, other.viewed),
            .tailored = sum(one.tailored, other.tailored),
            .clicked = sum(one.clicked, other.clicked),
            .saved = sum(one.saved, other.saved),
            .claimed = sum(one.claimed, other.claimed)};
}

OfferCounts add(const OfferCounts& one, const OfferCounts& other) {
    return {.viewed = sum(one.viewed, other.viewed),
            .clicked = sum(one.clicked, other.clicked),
            .dismissed = sum(one.dismissed, other.dismissed),
            .saved = sum(one.saved, other.saved),
            .explained = sum(one.explained, other.explained),
            .claimed = sum(one.claimed, other.claimed),
            .redeemed = sum(one.redeemed, other.redeemed)};
}

StoreCounts add(const StoreCounts& one, const StoreCounts& other) {
    return {.visits = sum(one.visits, other.visits),
            .visits_ended = sum(one.visits_ended, other.visits_ended),
            .visit_seconds = sum(one.visit_seconds, other.visit_seconds),
            .touches = sum(one.touches, other.touches),
            .decisions = sum(one.decisions, other.decisions),
            .staff_views = sum(one.staff_views, other.staff_views),
            .orders = sum(one.orders, other.orders),
            .orders_of_members = sum(one.orders_of_members, other.orders_of_members),
            .items = sum(one.items, other.items),
            .revenue_cents = sum(one.revenue_cents, other.revenue_cents)};
}

const OrderLine& join(const OrderLine& one, const OrderLine& other) {
    return one < other ? other : one;
}

const Health& join(const Health& one, const Health& other) {
    if (one.at != other.at) return one.at > other.at ? one : other;
    if (one.sequence != other.sequence) return one.sequence > other.sequence ? one : other;
    return order_of(one.health) >= order_of(other.health) ? one : other;
}

const offers::Statistics& join(const offers::Statistics& one, const offers::Statistics& other) {
    if (order_of(one) != order_of(other)) return order_of(one) > order_of(other) ? one : other;
    const bool less = std::lexicographical_compare(
        one.offsets.begin(), one.offsets.end(), other.offsets.begin(), other.offsets.end(),
        [](const auto& a, const auto& b) { return order_of(a) < order_of(b); });
    return less ? other : one;
}

std::vector<Change> changes_of(const Arrival& arrival, bool subject_erased) {
    Collector collector(arrival, subject_erased);
    std::visit(collector, arrival.record.body);
    return std::move(collector.changes);
}

MemberId member_of(const session::Record& record) {
    if (const auto* changed = std::get_if<session::ConsentChanged>(&record.body)) {
        return changed->event.subject;
    }
    return record.subject.value_or(MemberId{});
}

}  // namespace vitrine::merge
