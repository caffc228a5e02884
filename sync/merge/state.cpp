#include "sync/merge/state.hpp"

#include <limits>

namespace vitrine::merge {

namespace {

template <class Map, class Key>
typename Map::mapped_type value_or_empty(const Map& map, const Key& key) {
    const auto found = map.find(key);
    return found == map.end() ? typename Map::mapped_type{} : found->second;
}

/// Joins a value into a map by the module's own `join`.
template <class Map>
void join_into(Map& map, const typename Map::key_type& key,
               const typename Map::mapped_type& value) {
    const auto [known, fresh] = map.emplace(key, value);
    if (!fresh) known->second = join(known->second, value);
}

template <class Map>
void add_into(Map& map, const typename Map::key_type& key, const typename Map::mapped_type& value) {
    auto& known = map[key];
    known = add(known, value);
}

template <class... Ts>
struct Overload : Ts... {
    using Ts::operator()...;
};
template <class... Ts>
Overload(Ts...) -> Overload<Ts...>;  // clang 14 cannot deduce it by itself.

}  // namespace

Outcome admit(const AgentCursor& cursor, Sequence sequence, const std::optional<Digest>& kept,
              const Digest& arrived) {
    if (kept && *kept != arrived) return Outcome::cloned;
    AgentCursor grown = cursor;
    switch (grown.add(sequence)) {
        case AgentCursor::Added::fresh:
            return Outcome::merged;
        case AgentCursor::Added::duplicate:
            return Outcome::duplicate;
        case AgentCursor::Added::refused:
            break;
    }
    return Outcome::refused;
}

Outcome MergeState::merge(const Arrival& arrival) {
    const Outcome outcome = keep(arrival.source, arrival.sequence, arrival.content);
    if (outcome == Outcome::merged) merge_kept(arrival);
    return outcome;
}

Outcome MergeState::keep(const Source& source, Sequence sequence, const Digest& content) {
    const auto identity = std::pair(source, sequence);
    const auto kept = contents_.find(identity);
    AgentCursor cursor = value_or_empty(cursors_, source);
    const Outcome outcome =
        admit(cursor, sequence,
              kept == contents_.end() ? std::nullopt : std::optional(kept->second), content);
    if (outcome != Outcome::merged) return outcome;
    cursor.add(sequence);
    cursors_[source] = std::move(cursor);
    contents_.emplace(identity, content);
    return outcome;
}

void MergeState::merge_kept(const Arrival& arrival) {
    const bool subject_erased = erased(member_of(arrival.record));
    for (const Change& change : changes_of(arrival, subject_erased)) apply(change);
}

std::uint64_t MergeState::give_up_below(const Source& source, Sequence floor) {
    return cursors_[source].give_up_below(floor);
}

void MergeState::erase(MemberId member) {
    erased_.insert(member);
    consents_.erase(member);
    const auto first = interactions_.lower_bound({.member = member, .offer = OfferId{}});
    auto last = first;
    while (last != interactions_.end() && last->first.member == member) ++last;
    interactions_.erase(first, last);
    const auto is_theirs = [member](const auto& each) { return each.first.member == member; };
    std::erase_if(member_days_, is_theirs);
    std::erase_if(order_lines_, is_theirs);
}

void MergeState::apply(const Change& change) {
    std::visit(
        Overload{
            [this](const JoinConsent& join_consent) {
                consent::State& state = consents_[join_consent.member].of(join_consent.purpose);
                state = consent::join(state, join_consent.state);
            },
            [this](const AddInteraction& added) {
                add_into(interactions_, added.key, added.value);
            },
            [this](const AddMemberDay& added) { add_into(member_days_, added.key, added.value); },
            [this](const JoinOrderLine& joined) {
                join_into(order_lines_, joined.key, joined.value);
            },
            [this](const AddOfferCounts& added) {
                add_into(offer_counts_, added.key, added.value);
            },
            [this](const AddStoreCounts& added) {
                add_into(store_counts_, added.key, added.value);
            },
            [this](const JoinStatistics& joined) {
                join_into(statistics_, joined.key, joined.value);
            },
            [this](const JoinHealth& joined) { join_into(health_, joined.key, joined.value); }},
        change);
}

bool MergeState::names(MemberId member) const {
    const auto interaction = interactions_.lower_bound({.member = member, .offer = OfferId{}});
    const auto day = member_days_.lower_bound({.member = member,
                                               .day = std::numeric_limits<std::int32_t>::min(),
                                               .offer = {},
                                               .store = {}});
    const auto line = order_lines_.lower_bound({.member = member,
                                                .day = std::numeric_limits<std::int32_t>::min(),
                                                .order = {},
                                                .product = {}});
    return consents_.contains(member) ||
           (line != order_lines_.end() && line->first.member == member) ||
           (interaction != interactions_.end() && interaction->first.member == member) ||
           (day != member_days_.end() && day->first.member == member);
}

AgentCursor MergeState::cursor(const Source& source) const {
    return value_or_empty(cursors_, source);
}

consent::Consents MergeState::consents(MemberId member) const {
    return value_or_empty(consents_, member);
}

Interaction MergeState::interaction(MemberId member, OfferId offer) const {
    return value_or_empty(interactions_, InteractionKey{.member = member, .offer = offer});
}

std::vector<OfferId> MergeState::dismissed(MemberId member) const {
    std::vector<OfferId> offers;
    auto at = interactions_.lower_bound({.member = member, .offer = OfferId{}});
    for (; at != interactions_.end() && at->first.member == member; ++at) {
        if (at->second.is_dismissed()) offers.push_back(at->first.offer);
    }
    return offers;
}

MemberDay MergeState::member_day(const MemberDayKey& key) const {
    return value_or_empty(member_days_, key);
}

OrderLine MergeState::order_line(const OrderLineKey& key) const {
    return value_or_empty(order_lines_, key);
}

OfferCounts MergeState::offer_counts(const OfferDayKey& key) const {
    return value_or_empty(offer_counts_, key);
}

StoreCounts MergeState::store_counts(const StoreDayKey& key) const {
    return value_or_empty(store_counts_, key);
}

std::optional<Health> MergeState::health(const Source& source) const {
    const auto found = health_.find(source);
    if (found == health_.end()) return std::nullopt;
    return found->second;
}

std::vector<offers::Statistics> MergeState::statistics(Epoch model) const {
    std::vector<offers::Statistics> totals;
    auto at = statistics_.lower_bound({.model = model, .source = {}});
    for (; at != statistics_.end() && at->first.model == model; ++at) totals.push_back(at->second);
    return totals;
}

}  // namespace vitrine::merge
