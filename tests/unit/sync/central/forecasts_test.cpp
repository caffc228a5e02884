#include "sync/central/forecasts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

namespace vitrine::central {
namespace {

using testing::ElementsAre;

constexpr std::int32_t kToday = 20'000;
constexpr CategoryId kCoffee(41);

Purchase paid(std::int64_t cents, std::int32_t days_ago = 10, std::uint32_t quantity = 1) {
    return {.day = kToday - days_ago,
            .product = ProductId(7),
            .category = kCoffee,
            .quantity = quantity,
            .cents = cents};
}

/// Everybody pays 400 for coffee.
UsualPrices usual() { return UsualPrices(std::vector<Purchase>(20, paid(400))); }

TEST(UsualPrices, NeedTwentyPurchasesAndCountByThePiece) {
    EXPECT_FALSE(UsualPrices(std::vector<Purchase>(19, paid(400))).cents_of(kCoffee));
    EXPECT_EQ(usual().cents_of(kCoffee), 400);
    EXPECT_FALSE(usual().cents_of(CategoryId(42)));
    EXPECT_EQ(UsualPrices(std::vector<Purchase>(20, paid(1200, 1, 3))).cents_of(kCoffee), 400);
}

TEST(PriceTier, IsAboveZeroForThoseWhoPayMoreAndBelowForThoseWhoPayLess) {
    const auto tier = [](std::int64_t cents, std::size_t times) {
        return price_tier_of(std::vector<Purchase>(times, paid(cents)), usual(), kToday);
    };
    EXPECT_EQ(tier(800, 4), 0) << "four purchases say nothing";
    EXPECT_GT(tier(800, 5), 0.5F);
    EXPECT_GT(tier(800, 50), tier(800, 5)) << "more of them say more";
    EXPECT_LT(tier(200, 20), -0.5F);
    EXPECT_EQ(tier(400, 20), 0);
    EXPECT_LE(tier(1'000'000, 500), 1);
    EXPECT_EQ(tier(0, 20), 0) << "a gift has no price";
}

TEST(PriceTier, LeavesOutWhatCannotBeCompared) {
    Purchase other = paid(800);
    other.category = CategoryId(42);
    EXPECT_EQ(price_tier_of(std::vector<Purchase>(20, other), usual(), kToday), 0);
}

// Ten weeks, a visit in each: after a week nothing has happened, after five they will not come
// back.
TEST(Churn, GrowsWithASilenceThatIsLongForThisMember) {
    std::vector<std::int32_t> weekly;
    for (int week = 0; week <= 10; ++week) weekly.push_back(1000 + 7 * week);
    const std::int32_t last = weekly.back();
    EXPECT_NEAR(churn_of(weekly, last), 0.1, 1e-6);
    EXPECT_NEAR(churn_of(weekly, last + 7), 0.1 / (0.1 + 0.9 * std::pow(70.0 / 77.0, 10)), 1e-6);
    EXPECT_GT(churn_of(weekly, last + 35), 0.8F);
    const std::vector<std::int32_t> monthly{1000, 1030, 1060, 1090};
    EXPECT_LT(churn_of(monthly, 1090 + 35), 0.35F) << "the same silence is usual here";
}

TEST(Churn, IsNotKnownBelowThreeVisits) {
    EXPECT_EQ(churn_of(std::vector<std::int32_t>{1000, 1007}, 5000), 0);
    EXPECT_EQ(churn_of({}, 5000), 0);
    EXPECT_EQ(churn_of(std::vector<std::int32_t>{1000, 1007, 1014}, 1010), 0) << "a clock behind";
}

RC_GTEST_PROP(ChurnLaws, IsAProbabilityThatOnlyGrowsInSilence, ()) {
    std::set<std::int32_t> days;
    for (int i = *rc::gen::inRange(3, 20); i > 0; --i) days.insert(*rc::gen::inRange(0, 1000));
    const std::vector<std::int32_t> visits(days.begin(), days.end());
    float before = 0;
    for (std::int32_t silence = 0; silence < 400; silence += 10) {
        const float churn = churn_of(visits, visits.back() + silence);
        RC_ASSERT(churn >= before);
        RC_ASSERT(churn <= 1);
        before = churn;
    }
}

TEST(Summarise, CountsResponsesWithTheSameDecayAsPurchases) {
    profiles::Profile profile;
    summarise({.responses = {{kToday, 2}, {kToday - 60, 3}, {kToday + 1, 9}}}, {}, kToday, profile);
    EXPECT_FLOAT_EQ(profile.responses, 3.5F);
}

TEST(Summarise, AVisitInAShopCountsLikeAPurchaseAndOneOnTheWebStandsApart) {
    profiles::Profile profile;
    summarise({.purchases = {paid(400, 40)},
               .visits = {{kToday - 3, Channel::store},
                          {kToday - 3, Channel::web},
                          {kToday - 1, Channel::app},
                          {kToday + 1, Channel::web}}},
              {}, kToday, profile);
    EXPECT_EQ(profile.last_visit_day, kToday - 3);
    EXPECT_EQ(profile.visits_30_days, 1);
    EXPECT_EQ(profile.last_web_day, kToday - 1);
    EXPECT_GT(profile.churn, 0) << "three days on which the member was somewhere";
}

TEST(Summarise, ABasketIsLeftBehindUntilItIsBoughtOrAMonthOld) {
    const auto left = [](std::int32_t days_ago, std::vector<ProductId> products) {
        profiles::Profile profile;
        summarise({.purchases = {paid(400, 2)}, .basket = Basket{kToday - days_ago, products}}, {},
                  kToday, profile);
        EXPECT_EQ(profile.basket_day, profile.basket.empty() ? 0 : kToday - days_ago);
        return profile.basket;
    };
    EXPECT_THAT(left(5, {ProductId(9), ProductId(7), ProductId(3)}),
                ElementsAre(ProductId(3), ProductId(9)));
    EXPECT_THAT(left(1, {ProductId(7)}), ElementsAre(ProductId(7))) << "bought before";
    EXPECT_TRUE(left(31, {ProductId(9)}).empty());
    EXPECT_TRUE(left(-1, {ProductId(9)}).empty());
    std::vector<ProductId> many;
    for (std::uint32_t id = 100; id > 80; --id) many.emplace_back(id);
    const auto kept = left(1, many);
    ASSERT_EQ(kept.size(), profiles::Profile::kBasketMax);
    EXPECT_EQ(kept.front(), ProductId(81)) << "the last ones put in";
}

}  // namespace
}  // namespace vitrine::central
