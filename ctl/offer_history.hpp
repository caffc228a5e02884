#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/profiles/catalogue.hpp"
#include "ctl/csv_table.hpp"
#include "ctl/names.hpp"
#include "sync/central/profiler.hpp"

namespace vitrine::ctl {

/// One offer of a campaign.
struct CampaignOffer {
    std::uint32_t offer = 0;
    std::vector<std::uint32_t> products;  ///< In order.
};

struct Campaign {
    static constexpr std::int32_t kNever = INT32_MAX;
    std::int32_t start_day = kNever;    ///< Of the campaigns' file; kNever where it has none.
    std::vector<CampaignOffer> offers;  ///< In order of offer.
};

/// One member was shown a campaign's offers on a day.
struct Shown {
    std::uint32_t campaign = 0;
    std::int32_t day = 0;
    std::uint32_t member = 0;
    std::vector<std::uint32_t> offers;  ///< In order; empty: all of the campaign.
};

struct Redemption {
    std::uint32_t shown = 0;  ///< Index in `shown`.
    std::uint32_t offer = 0;
    std::int32_t day = 0;
};

/// What people bought, what they were shown and what they took up. Members, products, offers and
/// campaigns are numbered from 0.
struct OfferHistory {
    Names members;
    Names products;
    Names offers;
    Names campaign_names;
    /// Departments, categories in them, types in those; numbered from 1 in order of name, so that
    /// the order of a file says nothing.
    std::vector<profiles::Category> taxonomy;
    std::vector<CategoryId> category_of;  ///< By product: the narrowest one that is known.
    std::vector<std::vector<central::Purchase>> purchases;  ///< By member, in order of day.
    std::vector<Campaign> campaigns;
    std::vector<Shown> shown;                          ///< In order of campaign, member, day.
    std::vector<std::vector<Redemption>> redemptions;  ///< By member, in order of day.
    /// By member: the days of purchases that a coupon of any kind made cheaper, in order; empty
    /// where the purchases do not say.
    std::vector<std::vector<std::int32_t>> coupon_days;
    std::vector<LeftOut> left_out;  ///< By file.

    static constexpr std::size_t kPurchasesMax = 50'000'000;
    static constexpr std::size_t kShownMax = 20'000'000;

    std::uint64_t hash_of_member(std::uint32_t member) const;
    std::int32_t first_purchase_day() const;
};

/// The number by which the engine knows a product or an offer.
constexpr ProductId product_id(std::uint32_t product) { return ProductId(product + 1); }
constexpr OfferId offer_id(std::uint32_t offer) { return OfferId(offer + 1); }

struct OfferFiles {
    std::string products;
    std::string purchases;
    std::string offers;
    std::string exposures;
    std::string redemptions;
    std::string campaigns;  ///< May be empty where the exposures are dated.
};

/// Reads them all. Errors name file, line and column; rows that are bad are left out and told in
/// `left_out`, until they are too many.
Result<OfferHistory> read_offer_history(const OfferFiles& files);

}  // namespace vitrine::ctl
