#include "agent/engine/decided.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace vitrine::engine {
namespace {

using namespace std::chrono_literals;
using consent::Consents;
using consent::Purpose;

constexpr MemberId kAna(0xa1);
constexpr WallTime kNoon = wall_at(std::chrono::hours(24 * 20'000 + 12));

Consents paused(std::uint32_t version) {
    Consents consents;
    consents.of(Purpose::recognise) = {.withdrawal = version, .paused = true};
    return consents;
}

TEST(Decided, IsKnownOnceABundleHasAllOfIt) {
    Decided decided;
    decided.add(kAna, paused(3));
    EXPECT_FALSE(decided.known_by(kAna, paused(2)));
    EXPECT_TRUE(decided.known_by(kAna, paused(3)));
    EXPECT_TRUE(decided.known_by(kAna, paused(4)));
    decided.resume(kAna, kNoon);
    EXPECT_FALSE(decided.known_by(kAna, paused(4))) << "its end is still to come";
    EXPECT_FALSE(decided.known_by(MemberId(2), paused(4)));
}

TEST(Decided, APauseIsDueAtItsTimeAndAnotherDecisionDoesNotTouchIt) {
    Decided decided;
    decided.add(kAna, paused(1));
    decided.resume(kAna, kNoon);
    Consents other;
    other.of(Purpose::personalise) = {.withdrawal = 1};
    decided.add(kAna, other);
    EXPECT_TRUE(decided.due(kNoon - 1ms).empty());
    EXPECT_EQ(decided.due(kNoon), std::vector{kAna});
    decided.resume(kAna, std::nullopt);
    EXPECT_TRUE(decided.due(kNoon).empty());
}

TEST(Decided, TheOldestGivesWayAndIsNamed) {
    Decided decided;
    for (std::uint64_t i = 1; i <= Decided::kMembersMax + 1; ++i) {
        decided.add(MemberId(i), paused(1));
    }
    EXPECT_EQ(decided.size(), Decided::kMembersMax);
    EXPECT_EQ(decided.take_crowded_out(), std::vector{MemberId(1)});
    EXPECT_FALSE(decided.encode(MemberId(1)).has_value());
    EXPECT_TRUE(decided.take_crowded_out().empty());
}

TEST(Decided, RefusesAMemoThatItDidNotWrite) {
    Decided decided;
    decided.add(kAna, paused(1));
    const Bytes good = *decided.encode(kAna);
    Decided reborn;
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_FALSE(reborn.restore(kAna, ByteView(good).first(size)).has_value());
    }
    Bytes longer = good;
    longer.push_back(0);
    EXPECT_FALSE(reborn.restore(kAna, longer).has_value());
    Bytes newer = good;
    newer[0] = 2;
    EXPECT_FALSE(reborn.restore(kAna, newer).has_value());
    EXPECT_EQ(reborn.size(), 0U);
}

RC_GTEST_PROP(DecidedLaws, AMemoReadsBack, ()) {
    Consents consents;
    for (consent::State& state : consents.states) {
        state.withdrawal = *rc::gen::arbitrary<std::uint32_t>();
        state.granted = *rc::gen::arbitrary<bool>();
        state.paused = state.withdrawal > 0 && *rc::gen::arbitrary<bool>();
        if (!state.granted) continue;
        state.grant = *rc::gen::arbitrary<std::uint32_t>();
        state.valid_until = kNoon + std::chrono::hours(*rc::gen::inRange(0, 10'000));
    }
    Decided decided;
    decided.add(kAna, consents);
    if (*rc::gen::arbitrary<bool>()) decided.resume(kAna, kNoon);
    Decided reborn;
    const auto read = reborn.restore(kAna, *decided.encode(kAna));
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == join(Consents{}, consents));
    RC_ASSERT(reborn.due(kNoon) == decided.due(kNoon));
    RC_ASSERT(*reborn.encode(kAna) == *decided.encode(kAna));
}

}  // namespace
}  // namespace vitrine::engine
