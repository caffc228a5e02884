#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/agent/engine/world.hpp"

namespace vitrine::engine {
namespace {

using session::Mode;
using session::TouchKind;

/// A catalogue of one offer for coffee, changed as the test wants.
template <class Change>
profiles::Catalogue only_coffee(std::uint64_t epoch, const Change& change) {
    profiles::Catalogue made = World::catalogue();
    made.epoch = Epoch(epoch);
    made.offers.resize(1);
    change(made.offers[0]);
    return made;
}

std::string token_of(const World& world) {
    const std::string& url = world.screen().claim->url;
    return url.substr(url.rfind('/') + 1);
}

bool shows(const World& world, OfferId offer) {
    return std::ranges::any_of(world.screen().cards,
                               [&](const session::Card& card) { return card.offer == offer; });
}

TEST(EngineCampaigns, HandsOutNoMoreCodesThanTheBudgetAndRemembersThem) {
    World world;
    const auto budget_of = [](std::uint32_t most) {
        return [most](profiles::Offer& offer) { offer.budget = most; };
    };
    ASSERT_TRUE(world.engine().on(only_coffee(2, budget_of(2))).has_value());
    world.pass(1s);
    const OfferId offer(100);
    ASSERT_TRUE(shows(world, offer));
    ASSERT_TRUE(world.touch(TouchKind::save, offer).has_value());
    const std::string first = token_of(world);
    ASSERT_TRUE(world.touch(TouchKind::save, offer).has_value());
    const std::string second = token_of(world);
    // A code that is given holds, so a third has to wait for one that expires.
    EXPECT_EQ(world.touch(TouchKind::save, offer).error().code, ErrorCode::conflict);
    EXPECT_EQ(world.engine().claim(first, world.now(), world.effects()), ClaimState::ready);
    world.pass(6min);
    ASSERT_TRUE(shows(world, offer));
    ASSERT_TRUE(world.touch(TouchKind::save, offer).has_value());
    const std::string third = token_of(world);
    EXPECT_EQ(world.engine().claim(second, world.now(), world.effects()), ClaimState::expired);
    EXPECT_EQ(world.engine().claim(third, world.now(), world.effects()), ClaimState::ready);
    world.pass(11min);
    EXPECT_FALSE(shows(world, offer));

    // After a restart too.
    World next;
    for (const Memo& memo : world.effects().memos) {
        ASSERT_TRUE(next.engine().restore(memo).has_value()) << memo.key;
    }
    ASSERT_TRUE(next.engine().on(only_coffee(2, budget_of(2))).has_value());
    next.pass(1s);
    EXPECT_FALSE(shows(next, offer));
    ASSERT_TRUE(next.engine().on(only_coffee(3, budget_of(3))).has_value());
    next.pass(1s);
    EXPECT_TRUE(shows(next, offer)) << "a larger budget goes on";
}

TEST(EngineCampaigns, WhatRanOutLeavesTheScreenAndComesBack) {
    World world;
    ASSERT_TRUE(
        world.engine()
            .on(only_coffee(2, [](profiles::Offer& each) { each.products = {ProductId(9)}; }))
            .has_value());
    world.pass(1s);
    ASSERT_TRUE(shows(world, OfferId(100)));
    world.engine().on(profiles::Stock{{{ProductId(9), profiles::StockLevel::out}}});
    world.pass(1s);
    EXPECT_FALSE(shows(world, OfferId(100)));
    world.engine().on(profiles::Stock{});
    world.pass(1s);
    EXPECT_TRUE(shows(world, OfferId(100)));
}

TEST(EngineCampaigns, WhoseClaimWasPickedUpIsInTheCoolDown) {
    World world;
    ASSERT_TRUE(world.engine()
                    .on(only_coffee(2, [](profiles::Offer& each) { each.cool_down_days = 30; }))
                    .has_value());
    world.enrol(kAna, kAllPurposes);
    world.hear({kAna}, 5s);
    ASSERT_EQ(world.screen().mode, Mode::tailored);
    ASSERT_TRUE(world.touch(TouchKind::save, OfferId(100)).has_value());
    ASSERT_EQ(world.engine().claim(token_of(world), world.now(), world.effects()),
              ClaimState::ready);
    world.pass(60s);
    world.hear({kAna}, 5s);
    EXPECT_FALSE(shows(world, OfferId(100)));
    // Everybody else still sees it.
    world.pass(15min);
    EXPECT_TRUE(shows(world, OfferId(100)));
}

// REQUIREMENTS T14: the tablet and two kiosks share one set of caps.
TEST(EngineCampaigns, WhatStaffSawCountsOnceAVisitAndNeverBeyondTheCap) {
    World world(1, 2);
    profiles::Catalogue catalogue = World::catalogue();
    catalogue.epoch = Epoch(2);
    for (profiles::Offer& offer : catalogue.offers) {
        offer.caps = {.per_member_day = 1, .per_member_total = 1};
    }
    ASSERT_TRUE(world.engine().on(catalogue).has_value());
    world.enrol(kAna, kAllPurposes);
    world.hear({kAna}, 5s);
    ASSERT_EQ(world.screen().mode, Mode::tailored);
    std::vector<OfferId> seen;
    const auto see = [&](const std::vector<session::Card>& cards) {
        for (const session::Card& card : cards) {
            EXPECT_EQ(std::ranges::count(seen, card.offer), 0) << card.offer.value();
            seen.push_back(card.offer);
        }
    };
    see(world.screen().cards);
    const auto next_best = [&] {
        return world.engine().staff_board(world.now().wall).members.at(0).next_best;
    };
    // Nobody has looked yet: the choice follows what the kiosk showed.
    see(next_best());
    world.engine().looked(StaffId("marie"), world.now(), world.effects());
    const auto told = next_best();
    world.engine().looked(StaffId("paul"), world.now(), world.effects());
    EXPECT_EQ(next_best().size(), told.size());
    // The far kiosk has to find others.
    world.pass(20s);
    world.hear({kAna}, 8s, Rssi(-45), 1);
    const session::Screen& far = *world.engine().screen(kFarKiosk);
    ASSERT_EQ(far.mode, Mode::tailored);
    see(far.cards);
    EXPECT_EQ(seen.size(), 9U);
}

TEST(EngineCampaigns, AThompsonChoiceIsRecordedWithItsEstimatedProbabilities) {
    World world;
    profiles::Policy policy = world.engine().snapshot().policy;
    policy.epoch = policy.epoch.next();
    policy.exploration = profiles::Exploration::thompson;
    world.engine().on(policy).value();
    world.enrol(kAna, {consent::Purpose::recognise, consent::Purpose::personalise,
                       consent::Purpose::measure});
    world.hear({kAna}, 5s);
    const auto viewed = world.records<session::PromotionViewed>();
    const offers::Decision& decision =
        std::get<session::PromotionViewed>(viewed.back().body).decision;
    ASSERT_EQ(decision.path, offers::Path::personal);
    EXPECT_EQ(decision.exploration, profiles::Exploration::thompson);
    ASSERT_GT(decision.slot_count, 0);
    for (std::size_t i = 0; i < decision.slot_count; ++i) {
        EXPECT_GT(decision.slots[i].probability, 0);
        EXPECT_LE(decision.slots[i].probability, 1);
    }
    ASSERT_TRUE(world.touch(session::TouchKind::dismiss, world.first_offer()).has_value());
    EXPECT_EQ(world.screen().mode, session::Mode::tailored);
}

}  // namespace
}  // namespace vitrine::engine
