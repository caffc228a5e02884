#include "sync/central/profiler.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace vitrine::central {

namespace {

/// Days between purchases tell a rhythm only from this many gaps on.
constexpr std::size_t kGapsMin = 2;

struct Bought {
    double weight = 0;
    std::set<std::int32_t> days;
};

double decayed(const Purchase& purchase, std::int32_t today) {
    return std::exp2(-static_cast<double>(today - purchase.day) / kHalfLifeDays);
}

std::uint16_t median_gap(const std::set<std::int32_t>& days) {
    std::vector<std::int32_t> gaps;
    for (auto at = days.begin(); at != days.end() && std::next(at) != days.end(); ++at) {
        gaps.push_back(*std::next(at) - *at);
    }
    if (gaps.size() < kGapsMin) return 0;
    const auto middle = gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2);
    std::nth_element(gaps.begin(), middle, gaps.end());
    return static_cast<std::uint16_t>(std::min(*middle, 0xffff));
}

/// The `count` heaviest, in order of `key` again.
template <class Item, class Key>
void keep_heaviest(std::vector<Item>& items, std::size_t count, Key Item::*key) {
    if (items.size() > count) {
        std::ranges::stable_sort(items, std::ranges::greater{}, &Item::weight);
        items.resize(count);
    }
    std::ranges::sort(items, {}, key);
}

}  // namespace

void summarise(std::span<const Purchase> purchases, std::int32_t today,
               profiles::Profile& profile) {
    std::map<CategoryId, Bought> categories;
    std::map<ProductId, Bought> products;
    std::set<std::int32_t> visits;
    std::int64_t spent = 0;
    for (const Purchase& purchase : purchases) {
        if (purchase.day > today) continue;
        for (Bought* bought : {&categories[purchase.category], &products[purchase.product]}) {
            bought->weight += decayed(purchase, today);
            bought->days.insert(purchase.day);
        }
        visits.insert(purchase.day);
        if (today - purchase.day < 90) spent += purchase.cents;
    }
    profile.as_of_day = today;
    profile.last_visit_day = visits.empty() ? 0 : *visits.rbegin();
    profile.visits_30_days =
        static_cast<std::uint16_t>(std::distance(visits.upper_bound(today - 30), visits.end()));
    profile.spent_90_days_cents =
        static_cast<std::uint32_t>(std::clamp<std::int64_t>(spent, 0, 0xffff'ffff));
    profile.habits.clear();
    for (const auto& [category, bought] : categories) {
        profile.habits.push_back({.category = category,
                                  .rhythm_days = median_gap(bought.days),
                                  .last_bought_day = *bought.days.rbegin(),
                                  .weight = static_cast<float>(bought.weight)});
    }
    profile.products.clear();
    for (const auto& [product, bought] : products) {
        if (product == ProductId{}) continue;
        profile.products.push_back({.product = product,
                                    .last_bought_day = *bought.days.rbegin(),
                                    .weight = static_cast<float>(bought.weight)});
    }
    keep_heaviest(profile.habits, profiles::Profile::kHabitsMax, &profiles::Habit::category);
    keep_heaviest(profile.products, profiles::Profile::kProductsMax,
                  &profiles::ProductHabit::product);
}

}  // namespace vitrine::central
