#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "ctl/ranking_metrics.hpp"

namespace vitrine::ctl {
namespace {

/// Scores fall along the list.
RankingScore score(const std::vector<int>& wanted) {
    std::vector<Ranked> list;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        list.push_back({.score = -static_cast<double>(i), .tie = i, .wanted = wanted[i] != 0});
    }
    std::swap(list.front(), list.back());
    put_in_order(list);
    return score_of(list);
}

TEST(Ranking, IsWhatOneCountsByHand) {
    const RankingScore second = score({0, 1, 0, 1});
    EXPECT_DOUBLE_EQ(second.hit_at_3, 1);
    EXPECT_DOUBLE_EQ(second.mrr, 0.5);
    EXPECT_DOUBLE_EQ(second.recall_at_10, 1);
    // Places 2 and 4, where 1 and 2 would be best: (0.63093 + 0.43068) / (1 + 0.63093).
    EXPECT_NEAR(second.ndcg_at_10, 0.650921, 1e-6);

    const RankingScore fourth = score({0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1});
    EXPECT_DOUBLE_EQ(fourth.hit_at_3, 0);
    EXPECT_DOUBLE_EQ(fourth.mrr, 0.25);
    EXPECT_DOUBLE_EQ(fourth.recall_at_10, 0.5);
    EXPECT_NEAR(fourth.ndcg_at_10, 0.430677 / 1.630930, 1e-6);

    EXPECT_DOUBLE_EQ(score({1, 1, 1}).ndcg_at_10, 1);
    EXPECT_DOUBLE_EQ(score({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}).ndcg_at_10, 0);
}

TEST(Ranking, BreaksTiesByTheTieAndNotByTheirOrder) {
    std::vector<Ranked> list{{.score = 1, .tie = 9, .wanted = true}, {.score = 1, .tie = 2}};
    put_in_order(list);
    EXPECT_DOUBLE_EQ(score_of(list).mrr, 0.5);
    std::vector<Ranked> other{list[1], list[0]};
    put_in_order(other);
    EXPECT_DOUBLE_EQ(score_of(other).mrr, 0.5);
}

TEST(Separation, IsWhatOneCountsByHand) {
    const std::vector<Judged> judged{
        {0.9, true, 0}, {0.8, false, 1}, {0.7, true, 2}, {0.1, false, 3}};
    const std::vector<std::uint32_t> once(4, 1);
    const Separation whole = separation(judged, once);
    EXPECT_DOUBLE_EQ(whole.auc, 0.75);                             // 3 of 4 pairs.
    EXPECT_DOUBLE_EQ(whole.average_precision, (1 + 2.0 / 3) / 2);  // At places 1 and 3.

    // Equal scores count half, and as one step.
    const std::vector<Judged> equal{{0.5, true, 0}, {0.5, false, 1}, {0.5, false, 2}};
    EXPECT_DOUBLE_EQ(separation(equal, once).auc, 0.5);
    EXPECT_DOUBLE_EQ(separation(equal, once).average_precision, 1.0 / 3);

    // Someone who counts twice is as two.
    const std::vector<std::uint32_t> twice{1, 2, 1, 1};
    EXPECT_DOUBLE_EQ(separation(judged, twice).auc, (3.0 + 1) / 6);
    const std::vector<std::uint32_t> without{1, 0, 1, 0};
    EXPECT_TRUE(std::isnan(separation(judged, without).auc));
}

TEST(Central95, LeavesOutTheEndsAndWhatIsNoNumber) {
    std::vector<double> values{std::nan("")};
    for (int i = 1000; i >= 0; --i) values.push_back(i);
    EXPECT_DOUBLE_EQ(central_95(values).low, 25);
    EXPECT_DOUBLE_EQ(central_95(values).high, 975);
    EXPECT_TRUE(std::isnan(central_95({}).low));
}

}  // namespace
}  // namespace vitrine::ctl
