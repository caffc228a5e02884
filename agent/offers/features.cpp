#include "agent/offers/features.hpp"

#include <algorithm>

namespace vitrine::offers {

namespace {

constexpr std::int32_t kLapsedRhythms = 3;

float share_of(float part, float half) { return part <= 0 ? 0 : part / (part + half); }

/// Rises from two thirds of the rhythm to four thirds and falls back until three rhythms.
float due_feature(std::int32_t elapsed, std::int32_t rhythm) {
    const float turns = static_cast<float>(elapsed) / static_cast<float>(rhythm);
    const float rising = (turns - 2.0F / 3) * 1.5F;
    const float falling = (3.0F - turns) * 0.6F;
    return std::clamp(std::min(rising, falling), 0.0F, 1.0F);
}

/// The decayed purchases of the products that an offer covers; summed in order of product, as
/// History does.
float weight_of(const profiles::Offer& offer, const profiles::Profile& profile) {
    float weight = 0;
    for (const profiles::ProductHabit& habit : profile.products) {
        if (!std::ranges::binary_search(offer.products, habit.product)) continue;
        weight += bounded_weight(habit.weight);
    }
    return weight;
}

float season_feature(int offer_month, int month) {
    if (offer_month == 0 || month == 0) return 0;
    const int apart = std::abs(offer_month - month);
    const int distance = std::min(apart, 12 - apart);
    return distance == 0 ? 1.0F : distance == 1 ? 0.5F : -0.5F;
}

}  // namespace

MomentView MomentView::of(const Context* context) {
    MomentView view;
    view.moments[layout::always] = 1;
    if (context == nullptr) return view;
    view.moments[layout::morning] = context->hour >= 6 && context->hour < 12 ? 1 : 0;
    view.moments[layout::evening] = context->hour >= 17 && context->hour < 21 ? 1 : 0;
    view.moments[layout::day_off] = context->weekday >= 5 || context->holiday ? 1 : 0;
    view.moments[layout::weather] = static_cast<float>(std::clamp<int>(context->weather, -1, 1));
    for (int month = 0; month <= 12; ++month) {
        view.season[static_cast<std::size_t>(month)] = season_feature(month, context->month);
    }
    view.weather = {-view.moments[layout::weather], 0, view.moments[layout::weather]};
    return view;
}

void Tastes::lay_out(const Shelf& shelf) {
    shelf_ = &shelf;
    const std::size_t count = shelf.parent.size();
    tastes_.assign(count, {});
    weights_.assign(count, 0);
    named_.assign(count, 0);
    rhythms_.assign(count, 0);
    touched_.clear();
    touched_.reserve(count);
}

void Tastes::work_out(const profiles::Profile& profile, std::int32_t today) {
    for (const std::uint16_t category : shelf_->stocked) tastes_[category] = {};
    std::fill(named_.begin(), named_.end(), std::uint8_t{0});
    add_favourites(profile);
    total_ = visits_ = 0;
    if (profile.level != profiles::Level::full) return;
    visits_ = std::min(1.0F, static_cast<float>(profile.visits_30_days) / 10);
    add_purchases(profile, today);
    compare();
}

void Tastes::add_favourites(const profiles::Profile& profile) {
    if (profile.favourites.empty()) return;
    const auto& ids = shelf_->category_ids;
    for (const CategoryId favourite : profile.favourites) {
        const auto at = std::lower_bound(ids.begin(), ids.end(), favourite);
        if (at == ids.end() || *at != favourite) continue;
        named_[static_cast<std::size_t>(at - ids.begin())] = 1;
    }
    for (const std::uint16_t stocked : shelf_->stocked) {
        if (shelf_->sensitive[stocked] != 0) continue;
        // An unknown category is sensitive, and so is a loop: this ends.
        for (std::uint16_t at = stocked; at != Shelf::kNone; at = shelf_->parent[at]) {
            if (named_[at] != 0) tastes_[stocked].favourite = 1;
        }
    }
}

void Tastes::add_purchases(const profiles::Profile& profile, std::int32_t today) {
    for (const std::uint16_t category : touched_) weights_[category] = 0;
    touched_.clear();
    for (const std::uint16_t category : shelf_->stocked) {
        rhythms_[category] = shelf_->rhythm_days[category];
    }
    const auto& ids = shelf_->category_ids;
    auto at = ids.begin();
    for (const profiles::Habit& habit : profile.habits) {
        while (at != ids.end() && *at < habit.category) ++at;
        if (at == ids.end()) break;
        const auto category = static_cast<std::uint16_t>(at - ids.begin());
        if (*at != habit.category || shelf_->sensitive[category] != 0) continue;
        const std::int32_t rhythm =
            habit.rhythm_days > 0 ? habit.rhythm_days : shelf_->rhythm_days[category];
        const std::int32_t elapsed = std::max(0, today - habit.last_bought_day);
        Taste& taste = tastes_[category];
        taste.just_bought = elapsed < rhythm;
        taste.due = rhythm > 0 ? due_feature(elapsed, rhythm) : 0;
        taste.lapsed = rhythm > 0 && elapsed >= kLapsedRhythms * rhythm ? 1 : 0;
        rhythms_[category] = rhythm;
        const float weight = bounded_weight(habit.weight);
        if (weight == 0) continue;
        total_ += weight;
        for (std::uint16_t up = category; up != Shelf::kNone; up = shelf_->parent[up]) {
            if (weights_[up] == 0) touched_.push_back(up);
            weights_[up] += weight;
        }
    }
}

void Tastes::compare() {
    if (total_ <= 0) return;
    for (const std::uint16_t category : shelf_->stocked) {
        if (shelf_->sensitive[category] != 0) continue;
        Taste& taste = tastes_[category];
        const float weight = weights_[category];
        const float family = weights_[shelf_->top[category]];
        taste.bought = share_of(weight, 3);
        taste.related = weight > 0 ? 0 : share_of(family, 6);
        taste.novel = family > 0 ? 0 : 1;
        taste.share = weight / total_;
    }
}

float product_bought(float weight) { return share_of(weight, 2); }

float shown_feature(std::uint16_t times) { return share_of(times, 4); }

void shop_features(const MomentView& moment, const Shelf& shelf, std::size_t row,
                   std::span<float, layout::kWeights> features) {
    for (std::size_t m = 0; m < layout::kMoments; ++m) {
        features[layout::bilinear(m, shelf.bucket[row])] = moment.moments[m];
        features[layout::bilinear(m, layout::discount)] = moment.moments[m] * shelf.discount[row];
        features[layout::bilinear(m, layout::popularity)] =
            moment.moments[m] * shelf.popularity[row];
    }
    features[layout::intercept] = 1;
    features[layout::season] = moment.season[shelf.season[row]];
    features[layout::weather_match] = moment.weather[shelf.weather[row]];
}

void member_features(const profiles::Profile& profile, const Tastes& tastes, const Shelf& shelf,
                     std::size_t row, const Exposure* exposure,
                     std::span<float, layout::kWeights> features) {
    const Taste& taste = tastes.of(shelf.category[row]);
    features[layout::personal] = 1;
    features[layout::favourite] = taste.favourite;
    if (profile.level != profiles::Level::full) return;
    const profiles::Offer& offer = shelf.catalogue.offers[row];
    features[layout::category_bought] = taste.bought;
    features[layout::product_bought] = product_bought(weight_of(offer, profile));
    features[layout::related] = taste.related;
    features[layout::due] = taste.due;
    features[layout::lapsed] = taste.lapsed;
    features[layout::novel] = taste.novel;
    features[layout::share] = taste.share;
    const Exposure::Count* count = exposure == nullptr ? nullptr : exposure->of(offer.id);
    features[layout::shown] = count == nullptr ? 0 : shown_feature(count->total);
    features[layout::visits] = tastes.visits();
}

}  // namespace vitrine::offers
