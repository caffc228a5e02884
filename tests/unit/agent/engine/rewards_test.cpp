#include <gtest/gtest.h>

#include "tests/unit/agent/engine/world.hpp"

namespace vitrine::engine {
namespace {

using consent::Purpose;
using profiles::Reward;
using session::TouchKind;

const std::vector<Purpose> kAll{Purpose::recognise, Purpose::personalise, Purpose::measure};

/// A shop whose offers succeed in this way.
void sell(World& world, Reward reward) {
    profiles::Catalogue catalogue = World::catalogue();
    catalogue.epoch = Epoch(2);
    for (profiles::Offer& offer : catalogue.offers) {
        offer.reward = reward;
        offer.reward_window_hours = 1;
        offer.products = {ProductId(offer.id.value())};
    }
    world.engine().on(catalogue).value();
    world.settle();
}

offers::Statistics learned(World& world) {
    const auto deltas = world.records<session::ModelDelta>();
    if (deltas.empty()) return {};
    return std::get<session::ModelDelta>(deltas.back().body).statistics;
}

TEST(EngineRewards, AnOfferThatIsMeantToBeBoughtLearnsFromPurchasesNotFromTaps) {
    World world;
    sell(world, Reward::bought);
    world.enrol(kAna, kAll);
    world.hear({kAna}, 5s);
    const OfferId offer = world.first_offer();
    ASSERT_TRUE(world.touch(TouchKind::open, offer).has_value());
    world.pass(400s);
    EXPECT_EQ(learned(world).outcomes, 0U) << "a tap says nothing of a purchase";
    world.engine().on(Bought{.member = kAna, .product = ProductId(offer.value())}, world.now(),
                      world.effects());
    world.pass(301s);
    EXPECT_EQ(learned(world).outcomes, 1U);
    EXPECT_EQ(learned(world).positives, 1U);
    world.pass(3600s);
    world.pass(301s);
    EXPECT_EQ(learned(world).outcomes, 3U) << "the window of the two beside it is over";
    EXPECT_EQ(learned(world).positives, 1U);
}

TEST(EngineRewards, ALatePurchaseCorrectsAlsoOverARestart) {
    World world;
    sell(world, Reward::bought);
    world.enrol(kAna, kAll);
    world.hear({kAna}, 5s);
    const OfferId offer = world.first_offer();
    world.pass(3700s);
    ASSERT_EQ(learned(world).outcomes, 0U) << "not handed up yet: a power cut comes first";
    World reborn;
    sell(reborn, Reward::bought);
    for (const Memo& memo : world.effects().memos) {
        EXPECT_TRUE(reborn.engine().restore(memo).has_value()) << memo.key;
    }
    reborn.enrol(kAna, kAll);
    reborn.pass(3700s);
    reborn.engine().on(Bought{.member = kAna, .product = ProductId(offer.value())}, reborn.now(),
                       reborn.effects());
    reborn.pass(301s);
    EXPECT_EQ(learned(reborn).outcomes, 3U);
    EXPECT_EQ(learned(reborn).positives, 1U);
}

/// Kept is not handed up: what the centre was not told before a power cut, it is told after it.
TEST(EngineRewards, WhatWasKeptButNotHandedUpIsHandedUpAfterARestart) {
    World world;
    sell(world, Reward::bought);
    world.enrol(kAna, kAll);
    world.hear({kAna}, 5s);
    world.pass(3700s);
    ASSERT_EQ(learned(world).outcomes, 0U);
    World reborn;
    for (const Memo& memo : world.effects().memos) reborn.engine().restore(memo).value();
    reborn.pass(301s);
    EXPECT_EQ(learned(reborn).outcomes, 3U);
}

TEST(EngineRewards, WithoutMeasureNothingWaits) {
    World world;
    sell(world, Reward::bought);
    world.enrol(kAna, {Purpose::recognise, Purpose::personalise});
    world.effects().clear();
    world.hear({kAna}, 5s);
    ASSERT_EQ(world.screen().mode, session::Mode::tailored);
    for (const Memo& memo : world.effects().memos) {
        EXPECT_FALSE(memo.key.starts_with(kRewardPrefix)) << memo.key;
    }
}

TEST(EngineRewards, AnErasedMemberLeavesNothingThatWaits) {
    World world;
    sell(world, Reward::bought);
    world.enrol(kAna, kAll);
    world.hear({kAna}, 5s);
    world.engine().on_erasures(std::vector{kAna}, world.now(), world.effects());
    const auto memo = std::ranges::find(world.effects().memos, reward_key(kAna), &Memo::key);
    ASSERT_NE(memo, world.effects().memos.end());
    EXPECT_EQ(memo->value, std::nullopt);
}

TEST(EngineRewards, ASavedCodeThatIsPickedUpIsTheSuccessOfAnOfferMeantToBeClaimed) {
    World world;
    sell(world, Reward::claimed);
    world.enrol(kAna, kAll);
    world.hear({kAna}, 5s);
    const OfferId offer = world.first_offer();
    ASSERT_TRUE(world.touch(TouchKind::save, offer).has_value());
    const std::string url = world.screen().claim->url;
    ASSERT_EQ(world.engine().claim(url.substr(std::string("http://shop/c/").size()), world.now(),
                                   world.effects()),
              ClaimState::ready);
    world.pass(301s);
    EXPECT_EQ(learned(world).outcomes, 1U);
    EXPECT_EQ(learned(world).positives, 1U);
}

}  // namespace
}  // namespace vitrine::engine
