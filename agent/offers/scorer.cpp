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
      own_(shelf.size()) {
    changed_.reserve(shelf.size() + Exposure::kOffersMax);
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
        offsets_[row] = mean_of(profiles::offset_id(shelf_.ids[row]));
    }
    for (std::size_t i = 0; i < shelf_.category_ids.size(); ++i) {
        by_category_[i] = mean_of(profiles::offset_id(shelf_.category_ids[i]));
    }
    for (std::size_t row = 0; row < shelf_.size(); ++row) {
        const std::uint16_t category = shelf_.category[row];
        if (category == shelf_.category_ids.size()) continue;
        const std::uint16_t root = shelf_.root[row];
        offsets_[row] += by_category_[category] + (root == category ? 0 : by_category_[root]);
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
    discount_ = collapsed(layout::discount);
    popularity_ = collapsed(layout::popularity);
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

void Scorer::add_member(const profiles::Profile& profile, const Tastes& tastes,
                        const History& history) {
    const float member = weights_[layout::personal] + weights_[layout::visits] * tastes.visits();
    for (const std::uint16_t category : shelf_.stocked) {
        const Taste& taste = tastes.of(category);
        by_category_[category] =
            member + weights_[layout::favourite] * taste.favourite +
            weights_[layout::category_bought] * taste.bought +
            weights_[layout::related] * taste.related + weights_[layout::due] * taste.due +
            weights_[layout::lapsed] * taste.lapsed + weights_[layout::novel] * taste.novel +
            weights_[layout::share] * taste.share;
    }
    if (profile.level != profiles::Level::full) return;
    const auto add = [&](std::uint32_t row, float part) {
        own_[row] += part;
        changed_.push_back(row);
    };
    for (const History::Bought& each : history.bought) {
        add(each.row, weights_[layout::product_bought] * product_bought(each.weight));
    }
    for (const History::Seen& each : history.seen) {
        add(each.row, weights_[layout::shown] * shown_feature(each.count.total));
    }
}

}  // namespace vitrine::offers
