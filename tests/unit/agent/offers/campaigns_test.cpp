#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>

#include "agent/offers/experiments.hpp"
#include "agent/offers/shelf.hpp"
#include "tests/unit/agent/offers/shop.hpp"

namespace vitrine::offers {
namespace {

using namespace testing;
using profiles::StockLevel;

profiles::Experiment experiment(std::string id) {
    return {.id = std::move(id), .arms = {"a", "b"}, .weights = {1, 1}};
}

/// A member of that arm, from 1.
MemberId member_of(const profiles::Policy& policy, std::size_t index, std::uint8_t arm) {
    for (std::uint64_t i = 1;; ++i) {
        if (assign(MemberId(i), policy).arm_in(index) == arm) return MemberId(i);
    }
}

/// A shop whose every offer but one is not for sale, so that a decision shows that one or nothing.
struct OneOffer : Shop {
    Offer& only;
    OneOffer() : only(offer(1)) {
        for (Offer& each : snapshot.catalogue.offers) each.in_stock = each.id == only.id;
        snapshot.policy.rest_after_unopened = 0;
        only.caps = {.per_member_day = 0, .per_member_total = 0};
        snapshot.policy.category_per_member_day = 0;
        snapshot.policy.decisions_per_member_day = 0;
    }
    bool shown(MemberId member = kAna) {
        const Decision decision = personal(1, member);
        return decision.path == Path::personal && shows(decision, only.id);
    }
    std::size_t count(Removal removal, MemberId member = kAna) {
        return removed(personal(1, member), removal);
    }
};

/// A profile that no purchase or favourite gets in the way of.
Profile blank(MemberId member = kAna) { return {.member = member, .level = Level::full}; }

TEST(Campaigns, AnOfferOfAnArmIsForItsMembersOnly) {
    OneOffer shop;
    shop.snapshot.policy.experiments = {experiment("x"), experiment("y")};
    shop.only.experiment = "y";
    shop.only.arm = "b";
    const MemberId in = member_of(shop.snapshot.policy, 1, 2);
    const MemberId out = member_of(shop.snapshot.policy, 1, 1);
    shop.know({blank(in), blank(out)});
    shop.prepare();
    EXPECT_TRUE(shop.shown(in));
    EXPECT_FALSE(shop.shown(out));
    EXPECT_EQ(shop.mass(1).slot_count, 0);
    EXPECT_EQ(removed(shop.mass(1), Removal::experiment), 1U);
    EXPECT_EQ(shop.group(1).slot_count, 0);

    // Both arms are exposed where the offer stood to be chosen, and to that experiment alone.
    for (const MemberId member : {in, out}) {
        const Decision decision = shop.personal(1, member);
        ASSERT_EQ(decision.assignment_count, 2);
        EXPECT_FALSE(decision.assignments[0].exposed);
        EXPECT_TRUE(decision.assignments[1].exposed);
        EXPECT_EQ(decision.assignments[1].arm, member == in ? 2 : 1);
    }
    // Nobody is where something else keeps it off.
    shop.only.in_stock = false;
    shop.prepare();
    for (const MemberId member : {in, out}) {
        EXPECT_FALSE(shop.personal(1, member).assignments[1].exposed);
    }
}

TEST(Campaigns, TheHoldoutSeesNoOfferOfAnArmAndIsNotExposed) {
    OneOffer shop;
    shop.snapshot.policy.holdout_permille = 1000;
    shop.snapshot.policy.experiments = {experiment("x")};
    shop.only.experiment = "x";
    shop.only.arm = "a";
    const MemberId in = member_of(shop.snapshot.policy, 0, 1);
    shop.know({blank(in)});
    shop.prepare();
    const Decision decision = shop.personal(1, in);
    EXPECT_TRUE(decision.holdout);
    EXPECT_EQ(decision.slot_count, 0);
    ASSERT_EQ(decision.assignment_count, 1);
    EXPECT_FALSE(decision.assignments[0].exposed);
}

TEST(Campaigns, AnArmThatSetsTheExplorationExposesAll) {
    OneOffer shop;
    shop.snapshot.policy.experiments = {experiment("x")};
    shop.snapshot.policy.experiments[0].explorations = {std::nullopt,
                                                        profiles::Exploration::thompson};
    const MemberId control = member_of(shop.snapshot.policy, 0, 1);
    const MemberId other = member_of(shop.snapshot.policy, 0, 2);
    shop.know({blank(control), blank(other)});
    shop.prepare();
    EXPECT_TRUE(shop.personal(1, control).assignments[0].exposed);
    EXPECT_TRUE(shop.personal(1, other).assignments[0].exposed);
    EXPECT_EQ(shop.personal(1, control).exploration, profiles::Exploration::inverse_gap);
    EXPECT_EQ(shop.personal(1, other).exploration, profiles::Exploration::thompson);
}

TEST(Campaigns, AnOfferOfAnUnknownExperimentIsForNobody) {
    OneOffer shop;
    shop.only.experiment = "gone";
    shop.only.arm = "a";
    shop.know({blank()});
    shop.prepare();
    EXPECT_EQ(shop.personal(1).slot_count, 0);
    EXPECT_EQ(shop.mass(1).slot_count, 0);
}

TEST(Campaigns, AnOfferIsAsSensitiveAsTheMostSensitiveCategoryItCovers) {
    OneOffer shop;
    shop.know({blank()});
    shop.prepare();
    ASSERT_TRUE(shop.shown());
    shop.only.also = {kSensitive};
    shop.prepare();
    EXPECT_EQ(shop.personal(1).slot_count, 0);
    EXPECT_EQ(shop.mass(1).slot_count, 0);
    EXPECT_EQ(removed(shop.mass(1), Removal::sensitive), 1U);
    shop.only.also = {kWine};
    shop.prepare();
    EXPECT_FALSE(shop.shown());
    EXPECT_EQ(removed(shop.group(1), Removal::age), 1U);
    shop.only.also = {CategoryId(999)};  // Not in the taxonomy.
    shop.prepare();
    EXPECT_EQ(removed(shop.mass(1), Removal::sensitive), 1U);
}

TEST(Campaigns, JustBoughtIsWhatLeavesNothingToBuy) {
    OneOffer shop;
    shop.only.category = CategoryId(11);
    shop.only.also = {CategoryId(12)};
    Profile profile = blank();
    profile.habits = {{CategoryId(11), 0, kToday - 1, 4.0F}};
    shop.know({profile});
    shop.prepare();
    EXPECT_TRUE(shop.shown());
    profile.habits.push_back({CategoryId(12), 0, kToday - 1, 4.0F});
    shop.know({profile});
    shop.prepare();
    EXPECT_FALSE(shop.shown());
    EXPECT_EQ(shop.count(Removal::just_bought), 0U) << "the fallback's own count";

    // One product of two says little, the only one says all.
    profile.habits.clear();
    profile.products = {{ProductId(501), kToday - 1, 1.0F}};
    shop.know({profile});
    shop.only.products = {ProductId(501), ProductId(502)};
    shop.prepare();
    EXPECT_TRUE(shop.shown());
    shop.only.products = {ProductId(501)};
    shop.prepare();
    EXPECT_FALSE(shop.shown());
}

TEST(Campaigns, OutOfStockFollowsTheShopsFeed) {
    OneOffer shop;
    shop.only.products = {ProductId(501), ProductId(502)};
    shop.know({blank()});
    shop.prepare();
    const auto supply = [&](std::vector<profiles::Stock::Item> scarce) {
        shop.snapshot.stock = {std::move(scarce)};
        shop.chooser.supply(shop.snapshot.stock, {});
        return shop.mass(1).slot_count > 0;
    };
    EXPECT_TRUE(supply({{ProductId(501), StockLevel::out}}));
    EXPECT_FALSE(supply({{ProductId(501), StockLevel::out}, {ProductId(502), StockLevel::out}}));
    EXPECT_EQ(removed(shop.mass(1), Removal::out_of_stock), shop.snapshot.catalogue.offers.size());
    // A new snapshot knows it too.
    shop.prepare();
    EXPECT_EQ(shop.mass(1).slot_count, 0);
    EXPECT_TRUE(supply({{ProductId(501), StockLevel::out}, {ProductId(502), StockLevel::low}}));
    EXPECT_TRUE(supply({}));
}

TEST(Campaigns, TheShelfKnowsWhatIsLow) {
    Shop shop;
    shop.offer(1).products = {ProductId(501), ProductId(502)};
    Shelf shelf(shop.snapshot.catalogue, StoreId("paris"));
    shelf.restock({{{ProductId(501), StockLevel::low}}});
    EXPECT_EQ(shelf.supply[0], StockLevel::normal);
    shelf.restock({{{ProductId(501), StockLevel::low}, {ProductId(502), StockLevel::out}}});
    EXPECT_EQ(shelf.supply[0], StockLevel::low);
    EXPECT_EQ(shelf.supply[1], StockLevel::normal) << "covers no product";
}

TEST(Campaigns, ASpentBudgetEndsTheOfferForAll) {
    OneOffer shop;
    shop.only.budget = 2;
    shop.know({blank()});
    shop.prepare();
    Budgets budgets;
    budgets.claimed(shop.only.id);
    shop.chooser.supply({}, budgets);
    EXPECT_TRUE(shop.shown());
    EXPECT_FALSE(budgets.spent(shop.only));
    EXPECT_TRUE(budgets.spent(shop.only, 1));
    budgets.claimed(shop.only.id);
    shop.chooser.supply({}, budgets);
    EXPECT_EQ(shop.mass(1).slot_count, 0);
    EXPECT_EQ(removed(shop.mass(1), Removal::budget), 1U);
    shop.only.budget = 0;
    EXPECT_FALSE(budgets.spent(shop.only)) << "no budget is no limit";
}

TEST(Campaigns, WhoTookAnOfferIsLeftAloneForItsCoolDown) {
    OneOffer shop;
    shop.only.cool_down_days = 10;
    shop.know({blank()});
    shop.prepare();
    shop.exposures.taken(kAna, shop.only.id, kNow - std::chrono::days(9));
    EXPECT_FALSE(shop.shown());
    EXPECT_EQ(shop.count(Removal::cool_down), 1U) << "what everyone sees leaves it out too";
    shop.exposures.forget(kAna);
    shop.exposures.taken(kAna, shop.only.id, kNow - std::chrono::days(10));
    EXPECT_TRUE(shop.shown());
    // A clock that was wrong by years does not bar for years.
    shop.exposures.forget(kAna);
    shop.exposures.taken(kAna, shop.only.id, kNow + std::chrono::days(4000));
    EXPECT_TRUE(shop.shown());
}

TEST(Campaigns, WhatNobodyOpensRestsAndComesBack) {
    OneOffer shop;
    shop.snapshot.policy.rest_after_unopened = 3;
    shop.snapshot.policy.rest_days = 5;
    shop.know({blank()});
    shop.prepare();
    const auto show = [&](int days_ago) {
        shop.exposures.shown(kAna, shop.only.id, shop.only.category,
                             kNow - std::chrono::days(days_ago));
    };
    show(4);
    show(3);
    EXPECT_TRUE(shop.shown());
    show(2);
    EXPECT_FALSE(shop.shown());
    shop.context.now = kNow + std::chrono::days(3);
    EXPECT_TRUE(shop.shown()) << "five days later";
    shop.context.now = kNow;
    shop.exposures.opened(kAna, shop.only.id);
    EXPECT_TRUE(shop.shown()) << "who opened it is not tired of it";
}

TEST(Campaigns, BudgetsReadBackAndForgetWhatIsGone) {
    Shop shop;
    Budgets budgets;
    budgets.claimed(OfferId(3));
    budgets.claimed(OfferId(3));
    budgets.claimed(OfferId(4'000'000'000));
    Budgets back;
    ASSERT_TRUE(back.restore(budgets.encode()).has_value());
    EXPECT_EQ(back, budgets);
    back.keep_only(shop.snapshot.catalogue);
    EXPECT_EQ(back.claims_of(OfferId(3)), 2U);
    EXPECT_EQ(back.claims_of(OfferId(4'000'000'000)), 0U);
    Bytes bytes = budgets.encode();
    bytes[2] ^= 1;
    EXPECT_FALSE(back.restore(bytes).has_value());
    EXPECT_EQ(back.claims_of(OfferId(3)), 2U) << "unchanged";
    EXPECT_FALSE(back.restore({}).has_value());
}

/// One member between kiosks, tablets and other channels. What was seen is counted apart from the
/// code under test.
struct Town {
    Shop shop{24};
    Profile profile = blank();
    std::map<OfferId, int> ever;
    std::map<std::pair<OfferId, std::int32_t>, int> on_day;
    std::map<std::pair<CategoryId, std::int32_t>, int> category_on_day;
    static constexpr int kCategoryMax = 4;

    explicit Town(const std::vector<int>& caps) {
        shop.snapshot.policy.category_per_member_day = kCategoryMax;
        shop.snapshot.policy.rest_after_unopened = 0;
        shop.snapshot.policy.per_category_max = 3;
        for (std::size_t i = 0; i < caps.size(); ++i) {
            shop.snapshot.catalogue.offers[i].caps = {
                .per_member_day = static_cast<std::uint8_t>(caps[i] % 4),
                .per_member_total = static_cast<std::uint8_t>(caps[i] / 4)};
        }
        tell();
    }
    std::int32_t today() const { return day_of(shop.context.now); }
    void tell() {
        shop.know({profile});
        shop.prepare();
    }
    void count(const Offer& offer) {
        ++ever[offer.id];
        ++on_day[{offer.id, today()}];
        ++category_on_day[{offer.category, today()}];
    }
    bool may_see(const Offer& offer) {
        const auto below = [](int count, int cap) { return cap == 0 || count < cap; };
        return below(on_day[{offer.id, today()}], offer.caps.per_member_day) &&
               below(ever[offer.id], offer.caps.per_member_total) &&
               below(category_on_day[{offer.category, today()}], kCategoryMax);
    }
    void look(Placement placement, std::uint64_t seed) {
        shop.context.placement = placement;
        const Decision decision = shop.personal(seed);
        if (decision.path != Path::personal) return;
        shop.exposures.decided(kAna, shop.context.now);
        for (std::size_t i = 0; i < decision.slot_count; ++i) {
            const Offer& offer = *shop.snapshot.catalogue.offer(decision.slots[i].offer);
            RC_ASSERT(may_see(offer));
            shop.exposures.shown(kAna, offer.id, offer.category, shop.context.now);
            count(offer);
        }
    }
    /// Another channel shows one offer, within its caps, and the bundle brings the news.
    void see_elsewhere(const Offer& offer) {
        if (!may_see(offer)) return;
        count(offer);
        auto& all = profile.seen_elsewhere;
        auto seen = std::ranges::lower_bound(all, offer.id, {}, &profiles::Seen::offer);
        if (seen == all.end() || seen->offer != offer.id) {
            seen = all.insert(seen, {.offer = offer.id});
        }
        if (seen->day != today()) seen->that_day = 0;
        seen->day = today();
        ++seen->that_day;
        ++seen->total;
        tell();
    }
};

// REQUIREMENTS T7, T14: two kiosks, a tablet and other channels share one set of caps. What was
// seen elsewhere comes with a bundle; from then on it counts.
RC_GTEST_PROP(CampaignsLaw, CapsHoldWhateverTheInterleaving, ()) {
    const auto bounded = [](std::size_t size, int end) {
        return rc::gen::container<std::vector<int>>(size, rc::gen::inRange(0, end));
    };
    Town town(*bounded(24, 32));
    std::uint64_t seed = 1;
    for (const int step : *bounded(60, 48)) {
        if (step >= 44) {
            town.shop.context.now += std::chrono::hours(24);
        } else if (step >= 20) {
            town.see_elsewhere(town.shop.offer(static_cast<std::uint32_t>(step - 19)));
        } else {
            town.look(step % 3 == 0 ? Placement::staff : Placement::kiosk, seed++);
        }
    }
}

TEST(Campaigns, OfAGroupSeenElsewhereTodayItStaysThatOne) {
    Shop shop(24);
    for (Offer& offer : shop.snapshot.catalogue.offers) offer.exclusion_group = "g";
    Profile profile = blank();
    profile.seen_elsewhere = {{.offer = OfferId(2), .total = 1, .day = kToday, .that_day = 1}};
    shop.know({profile});
    shop.prepare();
    const Decision decision = shop.personal(1);
    ASSERT_EQ(decision.slot_count, 1);
    EXPECT_EQ(decision.slots[0].offer, OfferId(2));
}

}  // namespace
}  // namespace vitrine::offers
