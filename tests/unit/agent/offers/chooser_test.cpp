#include "agent/offers/chooser.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>

#include "agent/offers/experiments.hpp"
#include "tests/unit/agent/offers/shop.hpp"

namespace vitrine::offers {
namespace {

using namespace testing;

std::size_t all_removed(const Decision& decision) {
    return std::accumulate(decision.removals.begin(), decision.removals.end(), std::size_t{0});
}

/// A shop in which only offer 1 is for sale, in category 12, so that one thing at a time removes
/// it.
struct OneOffer : Shop {
    OneOffer() : Shop(1) {
        offer(1).category = CategoryId(12);
        know({shopper()});
    }
    Decision decide() {
        prepare();
        return personal(1);
    }
};

TEST(Chooser, ChoosesThreeForAMemberAndSaysUnderWhichEpochs) {
    Shop shop;
    shop.know({shopper()});
    shop.prepare();
    const Decision decision = shop.personal(1);
    EXPECT_EQ(decision.path, Path::personal);
    EXPECT_EQ(decision.slot_count, 3);
    EXPECT_EQ(decision.epochs.catalogue, Epoch(3));
    EXPECT_EQ(decision.epochs.profiles, Epoch(5));
    EXPECT_EQ(decision.candidate_count, 60);
    EXPECT_EQ(decision.candidate_count, decision.eligible_count + all_removed(decision));
    EXPECT_EQ(decision.assignment_count, 0);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_GT(decision.slots[i].probability, 0);
        EXPECT_LE(decision.slots[i].probability, 1);
        EXPECT_GT(decision.slots[i].score, 0);
        EXPECT_GE(decision.slots[i].reason_count, 1);
    }
}

TEST(Chooser, TheSameSeedMakesTheSameDecision) {
    Shop shop;
    shop.know({shopper()});
    shop.prepare();
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        const Decision once = shop.personal(seed);
        EXPECT_EQ(once, shop.personal(seed));
        shop.mass(seed);
        shop.group(seed);
        EXPECT_EQ(once, shop.personal(seed)) << "nothing is left over from other decisions";
    }
}

TEST(Chooser, ASlateHasNoDuplicatesAndOneOfATopCategory) {
    Shop shop;
    shop.know({shopper()});
    shop.offer(3).exclusion_group = shop.offer(12).exclusion_group = "x";
    shop.prepare();
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        const Decision decision = shop.personal(seed);
        std::set<CategoryId> roots;
        for (std::size_t i = 0; i < decision.slot_count; ++i) {
            const OfferId id = decision.slots[i].offer;
            roots.insert(shop.snapshot.catalogue.root_of(shop.offer(id.value()).category));
        }
        EXPECT_EQ(roots.size(), decision.slot_count);
        EXPECT_FALSE(shows(decision, OfferId(3)) && shows(decision, OfferId(12)));
    }
}

TEST(Chooser, TheAmbientLoopIsLongerAndImpersonal) {
    Shop shop;
    shop.prepare();
    const Decision decision = shop.mass(1);
    EXPECT_EQ(decision.path, Path::mass);
    EXPECT_EQ(decision.slot_count, 8);
    for (std::size_t i = 0; i < decision.slot_count; ++i) {
        for (std::size_t r = 0; r < decision.slots[i].reason_count; ++r) {
            EXPECT_FALSE(is_personal(decision.slots[i].reasons[r].code));
        }
    }
}

TEST(Chooser, AnEmptyCatalogueMakesAnEmptySlate) {
    Shop shop(0);
    shop.know({shopper()});
    shop.prepare();
    EXPECT_EQ(shop.personal(1).slot_count, 0);
    EXPECT_EQ(shop.mass(1).slot_count, 0);
    EXPECT_EQ(shop.group(1).slot_count, 0);
}

