#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "ctl/offer_judging.hpp"
#include "ctl/offer_replay.hpp"
#include "tests/unit/ctl/retail_files.hpp"

namespace vitrine::ctl {
namespace {

using ::testing::HasSubstr;
using testing::RetailFiles;

constexpr std::int32_t kMarch = 17'226;  // 2017-03-01.
constexpr std::int32_t kApril = 17'257;

profiles::Model trained(const RetailFiles& town, std::int32_t until = kApril) {
    OfferJudgement judgement;
    const OfferHistory history = *town.read();
    return *train_offers(history, until, judgement);
}

/// What the engine sees in all that was shown from the day on.
std::vector<std::array<float, offers::Example::kWeightsMax>> features(const RetailFiles& town,
                                                                      std::int32_t from) {
    std::vector<std::array<float, offers::Example::kWeightsMax>> all;
    const OfferHistory history = *town.read();
    OfferReplay(history).run(from, INT32_MAX,
                             [&](const Shown&, std::span<const Candidate> candidates) {
                                 for (const Candidate& each : candidates) {
                                     all.push_back(each.example.features);
                                 }
                             });
    return all;
}

TEST(JudgeOffers, LearnsWhatPeopleLike) {
    const RetailFiles town;
    const auto judgement = judge_offers(*town.read(), kApril);
    ASSERT_TRUE(judgement.has_value()) << judgement.error().message;
    EXPECT_EQ(judgement->trained_campaigns, 2U);
    EXPECT_EQ(judgement->trained_outcomes, 2U * 4 * RetailFiles::kMembers);
    EXPECT_EQ(judgement->judged_exposures, 1U * RetailFiles::kMembers);
    EXPECT_GT(judgement->groups, 10U);
    const double engine = judgement->of(Ranker::engine).mrr.value;
    EXPECT_GT(engine, 0.8);
    EXPECT_GT(engine, judgement->of(Ranker::random).mrr.value + 0.2);
    EXPECT_LE(judgement->of(Ranker::engine).mrr.low, engine);
    EXPECT_GE(judgement->of(Ranker::engine).mrr.high, engine);
}

TEST(JudgeOffers, WeightsKnowNothingOfTheTimeAfterTheDate) {
    const RetailFiles town;
    const profiles::Model model = trained(town);

    RetailFiles later;
    // Redemptions of judged campaigns, and late ones of those that taught.
    std::erase_if(later.redemptions,
                  [](const std::string& row) { return row.find("late") != std::string::npos; });
    for (int m = 0; m < RetailFiles::kMembers; ++m) {
        later.redemptions.push_back(RetailFiles::member(m) + ",middle-o3,middle,2017-04-01");
        later.purchases.push_back(RetailFiles::member(m) + ",p1,2017-03-01,9,1");
    }
    EXPECT_EQ(trained(later), model);

    RetailFiles earlier;
    earlier.redemptions.push_back("m1,middle-o3,middle,2017-03-31");
    EXPECT_NE(trained(earlier), model);
}

TEST(JudgeOffers, FeaturesKnowNothingOfTheTimeAfterTheStart) {
    const RetailFiles town;
    const auto known = features(town, kApril);
    ASSERT_EQ(known.size(), 4U * RetailFiles::kMembers);

    RetailFiles later;
    for (int m = 0; m < RetailFiles::kMembers; ++m) {
        later.purchases.push_back(RetailFiles::member(m) + ",p1,2017-04-01,9,1");
        later.redemptions.push_back(RetailFiles::member(m) + ",late-o1,late,2017-04-01");
    }
    EXPECT_EQ(features(later, kApril), known);

    RetailFiles bought;
    bought.purchases.push_back("m1,p2,2017-03-31,9,1");
    EXPECT_NE(features(bought, kApril), known);
    RetailFiles redeemed;
    redeemed.redemptions.push_back("m1,middle-o1,middle,2017-03-31");
    EXPECT_NE(features(redeemed, kApril), known);
}

TEST(JudgeOffers, WhatWasShownBeforeAnyPurchaseTeachesNothing) {
    RetailFiles town;
    town.campaigns[1] = "early,2017-01-01";
    OfferJudgement judgement;
    ASSERT_TRUE(train_offers(*town.read(), kApril, judgement).has_value());
    EXPECT_EQ(judgement.trained_campaigns, 1U);
}

TEST(JudgeOffers, TheOrderOfRowsSaysNothing) {
    const RetailFiles town;
    RetailFiles turned;
    for (RetailFiles::Rows* rows : {&turned.products, &turned.purchases, &turned.offers,
                                    &turned.exposures, &turned.redemptions, &turned.campaigns}) {
        RetailFiles::turn(*rows);
    }
    const auto one = judge_offers(*town.read(), kApril);
    const auto other = judge_offers(*turned.read(), kApril);
    for (const Ranker ranker : kRankers) {
        EXPECT_NEAR(one->of(ranker).mrr.value, other->of(ranker).mrr.value, 1e-6);
        EXPECT_NEAR(one->of(ranker).auc.value, other->of(ranker).auc.value, 1e-6);
        EXPECT_NEAR(one->of(ranker).auc.low, other->of(ranker).auc.low, 1e-6);
    }
}

TEST(JudgeOffers, RanksOnlyWhatWasShown) {
    RetailFiles town;
    town.campaigns.clear();
    town.exposures = {"campaign_id,member_id,offer_id,shown_at"};
    const auto shown = [&](const char* member, const char* offer, const char* day) {
        const std::string name(offer);
        town.exposures.push_back(name.substr(0, name.find('-')) + "," + member + "," + offer + "," +
                                 day);
    };
    shown("m1", "early-o1", "2017-02-01");
    shown("m1", "early-o2", "2017-02-01");
    shown("m1", "late-o1", "2017-04-01");
    shown("m1", "late-o1", "2017-04-10");
    shown("m1", "late-o3", "2017-04-10");
    town.redemptions = {town.redemptions[0], "m1,early-o1,early,2017-02-03",
                        "m1,late-o1,late,2017-04-12"};
    const OfferHistory history = *town.read();
    std::vector<std::pair<std::int32_t, std::vector<bool>>> seen;
    OfferReplay(history).run(
        INT32_MIN, INT32_MAX, [&](const Shown& each, std::span<const Candidate> candidates) {
            seen.push_back({each.day, {}});
            for (const Candidate& one : candidates) {
                seen.back().second.push_back(one.redeemed_day != Campaign::kNever);
            }
        });
    // The last time that it was shown is what was answered.
    EXPECT_THAT(seen, ::testing::ElementsAre(std::pair(kMarch - 28, std::vector{true, false}),
                                             std::pair(kApril, std::vector{false}),
                                             std::pair(kApril + 9, std::vector{true, false})));
}

TEST(OfferHistory, SaysWhatToAddWhereNothingIsDated) {
    RetailFiles town;
    town.campaigns.clear();
    EXPECT_THAT(
        town.read().error().message,
        HasSubstr("give --campaigns a file with campaign_id and start_date, or add a column "
                  "shown_at"));
}

TEST(OfferHistory, NamesEachBadRow) {
    RetailFiles town;
    town.purchases.push_back("m1,p99,2017-02-02,1,1");
    town.purchases.push_back("m1,p1,2017-02-02,one,1");
    town.purchases.push_back("m1,p1,2017-02-02,1,0");
    town.offers.push_back("early-o1,p1,early");
    town.redemptions.push_back("m1,early-o1,early,2017-01-31");
    const OfferHistory history = *town.read();
    std::map<std::string, LeftOut> by_file;
    for (const LeftOut& each : history.left_out) {
        by_file[std::filesystem::path(each.file).filename()] = each;
    }
    EXPECT_THAT(
        by_file["purchases.csv"].named,
        ::testing::ElementsAre(HasSubstr("purchases.csv:1202: product_id 'p99' is not among"),
                               HasSubstr(":1203: amount 'one' is not a number"),
                               HasSubstr(":1204: quantity '0' says that nothing")));
    EXPECT_EQ(by_file["offers.csv"].repeated, 1U);
    EXPECT_EQ(by_file["offers.csv"].bad, 0U);
    EXPECT_THAT(by_file["redemptions.csv"].named,
                ::testing::ElementsAre(HasSubstr("member_id 'm1' was not shown the offer before")));
}

}  // namespace
}  // namespace vitrine::ctl
