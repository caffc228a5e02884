#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "agent/base/bytes.hpp"
#include "agent/base/ids.hpp"
#include "agent/base/time.hpp"
#include "agent/consent/consent.hpp"
#include "agent/offers/decision.hpp"
#include "agent/offers/learner.hpp"
#include "agent/session/record.hpp"

namespace vitrine::merge {

/// One life of one agent's outbox.
struct Source {
    StoreId store;
    AgentId agent;
    std::uint64_t epoch = 0;
    friend auto operator<=>(const Source&, const Source&) = default;
};

/// A record as it reached the centre.
struct Arrival {
    Source source;
    Sequence sequence;
    Digest content{};   ///< SHA-256 of the event's bytes.
    WallTime received;  ///< By the centre's clock, when it first came.
    session::Record record;
};

/// When a record counts as having happened: the agent's own stamp, but never later than it was
/// received, so that a clock that is ahead cannot win for ever.
Hlc effective_time(Hlc stamped, WallTime received);

// What one record changes: one value under one key. Every value is either a semilattice (`join`) or
// a sum of what distinct records add (`add`); a record is applied once, which its Source and
// sequence assure. So neither order nor repetition matters, and a database can apply each change to
// one row: read, join or add, write.

/// What one member did with one offer, in all shops.
struct Interaction {
    Hlc dismissed;    ///< Latest "not for me"; 0: never.
    Hlc wanted;       ///< Latest save or claim; 0: never.
    Hlc last_viewed;  ///< 0: never.
    std::uint32_t viewed = 0;
    std::uint32_t clicked = 0;
    std::uint32_t saved = 0;
    std::uint32_t claimed = 0;
    std::uint32_t dismissals = 0;

    /// Whether the member does not want it: a set in which, at the same time, adding wins.
    bool is_dismissed() const { return dismissed > Hlc{} && dismissed >= wanted; }
    friend bool operator==(const Interaction&, const Interaction&) = default;
};
/// Times join, counts add (and stay at their maximum).
Interaction add(const Interaction& one, const Interaction& other);

/// What one member did with one offer in one shop on one day: what caps in other shops, a member's
/// own response history and the fairness report are counted from. Ends with the member.
struct MemberDay {
    std::uint32_t viewed = 0;
    std::uint32_t tailored = 0;  ///< Of these, chosen for this member.
    std::uint32_t clicked = 0;
    std::uint32_t saved = 0;
    std::uint32_t claimed = 0;
    friend bool operator==(const MemberDay&, const MemberDay&) = default;
};
MemberDay add(const MemberDay& one, const MemberDay& other);

/// What happened with one offer in one shop on one day, by how it was chosen. Names no one.
struct OfferCounts {
    std::uint64_t viewed = 0;
    std::uint64_t clicked = 0;
    std::uint64_t dismissed = 0;
    std::uint64_t saved = 0;
    std::uint64_t explained = 0;
    std::uint64_t claimed = 0;
    std::uint64_t redeemed = 0;
    friend bool operator==(const OfferCounts&, const OfferCounts&) = default;
};
OfferCounts add(const OfferCounts& one, const OfferCounts& other);

/// What happened in one shop on one day. Names no one.
struct StoreCounts {
    std::uint64_t visits = 0;
    std::uint64_t visits_ended = 0;
    std::uint64_t visit_seconds = 0;
    std::uint64_t touches = 0;
    std::uint64_t decisions = 0;
    std::uint64_t staff_views = 0;
    std::uint64_t orders = 0;
    std::uint64_t orders_of_members = 0;  ///< Of these, by a member who lets the shop measure.
    std::uint64_t items = 0;
    std::uint64_t revenue_cents = 0;
    friend bool operator==(const StoreCounts&, const StoreCounts&) = default;
};
StoreCounts add(const StoreCounts& one, const StoreCounts& other);

/// One product on one receipt of a member. Ends with the member. Its key names the receipt, so a
/// receipt that comes twice, by the till and in a file, counts once.
struct OrderLine {
    CategoryId category;
    std::uint32_t quantity = 0;
    std::uint32_t cents = 0;
    friend auto operator<=>(const OrderLine&, const OrderLine&) = default;
};
/// The greater one: arbitrary but fixed, where two say different things of one line.
const OrderLine& join(const OrderLine& one, const OrderLine& other);

/// The latest word of an agent about itself.
struct Health {
    Hlc at;
    Sequence sequence;
    session::AgentHealth health;
    friend bool operator==(const Health&, const Health&) = default;
};
/// The later one; of the same time the one with the higher sequence.
const Health& join(const Health& one, const Health& other);

/// The one with more outcomes, which contains the other. Of as many, an arbitrary but fixed one.
const offers::Statistics& join(const offers::Statistics& one, const offers::Statistics& other);

struct InteractionKey {
    MemberId member;
    OfferId offer;
    friend auto operator<=>(const InteractionKey&, const InteractionKey&) = default;
};
struct MemberDayKey {
    MemberId member;
    std::int32_t day = 0;  ///< day_of the effective time.
    OfferId offer;
    StoreId store;
    friend auto operator<=>(const MemberDayKey&, const MemberDayKey&) = default;
};
struct OrderLineKey {
    MemberId member;
    std::int32_t day = 0;  ///< By the till's clock, but never after the effective time.
    std::string order;
    ProductId product;
    friend auto operator<=>(const OrderLineKey&, const OrderLineKey&) = default;
};
struct OfferDayKey {
    StoreId store;
    std::int32_t day = 0;  ///< day_of the effective time.
    OfferId offer;
    offers::Path path = offers::Path::mass;
    friend auto operator<=>(const OfferDayKey&, const OfferDayKey&) = default;
};
struct StoreDayKey {
    StoreId store;
    std::int32_t day = 0;
    friend auto operator<=>(const StoreDayKey&, const StoreDayKey&) = default;
};
struct StatisticsKey {
    Epoch model;
    Source source;
    friend auto operator<=>(const StatisticsKey&, const StatisticsKey&) = default;
};

struct JoinConsent {
    MemberId member;
    consent::Purpose purpose = consent::Purpose::recognise;
    consent::State state;
    consent::Event event;  ///< To be appended to the member's history, once by its id.
};
struct AddInteraction {
    InteractionKey key;
    Interaction value;
};
struct AddMemberDay {
    MemberDayKey key;
    MemberDay value;
};
struct JoinOrderLine {
    OrderLineKey key;
    OrderLine value;
};
struct AddOfferCounts {
    OfferDayKey key;
    OfferCounts value;
};
struct AddStoreCounts {
    StoreDayKey key;
    StoreCounts value;
};
struct JoinStatistics {
    StatisticsKey key;
    offers::Statistics value;
};
struct JoinHealth {
    Source key;
    Health value;
};
using Change = std::variant<JoinConsent, AddInteraction, AddMemberDay, JoinOrderLine,
                            AddOfferCounts, AddStoreCounts, JoinStatistics, JoinHealth>;

/// What a fresh record changes. With `subject_erased` nothing about its member; what names no one
/// counts all the same, so that it makes no difference whether the erasure came before or after.
std::vector<Change> changes_of(const Arrival& arrival, bool subject_erased);

/// The member that a record is about: its subject, or whose consent it is. An erasure takes
/// everything of that member with it.
MemberId member_of(const session::Record& record);

}  // namespace vitrine::merge
