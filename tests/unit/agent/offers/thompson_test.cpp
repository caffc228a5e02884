#include "agent/offers/thompson.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <map>
#include <set>

#include "agent/offers/posterior.hpp"
#include "tests/unit/agent/offers/shop.hpp"

namespace vitrine::offers {
namespace {

using namespace testing;

TEST(Normals, TheLogarithmIsExact) {
    for (double x = 1e-9; x < 1e6; x *= 1.37) {
        EXPECT_NEAR(log_exactly(x), std::log(x), 1e-12 * (1 + std::abs(std::log(x)))) << x;
    }
}

TEST(Normals, AreNormal) {
    Rng rng(8);
    Normals normals(rng);
    constexpr int kDraws = 400'000;
    std::map<int, int> bins;  // Of a quarter's width, the last ones open.
    double fourth = 0;
    for (int i = 0; i < kDraws; ++i) {
        const double x = normals.next();
        fourth += x * x * x * x / kDraws;
        ++bins[std::clamp(static_cast<int>(std::floor(4 * x)), -16, 15)];
    }
    const auto below = [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); };
    double misfit = 0;
    for (int bin = -16; bin < 16; ++bin) {
        const double from = bin == -16 ? 0 : below(bin / 4.0);
        const double to = bin == 15 ? 1 : below((bin + 1) / 4.0);
        const double expected = kDraws * (to - from);
        misfit += std::pow(bins[bin] - expected, 2) / expected;
    }
    EXPECT_LT(misfit, 31 + 5 * std::sqrt(2 * 31.0));
    EXPECT_NEAR(fourth, 3, 0.08);
}

TEST(Normals, AJointDrawHasItsMeanAndCovariance) {
    Rng rng(2);
    Normals normals(rng);
    JointNormal joint;
    joint.mean = {1, -2};
    joint.covariance = {4, 3, 9};
    joint.factor();
    constexpr int kDraws = 40'000;
    std::array<double, 5> sums{};
    for (int i = 0; i < kDraws; ++i) {
        std::array<double, 2> drawn{};
        joint.draw(1, normals, drawn);
        const double one = drawn[0] - 1;
        const double two = drawn[1] + 2;
        const std::array<double, 5> each{one, two, one * one, one * two, two * two};
        for (std::size_t k = 0; k < 5; ++k) sums[k] += each[k] / kDraws;
    }
    const std::array<double, 5> expected{0, 0, 4, 3, 9};
    for (std::size_t k = 0; k < 5; ++k) EXPECT_NEAR(sums[k], expected[k], 0.25) << k;
}

/// A shop that draws from the posterior, after some outcomes: so that weights hang together.
struct ThompsonShop : Shop {
    explicit ThompsonShop(std::uint32_t offers = 40) : Shop(offers) {
        snapshot.policy.exploration = profiles::Exploration::thompson;
        context.hour = 18;
        context.weekday = 6;
        context.weather = 1;
        know({shopper()});
        prepare();
        Rng rng(4);
        for (int i = 0; i < 120; ++i) {
            const OfferId id(static_cast<std::uint32_t>(1 + rng.below(offers)));
            const Example seen = chooser.example(permit(kAna), true, context, id);
            learner.learn_anonymous(seen, rng.below(12) == 0);
        }
    }

    std::set<OfferId> eligible() {
        std::set<OfferId> offers;
        snapshot.policy.exploration = profiles::Exploration::inverse_gap;
        snapshot.policy.exploration_floor = 1;
        for (std::uint64_t seed = 1; seed < 3000; ++seed) {
            offers.insert(personal(seed).slots[0].offer);
        }
        snapshot.policy.exploration = profiles::Exploration::thompson;
        return offers;
    }
};

/// The rate at which something was seen in so many tries.
struct Seen {
    double rate = 0;
    double tries = 1;
    double variance() const { return (rate * (1 - rate) + 1 / tries) / tries; }
};

/// The sum of squared differences in units of their error: about one for each pair.
double misfit(const std::vector<std::pair<Seen, Seen>>& pairs) {
    double sum = 0;
    for (const auto& [one, other] : pairs) {
        sum += std::pow(one.rate - other.rate, 2) / (one.variance() + other.variance());
    }
    return sum;
}

double misfit_allowed(std::size_t pairs) {
    const double count = static_cast<double>(pairs);
    return count + 5 * std::sqrt(2 * count);
}

/// By the definition: every weight and every offset is drawn, nothing is collapsed.
class Definition {
  public:
    Definition(ThompsonShop& shop, const std::set<OfferId>& offers) : model_(shop.learner.model()) {
        for (const OfferId id : offers) {
            examples_.push_back(
                shop.chooser.example(shop.permit(kAna), true, shop.context, id, &shop.exposures));
        }
        joint_.mean.assign(model_.mean.begin(), model_.mean.end());
        const auto covariance = shop.learner.posterior().covariance();
        for (std::size_t row = 0; row < layout::kWeights; ++row) {
            for (std::size_t k = 0; k <= row; ++k) {
                joint_.covariance.push_back(covariance[row * layout::kWeights + k]);
            }
        }
        joint_.factor();
    }

