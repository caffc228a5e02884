#include "sync/central/profiler.hpp"

#include <gtest/gtest.h>

namespace vitrine::central {
namespace {

constexpr std::int32_t kToday = 20'000;
constexpr CategoryId kCoffee(41);

Purchase coffee(std::int32_t days_ago) {
    return {.day = kToday - days_ago, .product = ProductId(7), .category = kCoffee, .cents = 500};
}

TEST(Profiler, TellsHabitRhythmVisitsAndSpending) {
    profiles::Profile profile;
    summarise(std::vector{coffee(1), coffee(15), coffee(29), coffee(100)}, kToday, profile);
    const profiles::Habit* habit = profile.habit(kCoffee);
    ASSERT_NE(habit, nullptr);
    EXPECT_EQ(habit->rhythm_days, 14);
    EXPECT_EQ(habit->last_bought_day, kToday - 1);
    EXPECT_NEAR(habit->weight, 0.989 + 0.841 + 0.715 + 0.315, 0.01);
    EXPECT_EQ(profile.visits_30_days, 3);
    EXPECT_EQ(profile.spent_90_days_cents, 1500U);
    EXPECT_EQ(profile.last_visit_day, kToday - 1);
    EXPECT_EQ(profile.as_of_day, kToday);
}

TEST(Profiler, TwoPurchasesAreNoRhythm) {
    profiles::Profile profile;
    summarise(std::vector{coffee(1), coffee(15)}, kToday, profile);
    EXPECT_EQ(profile.habit(kCoffee)->rhythm_days, 0);
}

TEST(Profiler, WhatIsBoughtTomorrowWasNotBought) {
    profiles::Profile profile;
    summarise(std::vector{coffee(-1)}, kToday, profile);
    EXPECT_TRUE(profile.habits.empty());
    EXPECT_EQ(profile.last_visit_day, 0);
}

TEST(Profiler, KeepsTheHeaviestHabitsAndTheirOrder) {
    std::vector<Purchase> purchases;
    for (std::uint16_t category = 1; category <= 200; ++category) {
        for (int times = 0; times < (category > 152 ? 3 : 1); ++times) {
            purchases.push_back({.day = kToday - 10 - times, .category = CategoryId(category)});
        }
    }
    profiles::Profile profile;
    summarise(purchases, kToday, profile);
    ASSERT_EQ(profile.habits.size(), profiles::Profile::kHabitsMax);
    EXPECT_EQ(profile.habits.front().category, CategoryId(153));
    EXPECT_EQ(profile.habits.back().category, CategoryId(200));
    EXPECT_TRUE(profile.products.empty()) << "product 0 is no product";
}

}  // namespace
}  // namespace vitrine::central
