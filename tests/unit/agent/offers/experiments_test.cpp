#include "agent/offers/experiments.hpp"

#include <gtest/gtest.h>

#include <array>

#include "agent/base/random.hpp"

namespace vitrine::offers {
namespace {

// Vectors of the reference implementation (aappleby/smhasher), as listed for MurmurHash3_x86_32 on
// Wikipedia and in its verification test.
TEST(Murmur3, GivesThePublishedHashes) {
    EXPECT_EQ(murmur3_32({}, 0), 0x00000000U);
    EXPECT_EQ(murmur3_32({}, 1), 0x514e28b7U);
    EXPECT_EQ(murmur3_32({}, 0xffffffff), 0x81f16f39U);
    EXPECT_EQ(murmur3_32(view_of("test"), 0x00000000), 0xba6bd213U);
    EXPECT_EQ(murmur3_32(view_of("test"), 0x9747b28c), 0x704b81dcU);
    EXPECT_EQ(murmur3_32(view_of("Hello, world!"), 0), 0xc0363e43U);
    EXPECT_EQ(murmur3_32(view_of("Hello, world!"), 0x9747b28c), 0x24884cbaU);
    EXPECT_EQ(murmur3_32(view_of("The quick brown fox jumps over the lazy dog"), 0), 0x2e4ff723U);
    EXPECT_EQ(murmur3_32(view_of("The quick brown fox jumps over the lazy dog"), 0x9747b28c),
              0x2fa826cdU);
}

// The sum over all lengths that smhasher's VerificationTest forms.
TEST(Murmur3, PassesTheVerificationTestOfItsAuthor) {
    std::array<std::uint8_t, 256> key{};
    Bytes hashes;
    for (std::uint32_t i = 0; i < 256; ++i) {
        key[i] = static_cast<std::uint8_t>(i);
        const std::uint32_t hash = murmur3_32(ByteView(key).first(i), 256 - i);
        for (unsigned shift = 0; shift < 32; shift += 8) {
            hashes.push_back(static_cast<std::uint8_t>(hash >> shift));
        }
    }
    EXPECT_EQ(murmur3_32(hashes, 0), 0xb0f57ee3U);
}

TEST(Experiments, AssignmentIsStickyAndFollowsTheWeights) {
    const profiles::Experiment experiment{
        .id = "layout-1", .arms = {"a", "b", "c"}, .weights = {1, 1, 2}};
    std::array<int, 4> counts{};
    for (std::uint64_t i = 1; i <= 40'000; ++i) {
        const std::uint8_t arm = arm_of(MemberId(i), experiment);
        ASSERT_EQ(arm, arm_of(MemberId(i), experiment));
        ASSERT_LE(arm, 3);
        ++counts[arm];
    }
    EXPECT_EQ(counts[0], 0);
    // Four standard deviations.
    EXPECT_NEAR(counts[1], 10'000, 350);
    EXPECT_NEAR(counts[2], 10'000, 350);
    EXPECT_NEAR(counts[3], 20'000, 400);
}

TEST(Experiments, TwoSaltsSpreadTheSameMembersIndependently) {
    const profiles::Experiment one{.id = "one", .arms = {"a", "b"}, .weights = {1, 1}};
    const profiles::Experiment two{.id = "two", .arms = {"a", "b"}, .weights = {1, 1}};
    int both = 0;
    constexpr int kMembers = 40'000;
    for (std::uint64_t i = 1; i <= kMembers; ++i) {
        both += arm_of(MemberId(i), one) == arm_of(MemberId(i), two) ? 1 : 0;
    }
    EXPECT_NEAR(both, kMembers / 2, 400);
}

TEST(Experiments, TheHoldoutIsAsLargeAsAsked) {
    int held = 0;
    for (std::uint64_t i = 1; i <= 40'000; ++i) held += in_holdout(MemberId(i), 50) ? 1 : 0;
    EXPECT_NEAR(held, 2'000, 180);
    EXPECT_FALSE(in_holdout(MemberId(1), 0));
    EXPECT_TRUE(in_holdout(MemberId(1), 1000));
}

TEST(Experiments, ABrokenExperimentHasNoArm) {
    EXPECT_EQ(arm_of(MemberId(1), {.id = "x"}), 0);
    EXPECT_EQ(arm_of(MemberId(1), {.id = "x", .arms = {"a"}, .weights = {0}}), 0);
    EXPECT_EQ(arm_of(MemberId(1), {.id = "x", .arms = {"a", "b"}, .weights = {0, 3}}), 2);
}

}  // namespace
}  // namespace vitrine::offers