    OfferId winner(Normals& normals) const {
        std::array<double, layout::kWeights> weights{};
        joint_.draw(kThompsonSpread, normals, weights);
        std::map<profiles::OffsetId, double> offsets;
        const auto offset = [&](profiles::OffsetId id) {
            const auto [at, is_new] = offsets.try_emplace(id, 0.0);
            if (is_new) at->second = draw(id, normals);
            return at->second;
        };
        OfferId best;
        double most = -1e9;
        for (const Example& each : examples_) {
            double score = offset(profiles::offset_id(each.offer));
            if (each.category != CategoryId{}) score += offset(profiles::offset_id(each.category));
            if (each.top != CategoryId{}) score += offset(profiles::offset_id(each.top));
            for (std::size_t i = 0; i < each.size; ++i) {
                score += weights[i] * static_cast<double>(each.features[i]);
            }
            if (score > most) {
                most = score;
                best = each.offer;
            }
        }
        return best;
    }

  private:
    double draw(profiles::OffsetId id, Normals& normals) const {
        double mean = 0;
        double precision = static_cast<double>(layout::kOffsetPrecision);
        for (const profiles::ModelOffset& known : model_.offsets) {
            if (known.id != id) continue;
            mean = static_cast<double>(known.mean);
            precision = static_cast<double>(known.precision);
        }
        return mean + kThompsonSpread * normals.next() / std::sqrt(precision);
    }

    profiles::Model model_;
    std::vector<Example> examples_;
    JointNormal joint_;
};

TEST(Thompson, ChoosesAsOftenAsADrawOfEveryWeightWould) {
    ThompsonShop shop;
    const Definition definition(shop, shop.eligible());
    constexpr int kDraws = 8000;
    std::map<OfferId, double> chosen;
    std::map<OfferId, double> by_definition;
    Rng rng(5);
    Normals normals(rng);
    for (std::uint64_t seed = 1; seed <= kDraws; ++seed) {
        chosen[shop.personal(seed).slots[0].offer] += 1.0 / kDraws;
        by_definition[definition.winner(normals)] += 1.0 / kDraws;
    }
    std::vector<std::pair<Seen, Seen>> pairs;
    for (const auto& [id, rate] : by_definition) {
        pairs.push_back({{rate, kDraws}, {chosen[id], kDraws}});
    }
    EXPECT_GT(pairs.size(), 10U) << "the test must be able to fail";
    EXPECT_LT(misfit(pairs), misfit_allowed(pairs.size()));
}

/// Estimates against frequencies: of the first slot, and of the second after the commonest first.
void check_estimates(ThompsonShop& shop) {
    constexpr int kDraws = 8000;
    constexpr int kEstimated = 250;
    constexpr double kRedraws = static_cast<double>(Thompson::kRedraws);
    using Count = std::map<OfferId, std::array<double, 3>>;  // Drawn, estimated, wins estimated.
    Count first;
    std::map<OfferId, Count> second;
    std::map<OfferId, double> times;
    for (std::uint64_t seed = 1; seed <= kDraws; ++seed) {
        Decision decision = shop.personal(seed);
        for (std::size_t i = 0; i < decision.slot_count; ++i) {
            ASSERT_EQ(decision.slots[i].probability, 0) << "not known yet";
        }
        if (seed <= kEstimated) shop.chooser.estimate(decision);
        ++times[decision.slots[0].offer];
        const auto count = [&](Count& counts, const Slot& slot) {
            std::array<double, 3>& each = counts[slot.offer];
            each[0] += 1;
            if (seed > kEstimated) return;
            each[1] += kRedraws;
            each[2] += static_cast<double>(slot.probability) * (kRedraws + 1) - 1;
        };
        count(first, decision.slots[0]);
        count(second[decision.slots[0].offer], decision.slots[1]);
    }
    const auto compare = [](const Count& counts, double draws) {
        std::vector<std::pair<Seen, Seen>> pairs;
        for (const auto& [id, each] : counts) {
            if (each[1] == 0) continue;
            pairs.push_back({{each[0] / draws, draws}, {each[2] / each[1], each[1]}});
        }
        EXPECT_GT(pairs.size(), 5U) << "the test must be able to fail";
        EXPECT_LT(misfit(pairs), misfit_allowed(pairs.size()));
    };
    compare(first, kDraws);
    const auto commonest = std::max_element(times.begin(), times.end(),
                                            [](auto& a, auto& b) { return a.second < b.second; });
    compare(second[commonest->first], commonest->second);
}

TEST(Thompson, EstimatedProbabilitiesMatchObservedFrequencies) {
    ThompsonShop shop;
    check_estimates(shop);
}

TEST(Thompson, EstimatedProbabilitiesMatchUnderMasksToo) {
    ThompsonShop shop;
    shop.snapshot.policy.per_category_max = 2;
    shop.snapshot.policy.category_per_member_day = 1;
    for (std::uint32_t id = 1; id <= 40; id += 3) shop.offer(id).exclusion_group = "brand";
    shop.prepare();
    check_estimates(shop);
}

TEST(Thompson, RespectsWhatASlateMayHold) {
    ThompsonShop shop;
    shop.snapshot.policy.per_category_max = 2;
    shop.snapshot.policy.category_per_member_day = 1;
    for (std::uint32_t id = 1; id <= 40; id += 2) {
        shop.offer(id).exclusion_group = id % 3 == 0 ? "spring" : "brand";
    }
    shop.prepare();
    for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
        const Decision decision = shop.personal(seed);
        ASSERT_EQ(decision.slot_count, 3);
        EXPECT_EQ(decision.exploration, profiles::Exploration::thompson);
        std::vector<OfferId> before;
        for (std::size_t i = 0; i < decision.slot_count; ++i) {
            EXPECT_TRUE(fits(shop, decision.slots[i].offer, before));
            before.push_back(decision.slots[i].offer);
        }
    }
}

