#include "ctl/bandit.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

namespace vitrine::ctl {
namespace {

constexpr std::size_t kOffers = 12;

/// Offers with two features, of which the first suits a positive context and the second nobody.
struct World {
    Rng rng;
    std::vector<std::vector<double>> features;

    explicit World(std::uint64_t seed) : rng(seed) {
        for (std::size_t i = 0; i < kOffers; ++i) features.push_back({rng.normal(), rng.normal()});
    }

    double rate(double context, std::size_t offer) const {
        const double odds = -2.5 + 1.5 * context * features[offer][0] - 0.5 * features[offer][1];
        return 1 / (1 + std::exp(-odds));
    }
};

/// The share of what could be earned over chance, in the second half of the rounds.
double share_of_gap(std::uint64_t seed, Bandit::Arm arm) {
    World world(seed);
    Bandit bandit =
        Bandit::open(world.features, 1, {.arm = arm, .base_rate = 0.1, .seed = seed}).value();
    constexpr int kRounds = 3000;
    double earned = 0;
    double best = 0;
    double chance = 0;
    for (int round = 0; round < kRounds; ++round) {
        const double context = world.rng.normal();
        const auto choices = bandit.choose(std::array{context}).value();
        const double rate = world.rate(context, choices[0].offer);
        if (round >= kRounds / 2) {
            double most = 0;
            for (std::size_t i = 0; i < kOffers; ++i) {
                most = std::max(most, world.rate(context, i));
                chance += world.rate(context, i) / kOffers;
            }
            earned += rate;
            best += most;
        }
        bandit.learn(std::array{world.rng.uniform() < rate});
    }
    return (earned - chance) / (best - chance);
}

TEST(Bandit, LearnsWhatSuitsWhichContext) {
    for (const std::uint64_t seed : {11U, 12U, 13U}) {
        EXPECT_GT(share_of_gap(seed, Bandit::Arm::inverse_gap), 0.6) << seed;
    }
    EXPECT_GT(share_of_gap(14, Bandit::Arm::thompson), 0.6);
}

TEST(Bandit, StatesTheProbabilitiesThatItDrawsWith) {
    World world(3);
    Bandit bandit = Bandit::open(world.features, 1, {.seed = 5}).value();
    std::array<double, kOffers> stated{};
    std::array<int, kOffers> drawn{};
    constexpr int kDraws = 20000;
    for (int i = 0; i < kDraws; ++i) {
        const auto choice = bandit.choose(std::array{0.0}).value()[0];
        stated[choice.offer] = choice.probability;
        ++drawn[choice.offer];
    }
    for (std::size_t i = 0; i < kOffers; ++i) {
        const double expected = stated[i] * kDraws;
        EXPECT_NEAR(drawn[i], expected, 5 * std::sqrt(expected) + 1) << i;
    }
}

/// The estimates of the thompson arm against the frequencies with which it draws.
TEST(Bandit, EstimatesTheProbabilitiesThatThompsonDrawsWith) {
    World world(3);
    const auto open = [&](bool estimates, std::uint64_t seed) {
        Bandit bandit =
            Bandit::open(world.features, 1,
                         {.arm = Bandit::Arm::thompson, .estimates = estimates, .seed = seed})
                .value();
        for (int i = 0; i < 60; ++i) {
            bandit.choose(std::array{0.0}).value();
            bandit.learn(std::array{i % 9 == 0});
        }
        return bandit;
    };
    Bandit bandit = open(true, 5);
    Bandit silent = open(false, 5);
    std::array<double, kOffers> sum{};
    std::array<double, kOffers> estimated{};
    std::array<double, kOffers> drawn{};
    constexpr int kDraws = 12000;
    constexpr int kEstimated = 1500;
    for (int i = 0; i < kDraws; ++i) {
        const auto choice = (i < kEstimated ? bandit : silent).choose(std::array{0.0}).value()[0];
        ++drawn[choice.offer];
        if (i >= kEstimated) continue;
        EXPECT_EQ(silent.choose(std::array{0.0}).value()[0].offer, choice.offer)
            << "estimating changes no choice";
        sum[choice.offer] += (256 * choice.probability - 1) / 255;
        ++estimated[choice.offer];
    }
    int compared = 0;
    for (std::size_t i = 0; i < kOffers; ++i) {
        if (estimated[i] < 20) continue;
        ++compared;
        const double p = sum[i] / estimated[i];
        const double variance = p * (1 - p) / kDraws + p * (1 - p) / (255 * estimated[i]);
        EXPECT_NEAR(drawn[i] / kDraws, p, 5 * std::sqrt(variance)) << i;
    }
    EXPECT_GT(compared, 2) << "the test must be able to fail";
}

TEST(Bandit, GivesEachSlotAnotherOffer) {
    World world(4);
    Bandit bandit = Bandit::open(world.features, 1, {.slots = 3, .seed = 6}).value();
    for (int i = 0; i < 200; ++i) {
        const auto choices = bandit.choose(std::array{world.rng.normal()}).value();
        ASSERT_EQ(choices.size(), 3u);
        EXPECT_NE(choices[0].offer, choices[1].offer);
        EXPECT_NE(choices[1].offer, choices[2].offer);
        EXPECT_NE(choices[0].offer, choices[2].offer);
        bandit.learn(std::array{false, true, false});
    }
}

TEST(Bandit, SaysWhatItCannotTake) {
    const std::vector<std::vector<double>> uneven{{1, 2}, {1}};
    EXPECT_EQ(Bandit::open(uneven, 1, {}).error().message,
              "offer 2: 1 features, where the first has 2");
    const std::vector<std::vector<double>> endless{{1, INFINITY}};
    EXPECT_FALSE(Bandit::open(endless, 1, {}));
    EXPECT_FALSE(Bandit::open({}, 1, {}));
    const std::vector<std::vector<double>> wide{std::vector<double>(30, 1.0)};
    EXPECT_FALSE(Bandit::open(wide, 30, {}));
    World world(5);
    EXPECT_FALSE(Bandit::open(world.features, 1, {.slots = kOffers + 1}));
    Bandit bandit = Bandit::open(world.features, 1, {}).value();
    EXPECT_FALSE(bandit.choose(std::array{1.0, 2.0}));
    EXPECT_FALSE(bandit.choose(std::array{std::nan("")}));
}

}  // namespace
}  // namespace vitrine::ctl
