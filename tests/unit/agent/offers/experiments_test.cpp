#include "agent/offers/experiments.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <map>
#include <string>

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

profiles::Experiment half(std::string id, std::string layer = "", std::uint16_t permille = 1000) {
    return {.id = std::move(id),
            .arms = {"a", "b"},
            .weights = {1, 1},
            .layer = std::move(layer),
            .permille = permille};
}

TEST(Experiments, AreTheSameInEveryShopAndOffline) {
    profiles::Policy policy;
    policy.experiments = {half("one"), half("two", "page", 300), half("three", "page", 700)};
    profiles::Policy copy = policy;
    copy.epoch = Epoch(77);
    for (std::uint64_t i = 1; i <= 1000; ++i) {
        ASSERT_EQ(assign(MemberId(i), policy), assign(MemberId(i), copy));
    }
    // Fixed: who re-implements this in another language finds the same.
    EXPECT_EQ(murmur3_32(view_of("0000000000000001"), murmur3_32(view_of("one"), 0)),
              2'063'478'499U);
    EXPECT_EQ(bucket_of(MemberId(1), "one", 1000), 480U);
}

TEST(Experiments, OfOneLayerExcludeEachOtherAndTakeTheirShares) {
    profiles::Policy policy;
    policy.experiments = {half("one", "page", 300), half("two", "page", 500), half("other"),
                          half("few", "", 100)};
    std::array<int, 4> members{};
    int in_none = 0;
    constexpr int kMembers = 40'000;
    for (std::uint64_t i = 1; i <= kMembers; ++i) {
        const Assignments assignments = assign(MemberId(i), policy);
        ASSERT_FALSE(assignments.arm_in(0) != 0 && assignments.arm_in(1) != 0);
        for (const Assignment& each : assignments.list()) ++members[each.experiment];
        in_none += assignments.arm_in(0) == 0 && assignments.arm_in(1) == 0 ? 1 : 0;
    }
    // Four standard deviations.
    EXPECT_NEAR(members[0], 0.3 * kMembers, 370);
    EXPECT_NEAR(members[1], 0.5 * kMembers, 400);
    EXPECT_EQ(members[2], kMembers);
    EXPECT_NEAR(members[3], 0.1 * kMembers, 240);
    EXPECT_NEAR(in_none, 0.2 * kMembers, 320);
}

TEST(Experiments, WeightsOfOneMoveNobodyElsesMembers) {
    profiles::Policy before;
    before.experiments = {half("one", "page", 300), half("two", "page", 500), half("three")};
    profiles::Policy after = before;
    after.experiments[0].weights = {9, 1};
    after.holdout_permille = 200;
    int moved = 0;
    for (std::uint64_t i = 1; i <= 20'000; ++i) {
        const Assignments one = assign(MemberId(i), before);
        const Assignments two = assign(MemberId(i), after);
        ASSERT_EQ(one.arm_in(0) == 0, two.arm_in(0) == 0) << "nobody enters or leaves";
        ASSERT_EQ(one.arm_in(1), two.arm_in(1));
        ASSERT_EQ(one.arm_in(2), two.arm_in(2));
        moved += one.arm_in(0) != two.arm_in(0) ? 1 : 0;
    }
    // From a half to nine tenths: those between, and nobody the other way.
    EXPECT_NEAR(moved, 0.3 * 0.4 * 20'000, 200);
}

TEST(Experiments, AnArmMayDrawInItsOwnWay) {
    using profiles::Exploration;
    profiles::Policy policy;
    policy.experiments = {half("one")};
    policy.experiments[0].explorations = {std::nullopt, Exploration::thompson};
    EXPECT_TRUE(sets_exploration(policy.experiments[0]));
    EXPECT_FALSE(sets_exploration(half("other")));
    for (std::uint64_t i = 1; i <= 100; ++i) {
        const Assignments assignments = assign(MemberId(i), policy);
        EXPECT_EQ(exploration_of(assignments, policy),
                  assignments.arm_in(0) == 2 ? Exploration::thompson : Exploration::inverse_gap);
    }
    policy.experiments.clear();
    EXPECT_EQ(exploration_of({}, policy), Exploration::inverse_gap);
}

/// How likely a chi-square with so many degrees of freedom is at least that large, by Wilson and
/// Hilferty's normal approximation (good to a few percent for what is small).
double at_least(double chi_square, double freedom) {
    const double spread = 2 / (9 * freedom);
    const double normal = (std::cbrt(chi_square / freedom) - (1 - spread)) / std::sqrt(spread);
    return 0.5 * std::erfc(normal / std::sqrt(2));
}

/// Of a table of counts against independence of its rows and columns.
template <std::size_t N>
double independence(const std::array<std::array<double, N>, N>& table) {
    std::array<double, N> rows{};
    std::array<double, N> columns{};
    double all = 0;
    for (std::size_t i = 0; i < N; ++i) {
        for (std::size_t j = 0; j < N; ++j) {
            rows[i] += table[i][j];
            columns[j] += table[i][j];
            all += table[i][j];
        }
    }
    double chi_square = 0;
    for (std::size_t i = 0; i < N; ++i) {
        for (std::size_t j = 0; j < N; ++j) {
            const double expected = rows[i] * columns[j] / all;
            chi_square += (table[i][j] - expected) * (table[i][j] - expected) / expected;
        }
    }
    return at_least(chi_square, static_cast<double>((N - 1) * (N - 1)));
}

// Keys as people choose them: alike, in a row, empty of meaning. Each in three arms.
constexpr std::size_t kKeys = 12;
constexpr std::array<const char*, kKeys> kKeyNames{"a",        "b",      "exp-1",  "exp-2",
                                                   "exp-3",    "exp-10", "exp-11", "layout",
                                                   "layout-2", "page",   "1",      "2"};
constexpr int kTested = 20'000;

/// The arms of as many members by key, from 0; pseudonyms drawn at random or counted up.
std::vector<std::array<std::uint8_t, kKeys>> arms_of_all(bool at_random) {
    Rng rng(2026);
    std::vector<std::array<std::uint8_t, kKeys>> arms(kTested);
    for (std::size_t i = 0; i < arms.size(); ++i) {
        const MemberId member(at_random ? rng.next() : i + 1);
        for (std::size_t key = 0; key < kKeys; ++key) {
            const profiles::Experiment experiment{
                .id = kKeyNames[key], .arms = {"a", "b", "c"}, .weights = {1, 1, 1}};
            arms[i][key] = static_cast<std::uint8_t>(arm_of(member, experiment) - 1);
        }
    }
    return arms;
}

// 66 pairs, two ways of choosing pseudonyms: at 0.001 for all together (Bonferroni), a hash that
// mixes well fails here once in a thousand choices of keys.
TEST(ExperimentsAgainstThemselves, NoPairOfSixtySixDepends) {
    for (const bool at_random : {false, true}) {
        const auto arms = arms_of_all(at_random);
        double least = 1;
        int pairs = 0;
        for (std::size_t one = 0; one < kKeys; ++one) {
            for (std::size_t other = one + 1; other < kKeys; ++other, ++pairs) {
                std::array<std::array<double, 3>, 3> table{};
                for (const auto& each : arms) table[each[one]][each[other]] += 1;
                const double chance = independence(table);
                least = std::min(least, chance);
                EXPECT_GT(chance, 0.001 / (2 * 66))
                    << kKeyNames[one] << " and " << kKeyNames[other];
            }
        }
        EXPECT_EQ(pairs, 66);
        // Nor are they more even than chance: of 66 the least is not near 1.
        EXPECT_LT(least, 0.2);
    }
}

TEST(ExperimentsAgainstThemselves, EachIsUniform) {
    for (const bool at_random : {false, true}) {
        const auto arms = arms_of_all(at_random);
        for (std::size_t key = 0; key < kKeys; ++key) {
            std::array<double, 3> counts{};
            for (const auto& each : arms) counts[each[key]] += 1;
            double chi_square = 0;
            constexpr double kExpected = kTested / 3.0;
            for (const double count : counts) {
                chi_square += (count - kExpected) * (count - kExpected) / kExpected;
            }
            EXPECT_GT(at_least(chi_square, 2), 0.001 / (2 * kKeys)) << kKeyNames[key];
        }
    }
}

TEST(ExperimentsAgainstThemselves, HoldoutAndLayersDoNotDependOnArms) {
    const auto arms = arms_of_all(false);
    for (std::size_t key = 0; key < kKeys; ++key) {
        std::array<std::array<double, 3>, 3> held{};
        std::array<std::array<double, 3>, 3> placed{};
        for (std::size_t i = 0; i < arms.size(); ++i) {
            const MemberId member(i + 1);
            // Three groups, so that the table is square: held out by 100, by 300, not.
            const std::size_t group = in_holdout(member, 100) ? 0 : in_holdout(member, 300) ? 1 : 2;
            held[group][arms[i][key]] += 1;
            // A layer of the experiment's own name.
            profiles::Policy policy;
            policy.experiments = {half("x", kKeyNames[key], 300), half("y", kKeyNames[key], 300)};
            const Assignments places = assign(member, policy);
            const std::size_t place = places.arm_in(0) != 0 ? 0 : places.arm_in(1) != 0 ? 1 : 2;
            placed[place][arms[i][key]] += 1;
        }
        EXPECT_GT(independence(held), 0.001 / (2 * kKeys)) << kKeyNames[key];
        EXPECT_GT(independence(placed), 0.001 / (2 * kKeys)) << kKeyNames[key];
    }
}

// The test itself can tell: members spread by one hash for two experiments depend.
TEST(ExperimentsAgainstThemselves, ADependenceOfThreePercentWouldBeSeen) {
    Rng rng(1);
    std::array<std::array<double, 3>, 3> table{};
    for (int i = 0; i < kTested; ++i) {
        const std::uint64_t one = rng.below(3);
        const std::uint64_t other = rng.below(33) == 0 ? one : rng.below(3);
        table[one][other] += 1;
    }
    EXPECT_LT(independence(table), 0.001 / (2 * 66));
}

}  // namespace
}  // namespace vitrine::offers
