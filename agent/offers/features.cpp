#include "agent/offers/features.hpp"

#include <algorithm>
#include <cmath>

namespace vitrine::offers {

namespace {

constexpr std::int32_t kLapsedRhythms = 3;
constexpr std::int32_t kBasketDays = 14;

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

bool left_behind(const profiles::Offer& offer, const profiles::Profile& profile,
                 std::int32_t today) {
    if (!basket_counts(profile, today)) return false;
    return std::ranges::any_of(profile.basket, [&](ProductId product) {
        return std::ranges::binary_search(offer.products, product);
    });
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

void Tastes::lay_out(const Shelf& shelf, std::span<const profiles::ItemVector> vectors) {
    shelf_ = &shelf;
    const std::size_t count = shelf.parent.size();
    tastes_.assign(count, {});
    weights_.assign(count, 0);
    named_.assign(count, 0);
    rhythms_.assign(count, 0);
    touched_.clear();
    touched_.reserve(count);
    directions_.assign(count, {});
    has_directions_ = false;
    const auto& ids = shelf.category_ids;
    for (const profiles::ItemVector& vector : vectors) {
        const auto at = std::lower_bound(ids.begin(), ids.end(), vector.category);
        if (at == ids.end() || *at != vector.category) continue;
        const auto category = static_cast<std::size_t>(at - ids.begin());
        if (shelf.sensitive[category] != 0) continue;
        Direction& direction = directions_[category];
        float square = 0;
        for (std::size_t i = 0; i < direction.size(); ++i) {
            direction[i] = static_cast<float>(vector.direction[i]);
            square += direction[i] * direction[i];
        }
        if (square == 0) continue;
        for (float& each : direction) each /= std::sqrt(square);
        has_directions_ = true;
    }
}

void Tastes::work_out(const profiles::Profile& profile, std::int32_t today) {
    for (const std::uint16_t category : shelf_->stocked) tastes_[category] = {};
    std::fill(named_.begin(), named_.end(), std::uint8_t{0});
    add_favourites(profile);
    total_ = 0;
    standing_ = {};
    if (profile.level != profiles::Level::full) return;
    stand(profile, today);
    add_purchases(profile, today);
    compare();
    if (has_directions_ && total_ > 0) compare_directions(profile);
}

void Tastes::stand(const profiles::Profile& profile, std::int32_t today) {
    const auto set = [&](std::size_t weight, float feature) {
        standing_[weight - layout::visits] = std::clamp(feature, 0.0F, 1.0F);
    };
    const auto days_since = [&](std::int32_t day) {
        return static_cast<float>(std::max(0, today - day));
    };
    set(layout::visits, static_cast<float>(profile.visits_30_days) / 10);
    if (profile.last_visit_day > 0) {
        set(layout::recency, 14 / (14 + days_since(profile.last_visit_day)));
    }
    set(layout::value, share_of(static_cast<float>(profile.spent_90_days_cents), 20'000));
    set(layout::responsive, share_of(bounded_weight(profile.responses), 1));
    set(layout::churn, profile.churn >= 0 ? profile.churn : 0);
    if (profile.last_web_day > 0) set(layout::web, 1 - days_since(profile.last_web_day) / 30);
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
        taste.weight = weight;
        taste.bought = share_of(weight, 3);
        taste.related = weight > 0 ? 0 : share_of(family, 6);
        taste.novel = family > 0 ? 0 : 1;
        taste.share = weight / total_;
    }
}

/// What was never bought, but is close to what is: the cosine with the sum of what is.
void Tastes::compare_directions(const profiles::Profile& profile) {
    Direction sum{};
    const auto& ids = shelf_->category_ids;
    auto at = ids.begin();
    for (const profiles::Habit& habit : profile.habits) {
        while (at != ids.end() && *at < habit.category) ++at;
        if (at == ids.end()) break;
        if (*at != habit.category) continue;
        const Direction& direction = directions_[static_cast<std::size_t>(at - ids.begin())];
        // By the square root: what is bought every day does not drown all else.
        const float weight = std::sqrt(bounded_weight(habit.weight));
        for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += weight * direction[i];
    }
    float square = 0;
    for (const float each : sum) square += each * each;
    if (square == 0) return;
    const float scale = 1 / std::sqrt(square);
    for (const std::uint16_t category : shelf_->stocked) {
        if (weights_[category] > 0) continue;
        float product = 0;
        for (std::size_t i = 0; i < sum.size(); ++i) product += sum[i] * directions_[category][i];
        tastes_[category].goes_with = std::clamp(product * scale, 0.0F, 1.0F);
    }
}

Taste Tastes::of_row(std::size_t row) const {
    Taste taste = tastes_[shelf_->category[row]];
    if (shelf_->spread_of[row] == Shelf::kNoSpread) return taste;
    for (const std::uint16_t category : shelf_->spreads[shelf_->spread_of[row]].also) {
        const Taste& other = tastes_[category];
        taste.favourite = std::max(taste.favourite, other.favourite);
        taste.related = std::max(taste.related, other.related);
        taste.due = std::max(taste.due, other.due);
        taste.lapsed = std::max(taste.lapsed, other.lapsed);
        taste.novel = std::min(taste.novel, other.novel);
        taste.goes_with = std::max(taste.goes_with, other.goes_with);
        taste.weight += other.weight;
        taste.share += other.share;
        taste.just_bought = taste.just_bought || other.just_bought;
    }
    taste.bought = share_of(taste.weight, 3);
    taste.share = std::min(taste.share, 1.0F);
    if (taste.weight > 0) taste.related = taste.goes_with = 0;
    return taste;
}

bool basket_counts(const profiles::Profile& profile, std::int32_t today) {
    return !profile.basket.empty() && today - profile.basket_day <= kBasketDays;
}

float product_bought(float weight) { return share_of(weight, 1); }

float shown_feature(std::uint16_t times) { return share_of(times, 4); }

float tier_feature(std::uint8_t tier, const profiles::Profile& profile) {
    // A NaN compares false and counts as not known.
    const float own = profile.price_tier >= -1 && profile.price_tier <= 1 ? profile.price_tier : 0;
    return (static_cast<float>(tier) - 1) * own;
}

void shop_features(const MomentView& moment, const Shelf& shelf, std::size_t row,
                   std::span<float, layout::kWeights> features) {
    for (std::size_t m = 0; m < layout::kMoments; ++m) {
        features[layout::bilinear(m, shelf.bucket[row])] = moment.moments[m];
        features[layout::bilinear(m, layout::discount)] = moment.moments[m] * shelf.discount[row];
        features[layout::bilinear(m, layout::popularity)] =
            moment.moments[m] * shelf.popularity[row];
    }
    features[layout::intercept] = 1;
    features[layout::reduction] = shelf.discount[row];
    features[layout::popular] = shelf.popularity[row];
    features[layout::breadth] = shelf.breadth[row];
    features[layout::season] = moment.season[shelf.season[row]];
    features[layout::weather_match] = moment.weather[shelf.weather[row]];
}

void member_features(const profiles::Profile& profile, const Tastes& tastes, const Shelf& shelf,
                     std::size_t row, std::int32_t today, const Exposure* exposure,
                     std::span<float, layout::kWeights> features) {
    const Taste taste = tastes.of_row(row);
    features[layout::personal] = 1;
    features[layout::favourite] = taste.favourite;
    if (profile.level != profiles::Level::full) return;
    const profiles::Offer& offer = shelf.catalogue.offers[row];
    const float weight = weight_of(offer, profile);
    features[layout::category_bought] = taste.bought;
    features[layout::product_bought] = product_bought(weight);
    features[layout::product_known] = weight > 0 ? 1 : 0;
    features[layout::bought_popular] = product_bought(weight) * shelf.popularity[row];
    features[layout::related] = taste.related;
    features[layout::goes_with] = taste.goes_with;
    features[layout::due] = taste.due;
    features[layout::lapsed] = taste.lapsed;
    features[layout::novel] = taste.novel;
    features[layout::share] = taste.share;
    features[layout::basket] = left_behind(offer, profile, today) ? 1 : 0;
    features[layout::tier] = tier_feature(shelf.tier[row], profile);
    const Exposure::Count* count = exposure == nullptr ? nullptr : exposure->of(offer.id);
    features[layout::shown] = count == nullptr ? 0 : shown_feature(count->total);
    std::ranges::copy(tastes.standing(), features.begin() + layout::visits);
}

}  // namespace vitrine::offers
