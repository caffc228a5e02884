#include "agent/offers/slate.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <map>
#include <numeric>

#include "agent/offers/posterior.hpp"
#include "tests/unit/agent/offers/shop.hpp"

namespace vitrine::offers {
namespace {

using namespace testing;

std::vector<float> rates_of(const std::vector<int>& per_mille) {
    std::vector<float> rates;
    for (const int rate : per_mille) rates.push_back(static_cast<float>(rate) / 1000);
    return rates;
}

RC_GTEST_PROP(SlateLaw, ProbabilitiesSumToOneAboveTheFloorInTheOrderOfTheScores, ()) {
    const auto scores =
        *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 999)));
    const Exploration exploration{.sharpness = static_cast<float>(*rc::gen::inRange(0, 500)),
                                  .floor = static_cast<float>(*rc::gen::inRange(0, 100)) / 100};
    std::vector<float> probabilities;
    const std::size_t best = Slate::weigh(rates_of(scores), exploration, probabilities);
    RC_ASSERT(scores[best] == *std::max_element(scores.begin(), scores.end()));
    const double sum = std::accumulate(probabilities.begin(), probabilities.end(), 0.0);
    RC_ASSERT(std::abs(sum - 1) < 1e-7);
    const float least = exploration.floor / static_cast<float>(scores.size());
    for (std::size_t i = 0; i < scores.size(); ++i) {
        RC_ASSERT(probabilities[i] >= least - 1e-6F);
        for (std::size_t k = 0; k < scores.size(); ++k) {
            if (scores[i] > scores[k]) RC_ASSERT(probabilities[i] >= probabilities[k] - 1e-6F);
        }
    }
}

TEST(Slate, ScalingAllScoresChangesNothing) {
    std::vector<float> small;
    std::vector<float> large;
    Slate::weigh(rates_of({10, 20, 40}), {}, small);
    Slate::weigh(rates_of({200, 400, 800}), {}, large);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(small[i], large[i], 1e-6);
}

/// A score as the draw sees it, from the rate that the decision states: nothing was learned of any
/// offer yet.
double optimistic(float rate) {
    const double odds = std::log(static_cast<double>(rate) / (1 - static_cast<double>(rate)));
    return 1 / (1 + std::exp(-odds - kOptimism * std::sqrt(Posterior::kOffsetVariance)));
}

/// A slate drawn by hand: the probabilities of the next slot given the ones drawn before, by the
/// definition and without the engine's bookkeeping.
std::map<OfferId, double> next_slot(const Shop& shop, const std::map<OfferId, float>& scores,
                                    const std::vector<OfferId>& before) {
    std::vector<std::pair<OfferId, double>> left;
    for (const auto& [id, score] : scores) {
        if (fits(shop, id, before)) left.emplace_back(id, optimistic(score));
    }
    const auto best = std::max_element(
        left.begin(), left.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    const double k = static_cast<double>(left.size());
    const double floor = static_cast<double>(shop.snapshot.policy.exploration_floor);
    const double gamma = static_cast<double>(shop.snapshot.policy.exploration_gamma);
    std::map<OfferId, double> probabilities;
    double others = 0;
    for (const auto& [id, score] : left) {
        if (id == best->first) continue;
        const double gap = (best->second - score) / best->second;
        probabilities[id] = (1 - floor) / (k * (1 + gamma * gap)) + floor / k;
        others += probabilities[id];
    }
    probabilities[best->first] = 1 - others;
    return probabilities;
}

/// Draws many slates and compares every slot with the hand-made probabilities, and the frequencies
/// of the first two slots with what the decisions claimed.
void check_probabilities(Shop& shop) {
    shop.snapshot.policy.exploration_gamma = 3;  // So that every offer comes up.
    shop.know({shopper()});
    shop.prepare();
    std::map<OfferId, float> scores;
    constexpr int kDraws = 60'000;
    std::map<OfferId, int> first;
    std::map<std::pair<OfferId, OfferId>, int> pairs;
    std::map<std::pair<OfferId, OfferId>, double> claimed;
    std::vector<Decision> decisions;
    for (std::uint64_t seed = 0; seed < kDraws; ++seed) {
        decisions.push_back(shop.personal(seed));
        const Decision& decision = decisions.back();
        for (std::size_t i = 0; i < decision.slot_count; ++i) {
            scores[decision.slots[i].offer] = decision.slots[i].score;
        }
        const OfferId one = decision.slots[0].offer;
        const OfferId two = decision.slots[1].offer;
        ++first[one];
        ++pairs[{one, two}];
        claimed[{one, two}] = static_cast<double>(decision.slots[0].probability) *
                              static_cast<double>(decision.slots[1].probability);
    }
    ASSERT_EQ(scores.size(), decisions[0].eligible_count) << "the floor reaches every offer";
    for (std::size_t d = 0; d < 300; ++d) {
        std::vector<OfferId> before;
        for (std::size_t i = 0; i < decisions[d].slot_count; ++i) {
            const Slot& slot = decisions[d].slots[i];
            const auto expected = next_slot(shop, scores, before);
            ASSERT_TRUE(expected.contains(slot.offer)) << "it does not fit beside the others";
            EXPECT_NEAR(static_cast<double>(slot.probability), expected.at(slot.offer), 1e-5);
            before.push_back(slot.offer);
        }
    }
    const auto all_first = next_slot(shop, scores, {});
    for (const auto& [offer, probability] : all_first) {
        const double expected = probability * kDraws;
        EXPECT_NEAR(first[offer], expected, 5 * std::sqrt(expected) + 1);
    }
    double total = 0;
    for (const auto& [pair, probability] : claimed) {
        const double expected = probability * kDraws;
        EXPECT_NEAR(pairs[pair], expected, 5 * std::sqrt(expected) + 3);
        total += probability;
    }
    EXPECT_NEAR(total, 1, 0.02) << "nearly every pair was seen, and their claims make a whole";
}

TEST(Slate, StatedProbabilitiesAreExactAndMatchObservedFrequencies) {
    Shop shop(24);
    check_probabilities(shop);
}

TEST(Slate, ProbabilitiesAreExactUnderExclusionGroupsAndCategoryCapsToo) {
    Shop shop(24);
    shop.snapshot.policy.per_category_max = 2;
    shop.snapshot.policy.category_per_member_day = 1;
    for (std::uint32_t id = 1; id <= 24; id += 3) {
        shop.offer(id).exclusion_group = id % 2 == 0 ? "spring" : "brand";
    }
    check_probabilities(shop);
}

TEST(Slate, ExploredMeansNotTheBestOfWhatWasLeft) {
    Shop shop;
    shop.know({shopper()});
    shop.snapshot.policy.exploration_floor = 0;
    shop.snapshot.policy.exploration_gamma = 1e9F;
    shop.prepare();
    const Decision best = shop.personal(1);
    for (std::uint64_t seed = 2; seed < 50; ++seed) {
        const Decision decision = shop.personal(seed);
        for (std::size_t i = 0; i < 3; ++i) {
            EXPECT_FALSE(decision.slots[i].explored);
            EXPECT_EQ(decision.slots[i].offer, best.slots[i].offer);
        }
    }
    EXPECT_GE(best.slots[0].score, best.slots[1].score);
    EXPECT_GE(best.slots[1].score, best.slots[2].score);
}

}  // namespace
}  // namespace vitrine::offers
