#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/base/time.hpp"
#include "agent/base/units.hpp"
#include "agent/profiles/rule.hpp"

namespace vitrine::profiles {

/// A node of the shop's taxonomy.
struct Category {
    CategoryId id;
    CategoryId parent;  ///< 0 for a top one.
    LocalText name;
    /// Reveals health, pregnancy, religion, sexuality, politics or intimate matters (REQUIREMENTS
    /// P2): never tailored on a public screen.
    bool sensitive = false;
    bool needs_age_proof = false;  ///< Alcohol and the like.
    std::uint16_t rhythm_days =
        14;  ///< Median days between two purchases: the cool-down after buying.
    friend bool operator==(const Category&, const Category&) = default;
};

/// What an offer gives; the same for everyone who is eligible (REQUIREMENTS T12).
enum class ValueKind : std::uint8_t { price, percent_off, amount_off, multi_buy, points, service };

/// Where an offer may be shown.
enum class Placement : std::uint8_t { kiosk, staff };

/// What counts as success of an offer that was shown: what the model learns to expect.
enum class Reward : std::uint8_t {
    opened,   ///< The card was opened: known at once.
    saved,    ///< The offer was taken along: known at once.
    claimed,  ///< Its one-time code was picked up by a phone.
    bought    ///< A product or category that it covers was bought.
};

/// Whether success takes time: until then the offer waits for it.
constexpr bool is_delayed(Reward reward) {
    return reward == Reward::claimed || reward == Reward::bought;
}

/// How often one member may see an offer or what it stands for. 0 means no cap.
struct Caps {
    std::uint8_t per_member_day = 3;
    std::uint8_t per_member_total = 20;
    friend bool operator==(const Caps&, const Caps&) = default;
};

struct Offer {
    OfferId id;
    CategoryId category;
    /// Further categories that it covers; in order, at most kAlsoMax.
    std::vector<CategoryId> also;
    /// The products that it covers, in order, at most kProductsMax; empty: all of its categories.
    std::vector<ProductId> products;
    LocalText title;
    LocalText detail;
    LocalText terms;
    std::string image;  ///< Path below the shop's image folder, `/images/…`; never another origin.
    ValueKind value_kind = ValueKind::price;
    std::int32_t value = 0;            ///< Cents, percent, or points, by value_kind.
    std::optional<Cents> price;        ///< What one pays.
    std::optional<Cents> prior_price;  ///< The lowest price of the last 30 days; required where a
                                       ///< reduction is announced (C2).
    std::string unit_price;            ///< "4,98 €/kg", as printed on the shelf; may be empty.
    WallTime valid_from = WallTime::min();
    WallTime valid_until = WallTime::max();
    std::vector<StoreId> stores;        ///< Empty: all.
    std::vector<Placement> placements;  ///< Empty: all.
    std::string
        exclusion_group;  ///< Of offers with the same group at most one is shown. May be empty.
    Rule segment;         ///< Whom the campaign is for; empty: everyone.
    Caps caps;
    /// Days after a member took the offer (its claim was picked up) in which it is not shown to
    /// them again; 0: none.
    std::uint16_t cool_down_days = 0;
    /// Claims that one shop may hand out, in all; 0: no limit. Head office divides a campaign's
    /// budget among shops, so that it holds without a network.
    std::uint32_t budget = 0;
    /// Shown only to members of this arm of this experiment; both empty: to everyone.
    std::string experiment;
    std::string arm;
    bool in_stock = true;
    std::int8_t price_tier = 0;   ///< 1 economy, 2 usual, 3 premium; 0 not known. For ranking only.
    std::int16_t popularity = 0;  ///< Sales rank score in this shop, 0 (unknown) to 1000.
    std::int8_t season = 0;       ///< Month it peaks in, 1 to 12; 0 for all year.
    std::int8_t weather = 0;      ///< −1 sells in cold or rain, 1 in heat or sun, 0 either.
    Reward reward = Reward::opened;
    std::uint32_t reward_window_hours = 168;  ///< A later success is a correction.

    static constexpr std::size_t kAlsoMax = 64;
    static constexpr std::size_t kProductsMax = 8192;

    friend bool operator==(const Offer&, const Offer&) = default;
};

/// All offers and the taxonomy of one shop at one epoch. Offers are in order of id.
struct Catalogue {
    Epoch epoch;
    std::vector<Category> categories;  ///< In order of id.
    std::vector<Offer> offers;

    const Offer* offer(OfferId id) const;
    const Category* category(CategoryId id) const;
    /// Whether the category or one above it is sensitive. An unknown category is.
    bool sensitive(CategoryId id) const;
    bool needs_age_proof(CategoryId id) const;
    /// The top category above `id`, or `id` itself.
    CategoryId root_of(CategoryId id) const;

    friend bool operator==(const Catalogue&, const Catalogue&) = default;
};

}  // namespace vitrine::profiles