TEST(Chooser, NamesWhatIsNotEligible) {
    const auto lost_to = [](auto change) {
        OneOffer shop;
        change(shop.offer(1));
        const Decision decision = shop.decide();
        EXPECT_EQ(decision.slot_count, 0);
        for (std::size_t i = 0; i < kRemovals; ++i) {
            if (decision.removals[i] > 0) return std::string(name_of(static_cast<Removal>(i)));
        }
        return std::string("nothing");
    };
    using std::chrono::hours;
    EXPECT_EQ(lost_to([](Offer& offer) { offer.valid_from = kNow + hours(1); }), "not_valid_now");
    EXPECT_EQ(lost_to([](Offer& offer) { offer.valid_until = kNow; }), "not_valid_now");
    EXPECT_EQ(lost_to([](Offer& offer) { offer.stores = {StoreId("lyon")}; }), "other_store");
    EXPECT_EQ(lost_to([](Offer& offer) { offer.placements = {Placement::staff}; }),
              "other_placement");
    EXPECT_EQ(lost_to([](Offer& offer) { offer.in_stock = false; }), "out_of_stock");
    EXPECT_EQ(lost_to([](Offer& offer) { offer.category = kSensitive; }), "sensitive");
    EXPECT_EQ(lost_to([](Offer& offer) { offer.category = CategoryId(99); }), "sensitive");
    EXPECT_EQ(lost_to([](Offer& offer) { offer.segment = rule_of(no()); }), "segment");
}

TEST(Chooser, TheFirstRemovalThatAppliesIsTheOneCounted) {
    OneOffer shop;
    shop.offer(1).in_stock = false;
    shop.offer(1).stores = {StoreId("lyon")};
    shop.offer(1).segment = rule_of(no());
    const Decision decision = shop.decide();
    EXPECT_EQ(removed(decision, Removal::other_store), 1U);
    EXPECT_EQ(all_removed(decision), 1U);
}

TEST(Chooser, WhatWasJustBoughtWaitsForItsRhythm) {
    OneOffer shop;
    Profile profile = shopper();
    const auto decide = [&](std::int32_t days_ago, std::uint16_t own_rhythm) {
        profile.habits = {{CategoryId(12), own_rhythm, kToday - days_ago, 3.0F}};
        shop.know({profile});
        return shop.decide();
    };
    // The category's own rhythm is 11 days.
    EXPECT_EQ(decide(10, 0).path, Path::mass);
    EXPECT_EQ(decide(11, 0).path, Path::personal);
    // The member's rhythm counts more than the category's.
    EXPECT_EQ(decide(10, 6).path, Path::personal);
    EXPECT_EQ(decide(12, 20).path, Path::mass);
    // The same product, wherever it stands.
    profile.habits.clear();
    profile.products = {{ProductId(55), kToday - 2, 1.0F}};
    shop.offer(1).products = {ProductId(55)};
    shop.know({profile});
    EXPECT_EQ(shop.decide().path, Path::mass);
}

TEST(Chooser, ARefusalIsRespectedOnEveryPathToThatMember) {
    OneOffer shop;
    Profile profile = shopper();
    profile.dismissed = {OfferId(9), OfferId(1)};
    shop.know({profile});
    const Decision elsewhere = shop.decide();
    EXPECT_EQ(elsewhere.slot_count, 0);
    EXPECT_EQ(removed(elsewhere, Removal::dismissed), 1U);

    shop.know({shopper()});
    shop.exposures.dismissed(kAna, OfferId(1), kNow, 0, std::chrono::minutes(0));
    EXPECT_EQ(removed(shop.decide(), Removal::dismissed), 1U);
}

TEST(Chooser, CapsEndAnOfferACategoryAndADay) {
    OneOffer shop;
    shop.offer(1).caps = {.per_member_day = 2, .per_member_total = 5};
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(shop.decide().path, Path::personal);
        shop.exposures.shown(kAna, OfferId(1), CategoryId(12), kNow);
    }
    EXPECT_EQ(shop.decide().path, Path::mass) << "the day's cap";
    shop.context.now += std::chrono::days(1);
    EXPECT_EQ(shop.decide().path, Path::personal) << "a new day";
    for (int i = 0; i < 3; ++i) {
        shop.context.now += std::chrono::days(1);
        shop.exposures.shown(kAna, OfferId(1), CategoryId(12), shop.context.now);
    }
    shop.context.now += std::chrono::days(1);
    EXPECT_EQ(shop.decide().path, Path::mass) << "the cap for good";

    OneOffer category;
    category.snapshot.policy.category_per_member_day = 1;
    category.exposures.shown(kAna, OfferId(50), CategoryId(12), kNow);
    EXPECT_EQ(category.decide().path, Path::mass);

    OneOffer day;
    day.snapshot.policy.decisions_per_member_day = 1;
    day.exposures.decided(kAna, kNow);
    const Decision decision = day.decide();
    EXPECT_EQ(decision.path, Path::mass);
    EXPECT_EQ(removed(decision, Removal::day_cap), 1U);
}

