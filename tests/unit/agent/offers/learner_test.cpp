#include "agent/offers/learner.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "agent/offers/layout.hpp"
#include "agent/offers/logistic.hpp"
#include "agent/offers/statistics.hpp"
#include "agent/offers/symmetric.hpp"
#include "tests/unit/agent/offers/shop.hpp"

namespace vitrine::offers {
namespace {

using namespace testing;

Example random_example(Rng& rng) {
    Example example{.offer = OfferId(static_cast<std::uint32_t>(1 + rng.below(20))),
                    .size = layout::kWeights};
    for (std::size_t i = 0; i < layout::kWeights; ++i) {
        if (rng.below(4) == 0) example.features[i] = static_cast<float>(rng.normal());
    }
    example.features[layout::intercept] = 1;
    return example;
}

/// One whose category and top category have offsets too; `moved` offers are in another one.
Example random_example_in_category(Rng& rng, bool moved = false) {
    Example example = random_example(rng);
    const std::uint32_t place = example.offer.value() % 6 + (moved ? 1 : 0);
    example.category = CategoryId(static_cast<std::uint16_t>(10 + place));
    if (place % 2 == 0) example.top = CategoryId(static_cast<std::uint16_t>(1 + place / 2));
    return example;
}

double odds(const Learner& learner, const Example& example) {
    double sum = 0;
    for (std::size_t i = 0; i < example.size; ++i) {
        sum += learner.weights()[i] * static_cast<double>(example.features[i]);
    }
    return sum;
}

double odds(const profiles::Model& model, const Example& example) {
    double sum = 0;
    for (std::size_t i = 0; i < example.size; ++i) {
        sum += static_cast<double>(model.mean[i]) * static_cast<double>(example.features[i]);
    }
    for (const profiles::ModelOffset& offset : model.offsets) {
        if (offset.id == profiles::offset_id(example.offer))
            sum += static_cast<double>(offset.mean);
    }
    return sum;
}

TEST(Symmetric, AgreesWithALibraryOfLinearAlgebra) {
    Rng rng(3);
    for (const std::size_t n : {1U, 2U, 7U, 64U}) {
        const auto size = static_cast<Eigen::Index>(n);
        Eigen::MatrixXd root(size, size);
        for (Eigen::Index i = 0; i < root.size(); ++i) root.data()[i] = rng.normal();
        const Eigen::MatrixXd full =
            root * root.transpose() + Eigen::MatrixXd::Identity(size, size);
        std::vector<double> packed;
        for (Eigen::Index row = 0; row < size; ++row) {
            for (Eigen::Index column = 0; column <= row; ++column) {
                packed.push_back(full(row, column));
            }
        }
        const Eigen::VectorXd x = Eigen::VectorXd::LinSpaced(size, -1, 2);
        const std::vector<double> image = multiply(packed, {x.data(), n});
        ASSERT_TRUE(cholesky(packed, n));
        std::vector<double> back = image;
        solve(packed, back);
        const std::vector<double> inverted = inverse(packed, n);
        const Eigen::MatrixXd expected = full.inverse();
        for (std::size_t i = 0; i < n; ++i) {
            EXPECT_NEAR(back[i], x(static_cast<Eigen::Index>(i)), 1e-9);
            for (std::size_t k = 0; k < n; ++k) {
                EXPECT_NEAR(inverted[i * n + k],
                            expected(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(k)),
                            1e-8);
            }
        }
    }
    std::vector<double> indefinite{1, 2, 1};
    EXPECT_FALSE(cholesky(indefinite, 2));
}

TEST(Logistic, IsCloseToTheExactFunction) {
    for (double x = -40; x <= 40; x += 0.0173) {
        const double exact = 1 / (1 + std::exp(-x));
        EXPECT_NEAR(logistic_exactly(x) / exact, 1, 1e-12) << x;
        const double near = std::clamp(x, -30.0, 30.0);
        EXPECT_NEAR(static_cast<double>(logistic(static_cast<float>(x))) * (1 + std::exp(-near)), 1,
                    1e-5)
            << x;
    }
}

TEST(Learner, StartsAtTheBaseRateAndMovesTowardsWhatIsTapped) {
    Shop shop;
    shop.learner.adopt(prior_model(Epoch(1), 0.03F)).value();
    shop.prepare();
    const Example tapped = shop.chooser.example(std::nullopt, true, shop.context, OfferId(11));
    const double before = odds(shop.learner, tapped);
    shop.learner.learn_anonymous(tapped, true);
    EXPECT_GT(odds(shop.learner, tapped), before);
    for (int i = 0; i < 300; ++i) shop.learner.learn_anonymous(tapped, false);
    EXPECT_LT(odds(shop.learner, tapped), before);
    EXPECT_EQ(shop.learner.statistics().outcomes, 301U);
    EXPECT_EQ(shop.learner.statistics().positives, 1U);
}

TEST(Learner, ThePosteriorIsTheOneOfAFullLaplaceFit) {
    // Few, mild outcomes: then one outcome at a time and all at once nearly agree.
    Rng rng(5);
    Learner learner;
    learner.adopt(prior_model(Epoch(1), 0.2F)).value();
    for (int i = 0; i < 60; ++i) learner.learn_anonymous(random_example(rng), rng.below(5) == 0);
    const profiles::Model fitted =
        refit(prior_model(Epoch(1), 0.2F), learner.statistics(), Epoch(2)).value();
    const profiles::Model local = learner.model();
    double apart = 0;
    double moved = 0;
    const profiles::Model prior = prior_model(Epoch(1), 0.2F);
    for (std::size_t i = 0; i < layout::kWeights; ++i) {
        apart += std::pow(static_cast<double>(fitted.mean[i] - local.mean[i]), 2);
        moved += std::pow(static_cast<double>(prior.mean[i] - local.mean[i]), 2);
    }
    EXPECT_LT(apart, 0.15 * moved);
}

TEST(Learner, RefitMovesATappedOfferUp) {
    Rng rng(6);
    const profiles::Model published = prior_model(Epoch(1), 0.05F);
    for (int round = 0; round < 20; ++round) {
        Learner learner;
        learner.adopt(published).value();
        const Example tapped = random_example(rng);
        for (int i = 0; i < 5; ++i) learner.learn_anonymous(tapped, true);
        const profiles::Model next = refit(published, learner.statistics(), Epoch(2)).value();
        EXPECT_EQ(next.epoch, Epoch(2));
        EXPECT_GT(odds(next, tapped), odds(published, tapped));
        EXPECT_TRUE(Learner().adopt(next).has_value());
    }
}

TEST(Learner, RefitWithoutOutcomesOnlyFadesTowardsThePrior) {
    Rng rng(7);
    Learner learner;
    learner.adopt(prior_model(Epoch(1), 0.05F)).value();
    for (int i = 0; i < 200; ++i) learner.learn_anonymous(random_example(rng), rng.below(3) == 0);
    profiles::Model model =
        refit(prior_model(Epoch(1), 0.05F), learner.statistics(), Epoch(2)).value();
    const profiles::Model prior = prior_model(Epoch(1), 0.05F);
    const auto distance = [&] {
        double sum = 0;
        for (std::size_t i = 0; i < model.mean.size(); ++i) {
            sum += std::abs(static_cast<double>(model.mean[i] - prior.mean[i]));
        }
        return sum;
    };
    const double start = distance();
    for (std::uint64_t night = 3; night < 300; ++night) {
        Learner silent;
        silent.adopt(model).value();
        model = refit(model, silent.statistics(), Epoch(night)).value();
    }
    EXPECT_LT(distance(), 0.2 * start);
}

RC_GTEST_PROP(LearnerLaw, AnyOrderOfAddingAgentsGivesTheSameBits, ()) {
    Rng rng(*rc::gen::arbitrary<std::uint64_t>());
    std::vector<Statistics> agents;
    for (int agent = 0; agent < 6; ++agent) {
        Learner learner;
        learner.adopt(prior_model(Epoch(4), 0.05F)).value();
        for (std::uint64_t i = rng.below(40); i > 0; --i) {
            learner.learn_anonymous(random_example_in_category(rng, agent % 2 == 0),
                                    rng.below(4) == 0);
        }
        agents.push_back(learner.statistics());
    }
    const auto sum = [](const std::vector<Statistics>& all) {
        Statistics total = all[0];
        for (std::size_t i = 1; i < all.size(); ++i) total = add(total, all[i]).value();
        return total;
    };
    const Statistics forwards = sum(agents);
    std::vector<Statistics> shuffled = agents;
    for (std::size_t i = shuffled.size(); i > 1; --i) {
        std::swap(shuffled[i - 1], shuffled[rng.below(i)]);
    }
    RC_ASSERT(sum(shuffled) == forwards);
    // And any grouping.
    const Statistics left = add(add(agents[0], agents[1]).value(), agents[2]).value();
    const Statistics right = add(agents[0], add(agents[1], agents[2]).value()).value();
    RC_ASSERT(left == right);
    RC_ASSERT(refit(prior_model(Epoch(4), 0.05F), forwards, Epoch(5)).value() ==
              refit(prior_model(Epoch(4), 0.05F), sum(shuffled), Epoch(5)).value());
}

/// One agent's outcomes in another order leave other local weights but the same statistics, because
/// these are taken at the published weights.
RC_GTEST_PROP(LearnerLaw, TheOrderOfOutcomesLeavesTheStatisticsAlone, ()) {
    Rng rng(*rc::gen::arbitrary<std::uint64_t>());
    std::vector<std::pair<Example, bool>> outcomes;
    for (int i = 0; i < 30; ++i) {
        outcomes.emplace_back(random_example_in_category(rng, i % 5 == 0), rng.below(3) == 0);
    }
    const auto statistics = [&] {
        Learner learner;
        learner.adopt(prior_model(Epoch(4), 0.05F)).value();
        for (const auto& [example, positive] : outcomes) learner.learn_anonymous(example, positive);
        return learner.statistics();
    };
    const Statistics forwards = statistics();
    std::reverse(outcomes.begin(), outcomes.end());
    RC_ASSERT(statistics() == forwards);
}

TEST(Learner, KeepsItsStatisticsOverARestart) {
    Rng rng(8);
    const profiles::Model published = prior_model(Epoch(9), 0.1F);
    Learner learner;
    learner.adopt(published).value();
    Example last;
    for (int i = 0; i < 50; ++i) {
        last = random_example(rng);
        learner.learn_anonymous(last, rng.below(4) == 0);
    }
    Learner restarted;
    restarted.adopt(published).value();
    ASSERT_TRUE(restarted.restore(learner.encode()).has_value());
    EXPECT_EQ(restarted.statistics(), learner.statistics());
    EXPECT_NEAR(odds(restarted, last), odds(learner, last), 0.5);

    Learner newer;
    newer.adopt(prior_model(Epoch(10), 0.1F)).value();
    EXPECT_EQ(newer.restore(learner.encode()).error().code, ErrorCode::conflict);
    Bytes damaged = learner.encode();
    damaged[damaged.size() / 2] ^= 1;
    EXPECT_EQ(restarted.restore(damaged).error().code, ErrorCode::corrupt);
    EXPECT_EQ(restarted.restore({}).error().code, ErrorCode::corrupt);
}

TEST(Statistics, OfMoreWeightsThanAnExampleHasAreCorrupt) {
    Statistics sums{.model = Epoch(1), .layout = layout::kVersion};
    const auto of = [&](std::size_t weights) {
        sums.gradient.assign(weights, 0);
        sums.curvature.assign(packed_size(weights), 0);
        return decode_statistics(encode_statistics(sums));
    };
    EXPECT_TRUE(of(Example::kWeightsMax));
    EXPECT_EQ(of(Example::kWeightsMax + 1).error().code, ErrorCode::corrupt);
}

TEST(Learner, RefusesAModelItCannotUse) {
    Learner learner;
    profiles::Model other = prior_model(Epoch(2), 0.1F);
    other.layout = 99;
    EXPECT_EQ(learner.adopt(other).error().code, ErrorCode::conflict);
    profiles::Model short_one = prior_model(Epoch(2), 0.1F);
    short_one.precision.pop_back();
    EXPECT_EQ(learner.adopt(short_one).error().code, ErrorCode::invalid);
    profiles::Model broken = prior_model(Epoch(2), 0.1F);
    broken.mean[3] = std::nanf("");
    EXPECT_EQ(learner.adopt(broken).error().code, ErrorCode::invalid);
    profiles::Model indefinite = prior_model(Epoch(2), 0.1F);
    indefinite.precision[packed_at(5, 5)] = -1;
    EXPECT_EQ(learner.adopt(indefinite).error().code, ErrorCode::invalid);
    EXPECT_EQ(learner.statistics().model, Epoch(0)) << "the one before goes on";
    EXPECT_TRUE(learner.adopt({.epoch = Epoch(2)}).has_value()) << "nothing learned: the prior";
    EXPECT_EQ(learner.statistics().model, Epoch(2));
}

TEST(Learner, StatisticsOfDifferentModelsAreNotMixed) {
    Learner one;
    Learner other;
    one.adopt(prior_model(Epoch(1), 0.1F)).value();
    other.adopt(prior_model(Epoch(2), 0.1F)).value();
    EXPECT_EQ(add(one.statistics(), other.statistics()).error().code, ErrorCode::conflict);
    EXPECT_EQ(refit(prior_model(Epoch(1), 0.1F), other.statistics(), Epoch(3)).error().code,
              ErrorCode::conflict);
}

TEST(Learner, HostileStatisticsCannotBreakARefit) {
    Learner learner;
    learner.adopt(prior_model(Epoch(1), 0.1F)).value();
    Statistics hostile = learner.statistics();
    hostile.gradient[3] = std::numeric_limits<std::int64_t>::max();
    hostile.offsets = {{profiles::OffsetId(1), profiles::OffsetId(1),
                        std::numeric_limits<std::int64_t>::min(), 5}};
    const profiles::Model model = refit(prior_model(Epoch(1), 0.1F), hostile, Epoch(2)).value();
    for (const float weight : model.mean) EXPECT_LT(std::abs(weight), 10) << "a step is bounded";
    hostile.curvature[packed_at(4, 4)] = std::numeric_limits<std::int64_t>::min();
    EXPECT_EQ(refit(prior_model(Epoch(1), 0.1F), hostile, Epoch(2)).error().code,
              ErrorCode::invalid);
    hostile.gradient.resize(3);
    EXPECT_EQ(refit(prior_model(Epoch(1), 0.1F), hostile, Epoch(2)).error().code,
              ErrorCode::invalid);
}

}  // namespace
}  // namespace vitrine::offers
