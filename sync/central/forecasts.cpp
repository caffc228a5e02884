#include "sync/central/forecasts.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace vitrine::central {

namespace {

constexpr std::size_t kComparedMin = 5;
constexpr double kUsualOnes = 3;  ///< Towards 0 as by so many purchases at the usual price.
constexpr double kLeaves = 0.1;
constexpr std::size_t kVisitsMin = 3;
constexpr std::int32_t kBasketDays = 30;

double decay(std::int32_t day, std::int32_t today) {
    return std::exp2(-static_cast<double>(today - day) / kHalfLifeDays);
}

std::optional<double> unit_cents(const Purchase& purchase) {
    if (purchase.cents <= 0 || purchase.quantity == 0) return std::nullopt;
    return static_cast<double>(purchase.cents) / purchase.quantity;
}

bool bought_since(const History& history, ProductId product, std::int32_t day) {
    return std::ranges::any_of(history.purchases, [&](const Purchase& purchase) {
        return purchase.product == product && purchase.day >= day;
    });
}

void leave_basket(const History& history, std::int32_t today, profiles::Profile& profile) {
    profile.basket.clear();
    profile.basket_day = 0;
    if (!history.basket || history.basket->day > today ||
        today - history.basket->day > kBasketDays) {
        return;
    }
    for (const ProductId product : history.basket->products) {
        const bool again = std::ranges::find(profile.basket, product) != profile.basket.end();
        if (!again && !bought_since(history, product, history.basket->day)) {
            profile.basket.push_back(product);
        }
    }
    // Of a large basket the last ones put in count.
    if (profile.basket.size() > profiles::Profile::kBasketMax) {
        profile.basket.erase(profile.basket.begin(),
                             profile.basket.end() - std::ptrdiff_t{profiles::Profile::kBasketMax});
    }
    std::ranges::sort(profile.basket);
    if (!profile.basket.empty()) profile.basket_day = history.basket->day;
}

/// Days on which the member was anywhere, and in a shop, in the profile's terms.
void count_visits(const History& history, std::int32_t today, profiles::Profile& profile) {
    std::set<std::int32_t> anywhere;
    std::set<std::int32_t> in_shops;
    profile.last_web_day = 0;
    for (const Purchase& purchase : history.purchases) {
        if (purchase.day <= today) in_shops.insert(purchase.day);
    }
    for (const ChannelVisit& visit : history.visits) {
        if (visit.day > today) continue;
        anywhere.insert(visit.day);
        if (visit.channel == Channel::store) {
            in_shops.insert(visit.day);
        } else {
            profile.last_web_day = std::max(profile.last_web_day, visit.day);
        }
    }
    anywhere.insert(in_shops.begin(), in_shops.end());
    profile.last_visit_day = in_shops.empty() ? 0 : *in_shops.rbegin();
    profile.visits_30_days =
        static_cast<std::uint16_t>(std::distance(in_shops.upper_bound(today - 30), in_shops.end()));
    profile.churn = churn_of(std::vector<std::int32_t>(anywhere.begin(), anywhere.end()), today);
}

}  // namespace

UsualPrices::UsualPrices(std::span<const Purchase> purchases) {
    std::map<CategoryId, std::vector<double>> paid;
    for (const Purchase& purchase : purchases) {
        if (const auto cents = unit_cents(purchase)) paid[purchase.category].push_back(*cents);
    }
    for (auto& [category, cents] : paid) {
        if (cents.size() < kPurchasesMin) continue;
        const auto middle = cents.begin() + static_cast<std::ptrdiff_t>(cents.size() / 2);
        std::ranges::nth_element(cents, middle);
        usual_.push_back({.category = category, .cents = *middle});
    }
}

std::optional<double> UsualPrices::cents_of(CategoryId category) const {
    const auto at = std::ranges::lower_bound(usual_, category, {}, &Usual::category);
    if (at == usual_.end() || at->category != category) return std::nullopt;
    return at->cents;
}

float price_tier_of(std::span<const Purchase> purchases, const UsualPrices& usual,
                    std::int32_t today) {
    double sum = 0;
    double weight = 0;
    std::size_t compared = 0;
    for (const Purchase& purchase : purchases) {
        const auto paid = unit_cents(purchase);
        const auto normal = usual.cents_of(purchase.category);
        if (!paid || !normal || purchase.day > today) continue;
        const double share = decay(purchase.day, today);
        sum += share * std::clamp(std::log2(*paid / *normal), -1.0, 1.0);
        weight += share;
        ++compared;
    }
    if (compared < kComparedMin) return 0;
    return static_cast<float>(sum / (weight + kUsualOnes));
}

float churn_of(std::span<const std::int32_t> days, std::int32_t today) {
    if (days.size() < kVisitsMin || today < days.back()) return 0;
    const auto gaps = static_cast<double>(days.size() - 1);
    const auto together = static_cast<double>(days.back() - days.front());
    const auto silence = static_cast<double>(today - days.back());
    const double just_a_gap = std::pow(together / (together + silence), gaps);
    return static_cast<float>(kLeaves / (kLeaves + (1 - kLeaves) * just_a_gap));
}

void summarise(const History& history, const UsualPrices& usual, std::int32_t today,
               profiles::Profile& profile) {
    summarise(history.purchases, today, profile);
    count_visits(history, today, profile);
    leave_basket(history, today, profile);
    profile.price_tier = price_tier_of(history.purchases, usual, today);
    double responses = 0;
    for (const Responses& each : history.responses) {
        if (each.day <= today) responses += each.count * decay(each.day, today);
    }
    profile.responses = static_cast<float>(responses);
}

}  // namespace vitrine::central
