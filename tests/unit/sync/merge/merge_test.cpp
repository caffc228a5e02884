#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <variant>

#include "tests/unit/sync/merge/any_arrivals.hpp"

namespace vitrine::merge {
namespace {

using session::PromotionTouched;
using Kind = PromotionTouched::Kind;
using Step = std::variant<Arrival, MemberId>;  ///< A record, or an erasure.

constexpr MemberId kAna(1);
constexpr OfferId kTea(2);
const Source kLyon{StoreId("lyon"), AgentId("a"), 1};

MergeState after(const std::vector<Step>& steps) {
    MergeState state;
    for (const Step& step : steps) {
        if (const auto* member = std::get_if<MemberId>(&step)) {
            state.erase(*member);
        } else {
            state.merge(std::get<Arrival>(step));
        }
    }
    return state;
}

std::vector<Step> any_history() {
    std::vector<Step> steps;
    for (Arrival& each : any::arrivals()) steps.emplace_back(std::move(each));
    for (std::uint64_t i = any::below(3); i > 0; --i) steps.emplace_back(any::member());
    return steps;
}

RC_GTEST_PROP(MergeLaws, AnyOrderGivesTheSameState, ()) {
    std::vector<Step> history = any_history();
    const MergeState once = after(history);
    any::shuffle(history);
    RC_ASSERT(after(history) == once);
}

RC_GTEST_PROP(MergeLaws, AnyRepetitionGivesTheSameState, ()) {
    std::vector<Step> history = any_history();
    const MergeState once = after(history);
    std::vector<Step> repeated = history;
    for (const Step& step : history) {
        if (any::below(2) == 0) repeated.push_back(step);
    }
    any::shuffle(repeated);
    RC_ASSERT(after(repeated) == once);
}

RC_GTEST_PROP(MergeLaws, ErasedStaysErased, ()) {
    std::vector<Step> history = any_history();
    history.insert(history.begin() + static_cast<std::ptrdiff_t>(any::below(history.size() + 1)),
                   Step(kAna));
    const MergeState state = after(history);
    RC_ASSERT(state.erased(kAna));
    RC_ASSERT(state.consents(kAna) == consent::Consents{});
    RC_ASSERT(state.dismissed(kAna).empty());
    for (std::uint32_t offer = 1; offer <= 3; ++offer) {
        RC_ASSERT(state.interaction(kAna, OfferId(offer)) == Interaction{});
        for (const StoreId store : {StoreId("lyon"), StoreId("nice")}) {
            RC_ASSERT(state.member_day({kAna, 0, OfferId(offer), store}) == MemberDay{});
        }
    }
}

RC_GTEST_PROP(MergeLaws, AnErasureTakesNothingFromAnyoneElseNorFromTheTotals, ()) {
    std::vector<Step> history = any_history();
    std::erase_if(history, [](const Step& step) { return std::holds_alternative<MemberId>(step); });
    const MergeState before = after(history);
    history.emplace_back(kAna);
    any::shuffle(history);
    const MergeState erased = after(history);
    const MemberId bob(2);
    RC_ASSERT(erased.consents(bob) == before.consents(bob));
    RC_ASSERT(erased.dismissed(bob) == before.dismissed(bob));
    for (const std::int32_t day : {0}) {
        const StoreDayKey key{StoreId("lyon"), day};
        RC_ASSERT(erased.store_counts(key) == before.store_counts(key));
    }
    RC_ASSERT(erased.statistics(Epoch(1)) == before.statistics(Epoch(1)));
}

offers::Statistics any_statistics() {
    offers::Statistics made{
        .model = Epoch(1), .outcomes = any::below(2), .positives = any::below(2)};
    made.gradient.resize(any::below(2), static_cast<std::int64_t>(any::below(2)));
    made.offsets.resize(any::below(2),
                        {profiles::OffsetId(1), {}, static_cast<std::int64_t>(any::below(2)), 0});
    return made;
}

RC_GTEST_PROP(MergeLaws, JoiningStatisticsIsASemilattice, ()) {
    const auto a = any_statistics();
    const auto b = any_statistics();
    const auto c = any_statistics();
    RC_ASSERT(join(a, b) == join(b, a));
    RC_ASSERT(join(a, join(b, c)) == join(join(a, b), c));
    RC_ASSERT(join(a, a) == a);
}

RC_GTEST_PROP(MergeLaws, AddingIsCommutativeAndAssociative, ()) {
    const auto any_interaction = [] {
        return Interaction{.dismissed = any::stamp(),
                           .wanted = any::stamp(),
                           .viewed = static_cast<std::uint32_t>(any::below(1ULL << 32)),
                           .clicked = static_cast<std::uint32_t>(any::below(5))};
    };
    const Interaction a = any_interaction();
    const Interaction b = any_interaction();
    const Interaction c = any_interaction();
    RC_ASSERT(add(a, b) == add(b, a));
    RC_ASSERT(add(a, add(b, c)) == add(add(a, b), c));
    RC_ASSERT(add(a, Interaction{}) == a);
}

/// A touch at a time in milliseconds.
Arrival touch(std::uint64_t sequence, Kind kind, std::uint64_t ms) {
    return {.source = kLyon,
            .sequence = Sequence(sequence),
            .content = {static_cast<std::uint8_t>(sequence)},
            .received = wall_at(std::chrono::milliseconds(5000)),
            .record = {.hlc = Hlc(ms << 16),
                       .subject = kAna,
                       .body = PromotionTouched{.kind = kind, .offer = kTea}}};
}

TEST(Merge, WhatAMemberDidCountsByDayAndShop) {
    MergeState state;
    state.merge(touch(1, Kind::clicked, 1000));
    state.merge(touch(2, Kind::saved, 1000));
    Arrival later = touch(3, Kind::clicked, 90'000'000);  // The day after.
    later.received = wall_at(std::chrono::milliseconds(90'000'000));
    state.merge(later);
    Arrival elsewhere = touch(1, Kind::clicked, 1000);
    elsewhere.source.store = StoreId("nice");
    state.merge(elsewhere);
    session::PromotionViewed viewed;
    viewed.decision.path = offers::Path::personal;
    viewed.decision.slot_count = 1;
    viewed.decision.slots[0].offer = kTea;
    Arrival shown = touch(4, Kind::clicked, 2000);
    shown.record.body = viewed;
    state.merge(shown);
    EXPECT_EQ(state.member_day({kAna, 0, kTea, StoreId("lyon")}),
              (MemberDay{.viewed = 1, .tailored = 1, .clicked = 1, .saved = 1}));
    EXPECT_EQ(state.member_day({kAna, 1, kTea, StoreId("lyon")}), MemberDay{.clicked = 1});
    EXPECT_EQ(state.member_day({kAna, 0, kTea, StoreId("nice")}), MemberDay{.clicked = 1});
}

TEST(Merge, ADismissalHoldsUntilTheOfferIsWantedLater) {
    MergeState state;
    state.merge(touch(1, Kind::dismissed, 1000));
    EXPECT_EQ(state.dismissed(kAna), std::vector{kTea});
    state.merge(touch(3, Kind::clicked, 1500));
    EXPECT_EQ(state.dismissed(kAna), std::vector{kTea});
    state.merge(touch(2, Kind::saved, 2000));
    EXPECT_TRUE(state.dismissed(kAna).empty());
    EXPECT_EQ(state.interaction(kAna, kTea).clicked, 1U);
}

TEST(Merge, AtTheSameTimeTheDismissalWins) {
    MergeState state;
    state.merge(touch(1, Kind::saved, 1000));
    state.merge(touch(2, Kind::dismissed, 1000));
    EXPECT_EQ(state.dismissed(kAna), std::vector{kTea});
}

TEST(Merge, AClockAheadDoesNotWinForEver) {
    MergeState state;
    state.merge(touch(1, Kind::saved, 900'000));  // Received at 5000.
    Arrival later = touch(2, Kind::dismissed, 6000);
    later.received = wall_at(std::chrono::milliseconds(7000));
    state.merge(later);
    EXPECT_EQ(state.dismissed(kAna), std::vector{kTea});
    EXPECT_EQ(wall_of(state.interaction(kAna, kTea).wanted),
              wall_at(std::chrono::milliseconds(5000)));
}

TEST(Merge, WhatIsCountedWithoutASubjectNamesNoOne) {
    MergeState state;
    Arrival anonymous = touch(1, Kind::clicked, 1000);
    anonymous.record.subject.reset();
    state.merge(anonymous);
    EXPECT_EQ(state.interaction(kAna, kTea), Interaction{});
    EXPECT_EQ(state.offer_counts({StoreId("lyon"), 0, kTea, offers::Path::mass}).clicked, 1U);
}

TEST(Merge, ACopiedAgentIsNoticedAndChangesNothing) {
    MergeState state;
    EXPECT_EQ(state.merge(touch(1, Kind::clicked, 1000)), Outcome::merged);
    Arrival other = touch(1, Kind::dismissed, 1000);
    other.content = {9};
    const MergeState before = state;
    EXPECT_EQ(state.merge(other), Outcome::cloned);
    EXPECT_EQ(state.merge(touch(1, Kind::clicked, 1000)), Outcome::duplicate);
    EXPECT_EQ(state, before);
}

TEST(Merge, AConsentForAnErasedMemberLeavesNoTrace) {
    MergeState state;
    state.erase(kAna);
    Arrival grant = touch(1, Kind::clicked, 1000);
    grant.record.body = session::ConsentChanged{
        {.subject = kAna, .decision = consent::Decision::granted, .version = 9}};
    EXPECT_EQ(state.merge(grant), Outcome::merged);
    EXPECT_EQ(state.consents(kAna), consent::Consents{});
    EXPECT_EQ(state.cursor(kLyon).watermark(), Sequence(1));
}

TEST(Merge, TheLatestHealthCounts) {
    MergeState state;
    const auto health = [](std::uint64_t sequence, std::uint64_t ms, std::uint64_t heard) {
        Arrival arrival = touch(sequence, Kind::clicked, ms);
        arrival.record.body = session::AgentHealth{.adverts_heard = heard};
        return arrival;
    };
    state.merge(health(2, 2000, 20));
    state.merge(health(1, 1000, 10));
    EXPECT_EQ(state.health(kLyon)->health.adverts_heard, 20U);
}

}  // namespace
}  // namespace vitrine::merge
