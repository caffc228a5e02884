#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace vitrine::offers::layout {

/// What each weight of the response model means. A change here is a new version: models of another
/// one are refused.
///
/// The first part is bilinear: one weight for each pair of something about the moment and something
/// about the offer. Its index is moment · kTraits + trait. The second part are scalars that a
/// person can read, each with its own weight. What an offer, its category and its top category do
/// beyond that stands in the offsets, not here.
inline constexpr std::uint32_t kVersion = 2;

/// About the moment. All are 0 for a member who does not permit context.
enum Moment : std::size_t { morning, evening, day_off, weather, kMoments };

/// About the offer: which of eight buckets its top category falls in (its number modulo 8), how
/// much it takes off (0 to 1, less 0.2), and how well it sells here (0 to 1, less 0.5; 0 where that
/// is not known).
inline constexpr std::size_t kBuckets = 8;
enum Trait : std::size_t { first_bucket = 0, discount = kBuckets, popularity, kTraits };

inline constexpr std::size_t kBilinear = std::size_t{kMoments} * std::size_t{kTraits};
constexpr std::size_t bilinear(std::size_t moment, std::size_t trait) {
    return moment * kTraits + trait;
}

enum Scalar : std::size_t {
    intercept = kBilinear,
    reduction,      ///< The trait `discount`, at any moment.
    popular,        ///< The trait `popularity`, at any moment.
    breadth,        ///< By how many products the offer covers, 0 to 1.
    season,         ///< 1 in the offer's month, 0.5 beside it, −0.5 out of season; 0: all year.
    weather_match,  ///< The offer's weather times the day's: 1 suits, −1 does not.
    // From here on about the member; all 0 on the mass and group paths.
    personal,   ///< 1: so that tailored screens may have a base rate of their own.
    favourite,  ///< 1 where a category or one above it was named by the member.
    // From here on from purchases and behaviour; 0 at level basic.
    category_bought,  ///< w / (w + 3) of the decayed purchases of the categories and those below.
    product_bought,   ///< w / (w + 1) of those of the products.
    product_known,    ///< 1 where one of the products was ever bought.
    bought_popular,   ///< product_bought times popularity.
    related,     ///< w / (w + 6) of those under the same top category, where this one was never
                 ///< bought.
    goes_with,   ///< How close the category is to what the member buys, by what is bought together,
                 ///< 0 to 1, where it was never bought.
    due,         ///< Replenishment: 0 until two thirds of the rhythm, 1 at four thirds, and back to
                 ///< 0 at three rhythms.
    lapsed,      ///< 1 where three rhythms passed without a purchase.
    novel,       ///< 1 where neither the category nor its relatives were ever bought.
    share,       ///< The category's part of all decayed purchases.
    basket,      ///< 1 where one of the products was left in the web basket in the last two weeks.
    tier,        ///< The offer's price tier (−1, 0, 1) times the member's.
    shown,       ///< n / (n + 4) of the times this member saw the offer.
    visits,      ///< Visits in 30 days / 10, at most 1.
    recency,     ///< 14 / (14 + days since the last visit).
    value,       ///< s / (s + 200 €) of what was spent in 90 days.
    responsive,  ///< r / (r + 1) of the decayed offers taken up.
    churn,       ///< How likely the member will not come back.
    web,         ///< 1 − days since the last visit of web shop or app / 30, at least 0.
    kWeights
};
static_assert(kWeights == 67);

/// The first weight that is about a person.
inline constexpr std::size_t kFirstPersonal = personal;

/// What is believed before anything was learned: means and precisions of independent weights. The
/// intercept's mean is the base rate's log odds.
struct Prior {
    std::array<float, kWeights> mean{};
    std::array<float, kWeights> precision{};
};
constexpr Prior prior() {
    Prior prior;
    for (float& precision : prior.precision) precision = 12;
    const auto set = [&](std::size_t weight, float mean, float precision) {
        prior.mean[weight] = mean;
        prior.precision[weight] = precision;
    };
    set(intercept, 0, 2);
    set(reduction, 0.6F, 4);
    set(popular, 0.5F, 4);
    set(breadth, 0, 4);
    set(season, 0.3F, 6);
    set(weather_match, 0.3F, 6);
    set(personal, 0, 4);
    set(favourite, 0.8F, 4);
    set(category_bought, 0.8F, 3);
    set(product_bought, 0.8F, 3);
    set(product_known, 0.3F, 4);
    set(bought_popular, 0.2F, 4);
    set(related, 0.3F, 4);
    set(goes_with, 0.3F, 4);
    set(due, 0.6F, 4);
    set(lapsed, -0.2F, 6);
    set(novel, -0.1F, 6);
    set(share, 0.5F, 3);
    set(basket, 0.6F, 4);
    set(tier, 0.2F, 6);
    set(shown, -0.6F, 4);
    set(visits, 0.1F, 8);
    set(recency, 0, 8);
    set(value, 0, 8);
    set(responsive, 0.4F, 1);
    set(churn, 0, 8);
    set(web, 0, 8);
    return prior;
}

/// How much an offer or a category may differ from what its features say, before it was seen: its
/// log odds' prior precision around 0.
inline constexpr float kOffsetPrecision = 8;

}  // namespace vitrine::offers::layout
