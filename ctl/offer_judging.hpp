#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "agent/profiles/model.hpp"
#include "ctl/offer_history.hpp"
#include "ctl/ranking_metrics.hpp"

namespace vitrine::ctl {

/// Who ranks: the engine, and what it has to beat.
enum class Ranker : std::uint8_t { engine, bought_before, popularity, random };
inline constexpr std::array kRankers{Ranker::engine, Ranker::bought_before, Ranker::popularity,
                                     Ranker::random};
std::string_view name_of(Ranker ranker);

/// A value with its 95 % interval, from 1,000 resamplings of the members.
struct Measured {
    double value = 0;
    double low = 0;
    double high = 0;
};

struct RankerResult {
    // Among the offers of one member and campaign, where at least one was redeemed.
    Measured hit_at_3;
    Measured mrr;
    Measured recall_at_10;
    Measured ndcg_at_10;
    // Over all that were shown a campaign: will this member redeem anything in it?
    Measured auc;
    Measured average_precision;
};

struct OfferJudgement {
    // What the weights were learned from.
    std::size_t trained_campaigns = 0;
    std::size_t trained_exposures = 0;  ///< Of a member to a campaign.
    std::size_t trained_outcomes = 0;   ///< Of a member to an offer.
    std::size_t trained_redeemed = 0;
    profiles::Model model;

    // What was judged.
    std::size_t judged_campaigns = 0;
    std::size_t judged_exposures = 0;
    std::size_t judged_members = 0;
    std::size_t groups = 0;  ///< Of a member and a campaign with a redemption.
    std::array<RankerResult, kRankers.size()> rankers{};

    const RankerResult& of(Ranker ranker) const {
        return rankers[static_cast<std::size_t>(ranker)];
    }
};

/// Learns from what was shown before `until_day` and came of it before that day, and judges what
/// was shown from it on. `invalid` where there is nothing to learn from or nothing to judge.
Result<OfferJudgement> judge_offers(const OfferHistory& history, std::int32_t until_day);

/// The model learned from what was shown before `until_day` and redeemed before it. Counts what it
/// learned from in `judgement`.
Result<profiles::Model> train_offers(const OfferHistory& history, std::int32_t until_day,
                                     OfferJudgement& judgement);

}  // namespace vitrine::ctl
