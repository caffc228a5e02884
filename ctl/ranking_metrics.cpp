#include "ctl/ranking_metrics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "agent/base/check.hpp"

namespace vitrine::ctl {

namespace {

double discount_at(std::size_t place) { return 1 / std::log2(static_cast<double>(place) + 1); }

}  // namespace

void put_in_order(std::vector<Ranked>& list) {
    std::ranges::sort(list, {},
                      [](const Ranked& each) { return std::pair(-each.score, each.tie); });
}

RankingScore score_of(std::span<const Ranked> list) {
    RankingScore score;
    std::size_t wanted = 0;
    std::size_t found = 0;
    double gain = 0;
    double best_gain = 0;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (!list[i].wanted) continue;
        const std::size_t place = i + 1;
        if (wanted++ == 0) {
            score.mrr = 1 / static_cast<double>(place);
            score.hit_at_3 = place <= 3 ? 1 : 0;
        }
        if (place > 10) continue;
        ++found;
        gain += discount_at(place);
    }
    CHECK(wanted > 0);
    for (std::size_t place = 1; place <= std::min<std::size_t>(wanted, 10); ++place) {
        best_gain += discount_at(place);
    }
    score.recall_at_10 = static_cast<double>(found) / static_cast<double>(wanted);
    score.ndcg_at_10 = gain / best_gain;
    return score;
}

Separation separation(std::span<const Judged> judged, std::span<const std::uint32_t> weights) {
    double positives = 0;
    double negatives = 0;
    double pairs = 0;
    double precision_sum = 0;
    for (std::size_t i = 0; i < judged.size();) {
        double here_positive = 0;
        double here_negative = 0;
        const double score = judged[i].score;
        for (; i < judged.size() && judged[i].score == score; ++i) {
            const double weight = weights[judged[i].unit];
            (judged[i].positive ? here_positive : here_negative) += weight;
        }
        // A negative is beaten by every positive above it, and half by those beside it.
        pairs += here_negative * (positives + here_positive / 2);
        positives += here_positive;
        negatives += here_negative;
        if (here_positive > 0) precision_sum += here_positive * positives / (positives + negatives);
    }
    if (positives == 0 || negatives == 0) {
        const double none = std::numeric_limits<double>::quiet_NaN();
        return {none, none};
    }
    return {pairs / (positives * negatives), precision_sum / positives};
}

Range central_95(std::vector<double> values) {
    std::erase_if(values, [](double value) { return std::isnan(value); });
    if (values.empty()) return {std::nan(""), std::nan("")};
    std::ranges::sort(values);
    const auto at = [&](double share) {
        const double index = share * static_cast<double>(values.size() - 1);
        return values[static_cast<std::size_t>(std::lround(index))];
    };
    return {at(0.025), at(0.975)};
}

}  // namespace vitrine::ctl