TEST(Chooser, QuietTimeLeavesTheMemberInPeace) {
    OneOffer shop;
    shop.exposures.dismissed(kAna, OfferId(9), kNow, 1, std::chrono::minutes(30));
    const Decision decision = shop.decide();
    EXPECT_EQ(decision.path, Path::mass);
    EXPECT_EQ(removed(decision, Removal::quiet), 1U);
    shop.context.now += std::chrono::minutes(30);
    EXPECT_EQ(shop.decide().path, Path::personal);
}

TEST(Chooser, OneOfAnExclusionGroupStaysTheOneOfTheDay) {
    Shop shop;
    shop.know({shopper()});
    for (const std::uint32_t id : {1U, 2U, 3U}) shop.offer(id).exclusion_group = "launch";
    shop.exposures.shown(kAna, OfferId(2), shop.offer(2).category, kNow);
    shop.prepare();
    EXPECT_EQ(removed(shop.personal(1), Removal::exclusion_group), 2U);
    shop.context.now += std::chrono::days(1);
    EXPECT_EQ(removed(shop.personal(1), Removal::exclusion_group), 0U);
}

TEST(Chooser, WhatNeedsAnAgeIsForEveryoneOrForProvenAgeAwayFromTheScreens) {
    OneOffer shop;
    shop.offer(1).category = kWine;
    Profile profile = shopper();
    profile.age_proven = true;
    shop.know({profile});
    const Decision kiosk = shop.decide();
    EXPECT_EQ(kiosk.path, Path::mass) << "never tailored on a public screen";
    EXPECT_EQ(kiosk.slot_count, 1);
    EXPECT_EQ(removed(shop.group(1), Removal::age), 1U);
    EXPECT_EQ(shop.mass(1).slot_count, 1);
    shop.context.placement = Placement::staff;
    EXPECT_EQ(shop.personal(1).path, Path::personal);
    profile.age_proven = false;
    shop.know({profile});
    EXPECT_EQ(shop.decide().path, Path::mass);
}

TEST(Chooser, TheHoldoutSeesWhatEveryoneSeesAndIsMarked) {
    Shop shop;
    shop.know({shopper()});
    shop.snapshot.policy.holdout_permille = 1000;
    shop.snapshot.policy.experiments = {{.id = "x", .arms = {"a"}, .weights = {1}}};
    shop.prepare();
    const Decision decision = shop.personal(1);
    EXPECT_TRUE(decision.holdout);
    EXPECT_EQ(decision.path, Path::mass);
    EXPECT_EQ(decision.assignments[0].arm, 1);
    shop.snapshot.policy.holdout_permille = 0;
    shop.prepare();
    EXPECT_FALSE(shop.personal(1).holdout);
}

TEST(Chooser, CampaignRulesReadTheProfileAndAdmitNobodyTheyCannotRead) {
    Shop shop;
    shop.know({shopper()});
    const Term rare = call(RuleOp::less, {field("visits_30_days"), num(9)});
    shop.offer(2).segment = rule_of(rare);
    shop.offer(3).segment = rule_of(rare);
    shop.offer(4).segment = rule_of(call(RuleOp::greater, {field("visits_30_days"), num(9)}));
    shop.offer(5).segment = rule_of(call(RuleOp::missing, {text("visits_30_days")}));
    shop.offer(10).segment = rule_of(call(RuleOp::less, {field("hour"), num(12)}));
    shop.prepare();
    EXPECT_EQ(removed(shop.personal(1), Removal::segment), 2U);
    EXPECT_EQ(removed(shop.mass(1), Removal::segment), 4U)
        << "null would pass both 'fewer than nine visits' and 'visits are missing'";
    EXPECT_EQ(removed(shop.group(1), Removal::segment), 4U);
    EXPECT_EQ(removed(shop.personal(1, kAna, false), Removal::segment), 3U);
}