TEST(Thompson, TheSameSeedGivesTheSameSlateAndTheSameEstimate) {
    ThompsonShop one;
    ThompsonShop other;
    std::set<OfferId> seen;
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        Decision mine = one.personal(seed);
        Decision theirs = other.personal(seed);
        EXPECT_EQ(mine, theirs);
        one.chooser.estimate(mine);
        other.chooser.estimate(theirs);
        EXPECT_EQ(mine, theirs);
        seen.insert(mine.slots[0].offer);
    }
    EXPECT_GT(seen.size(), 3U) << "the test must be able to fail";
}

TEST(Thompson, WhatIsCertainHasProbabilityOne) {
    ThompsonShop shop(1);
    Decision decision = shop.mass(3);
    ASSERT_EQ(decision.slot_count, 1);
    shop.chooser.estimate(decision);
    EXPECT_EQ(decision.slots[0].probability, 1);
}

/// What another policy would have earned, from the estimates, in a world whose rates are known.
TEST(Thompson, EvaluationByEstimatedProbabilitiesIsUnbiased) {
    ThompsonShop shop;
    constexpr std::uint64_t kDraws = 1200;
    const auto rate = [](OfferId id) { return 0.02 + 0.9 * ((id.value() * 7U) % 10U) / 10.0; };
    std::map<OfferId, int> times;
    std::vector<Slot> shown;
    for (std::uint64_t seed = 1; seed <= kDraws; ++seed) {
        Decision decision = shop.personal(seed);
        shop.chooser.estimate(decision);
        shown.push_back(decision.slots[0]);
        ++times[decision.slots[0].offer];
    }
    // The other policy shows each of those that came up at least 40 times equally often.
    std::vector<OfferId> target;
    for (const auto& [id, count] : times) {
        if (count >= 40) target.push_back(id);
    }
    ASSERT_GE(target.size(), 4U);
    const double share = 1 / static_cast<double>(target.size());
    double value = 0;
    for (const OfferId id : target) value += share * rate(id);
    double sum = 0;
    double squares = 0;
    double earned = 0;
    Rng rng(6);
    for (const Slot& slot : shown) {
        const double reward = rng.uniform() < rate(slot.offer) ? 1 : 0;
        const bool would = std::ranges::find(target, slot.offer) != target.end();
        const double weighed = would ? share / static_cast<double>(slot.probability) * reward : 0;
        sum += weighed;
        squares += weighed * weighed;
        earned += reward / kDraws;
    }
    const double mean = sum / kDraws;
    const double error = std::sqrt((squares / kDraws - mean * mean) / kDraws);
    EXPECT_LT(error, 0.06);
    EXPECT_NEAR(mean, value, 4 * error);
    EXPECT_GT(std::abs(earned - value), 4 * error) << "the test must be able to fail";
}

}  // namespace
}  // namespace vitrine::offers
