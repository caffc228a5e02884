#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/offers/budgets.hpp"
#include "agent/offers/context.hpp"
#include "agent/offers/layout.hpp"
#include "agent/profiles/snapshot.hpp"

namespace vitrine::offers {

/// What keeps an offer off, as bits in the order of Removal, so that the first one to be named is
/// the lowest.
enum Bar : std::uint8_t {
    bar_validity = 1,
    bar_store = 2,
    bar_placement = 4,
    bar_stock = 8,
    bar_sensitive = 16,
    bar_age = 32,
};

/// The catalogue laid out column by column: row i is the i-th offer. Categories, top categories,
/// exclusion groups and rules are numbered so that a decision indexes flat arrays and compares no
/// text.
struct Shelf {
    static constexpr std::uint16_t kNone = 0xffff;
    static constexpr std::size_t kRowsMax = 20'000;  ///< Further offers are left out.

    Shelf(const profiles::Catalogue& shown, StoreId store);

    std::size_t size() const { return bars.size(); }

    const profiles::Catalogue& catalogue;
    StoreId here;  ///< The store that `bars` is for.

    std::vector<OfferId> ids;
    std::vector<std::int64_t> from_ms;
    std::vector<std::int64_t> until_ms;
    std::vector<std::uint8_t> bars;        ///< Store, stock, sensitive and age.
    std::vector<std::uint8_t> placements;  ///< One bit a Placement.
    std::vector<profiles::Caps> caps;
    std::vector<std::uint16_t> cool_down_days;
    std::vector<profiles::StockLevel> supply;  ///< Of the best supplied product that it covers.
    std::vector<std::uint16_t> category;  ///< Index in the taxonomy; its size for an unknown one.
    std::vector<std::uint16_t> root;      ///< Index of the top category in the taxonomy.
    std::vector<std::uint16_t> group;     ///< From 1; 0 for none.
    std::vector<std::uint16_t> rule;      ///< Index in `rules`, or kNone.
    std::vector<std::uint32_t> ruled;     ///< The rows that have one.
    std::vector<std::uint64_t> identity;  ///< The offer's part of the eligible set's hash.

    // What the model sees.
    std::vector<std::uint8_t> bucket;
    std::vector<std::uint8_t> season;   ///< 0 to 12.
    std::vector<std::uint8_t> weather;  ///< 0 cold or rain, 1 either, 2 hot or sunny.
    std::vector<std::uint8_t> tier;     ///< Price tier: 0 economy, 1 usual or not known, 2 premium.
    std::vector<std::uint16_t> kind;    ///< The four above in one, below kKinds.
    std::vector<float> discount;
    std::vector<float> popularity;
    std::vector<float> breadth;  ///< By how many products it covers, 0 to 1.

    struct Product {
        ProductId product;
        std::uint32_t row = 0;
    };
    std::vector<Product> products;  ///< In order of product, then row; only offers of a product.

    /// The rows that cover further categories, and those: indices in the taxonomy.
    struct Spread {
        std::uint32_t row = 0;
        std::vector<std::uint16_t> also;
    };
    std::vector<Spread> spreads;           ///< In order of row.
    std::vector<std::uint32_t> spread_of;  ///< By row: index in `spreads`, or kNoSpread.
    static constexpr std::uint32_t kNoSpread = 0xffffffff;

    /// Offers that only one arm of an experiment sees.
    struct Bound {
        std::uint32_t row = 0;
        std::uint8_t experiment = kNoExperiment;  ///< Index in the policy.
        std::uint8_t arm = 0;                     ///< From 1; 0 for one that the policy lacks.
    };
    std::vector<Bound> bound;  ///< In order of row.
    static constexpr std::uint8_t kNoExperiment = 0xff;
    std::vector<std::uint32_t> spent;  ///< Rows whose budget is spent, in order.

    struct Rule {
        const profiles::Rule* rule = nullptr;
        std::uint8_t needs = 0;  ///< Bits of Readable.
    };
    std::vector<Rule> rules;  ///< Different ones: many offers share a segment.

    struct Kind {
        std::uint16_t kind = 0;
        std::uint8_t bucket = 0;
        std::uint8_t season = 0;
        std::uint8_t weather = 0;
        std::uint8_t tier = 0;
    };
    std::vector<Kind> kinds;  ///< Those that an offer is of.

    static constexpr std::size_t kSeasons = 13;
    static constexpr std::size_t kWeathers = 3;
    static constexpr std::size_t kTiers = 3;
    static constexpr std::size_t kKinds = layout::kBuckets * kSeasons * kWeathers * kTiers;
    static constexpr std::size_t kind_of(const Kind& kind) {
        return ((kind.bucket * kSeasons + kind.season) * kWeathers + kind.weather) * kTiers +
               kind.tier;
    }

    // The taxonomy, with one row more for an unknown category.
    std::vector<CategoryId> category_ids;
    std::vector<std::uint16_t> rhythm_days;
    std::vector<std::uint16_t> parent;    ///< Index, or kNone for a top one.
    std::vector<std::uint16_t> top;       ///< Index of the top one above, or itself.
    std::vector<std::uint8_t> sensitive;  ///< 0 or 1, inherited.
    std::vector<std::uint16_t> stocked;   ///< Those that an offer is in.
    std::size_t group_count = 0;          ///< Including 0.

    /// The row of an offer, or size().
    std::size_t row_of(OfferId offer) const;
    /// Bars an offer to all but its own stores.
    void move_to(StoreId store);
    /// Finds the experiments that offers are bound to in this policy.
    void bind(const profiles::Policy& policy);
    /// Bars what is out of stock: an offer of which no product is left.
    void restock(const profiles::Stock& stock);
    /// Finds the offers whose budget is spent.
    void reckon(const Budgets& budgets);
    /// Counts up with every change of `bars`.
    std::uint32_t revision() const { return revision_; }

  private:
    void lay_out_taxonomy();
    void lay_out_offer(const profiles::Offer& offer);
    void lay_out_spread(const profiles::Offer& offer);
    void stock(std::uint16_t category);
    void number_kind();
    void number_rules_and_groups();

    std::vector<bool> is_stocked_;
    std::uint32_t revision_ = 0;
};

/// How much an offer takes off, 0 to 1, as far as its fields say.
float discount_of(const profiles::Offer& offer);

}  // namespace vitrine::offers
