#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/base/time.hpp"
#include "agent/base/units.hpp"
#include "agent/consent/gate.hpp"

namespace vitrine::profiles {

/// How much a member wants (REQUIREMENTS T2).
enum class Level : std::uint8_t {
    none,   ///< Mass content.
    basic,  ///< Favourite categories only.
    full,   ///< Purchases, behaviour and context.
};

/// What a member bought of one category, as the centre last computed it.
struct Habit {
    CategoryId category;
    std::uint16_t rhythm_days =
        0;  ///< This member's own median gap; 0: not enough purchases to tell.
    std::int32_t last_bought_day = 0;  ///< day_of the last purchase.
    float weight = 0;  ///< Purchases, each halved every 60 days, at `Profile::as_of_day`.
    friend bool operator==(const Habit&, const Habit&) = default;
};

/// One product bought before, with the same decay.
struct ProductHabit {
    ProductId product;
    std::int32_t last_bought_day = 0;
    float weight = 0;
    friend bool operator==(const ProductHabit&, const ProductHabit&) = default;
};

/// How often one offer was shown to the member outside this shop: in other shops, on the web, in
/// the app. Caps count it with what this shop itself showed (REQUIREMENTS T14).
struct Seen {
    OfferId offer;
    std::uint16_t total = 0;
    std::int32_t day = 0;       ///< The last day on which it was shown.
    std::uint8_t that_day = 0;  ///< How often on that day.
    friend bool operator==(const Seen&, const Seen&) = default;
};

/// A member as the offer engine sees one. Keyed by pseudonym; holds no name, address or contact.
struct Profile {
    MemberId member;
    Level level = Level::none;
    Language language = Language::fr;
    bool age_proven = false;  ///< Of full age, proven at the till; never a birth date.
    std::uint8_t birth_month =
        0;  ///< 1 to 12 where the member wants a treat in that month; 0 otherwise.
    std::int32_t as_of_day = 0;  ///< The day on which the centre computed the weights.
    std::int32_t last_visit_day = 0;
    std::uint16_t visits_30_days = 0;
    std::uint32_t spent_90_days_cents = 0;
    float price_tier = 0;  ///< What the member usually buys, −1 economy to 1 premium; 0 not known.
                           ///< For ranking only: no rule can ask for it.
    float responses = 0;  ///< Offers taken up, each halved every 60 days, at `as_of_day`.
    float churn = 0;      ///< How likely the member will not come back, 0 to 1; 0 not known.
    std::int32_t last_web_day = 0;  ///< Of the web shop or the app; 0: never.
    /// Left behind in the web shop's basket on `basket_day`; in order, at most kBasketMax.
    std::vector<ProductId> basket;
    std::int32_t basket_day = 0;
    std::vector<Habit> habits;           ///< At most kHabitsMax, in order of category.
    std::vector<ProductHabit> products;  ///< At most kProductsMax, in order of product.
    std::vector<CategoryId> favourites;  ///< Named by the member; at most 16.
    std::vector<OfferId> dismissed;      ///< "Not for me", anywhere; at most 64, newest last.
    std::vector<Seen> seen_elsewhere;    ///< At most kSeenMax, in order of offer.

    static constexpr std::size_t kHabitsMax = 48;
    static constexpr std::size_t kProductsMax = 32;
    static constexpr std::size_t kBasketMax = 8;
    static constexpr std::size_t kSeenMax = 64;

    const Habit* habit(CategoryId category) const;
    const ProductHabit* bought(ProductId product) const;
    friend bool operator==(const Profile&, const Profile&) = default;
};

/// What staff may see of a member who granted staff_view; without that grant the centre does not
/// even send it.
struct StaffCard {
    MemberId member;
    std::string calls_me;  ///< The form of address that the member chose for staff; may be empty.
    std::string
        wishes;  ///< A line that the member wrote for staff ("allergic to nuts"); may be empty.
    friend bool operator==(const StaffCard&, const StaffCard&) = default;
};

/// The profiles of one shop at one epoch: read only with the permission of the member in question.
class ProfileBook {
  public:
    static constexpr std::size_t kProfilesMax = 1'000'000;

    ProfileBook() = default;
    /// Puts them in order; of several for one member the last one counts.
    ProfileBook(Epoch epoch, std::vector<Profile> profiles, std::vector<StaffCard> cards);

    Epoch epoch() const { return epoch_; }
    std::size_t size() const { return profiles_.size(); }

    /// Null where the centre sent none: the member then counts as new.
    const Profile* read(const consent::Permitted<consent::Purpose::personalise>& permitted) const;
    const StaffCard* read(const consent::Permitted<consent::Purpose::staff_view>& permitted) const;

    /// The member bought that today, as the shop's own till tells: habits know it before the
    /// centre's next profiles, which replace what was noted here. Only for a member at level full.
    void note_bought(const consent::Permitted<consent::Purpose::personalise>& permitted,
                     ProductId product, CategoryId category, std::int32_t day);

  private:
    Epoch epoch_;
    std::vector<Profile> profiles_;
    std::vector<StaffCard> cards_;
};

}  // namespace vitrine::profiles
