#include "agent/offers/scorer.hpp"

#include <algorithm>

#include "agent/base/check.hpp"
#include "agent/offers/posterior.hpp"

namespace vitrine::offers {

Scorer::Scorer(const Shelf& shelf, const Learner& learner)
    : shelf_(shelf),
      learner_(learner),
      offsets_(shelf.size()),
      by_category_(shelf.parent.size()),
      extra_(shelf.size()) {
    with_extra_.reserve(shelf.products.size() + Exposure::kOffersMax);
    refresh();
}

void Scorer::refresh() {
    if (revision_ == learner_.revision()) return;
    revision_ = learner_.revision();
    const std::span<const double> weights = learner_.weights();
    CHECK(weights.size() == weights_.size());
    std::transform(weights.begin(), weights.end(), weights_.begin(),
                   [](double weight) { return static_cast<float>(weight); });
    auto known = learner_.offsets().begin();
    const auto end = learner_.offsets().end();
    for (std::size_t row = 0; row < shelf_.size(); ++row) {
        const OfferId offer = shelf_.catalogue.offers[row].id;
        while (known != end && known->offer < offer) ++known;
        const bool same = known != end && known->offer == offer;
        offsets_[row] = same ? static_cast<float>(known->mean) : 0;
    }
}

void Scorer::begin(const MomentView& moment) {
    const auto collapsed = [&](std::size_t trait) {
        float sum = 0;
        for (std::size_t m = 0; m < layout::kMoments; ++m) {
            sum += moment.moments[m] * weights_[layout::bilinear(m, trait)];
        }
        return sum;
    };
    for (std::size_t bucket = 0; bucket < layout::kBuckets; ++bucket) {
        by_bucket_[bucket] = collapsed(layout::first_bucket + bucket);
    }
    discount_ = collapsed(layout::discount);
    popularity_ = collapsed(layout::popularity);
    base_ = weights_[layout::intercept];
    for (std::size_t i = 0; i < by_season_.size(); ++i) {
        by_season_[i] = moment.season[i] * weights_[layout::season];
    }
    for (std::size_t i = 0; i < by_weather_.size(); ++i) {
        by_weather_[i] = moment.weather[i] * weights_[layout::weather_match];
    }
    for (const std::uint16_t category : shelf_.stocked) by_category_[category] = 0;
    for (const std::uint32_t row : with_extra_) extra_[row] = 0;
    with_extra_.clear();
}

void Scorer::add_member(const profiles::Profile& profile, const Tastes& tastes,
                        const Exposure* exposure) {
    base_ += weights_[layout::personal] + weights_[layout::visits] * tastes.visits();
    for (const std::uint16_t category : shelf_.stocked) {
        const Taste& taste = tastes.of(category);
        by_category_[category] =
            weights_[layout::favourite] * taste.favourite +
            weights_[layout::category_bought] * taste.bought +
            weights_[layout::related] * taste.related + weights_[layout::due] * taste.due +
            weights_[layout::lapsed] * taste.lapsed + weights_[layout::novel] * taste.novel +
            weights_[layout::share] * taste.share;
    }
    if (profile.level != profiles::Level::full) return;
    const auto add = [&](std::size_t row, float part) {
        extra_[row] += part;
        with_extra_.push_back(static_cast<std::uint32_t>(row));
    };
    for (const profiles::ProductHabit& habit : profile.products) {
        auto at = std::lower_bound(
            shelf_.products.begin(), shelf_.products.end(), habit.product,
            [](const Shelf::Product& product, ProductId id) { return product.product < id; });
        for (; at != shelf_.products.end() && at->product == habit.product; ++at) {
            add(at->row, weights_[layout::product_bought] * product_bought(habit));
        }
    }
    if (exposure == nullptr) return;
    for (const Exposure::Count& count : exposure->offers) {
        const std::size_t row = shelf_.row_of(count.offer);
        if (row < shelf_.size()) add(row, weights_[layout::shown] * shown_feature(count.total));
    }
}

}  // namespace vitrine::offers