TEST(Chooser, LookBackConditionsAreAnsweredFromTheProfile) {
    const auto admits = [](Term condition) {
        OneOffer shop;
        shop.offer(1).segment = rule_of(std::move(condition));
        return shop.decide().path == Path::personal;
    };
    const auto less = [](const char* name, double limit) {
        return call(RuleOp::less, {field(name), num(limit)});
    };
    EXPECT_TRUE(admits(less("days_since_bought.11", 21)));
    EXPECT_FALSE(admits(less("days_since_bought.11", 20)));
    EXPECT_TRUE(admits(less("days_since_bought.1", 21))) << "a purchase counts for what is above";
    EXPECT_FALSE(admits(less("days_since_bought.15", 1e9))) << "never is not zero days ago";
    EXPECT_TRUE(admits(call(RuleOp::equal, {field("purchases.11"), num(4)})));
    EXPECT_TRUE(admits(call(RuleOp::equal, {field("rhythm_days.23"), num(7)})));
    EXPECT_TRUE(admits(call(RuleOp::in, {num(23), field("bought")})));
    EXPECT_TRUE(admits(call(RuleOp::in, {num(2), field("favourites")})));
    EXPECT_TRUE(admits(field("favourite.2")));
    EXPECT_TRUE(admits(call(RuleOp::equal, {field("spent_90_days"), num(123)})));
    EXPECT_TRUE(admits(call(RuleOp::equal, {field("days_since_visit"), num(6)})));
    EXPECT_TRUE(admits(call(RuleOp::equal, {field("level"), text("full")})));
    EXPECT_TRUE(admits(call(RuleOp::equal, {field("store"), text("paris")})));
    EXPECT_TRUE(admits(call(RuleOp::equal, {field("days_since_product.103"), num(40)})));
    EXPECT_FALSE(admits(field("birthday_month")));
    EXPECT_FALSE(admits(field("age_proven")));
}

TEST(Chooser, ReasonsComeFromWhatScored) {
    OneOffer shop;
    Profile profile = shopper();
    profile.favourites = {CategoryId(2)};
    profile.habits.clear();
    shop.know({profile});
    const Decision favourite = shop.decide();
    EXPECT_EQ(favourite.slots[0].reasons[0], (Reason{ReasonCode::your_favourite, CategoryId(12)}));

    profile.favourites.clear();
    profile.habits = {{CategoryId(12), 10, kToday - 14, 9.0F}};
    shop.know({profile});
    const Decision often = shop.decide();
    EXPECT_EQ(often.slots[0].reasons[0].code, ReasonCode::you_often_buy);
    EXPECT_EQ(often.slots[0].reasons[1].code, ReasonCode::running_out);

    EXPECT_EQ(shop.group(1).slots[0].reasons[0].code, ReasonCode::suits_everyone_here);
}

TEST(Chooser, WhatScoredIsWhatIsLearnedFrom) {
    Shop shop;
    shop.know({shopper()});
    shop.exposures.shown(kAna, OfferId(1), shop.offer(1).category, kNow);
    shop.prepare();
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        const Decision decision = shop.personal(seed);
        for (std::size_t i = 0; i < decision.slot_count; ++i) {
            const Example example = shop.chooser.example(shop.permit(kAna), true, shop.context,
                                                         decision.slots[i].offer, &shop.exposures);
            double odds = 0;
            const auto weights = shop.learner.weights();
            ASSERT_EQ(example.size, weights.size());
            for (std::size_t w = 0; w < weights.size(); ++w) {
                odds += weights[w] * static_cast<double>(example.features[w]);
            }
            const double rate = 1 / (1 + std::exp(-odds));
            EXPECT_NEAR(static_cast<double>(decision.slots[i].score), rate, 1e-5);
        }
    }
    EXPECT_EQ(shop.chooser.example(std::nullopt, true, shop.context, OfferId(999)).size, 0);
}

TEST(Chooser, AnOfferThatStandsTwiceIsShownOnce) {
    Shop shop(4);
    shop.snapshot.catalogue.offers[2].id = OfferId(2);
    shop.snapshot.policy.per_category_max = 8;
    shop.prepare();
    const Decision decision = shop.mass(1);
    EXPECT_EQ(removed(decision, Removal::not_valid_now), 1U);
    EXPECT_EQ(decision.slot_count, 3);
}

}  // namespace
}  // namespace vitrine::offers
