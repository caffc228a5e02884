#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/offers/layout.hpp"
#include "agent/offers/rewards.hpp"
#include "agent/offers/statistics.hpp"
#include "tests/unit/agent/offers/shop.hpp"

namespace vitrine::offers {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using profiles::Reward;

/// Offer 1 succeeds by a claim, 2 by a purchase of products, 3 by a purchase in its category.
struct Waiting : ::testing::Test {
    profiles::Catalogue catalogue{.categories = taxonomy(), .offers = plain_offers(4)};
    Profile profile = shopper();
    Rewards rewards;

    Waiting() {
        catalogue.offers[0].reward = Reward::claimed;
        catalogue.offers[1].reward = Reward::bought;
        catalogue.offers[1].products = {ProductId(55), ProductId(56)};
        catalogue.offers[2].reward = Reward::bought;
        catalogue.offers[2].products.clear();
        catalogue.offers[2].category = CategoryId(12);
        for (Offer& offer : catalogue.offers) offer.reward_window_hours = 24;
    }
    static Example example(std::uint32_t offer) {
        Example made{.offer = OfferId(offer), .category = CategoryId(12), .top = CategoryId(2)};
        made.size = layout::kWeights;
        made.features[layout::intercept] = 1;
        made.features[layout::share] = 0.25F;
        return made;
    }
    bool show(std::uint32_t offer, WallTime at = kNow) {
        return rewards.shown(profile, catalogue, example(offer), at);
    }
    std::vector<Outcome> expire(WallTime at) {
        std::vector<MemberId> changed;
        return rewards.expire(at, changed);
    }
    auto bought(std::uint32_t product, std::uint16_t category, WallTime at) {
        const std::vector<CategoryId> categories{CategoryId(category)};
        return rewards.bought(kAna, catalogue, ProductId(product), categories, at);
    }
};

TEST_F(Waiting, OnlyOffersWhoseSuccessTakesTimeWaitAndOnlyOnce) {
    EXPECT_FALSE(show(4)) << "opened: known at once";
    EXPECT_TRUE(show(1));
    EXPECT_FALSE(show(1)) << "shown again: the same showing";
    EXPECT_EQ(rewards.size(), 1U);
}

TEST_F(Waiting, AClaimInTheWindowIsOneSuccess) {
    show(1);
    EXPECT_TRUE(rewards.claimed(kAna, OfferId(2), kNow + 1h).empty()) << "of another offer";
    const auto outcomes = rewards.claimed(kAna, OfferId(1), kNow + 1h);
    ASSERT_EQ(outcomes.size(), 1U);
    EXPECT_TRUE(outcomes[0].positive);
    EXPECT_FALSE(outcomes[0].correction);
    EXPECT_EQ(outcomes[0].example.features, example(1).features);
    EXPECT_EQ(outcomes[0].example.top, CategoryId(2));
    EXPECT_TRUE(rewards.claimed(kAna, OfferId(1), kNow + 2h).empty());
    EXPECT_TRUE(expire(kNow + 48h).empty()) << "it is settled";
}

TEST_F(Waiting, TheEndOfTheWindowIsAFailureAndALateSuccessCorrectsIt) {
    show(1);
    EXPECT_TRUE(expire(kNow + 23h).empty());
    const auto failed = expire(kNow + 24h);
    ASSERT_EQ(failed.size(), 1U);
    EXPECT_FALSE(failed[0].positive);
    EXPECT_TRUE(expire(kNow + 25h).empty()) << "once";
    const auto late = rewards.claimed(kAna, OfferId(1), kNow + 70h);
    ASSERT_EQ(late.size(), 1U);
    EXPECT_TRUE(late[0].positive);
    EXPECT_TRUE(late[0].correction);
}

TEST_F(Waiting, AfterThreeMoreWindowsNothingCorrectsAnyMore) {
    show(1);
    expire(kNow + 24h);
    EXPECT_TRUE(rewards.claimed(kAna, OfferId(1), kNow + 96h).empty());
    expire(kNow + 96h);
    EXPECT_EQ(rewards.size(), 0U);
}

TEST_F(Waiting, APurchaseCountsForWhatCoversIt) {
    show(2);
    show(3);
    EXPECT_TRUE(bought(57, 13, kNow + 1h).empty());
    const auto product = bought(56, 13, kNow + 1h);
    ASSERT_EQ(product.size(), 1U);
    EXPECT_EQ(product[0].example.offer, OfferId(2));
    const auto category = bought(99, 12, kNow + 1h);
    ASSERT_EQ(category.size(), 1U);
    EXPECT_EQ(category[0].example.offer, OfferId(3));
}

TEST_F(Waiting, ANewerProfileTellsOfPurchasesByTheDay) {
    profile.habits = {{CategoryId(12), 0, kToday, 1.0F}};
    show(3);
    EXPECT_TRUE(rewards.learned(profile, catalogue, kNow + 9h).empty())
        << "bought on that day, perhaps before";
    profile.habits[0].last_bought_day = kToday + 1;
    EXPECT_EQ(rewards.learned(profile, catalogue, kNow + 30h).size(), 1U);
    profile.habits[0].last_bought_day = kToday - 5;
    show(3);
    profile.habits[0].last_bought_day = kToday;
    EXPECT_EQ(rewards.learned(profile, catalogue, kNow + 30h).size(), 1U);
}

TEST_F(Waiting, OutlivesARestartAndForgets) {
    show(1);
    show(2);
    expire(kNow + 24h);
    const Bytes kept = rewards.encode(kAna).value();
    Rewards reborn;
    ASSERT_TRUE(reborn.restore(kAna, kept).has_value());
    EXPECT_EQ(reborn.encode(kAna), kept);
    const auto late = reborn.claimed(kAna, OfferId(1), kNow + 30h);
    ASSERT_EQ(late.size(), 1U);
    EXPECT_TRUE(late[0].correction);
    EXPECT_EQ(late[0].example.features, example(1).features);
    reborn.forget(kAna);
    EXPECT_EQ(reborn.encode(kAna), std::nullopt);
    for (std::size_t cut = 0; cut < kept.size(); ++cut) {
        EXPECT_FALSE(reborn.restore(kAna, ByteView(kept).first(cut)).has_value()) << cut;
    }
}

TEST_F(Waiting, StaysWithinItsBounds) {
    for (std::uint32_t i = 0; i < 2 * Rewards::kPerMember; ++i) {
        Offer offer = catalogue.offers[0];
        offer.id = OfferId(10 + i);
        catalogue.offers.push_back(offer);
    }
    for (std::uint32_t i = 0; i < 2 * Rewards::kPerMember; ++i) show(10 + i);
    EXPECT_EQ(rewards.size(), Rewards::kPerMember);
    EXPECT_TRUE(rewards.claimed(kAna, OfferId(10), kNow).empty()) << "the oldest one gave way";
    for (std::uint64_t i = 0; i < Rewards::kMembersMax + 10; ++i) {
        profile.member = MemberId(1000 + i);
        show(1);
    }
    EXPECT_LE(rewards.members().size(), Rewards::kMembersMax);
}

/// A correction makes of a failure exactly the success that it should have been.
TEST(Correction, LeavesTheStatisticsOfTheSuccess) {
    consent::Ledger ledger;
    ledger.learn({.subject = kAna,
                  .purpose = consent::Purpose::measure,
                  .decision = consent::Decision::granted});
    const auto measure = *consent::Gate(ledger).permit<consent::Purpose::measure>(kAna, kNow);
    Learner at_once;
    Learner corrected;
    Rng rng(4);
    for (int i = 0; i < 200; ++i) {
        Example example{.offer = OfferId(static_cast<std::uint32_t>(1 + i % 5)),
                        .category = CategoryId(12)};
        example.size = layout::kWeights;
        example.features[layout::intercept] = 1;
        for (int k = 0; k < 6; ++k) {
            example.features[rng.below(layout::kWeights)] = static_cast<float>(rng.uniform());
        }
        const bool positive = rng.below(3) == 0;
        at_once.learn(measure, example, positive);
        corrected.learn(measure, example, false);
        if (positive) corrected.correct(measure, example);
    }
    const Statistics& one = at_once.statistics();
    const Statistics& other = corrected.statistics();
    EXPECT_EQ(one.outcomes, other.outcomes);
    EXPECT_EQ(one.positives, other.positives);
    EXPECT_EQ(one.curvature, other.curvature);
    for (std::size_t i = 0; i < one.gradient.size(); ++i) {
        // Each number is rounded on its own, to 2^-24.
        EXPECT_NEAR(double(one.gradient[i]), double(other.gradient[i]), 200) << i;
    }
    for (std::size_t i = 0; i < one.offsets.size(); ++i) {
        EXPECT_NEAR(double(one.offsets[i].gradient), double(other.offsets[i].gradient), 200);
    }
    double apart = 0;
    for (std::size_t i = 0; i < at_once.weights().size(); ++i) {
        apart = std::max(apart, std::abs(at_once.weights()[i] - corrected.weights()[i]));
    }
    EXPECT_LT(apart, 0.25) << "the local posterior comes near it, too";
}

}  // namespace
}  // namespace vitrine::offers
