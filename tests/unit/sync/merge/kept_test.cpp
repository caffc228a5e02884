#include <gtest/gtest.h>

#include "sync/merge/state.hpp"

namespace vitrine::merge {
namespace {

constexpr MemberId kAna(1);
constexpr OfferId kTea(2);
const Source kLyon{StoreId("lyon"), AgentId("a"), 1};

Arrival click(std::uint64_t sequence) {
    Arrival arrival{.source = kLyon,
                    .sequence = Sequence(sequence),
                    .received = wall_at(std::chrono::hours(24 * 20'000)),
                    .record = {.hlc = Hlc(sequence << 16),
                               .subject = kAna,
                               .body = session::PromotionTouched{.offer = kTea}}};
    arrival.content[0] = static_cast<std::uint8_t>(sequence);
    return arrival;
}

TEST(MergeState, WhatWasKeptUnreadAndIsMergedLaterGivesTheSameState) {
    MergeState at_once;
    MergeState later;
    for (std::uint64_t n = 1; n <= 3; ++n) at_once.merge(click(n));

    later.merge(click(1));
    EXPECT_EQ(later.keep(kLyon, Sequence(2), click(2).content), Outcome::merged);
    EXPECT_EQ(later.keep(kLyon, Sequence(2), click(2).content), Outcome::duplicate);
    later.merge(click(3));
    EXPECT_EQ(later.cursor(kLyon).watermark(), Sequence(3));
    EXPECT_EQ(later.interaction(kAna, kTea).clicked, 2U);
    later.merge_kept(click(2));
    EXPECT_TRUE(later == at_once);
}

TEST(MergeState, WhatIsKeptUnreadOfAnErasedMemberLeavesNoTrace) {
    MergeState state;
    state.keep(kLyon, Sequence(1), click(1).content);
    state.erase(kAna);
    state.merge_kept(click(1));
    EXPECT_FALSE(state.names(kAna));
    EXPECT_TRUE(state.erased(kAna));
}

TEST(MergeState, AnotherRecordUnderAKeptIdentityIsAClone) {
    MergeState state;
    state.keep(kLyon, Sequence(1), click(1).content);
    EXPECT_EQ(state.keep(kLyon, Sequence(1), click(2).content), Outcome::cloned);
}

TEST(MergeState, NamesSaysWhetherAnythingIsKeptOfAMember) {
    MergeState state;
    EXPECT_FALSE(state.names(kAna));
    state.merge(click(1));
    EXPECT_TRUE(state.names(kAna));
    EXPECT_FALSE(state.names(MemberId(2)));
    state.erase(kAna);
    EXPECT_FALSE(state.names(kAna));
}

TEST(MergeState, WhatIsBelowTheFloorIsNotWaitedFor) {
    MergeState state;
    state.merge(click(3));
    EXPECT_EQ(state.give_up_below(kLyon, Sequence(3)), 2U);
    EXPECT_EQ(state.cursor(kLyon).watermark(), Sequence(3));
}

}  // namespace
}  // namespace vitrine::merge
