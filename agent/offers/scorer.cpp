#include "agent/offers/scorer.hpp"

#include <algorithm>
#include <cmath>

#include "agent/base/check.hpp"
#include "agent/offers/posterior.hpp"
#include "agent/offers/slate.hpp"

namespace vitrine::offers {

Scorer::Scorer(const Shelf& shelf, const Learner& learner)
    : shelf_(shelf),
      learner_(learner),
      learned_(shelf.size()),
      offsets_(shelf.size()),
      optimism_(shelf.size()),
      by_category_(shelf.parent.size()),
      own_(shelf.size()) {
    changed_.reserve(shelf.spreads.size() + 2 * shelf.size() + Exposure::kOffersMax);
    refresh();
}

void Scorer::refresh() {
    if (revision_ == learner_.revision()) return;
    revision_ = learner_.revision();
    const std::span<const double> weights = learner_.weights();
    CHECK(weights.size() == weights_.size());
    std::transform(weights.begin(), weights.end(), weights_.begin(),
                   [](double weight) { return static_cast<float>(weight); });
    // Both are in order, and so are the categories, which stand after the offers.
    auto known = learner_.offsets().begin();
    const auto mean_of = [&](profiles::OffsetId id) {
        while (known != learner_.offsets().end() && known->id < id) ++known;
        const bool same = known != learner_.offsets().end() && known->id == id;
        return same ? static_cast<float>(known->mean) : 0.0F;
    };
    for (std::size_t row = 0; row < shelf_.size(); ++row) {
        learned_[row] = mean_of(profiles::offset_id(shelf_.ids[row]));
        const bool heard =
            known != learner_.offsets().end() && known->id == profiles::offset_id(shelf_.ids[row]);
        const double variance = heard ? std::max(0.0, known->variance) : Posterior::kOffsetVariance;
        optimism_[row] = static_cast<float>(kOptimism * std::sqrt(variance));
    }
    for (std::size_t i = 0; i < shelf_.category_ids.size(); ++i) {
        by_category_[i] = mean_of(profiles::offset_id(shelf_.category_ids[i]));
    }
    for (std::size_t row = 0; row < shelf_.size(); ++row) {
        const std::uint16_t category = shelf_.category[row];
        if (category == shelf_.category_ids.size()) continue;
        const std::uint16_t root = shelf_.root[row];
        learned_[row] += by_category_[category] + (root == category ? 0 : by_category_[root]);
    }
    add_breadth();
}

void Scorer::suppose(std::span<const float, layout::kWeights> weights) {
    std::copy(weights.begin(), weights.end(), weights_.begin());
    add_breadth();
}

void Scorer::add_breadth() {
    for (std::size_t row = 0; row < shelf_.size(); ++row) {
        offsets_[row] = learned_[row] + weights_[layout::breadth] * shelf_.breadth[row];
    }
    own_ = offsets_;
}

void Scorer::begin(const MomentView& moment) {
    const auto collapsed = [&](std::size_t trait) {
        float sum = 0;
        for (std::size_t m = 0; m < layout::kMoments; ++m) {
            sum += moment.moments[m] * weights_[layout::bilinear(m, trait)];
        }
        return sum;
    };
    discount_ = weights_[layout::reduction] + collapsed(layout::discount);
    popularity_ = weights_[layout::popular] + collapsed(layout::popularity);
    std::array<float, layout::kBuckets> by_bucket{};
    for (std::size_t bucket = 0; bucket < layout::kBuckets; ++bucket) {
        by_bucket[bucket] = weights_[layout::intercept] + collapsed(layout::first_bucket + bucket);
    }
    for (const Shelf::Kind& kind : shelf_.kinds) {
        by_kind_[kind.kind] = by_bucket[kind.bucket] +
                              moment.season[kind.season] * weights_[layout::season] +
                              moment.weather[kind.weather] * weights_[layout::weather_match];
    }
    for (const std::uint16_t category : shelf_.stocked) by_category_[category] = 0;
    for (const std::uint32_t row : changed_) own_[row] = offsets_[row];
    changed_.clear();
}

float Scorer::part_of(const Taste& taste) const {
    return weights_[layout::favourite] * taste.favourite +
           weights_[layout::category_bought] * taste.bought +
           weights_[layout::related] * taste.related +
           weights_[layout::goes_with] * taste.goes_with + weights_[layout::due] * taste.due +
           weights_[layout::lapsed] * taste.lapsed + weights_[layout::novel] * taste.novel +
           weights_[layout::share] * taste.share;
}

void Scorer::add_member(const profiles::Profile& profile, const Tastes& tastes,
                        const History& history) {
    float member = weights_[layout::personal];
    for (std::size_t i = 0; i < tastes.standing().size(); ++i) {
        member += weights_[layout::visits + i] * tastes.standing()[i];
    }
    for (const std::uint16_t category : shelf_.stocked) {
        by_category_[category] = member + part_of(tastes.of(category));
    }
    const auto add = [&](std::uint32_t row, float part) {
        own_[row] += part;
        changed_.push_back(row);
    };
    for (const Shelf::Spread& each : shelf_.spreads) {
        add(each.row,
            part_of(tastes.of_row(each.row)) - part_of(tastes.of(shelf_.category[each.row])));
    }
    if (profile.level != profiles::Level::full) return;
    if (profile.price_tier != 0) {
        for (const Shelf::Kind& kind : shelf_.kinds) {
            by_kind_[kind.kind] += weights_[layout::tier] * tier_feature(kind.tier, profile);
        }
    }
    for (const History::Bought& each : history.bought) {
        const float bought = product_bought(each.weight);
        add(each.row, weights_[layout::product_bought] * bought +
                          weights_[layout::product_known] * (each.weight > 0 ? 1.0F : 0.0F) +
                          weights_[layout::bought_popular] * bought * shelf_.popularity[each.row]);
    }
    for (const std::uint32_t row : history.left) add(row, weights_[layout::basket]);
    for (const History::Seen& each : history.seen) {
        add(each.row, weights_[layout::shown] * shown_feature(each.count.total));
    }
}

}  // namespace vitrine::offers
