#include <algorithm>
#include <array>

#include "sync/central/members.hpp"
#include "sync/central/merge_store.hpp"
#include "sync/central/merging.hpp"
#include "sync/central/order_lines.hpp"
#include "sync/central/ranges_binary.hpp"

// What a batch leaves in the database. Rows are written in the order of their keys, table after
// table in one order, so that no two workers wait for each other.
namespace vitrine::central {

namespace {

using sql::Rows;
using Type = sql::Rows::Type;

constexpr auto kInteger = Type::integer;
constexpr auto kText = Type::text;
constexpr auto kBytes = Type::bytes;

constexpr sql::Into kEvents{
    "events (shop, agent, epoch, sequence, type, received, merged, member, digest, event)",
    "ON CONFLICT DO NOTHING"};

constexpr sql::Into kMinutes{
    "minute_counts (minute, shop, records, views, clicks)",
    "ON CONFLICT (minute, shop) DO UPDATE SET records = minute_counts.records + excluded.records, "
    "views = minute_counts.views + excluded.views, clicks = minute_counts.clicks + "
    "excluded.clicks"};

constexpr sql::Into kLetters{
    "dead_letters (digest, shop, agent, epoch, sequence, received, kind, member, reason, event)",
    "ON CONFLICT DO NOTHING"};

constexpr sql::Into kSources{
    "sources (shop, agent, epoch, watermark, ranges, given_up, records, cloned, last_received, "
    "last_time)",
    "ON CONFLICT (shop, agent, epoch) DO UPDATE SET watermark = excluded.watermark, ranges = "
    "excluded.ranges, given_up = sources.given_up + excluded.given_up, records = sources.records + "
    "excluded.records, cloned = sources.cloned + excluded.cloned, last_received = "
    "excluded.last_received, last_time = excluded.last_time"};

constexpr sql::Into kInteractions{
    "interactions (member, offer, dismissed, wanted, last_viewed, viewed, clicked, saved, claimed, "
    "dismissals)",
    "ON CONFLICT (member, offer) DO UPDATE SET "
    "dismissed = CASE WHEN excluded.dismissed > interactions.dismissed THEN excluded.dismissed "
    "ELSE interactions.dismissed END, "
    "wanted = CASE WHEN excluded.wanted > interactions.wanted THEN excluded.wanted ELSE "
    "interactions.wanted END, "
    "last_viewed = CASE WHEN excluded.last_viewed > interactions.last_viewed THEN "
    "excluded.last_viewed ELSE interactions.last_viewed END, "
    "viewed = interactions.viewed + excluded.viewed, clicked = interactions.clicked + "
    "excluded.clicked, saved = interactions.saved + excluded.saved, claimed = interactions.claimed "
    "+ excluded.claimed, dismissals = interactions.dismissals + excluded.dismissals"};

constexpr sql::Into kMemberDays{
    "member_days (member, day, offer, shop, viewed, tailored, clicked, saved, claimed)",
    "ON CONFLICT (member, day, offer, shop) DO UPDATE SET viewed = member_days.viewed + "
    "excluded.viewed, tailored = member_days.tailored + excluded.tailored, clicked = "
    "member_days.clicked + excluded.clicked, saved = member_days.saved + excluded.saved, claimed = "
    "member_days.claimed + excluded.claimed"};

constexpr sql::Into kOfferCounts{
    "offer_counts (shop, day, offer, path, viewed, clicked, dismissed, saved, explained, claimed, "
    "redeemed)",
    "ON CONFLICT (shop, day, offer, path) DO UPDATE SET viewed = offer_counts.viewed + "
    "excluded.viewed, clicked = offer_counts.clicked + excluded.clicked, dismissed = "
    "offer_counts.dismissed + excluded.dismissed, saved = offer_counts.saved + excluded.saved, "
    "explained = offer_counts.explained + excluded.explained, claimed = offer_counts.claimed + "
    "excluded.claimed, redeemed = offer_counts.redeemed + excluded.redeemed"};

constexpr sql::Into kShopCounts{
    "shop_counts (shop, day, visits, visits_ended, visit_seconds, touches, decisions, staff_views, "
    "orders, orders_of_members, items, revenue_cents)",
    "ON CONFLICT (shop, day) DO UPDATE SET visits = shop_counts.visits + excluded.visits, "
    "visits_ended = shop_counts.visits_ended + excluded.visits_ended, visit_seconds = "
    "shop_counts.visit_seconds + excluded.visit_seconds, touches = shop_counts.touches + "
    "excluded.touches, decisions = shop_counts.decisions + excluded.decisions, staff_views = "
    "shop_counts.staff_views + excluded.staff_views, orders = shop_counts.orders + "
    "excluded.orders, orders_of_members = shop_counts.orders_of_members + "
    "excluded.orders_of_members, items = shop_counts.items + excluded.items, revenue_cents = "
    "shop_counts.revenue_cents + excluded.revenue_cents"};

constexpr sql::Into kHealth{
    "health (shop, agent, epoch, hlc, sequence, event)",
    "ON CONFLICT (shop, agent, epoch) DO UPDATE SET hlc = excluded.hlc, sequence = "
    "excluded.sequence, event = excluded.event WHERE (excluded.hlc, excluded.sequence) > "
    "(health.hlc, health.sequence)"};

constexpr sql::Into kStatistics{
    "statistics (model, shop, agent, epoch, outcomes, event, used)",
    "ON CONFLICT (model, shop, agent, epoch) DO UPDATE SET outcomes = excluded.outcomes, event = "
    "excluded.event"};

Rows integers(std::size_t count) { return Rows(std::vector<Type>(count, kInteger)); }

std::int64_t ms_of(WallTime time) { return time.time_since_epoch().count(); }

std::string_view kind_of(Fate fate) {
    return fate == Fate::cloned ? "cloned" : fate == Fate::foreign ? "foreign" : "unreadable";
}

/// The model totals that a kept event carries; nothing for an empty one.
Result<std::optional<offers::Statistics>> statistics_in(std::string_view event) {
    if (event.empty()) return std::optional<offers::Statistics>();
    const auto decoded = TRY(wire::decode_record(event).within("statistics"));
    const auto* delta =
        decoded.record ? std::get_if<session::ModelDelta>(&decoded.record->body) : nullptr;
    if (delta == nullptr) return corrupt("statistics: a row without statistics");
    return std::optional(delta->statistics);
}

}  // namespace

Result<void> MergeStore::keep_events(WallTime received, const Merging& merging) {
    std::vector<const Incoming*> fresh;
    for (const Incoming& one : merging.events) {
        if (one.fate == Fate::fresh) fresh.push_back(&one);
    }
    const auto identity = [](const Incoming* one) -> const auto& { return *one->identity; };
    // One batch is in order already.
    if (!std::ranges::is_sorted(fresh, {}, identity)) std::ranges::stable_sort(fresh, {}, identity);
    Rows rows(
        {kText, kText, kInteger, kInteger, kText, kInteger, kInteger, kInteger, kBytes, kText});
    for (const Incoming* one : fresh) {
        const bool erased = merging.erased.contains(one->member());
        rows.add(one->identity->store.view(), one->identity->agent.view(), one->identity->epoch,
                 one->identity->sequence.value(), one->decoded->type, ms_of(received),
                 one->decoded->record ? 1 : 0, erased ? std::uint64_t{0} : one->member().value(),
                 one->digest, erased ? std::string_view() : std::string_view(*one->event));
    }
    TRY(connection_.insert(kEvents, rows));
    return keep_minutes(received, fresh);
}

/// What the console's curve shows: adding up the events of an hour would take longer the more come.
Result<void> MergeStore::keep_minutes(WallTime received, std::span<const Incoming* const> events) {
    struct Counts {
        std::int64_t records = 0;
        std::int64_t views = 0;
        std::int64_t clicks = 0;
    };
    std::map<StoreId, Counts> counts;
    for (const Incoming* one : events) {
        Counts& of_shop = counts[one->identity->store];
        ++of_shop.records;
        if (one->decoded->type == "vitrine.promotion.viewed.v1") ++of_shop.views;
        if (one->decoded->type == "vitrine.promotion.clicked.v1") ++of_shop.clicks;
    }
    const auto minute = std::chrono::floor<std::chrono::minutes>(received.time_since_epoch());
    Rows rows({kInteger, kText, kInteger, kInteger, kInteger});
    for (const auto& [store, of_shop] : counts) {
        rows.add(minute.count(), store.view(), of_shop.records, of_shop.views, of_shop.clicks);
    }
    return connection_.insert(kMinutes, rows);
}

Result<void> MergeStore::keep_letters(WallTime received, const Merging& merging) {
    Rows rows({kBytes, kText, kText, kInteger, kInteger, kInteger, kText, kInteger, kText, kBytes});
    for (const Incoming& one : merging.events) {
        if (one.fate == Fate::fresh || one.fate == Fate::duplicate || one.fate == Fate::refused) {
            continue;
        }
        const auto& identity = one.identity;
        const bool erased = merging.erased.contains(one.member());
        rows.add(one.digest, one.batch->store.view(), one.batch->agent.view(),
                 identity ? identity->epoch : 0, identity ? identity->sequence.value() : 0,
                 ms_of(received), kind_of(one.fate),
                 erased ? std::uint64_t{0} : one.member().value(), one.reason,
                 erased ? ByteView() : view_of(*one.event));
    }
    return connection_.insert(kLetters, rows);
}

Result<void> MergeStore::keep_sources(WallTime received, Merging& merging) {
    Rows rows({kText, kText, kInteger, kInteger, kBytes, kInteger, kInteger, kInteger, kInteger,
               kInteger});
    std::vector<Bytes> ranges;
    ranges.reserve(merging.sources.size());  // Rows keep views of them.
    for (auto& [key, source] : merging.sources) {
        const std::uint64_t given_up = source.cursor.give_up_below(source.floor);
        const Bytes& kept = ranges.emplace_back(encode_ranges(source.cursor.ranges()));
        rows.add(key.store.view(), key.agent.view(), key.epoch, source.cursor.watermark().value(),
                 kept, given_up, source.taken, source.cloned, ms_of(received),
                 ms_of(source.last_time));
    }
    return connection_.insert(kSources, rows);
}

Result<void> MergeStore::apply(const merge::Gathered& gathered) {
    Rows interactions = integers(10);
    for (const auto& [key, one] : gathered.interactions) {
        interactions.add(key.member.value(), key.offer.value(), one.dismissed.value(),
                         one.wanted.value(), one.last_viewed.value(), one.viewed, one.clicked,
                         one.saved, one.claimed, one.dismissals);
    }
    TRY(connection_.insert(kInteractions, interactions));
    Rows days(
        {kInteger, kInteger, kInteger, kText, kInteger, kInteger, kInteger, kInteger, kInteger});
    for (const auto& [key, one] : gathered.member_days) {
        days.add(key.member.value(), key.day, key.offer.value(), key.store.view(), one.viewed,
                 one.tailored, one.clicked, one.saved, one.claimed);
    }
    TRY(connection_.insert(kMemberDays, days));
    TRY(insert_order_lines(connection_, gathered.order_lines));
    Rows offers({kText, kInteger, kInteger, kInteger, kInteger, kInteger, kInteger, kInteger,
                 kInteger, kInteger, kInteger});
    for (const auto& [key, one] : gathered.offer_counts) {
        offers.add(key.store.view(), key.day, key.offer.value(), static_cast<int>(key.path),
                   one.viewed, one.clicked, one.dismissed, one.saved, one.explained, one.claimed,
                   one.redeemed);
    }
    TRY(connection_.insert(kOfferCounts, offers));
    Rows shops({kText, kInteger, kInteger, kInteger, kInteger, kInteger, kInteger, kInteger,
                kInteger, kInteger, kInteger, kInteger});
    for (const auto& [key, one] : gathered.store_counts) {
        shops.add(key.store.view(), key.day, one.visits, one.visits_ended, one.visit_seconds,
                  one.touches, one.decisions, one.staff_views, one.orders, one.orders_of_members,
                  one.items, one.revenue_cents);
    }
    TRY(connection_.insert(kShopCounts, shops));
    Rows health({kText, kText, kInteger, kInteger, kInteger, kText});
    for (const auto& [key, said] : gathered.health) {
        health.add(key.store.view(), key.agent.view(), key.epoch, said.value.at.value(),
                   said.value.sequence.value(), said.event);
    }
    TRY(connection_.insert(kHealth, health));
    TRY(apply_statistics(gathered));
    return apply_consents(gathered.consents);
}

/// A source's row is held, so nobody else writes these meanwhile.
Result<void> MergeStore::apply_statistics(const merge::Gathered& gathered) {
    Rows rows({kInteger, kText, kText, kInteger, kInteger, kText, kText});
    for (const auto& [key, said] : gathered.statistics) {
        auto* select =
            TRY(statement("SELECT event FROM statistics WHERE model = ? AND shop = ? AND agent = ? "
                          "AND epoch = ?"));
        select->bind(key.model.value(), key.source.store.view(), key.source.agent.view(),
                     key.source.epoch);
        if (TRY(select->step())) {
            const std::string kept(select->text(0));
            select->reset();
            const auto present = TRY(statistics_in(kept));
            if (present && merge::join(*present, said.value) == *present) continue;
        }
        rows.add(key.model.value(), key.source.store.view(), key.source.agent.view(),
                 key.source.epoch, said.value.outcomes, said.event, std::string_view());
    }
    return connection_.insert(kStatistics, rows);
}

Result<void> MergeStore::apply_consents(std::vector<consent::Event> events) {
    std::ranges::stable_sort(events, {}, [](const consent::Event& event) {
        return std::pair(event.subject, event.purpose);
    });
    for (const consent::Event& event : events) TRY(join_consent(connection_, event));
    return {};
}

Result<std::vector<MergeStore::Learned>> MergeStore::learned(Epoch model) {
    auto* select =
        TRY(statement("SELECT shop, agent, epoch, event, used FROM statistics WHERE model = ?"));
    select->bind(model.value());
    std::vector<Learned> all;
    while (TRY(select->step())) {
        const auto total = TRY(statistics_in(select->text(3)));
        if (!total) continue;
        all.push_back({.source = {TRY(StoreId::parse(select->text(0))),
                                  TRY(AgentId::parse(select->text(1))), select->bits(2)},
                       .total = *total,
                       .used = TRY(statistics_in(select->text(4)))});
    }
    return all;
}

Result<std::vector<Epoch>> MergeStore::epochs_with_news() {
    auto* select =
        TRY(statement("SELECT DISTINCT model FROM statistics WHERE event <> used ORDER BY model"));
    select->bind();
    std::vector<Epoch> epochs;
    while (TRY(select->step())) epochs.emplace_back(select->bits(0));
    return epochs;
}

Result<void> MergeStore::mark_used(Epoch model) {
    auto* update = TRY(statement("UPDATE statistics SET used = event WHERE model = ?"));
    return update->bind(model.value()).run();
}

}  // namespace vitrine::central
