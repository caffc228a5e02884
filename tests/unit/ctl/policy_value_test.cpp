#include "ctl/policy_value.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

#include "agent/base/random.hpp"

namespace vitrine::ctl {
namespace {

constexpr std::array<double, 4> kRewarded{0.05, 0.10, 0.20, 0.02};

/// Choices among four offers, drawn with `logged` and judged as if drawn with `target`.
std::vector<LoggedChoice> world(std::size_t count, std::array<double, 4> logged,
                                std::array<double, 4> target, std::uint64_t seed,
                                bool modelled = false) {
    Rng rng(seed);
    double expected = 0;
    for (std::size_t k = 0; k < 4; ++k) expected += target[k] * kRewarded[k];
    std::vector<LoggedChoice> choices;
    for (std::size_t i = 0; i < count; ++i) {
        double left = rng.uniform();
        std::size_t shown = 0;
        while (shown < 3 && left >= logged[shown]) left -= logged[shown++];
        LoggedChoice choice{.propensity = logged[shown],
                            .target = target[shown],
                            .reward = rng.uniform() < kRewarded[shown] ? 1.0 : 0.0,
                            .unit = i};
        if (modelled) {
            choice.estimate = kRewarded[shown];
            choice.expected = expected;
        }
        choices.push_back(choice);
    }
    return choices;
}

constexpr std::array<double, 4> kEven{0.25, 0.25, 0.25, 0.25};
constexpr std::array<double, 4> kBest{0.1, 0.1, 0.7, 0.1};
constexpr double kValueOfBest = 0.157;
constexpr double kValueOfEven = 0.0925;

TEST(PolicyValue, IntervalsHoldTheTruthNineteenTimesInTwenty) {
    std::array<int, 4> held{};
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        const auto value = policy_value(world(2000, kEven, kBest, seed, true));
        ASSERT_TRUE(value);
        const auto holds = [](const Interval& each, double truth) {
            return each.low <= truth && truth <= each.high;
        };
        held[0] += holds(value->ipw, kValueOfBest);
        held[1] += holds(value->snipw, kValueOfBest);
        held[2] += holds(*value->doubly_robust, kValueOfBest);
        held[3] += holds(value->difference, kValueOfBest - kValueOfEven);
    }
    for (const int times : held) {
        EXPECT_GE(times, 365);
        EXPECT_LE(times, 396);
    }
}

TEST(PolicyValue, ARewardModelNarrowsTheInterval) {
    const auto value = *policy_value(world(5000, kEven, kBest, 7, true));
    EXPECT_LT(value.doubly_robust->high - value.doubly_robust->low, value.ipw.high - value.ipw.low);
}

TEST(PolicyValue, SaysBetterAndWorseOnlyWhereItIsSure) {
    EXPECT_EQ(policy_value(world(20000, kEven, kBest, 1))->verdict, Verdict::better);
    EXPECT_EQ(policy_value(world(20000, kBest, kEven, 1))->verdict, Verdict::worse);
    const auto same = *policy_value(world(300, kEven, {0.25, 0.26, 0.24, 0.25}, 1));
    EXPECT_EQ(same.verdict, Verdict::none);
    EXPECT_NE(same.reason.find("holds 0"), std::string::npos);
}

TEST(PolicyValue, RefusesAVerdictOnASmallEffectiveSample) {
    const auto few = *policy_value(world(700, kEven, {0, 0, 1, 0}, 3));
    EXPECT_LT(few.effective_sample_size, kEffectiveSampleSizeMin);
    EXPECT_EQ(few.verdict, Verdict::none);
    EXPECT_NE(few.reason.find("too small"), std::string::npos);
}

TEST(PolicyValue, NoticesPropensitiesThatDidNotDrawTheChoices) {
    auto choices = world(20000, kEven, kBest, 5);
    for (LoggedChoice& each : choices) each.propensity = 0.5;
    const auto value = *policy_value(choices);
    EXPECT_EQ(value.verdict, Verdict::none);
    EXPECT_NE(value.reason.find("do not average 1"), std::string::npos);
}

TEST(PolicyValue, CountsTheChoicesOfOneUnitAsOneObservation) {
    auto choices = world(2000, kEven, kBest, 9);
    auto repeated = choices;
    for (int copy = 0; copy < 9; ++copy) {
        repeated.insert(repeated.end(), choices.begin(), choices.end());
    }
    const auto once = *policy_value(choices);
    const auto ten_times = *policy_value(repeated);
    EXPECT_EQ(ten_times.units, 2000u);
    EXPECT_NEAR(ten_times.snipw.high - ten_times.snipw.low, once.snipw.high - once.snipw.low, 1e-9);
}

TEST(PolicyValue, NamesTheChoiceThatCannotBe) {
    for (const double propensity : {0.0, -0.1, 1.1, std::nan("")}) {
        auto choices = world(3, kEven, kBest, 1);
        choices[1].propensity = propensity;
        const auto value = policy_value(choices);
        ASSERT_FALSE(value);
        EXPECT_TRUE(value.error().message.starts_with("choice 2: `p`")) << value.error().message;
    }
    auto half_modelled = world(3, kEven, kBest, 1, true);
    half_modelled[2].expected.reset();
    EXPECT_FALSE(policy_value(half_modelled));
    EXPECT_FALSE(policy_value({}));
}

}  // namespace
}  // namespace vitrine::ctl
