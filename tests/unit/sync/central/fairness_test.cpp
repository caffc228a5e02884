#include "sync/central/fairness.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "agent/base/random.hpp"

namespace vitrine::central {
namespace {

TEST(Ratio, TheIntervalHoldsWhatTheDataDoNotContradict) {
    const RatioInterval same = ratio_interval({300, 1000}, {300, 1000}, 1.96);
    EXPECT_DOUBLE_EQ(same.ratio, 1);
    EXPECT_NEAR(same.low, 0.875, 0.01);
    EXPECT_NEAR(same.high, 1.143, 0.01);
    const RatioInterval less = ratio_interval({36, 40}, {16, 80}, 1.96);
    EXPECT_NEAR(less.low, 2.94, 0.02) << "as published (Koopman 1984)";
    EXPECT_NEAR(less.high, 7.15, 0.03);
}

TEST(Ratio, NobodyIsNoProofOfZero) {
    EXPECT_EQ(ratio_interval({0, 50}, {0, 50}, 2).low, 0);
    EXPECT_TRUE(std::isinf(ratio_interval({0, 50}, {0, 50}, 2).high));
    const RatioInterval none = ratio_interval({0, 30}, {1, 30}, 2);
    EXPECT_EQ(none.low, 0);
    EXPECT_GT(none.high, 1) << "one of thirty may have been chance";
    EXPECT_LT(ratio_interval({0, 300}, {100, 300}, 2).high, 0.1);
}

TEST(Ratio, KnowsTheNormalDistribution) {
    EXPECT_NEAR(two_sided_z(0.05), 1.959964, 1e-5);
    EXPECT_NEAR(two_sided_z(0.01), 2.575829, 1e-5);
}

/// Four age bands of a given size; the last one's rates are a part of the others'.
std::vector<AuditGroup> world(std::uint64_t seed, std::uint64_t members, double part) {
    Rng rng(seed);
    std::vector<AuditGroup> groups;
    for (const char* value : {"18-29", "30-44", "45-59", "60+"}) {
        AuditGroup group{.dimension = "age_band", .value = value, .members = members};
        const double share = value[0] == '6' ? part : 1;
        for (std::uint64_t i = 0; i < members; ++i) {
            group.yes[0] += rng.uniform() < 0.7 * share ? 1U : 0U;
            group.yes[1] += rng.uniform() < 0.35 * share ? 1U : 0U;
            group.yes[2] += rng.uniform() < 0.2 * share ? 1U : 0U;
        }
        groups.push_back(group);
    }
    return groups;
}

int reports_with_alarm(std::uint64_t members, double part) {
    int alarms = 0;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        const auto comparisons = compare(world(seed, members, part));
        alarms += std::ranges::any_of(comparisons, [](const FairComparison& each) {
            return each.verdict == FairVerdict::alarm;
        });
    }
    return alarms;
}

TEST(Fairness, AFairWorldRaisesNoAlarm) {
    EXPECT_EQ(reports_with_alarm(30, 1), 0) << "small groups differ much by chance";
    EXPECT_EQ(reports_with_alarm(400, 1), 0);
}

TEST(Fairness, JustFourFifthsAlarmAsRarelyAsStated) {
    // At most 1 % of reports: of 200 six would be past all chance.
    EXPECT_LE(reports_with_alarm(400, 0.8), 5);
}

TEST(Fairness, ABiasedWorldRaisesTheAlarm) {
    EXPECT_GE(reports_with_alarm(400, 0.5), 195);
    EXPECT_GE(reports_with_alarm(2000, 0.7), 195);
}

TEST(Fairness, ThoseWhoCannotBeJudgedAreSaidToBe) {
    std::vector<AuditGroup> groups{
        {.dimension = "a", .value = "x", .members = 25, .yes = {20, 5, 3}},
        {.dimension = "a", .value = "y", .members = 25, .yes = {14, 4, 0}}};
    const auto comparisons = compare(groups);
    ASSERT_EQ(comparisons.size(), 6U);
    EXPECT_EQ(comparisons[0].verdict, FairVerdict::best);
    EXPECT_EQ(comparisons[1].verdict, FairVerdict::unclear);
    EXPECT_NEAR(comparisons[1].ratio.ratio, 0.7, 1e-9);
    groups[0].members = groups[1].members = 10'000;
    groups[0].yes = {9000, 4000, 2000};
    groups[1].yes = {8900, 4000, 1990};
    for (const FairComparison& each : compare(groups)) {
        EXPECT_TRUE(each.verdict == FairVerdict::best || each.verdict == FairVerdict::fair);
    }
}

TEST(Fairness, SmallGroupsAreNotCompared) {
    std::vector<AuditGroup> groups{
        {.dimension = "a", .value = "x", .members = 1000, .yes = {900, 0, 0}},
        {.dimension = "a", .value = "y", .members = 19, .yes = {0, 0, 0}},
        {.dimension = "b", .value = "z", .members = 1000, .yes = {0, 0, 0}}};
    EXPECT_TRUE(compare(groups).empty()) << "one that is large enough has nobody beside it";
    groups[1].members = 20;
    EXPECT_EQ(compare(groups).size(), 6U);
}

}  // namespace
}  // namespace vitrine::central
