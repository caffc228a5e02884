#include "ctl/offer_judging.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "agent/base/random.hpp"
#include "agent/offers/learner.hpp"
#include "agent/offers/logistic.hpp"
#include "ctl/offer_replay.hpp"

namespace vitrine::ctl {

namespace {

constexpr int kResamples = 1000;
constexpr std::size_t kMetrics = 4;
/// Nobody reads two hundred coupons: a mailing counts by so many, its likeliest ones. Sixteen is
/// what The Complete Journey's households were sent of a large campaign, by its description.
constexpr std::size_t kMailed = 16;

using Metrics = std::array<double, kMetrics>;

/// One member's list in one campaign, as one ranker put it in order.
struct Group {
    std::uint32_t unit = 0;
    std::array<Metrics, kRankers.size()> by_ranker{};
};

class Judge {
  public:
    Judge(const OfferHistory& history, const profiles::Model& model)
        : history_(history), model_(model) {}

    void take(const Shown& shown, std::span<const Candidate> candidates);
    void conclude(OfferJudgement& judgement);

  private:
    Ranked ranked(Ranker ranker, const Shown& shown, const Candidate& candidate) const;
    void resample(OfferJudgement& judgement);
    std::vector<std::uint32_t> drawn(Rng& rng) const;
    Metrics means(std::size_t ranker, const std::vector<std::uint32_t>& weights) const;

    const OfferHistory& history_;
    const profiles::Model& model_;
    std::vector<Group> groups_;
    std::array<std::vector<Judged>, kRankers.size()> whole_;
    std::map<std::uint64_t, std::uint32_t> units_;  ///< By the member's hash: no file's order.
    std::set<std::uint32_t> campaigns_;
    std::size_t exposures_ = 0;
};

Ranked Judge::ranked(Ranker ranker, const Shown& shown, const Candidate& candidate) const {
    const std::uint64_t tie = hash_of(history_.members.of(shown.member) + '\n' +
                                      history_.campaign_names.of(shown.campaign) + '\n' +
                                      history_.offers.of(candidate.offer));
    Ranked one{.tie = Rng(tie).next(), .wanted = candidate.redeemed_day != Campaign::kNever};
    switch (ranker) {
        case Ranker::engine:
            one.score = offers::log_odds(model_, candidate.example);
            break;
        case Ranker::bought_before:
            one.score = candidate.bought_before;
            break;
        case Ranker::popularity:
            one.score = candidate.sales_before;
            break;
        case Ranker::random:
            break;
    }
    return one;
}

/// Of a list in order: how likely it is that anything of it is redeemed, or what stands for that.
double whole_score(Ranker ranker, std::span<const Ranked> list) {
    double whole = 0;
    for (const Ranked& each : list.first(std::min(list.size(), kMailed))) {
        // The log odds' chance of none at all, as a sum.
        whole += ranker == Ranker::engine ? -std::log1p(-offers::logistic_exactly(each.score))
                                          : each.score;
    }
    return whole;
}

void Judge::take(const Shown& shown, std::span<const Candidate> candidates) {
    ++exposures_;
    campaigns_.insert(shown.campaign);
    const auto unit = units_
                          .emplace(history_.hash_of_member(shown.member),
                                   static_cast<std::uint32_t>(units_.size()))
                          .first->second;
    const bool redeemed = std::ranges::any_of(
        candidates, [](const Candidate& each) { return each.redeemed_day != Campaign::kNever; });
    Group group{.unit = unit};
    std::vector<Ranked> list;
    for (std::size_t r = 0; r < kRankers.size(); ++r) {
        list.clear();
        for (const Candidate& each : candidates) list.push_back(ranked(kRankers[r], shown, each));
        put_in_order(list);
        const double whole = whole_score(kRankers[r], list);
        whole_[r].push_back({.score = whole, .positive = redeemed, .unit = unit});
        if (!redeemed) continue;
        const RankingScore score = score_of(list);
        group.by_ranker[r] = {score.hit_at_3, score.mrr, score.recall_at_10, score.ndcg_at_10};
    }
    if (redeemed) groups_.push_back(group);
}

Metrics Judge::means(std::size_t ranker, const std::vector<std::uint32_t>& weights) const {
    Metrics sum{};
    double count = 0;
    for (const Group& group : groups_) {
        const double weight = weights[group.unit];
        count += weight;
        for (std::size_t m = 0; m < kMetrics; ++m) sum[m] += weight * group.by_ranker[ranker][m];
    }
    for (double& each : sum) each /= count;
    return sum;
}

/// How often each member counts in one resampling.
std::vector<std::uint32_t> Judge::drawn(Rng& rng) const {
    std::vector<std::uint32_t> weights(units_.size());
    for (std::size_t i = 0; i < weights.size(); ++i) ++weights[rng.below(weights.size())];
    return weights;
}

void Judge::conclude(OfferJudgement& judgement) {
    judgement.judged_campaigns = campaigns_.size();
    judgement.judged_exposures = exposures_;
    judgement.judged_members = units_.size();
    judgement.groups = groups_.size();
    for (auto& whole : whole_) std::ranges::sort(whole, std::ranges::greater{}, &Judged::score);
    std::array<std::array<std::vector<double>, kMetrics + 2>, kRankers.size()> samples;
    Rng rng(2);
    const std::vector<std::uint32_t> once(units_.size(), 1);
    for (int sample = -1; sample < kResamples; ++sample) {
        const std::vector<std::uint32_t> weights = sample < 0 ? once : drawn(rng);
        for (std::size_t r = 0; r < kRankers.size(); ++r) {
            const Metrics mean = means(r, weights);
            const Separation whole = separation(whole_[r], weights);
            for (std::size_t m = 0; m < kMetrics; ++m) samples[r][m].push_back(mean[m]);
            samples[r][kMetrics].push_back(whole.auc);
            samples[r][kMetrics + 1].push_back(whole.average_precision);
        }
    }
    const auto measured = [](std::vector<double> values) {
        const double value = values.front();
        const Range range = central_95({values.begin() + 1, values.end()});
        return Measured{value, range.low, range.high};
    };
    for (std::size_t r = 0; r < kRankers.size(); ++r) {
        const auto& of = samples[r];
        judgement.rankers[r] = {measured(of[0]), measured(of[1]), measured(of[2]),
                                measured(of[3]), measured(of[4]), measured(of[5])};
    }
}

}  // namespace

std::string_view name_of(Ranker ranker) {
    switch (ranker) {
        case Ranker::engine:
            return "engine";
        case Ranker::bought_before:
            return "bought_before";
        case Ranker::popularity:
            return "popularity";
        case Ranker::random:
            return "random";
    }
    return "";
}

Result<OfferJudgement> judge_offers(const OfferHistory& history, std::int32_t until_day) {
    OfferJudgement judgement;
    judgement.model = TRY(train_offers(history, until_day, judgement));
    Judge judge(history, judgement.model);
    OfferReplay(history).run(until_day, INT32_MAX,
                             [&](const Shown& shown, std::span<const Candidate> candidates) {
                                 judge.take(shown, candidates);
                             });
    judge.conclude(judgement);
    if (judgement.groups == 0)
        return invalid("nothing that was shown from the date on was redeemed");
    return judgement;
}

}  // namespace vitrine::ctl
