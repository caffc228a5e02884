#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "agent/consent/gate.hpp"
#include "agent/offers/chooser.hpp"
#include "ctl/offer_history.hpp"
#include "ctl/shop_knowledge.hpp"

namespace vitrine::ctl {

/// One offer that a member was shown, as the engine sees it before the outcome is known.
struct Candidate {
    std::uint32_t offer = 0;
    offers::Example example;
    /// For the baselines: how often the member bought one of its products before, and for how much
    /// everyone together did.
    double bought_before = 0;
    double sales_before = 0;
    /// The day on which it was redeemed; kNever if it was not.
    std::int32_t redeemed_day = Campaign::kNever;
};

/// Asks the engine what it sees in each offer that a member was shown, as it would have on that
/// day: catalogue and profiles are made of what lay before the day, by the code of agent and
/// centre.
class OfferReplay {
  public:
    /// `history` must outlive the replay.
    explicit OfferReplay(const OfferHistory& history);

    using Visit = std::function<void(const Shown& shown, std::span<const Candidate> candidates)>;

    /// Visits all that was shown from `first_day` on and before `end_day`, in order of day.
    void run(std::int32_t first_day, std::int32_t end_day, const Visit& visit);

  private:
    /// All that was shown of one campaign on one day.
    struct Occasion {
        std::int32_t day = 0;
        std::uint32_t campaign = 0;
        std::vector<std::uint32_t> shown;  ///< Indexes into the history's.
    };
    struct Sale {
        std::int32_t day = 0;
        std::uint32_t product = 0;
        std::uint32_t quantity = 0;
        std::int64_t cents = 0;
    };

    void visit_occasion(const Occasion& occasion, const Visit& visit);
    profiles::Snapshot snapshot_of(const Occasion& occasion);
    std::vector<Candidate> candidates_of(const Campaign& campaign, const Shown& shown) const;
    void sell_until(std::int32_t day);
    double sales_of(const CampaignOffer& offer) const;
    std::vector<profiles::Offer> catalogue_of(const Campaign& campaign) const;
    profiles::Offer offer_of(const CampaignOffer& covered) const;
    void count_bought(std::uint32_t member, std::int32_t day);
    void mark_redeemed(std::uint32_t shown, std::vector<Candidate>& candidates) const;

    const OfferHistory& history_;
    ShopKnowledge knowledge_;
    std::vector<Occasion> occasions_;  ///< In order of day.
    std::vector<Sale> sales_;          ///< In order of day.
    std::size_t sold_ = 0;             ///< As many of them lie before the occasion at hand.
    std::vector<double> sales_by_product_;
    std::vector<double> bought_by_product_;  ///< Of the member at hand.
    std::vector<std::uint32_t> bought_;      ///< The products that are not 0 in it.
    consent::Ledger ledger_;
};

}  // namespace vitrine::ctl
