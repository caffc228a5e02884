#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace vitrine::ctl {

/// How well one list was ranked, each from 0 to 1.
struct RankingScore {
    double hit_at_3 = 0;  ///< Whether one that was wanted stood among the first three.
    double mrr = 0;       ///< 1 / the place of the first one that was wanted.
    double recall_at_10 = 0;
    double ndcg_at_10 = 0;
};

struct Ranked {
    double score = 0;
    std::uint64_t tie = 0;  ///< Of two equal scores the lower one comes first.
    bool wanted = false;
};

/// Best first.
void put_in_order(std::vector<Ranked>& list);
/// Of a list in order, in which at least one is wanted.
RankingScore score_of(std::span<const Ranked> list);

/// One yes-or-no question that a score answered; `weight` times.
struct Judged {
    double score = 0;
    bool positive = false;
    std::uint32_t unit = 0;  ///< Answers of one unit are not independent.
};

/// The area under the ROC curve, equal scores counting half, and the average precision, equal
/// scores as one step. `weights` is by unit: how often it counts. NaN where there are not both
/// kinds.
struct Separation {
    double auc = 0;
    double average_precision = 0;
};
/// `judged` must be in order of score, highest first.
Separation separation(std::span<const Judged> judged, std::span<const std::uint32_t> weights);

/// The range in which 95 % of the values lie; empty values or NaN are left out.
struct Range {
    double low = 0;
    double high = 0;
};
Range central_95(std::vector<double> values);

}  // namespace vitrine::ctl
