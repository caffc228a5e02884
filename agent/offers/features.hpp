#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "agent/offers/context.hpp"
#include "agent/offers/exposures.hpp"
#include "agent/offers/layout.hpp"
#include "agent/offers/shelf.hpp"
#include "agent/profiles/model.hpp"
#include "agent/profiles/profile.hpp"

namespace vitrine::offers {

/// The moment as the model sees it.
struct MomentView {
    std::array<float, layout::kMoments> moments{};
    std::array<float, 13> season{};  ///< By the offer's month; 0 for all year.
    std::array<float, 3> weather{};  ///< By the offer's weather, as in Shelf.

    /// Without a context only what holds always.
    static MomentView of(const Context* context);
};

/// What a member's purchases and choices say about one category.
struct Taste {
    float favourite = 0;
    float bought = 0;
    float related = 0;
    float due = 0;
    float lapsed = 0;
    float novel = 0;
    float share = 0;
    float goes_with = 0;
    float weight = 0;          ///< Decayed purchases, of it and those below it.
    bool just_bought = false;  ///< Within its rhythm.
};

/// A member's tastes by category, worked out once a decision. Sensitive categories leave no trace
/// in them, neither as such nor through their relatives.
class Tastes {
  public:
    /// `vectors` are the model's, in order of category.
    void lay_out(const Shelf& shelf, std::span<const profiles::ItemVector> vectors);
    /// At level basic only favourites count. `today` is a day_of.
    void work_out(const profiles::Profile& profile, std::int32_t today);

    const Taste& of(std::size_t category) const { return tastes_[category]; }
    /// Of an offer: of all categories that it covers.
    Taste of_row(std::size_t row) const;
    /// The member's rhythm in a category, or else the category's own.
    std::int32_t rhythm_of(std::size_t category) const { return rhythms_[category]; }
    /// Of the member as such, the same for every offer: from layout::visits on.
    std::span<const float, layout::kWeights - layout::visits> standing() const { return standing_; }

  private:
    void add_favourites(const profiles::Profile& profile);
    void add_purchases(const profiles::Profile& profile, std::int32_t today);
    void compare();
    void compare_directions(const profiles::Profile& profile);
    void stand(const profiles::Profile& profile, std::int32_t today);

    const Shelf* shelf_ = nullptr;
    std::vector<Taste> tastes_;
    std::vector<float> weights_;  ///< Decayed purchases of a category and those below it.
    std::vector<std::uint8_t> named_;
    std::vector<std::int32_t> rhythms_;
    std::vector<std::uint16_t> touched_;
    float total_ = 0;
    std::array<float, layout::kWeights - layout::visits> standing_{};

    using Direction = std::array<float, profiles::ItemVector::kSize>;
    std::vector<Direction> directions_;  ///< By category: of length 1, or 0.
    bool has_directions_ = false;
};

/// A weight from outside: not negative, not endless, and a number.
constexpr float bounded_weight(float weight) { return weight > 0 ? std::min(weight, 1e6F) : 0; }
/// Of the decayed purchases of all products that an offer covers.
float product_bought(float weight);
float shown_feature(std::uint16_t times);
/// `tier` as in Shelf.
float tier_feature(std::uint8_t tier, const profiles::Profile& profile);
/// Whether the web basket still counts on that day.
bool basket_counts(const profiles::Profile& profile, std::int32_t today);

/// All features of one offer that are not about a person.
void shop_features(const MomentView& moment, const Shelf& shelf, std::size_t row,
                   std::span<float, layout::kWeights> features);
/// Adds the ones that are.
void member_features(const profiles::Profile& profile, const Tastes& tastes, const Shelf& shelf,
                     std::size_t row, std::int32_t today, const Exposure* exposure,
                     std::span<float, layout::kWeights> features);

}  // namespace vitrine::offers
