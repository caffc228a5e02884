#include "agent/engine/engine.hpp"

#include <gtest/gtest.h>

#include "tests/unit/agent/engine/world.hpp"

namespace vitrine::engine {
namespace {

using consent::Purpose;
using session::Mode;
using session::PromotionTouched;
using session::TouchKind;

TEST(Engine, AnArrivalTurnsTheScreenTailoredAndASilenceTurnsItBack) {
    World world;
    world.enrol(kAna, kAllPurposes);
    EXPECT_EQ(world.screen().mode, Mode::ambient);
    world.hear({kAna}, 5s);
    EXPECT_EQ(world.screen().mode, Mode::tailored);
    EXPECT_LE(world.screen().cards.size(), 3U);  // REQUIREMENTS T7
    ASSERT_EQ(world.records<session::VisitStarted>().size(), 1U);
    EXPECT_EQ(world.records<session::VisitStarted>()[0].subject, kAna);
    world.pass(40s);
    EXPECT_EQ(world.screen().mode, Mode::ambient);
    EXPECT_EQ(world.records<session::VisitEnded>().size(), 1U);
}

TEST(Engine, WithoutPersonaliseTheScreenStaysMassAndNoRecordNamesTheMember) {
    World world;
    world.enrol(kAna, {Purpose::recognise});
    world.effects().clear();
    world.hear({kAna}, 5s);
    ASSERT_TRUE(world.touch(TouchKind::open, world.first_offer()).has_value());
    world.pass(40s);
    EXPECT_EQ(world.screen().mode, Mode::ambient);
    for (const session::Record& record : world.effects().records)
        EXPECT_FALSE(record.subject.has_value());
    EXPECT_TRUE(world.records<session::VisitStarted>().empty());
}

TEST(Engine, WithoutMeasureATailoredVisitLeavesNoNameAndTeachesNothing) {
    World world;
    world.enrol(kAna, {Purpose::recognise, Purpose::personalise});
    world.effects().clear();
    world.hear({kAna}, 5s);
    ASSERT_EQ(world.screen().mode, Mode::tailored);
    ASSERT_TRUE(world.touch(TouchKind::open, world.first_offer()).has_value());
    world.pass(400s);
    ASSERT_EQ(world.records<PromotionTouched>().size(), 1U);
    for (const session::Record& record : world.effects().records)
        EXPECT_FALSE(record.subject.has_value());
    EXPECT_TRUE(world.records<session::ModelDelta>().empty());
}

TEST(Engine, WithoutRecogniseAPhoneIsAStrangers) {
    World world;
    world.enrol(kAna, {Purpose::personalise, Purpose::measure});
    world.hear({kAna}, 5s);
    EXPECT_EQ(world.screen().mode, Mode::ambient);
    EXPECT_EQ(world.engine().tracker().members_present(), 0U);
}

TEST(Engine, TwoMembersGetWhatSuitsAll) {
    World world;
    world.enrol(kAna, kAllPurposes);
    world.enrol(kBob, kAllPurposes);
    world.hear({kAna, kBob}, 5s);
    EXPECT_EQ(world.screen().mode, Mode::group);
    for (const session::Card& card : world.screen().cards) EXPECT_NE(card.category.en, "Health");
}

TEST(Engine, AScreenReactsToNobodyWhereNobodyAskedForIt) {
    World world;
    world.enrol(kAna, {Purpose::recognise});
    world.enrol(kBob, {Purpose::recognise});
    const DecisionId before = world.screen().decision;
    world.hear({kAna, kBob}, 5s);
    EXPECT_EQ(world.engine().tracker().audience(0).total, 2U);
    EXPECT_EQ(world.screen().mode, Mode::ambient);
    EXPECT_EQ(world.screen().decision, before);
    world.enrol(kBob, kAllPurposes);
    world.hear({kAna, kBob}, 5s);
    EXPECT_EQ(world.screen().mode, Mode::group);
}

// REQUIREMENTS P2: over many visits no sensitive offer ever comes on a tailored screen.
TEST(Engine, NoSensitiveOfferIsEverTailored) {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        World world(seed);
        world.enrol(kAna, kAllPurposes);
        world.hear({kAna}, 5s);
        ASSERT_EQ(world.screen().mode, Mode::tailored);
        for (const session::Card& card : world.screen().cards)
            EXPECT_NE(card.category.en, "Health");
    }
}

TEST(Engine, TwoTapsOnOneCardAreOneClick) {
    World world;
    world.enrol(kAna, kAllPurposes);
    world.hear({kAna}, 5s);
    const OfferId offer = world.first_offer();
    ASSERT_TRUE(world.touch(TouchKind::open, offer).has_value());
    ASSERT_TRUE(world.touch(TouchKind::close).has_value());
    ASSERT_TRUE(world.touch(TouchKind::open, offer).has_value());
    const auto touched = world.records<PromotionTouched>();
    ASSERT_EQ(touched.size(), 1U);
    EXPECT_EQ(std::get<PromotionTouched>(touched[0].body).offer, offer);
    EXPECT_EQ(touched[0].subject, kAna);
}

TEST(Engine, WhatSomebodyUsesDoesNotChangeUnderTheirFinger) {
    World world;
    world.enrol(kAna, kAllPurposes);
    world.hear({kAna}, 5s);
    ASSERT_TRUE(world.touch(TouchKind::open, world.first_offer()).has_value());
    const DecisionId before = world.screen().decision;
    world.pass(45s);  // the phone is silent: the visitor is still reading
    EXPECT_EQ(world.screen().decision, before);
    world.pass(30s);
    EXPECT_EQ(world.screen().mode, Mode::ambient);
}

TEST(Engine, ATouchOnAScreenThatIsLongGoneIsAConflict) {
    World world;
    const DecisionId old = world.screen().decision;
    const OfferId offer = world.first_offer();
    world.enrol(kAna, kAllPurposes);
    world.hear({kAna}, 30s);
    const auto touched = world.engine().on(
        session::Touch{.kiosk = kKiosk, .decision = old, .kind = TouchKind::open, .offer = offer},
        Secret{}, world.now(), world.effects());
    ASSERT_FALSE(touched.has_value());
    EXPECT_EQ(touched.error().code, ErrorCode::conflict);
}

TEST(Engine, ADismissedOfferGoesAtOnceAndDoesNotComeBack) {
    World world;
    world.enrol(kAna, kAllPurposes);
    world.hear({kAna}, 5s);
    const OfferId unwanted = world.first_offer();
    ASSERT_TRUE(world.touch(TouchKind::dismiss, unwanted).has_value());
    for (int i = 0; i < 5; ++i) {
        for (const session::Card& card : world.screen().cards) EXPECT_NE(card.offer, unwanted);
        world.pass(40s);
        world.hear({kAna}, 5s);
    }
}

// REQUIREMENTS P5.
TEST(Engine, ASavedOfferCanBeClaimedOnceAndForFiveMinutesAtMost) {
    World world;
    world.enrol(kAna, kAllPurposes);
    world.hear({kAna}, 5s);
    const OfferId offer = world.first_offer();
    ASSERT_TRUE(world.touch(TouchKind::save, offer).has_value());
    ASSERT_TRUE(world.screen().claim.has_value());
    const session::Claim claim = *world.screen().claim;
    EXPECT_LE(claim.valid_until - world.now().wall, 5min);
    const std::string token = claim.url.substr(std::string("http://shop/c/").size());
    EXPECT_EQ(world.engine().claim_card(token)->offer, offer);
    // The till's code is a matter of chance of its own: the link does not give it away.
    const std::string code = world.engine().claim_code(token);
    EXPECT_EQ(code, "2491650N");
    EXPECT_EQ(token, "0102030405060708090a0b0c0d0e0f10");
    EXPECT_EQ(world.engine().claim(token, world.now(), world.effects()), ClaimState::ready);
    EXPECT_EQ(world.engine().claim(token, world.now(), world.effects()), ClaimState::used);
    EXPECT_EQ(world.records<session::CouponClaimed>().size(), 1U);
    EXPECT_FALSE(world.screen().claim.has_value())
        << "the code is gone from the screen once it is used";

    ASSERT_TRUE(world.touch(TouchKind::save, offer).has_value());
    const std::string late = world.screen().claim->url.substr(std::string("http://shop/c/").size());
    EXPECT_EQ(world.engine().claim_state(late, world.now().wall + 6min), ClaimState::expired);
    EXPECT_EQ(world.engine().claim_state("00", world.now().wall), ClaimState::unknown);
}

// REQUIREMENTS P9, and the erasure of DESIGN §6: within a second, whatever is on the screen.
TEST(Engine, AnErasureClearsTheScreenAtOnceAndForEver) {
    World world;
    world.enrol(kAna, kAllPurposes);
    world.hear({kAna}, 5s);
    ASSERT_TRUE(world.touch(TouchKind::open, world.first_offer()).has_value());
    world.engine().on_erasures(std::vector{kAna}, world.now(), world.effects());
    world.pass(1s);
    EXPECT_EQ(world.screen().mode, Mode::ambient);
    world.enrol(kAna, kAllPurposes);
    world.effects().clear();
    world.hear({kAna}, 10s);
    EXPECT_EQ(world.screen().mode, Mode::ambient);
    for (const session::Record& record : world.effects().records)
        EXPECT_FALSE(record.subject.has_value());
}

TEST(Engine, AWithdrawalInABundleWorksAtOnceAlsoUnderAFinger) {
    World world;
    world.enrol(kAna, kAllPurposes);
    world.hear({kAna}, 5s);
    ASSERT_TRUE(world.touch(TouchKind::open, world.first_offer()).has_value());
    consent::Consents consents;
    for (const Purpose purpose : consent::kPurposes) consents.of(purpose) = {.withdrawal = 1};
    const std::vector<std::pair<MemberId, consent::Consents>> withdrawn{{kAna, consents}};
    ASSERT_TRUE(world.engine().on(profiles::ProfileBook(Epoch(9), {}, {}), withdrawn).has_value());
    world.pass(1s);
    EXPECT_EQ(world.screen().mode, Mode::ambient);
    EXPECT_TRUE(world.engine().staff_board(world.now().wall).members.empty());
}

// REQUIREMENTS P12.
TEST(Engine, StaffSeeWhoPermitsItAndEachLookIsRecordedOnce) {
    World world;
    world.enrol(kAna, kAllPurposes);
    world.enrol(kBob,
                {Purpose::recognise, Purpose::personalise, Purpose::measure, Purpose::context});
    world.hear({kAna, kBob}, 5s);
    const session::StaffBoard board = world.engine().staff_board(world.now().wall);
    ASSERT_EQ(board.members.size(), 1U);
    EXPECT_EQ(board.members[0].calls_me, "Ana");
    EXPECT_FALSE(board.members[0].next_best.empty());
    EXPECT_EQ(board.members[0].ref.find(to_text(kAna)), std::string::npos);
    world.engine().looked(StaffId("marie"), world.now(), world.effects());
    world.engine().looked(StaffId("marie"), world.now(), world.effects());
    ASSERT_EQ(world.records<session::StaffViewed>().size(), 1U);
    EXPECT_EQ(world.records<session::StaffViewed>()[0].subject, kAna);
}

TEST(Engine, WhatWasLearnedIsHandedUpOnceAndSurvivesARestart) {
    World world;
    world.enrol(kAna, kAllPurposes);
    world.hear({kAna}, 5s);
    ASSERT_TRUE(world.touch(TouchKind::open, world.first_offer()).has_value());
    world.pass(400s);
    const auto deltas = world.records<session::ModelDelta>();
    ASSERT_FALSE(deltas.empty());
    const offers::Statistics learned = std::get<session::ModelDelta>(deltas.back().body).statistics;
    EXPECT_EQ(learned.positives, 1U);
    EXPECT_GE(learned.outcomes, 2U);

    World reborn;
    for (const Memo& memo : world.effects().memos)
        EXPECT_TRUE(reborn.engine().restore(memo).has_value()) << memo.key;
    world.effects().clear();
    reborn.pass(400s);
    EXPECT_TRUE(reborn.records<session::ModelDelta>().empty()) << "nothing new was learned";
}

TEST(Engine, ABundleOfAnOlderEpochIsRefused) {
    World world;
    profiles::Catalogue old = World::catalogue();
    old.epoch = Epoch(0);
    EXPECT_EQ(world.engine().on(old).error().code, ErrorCode::conflict);
}

TEST(Engine, HybridTimeGoesOnlyForward) {
    World world;
    world.enrol(kAna, kAllPurposes);
    world.hear({kAna}, 5s);
    for (int i = 0; i < 3; ++i)
        ASSERT_TRUE(world.touch(TouchKind::why, world.first_offer()).has_value());
    Hlc last;
    for (const session::Record& record : world.effects().records) {
        EXPECT_GT(record.hlc, last);
        last = record.hlc;
    }
}

}  // namespace
}  // namespace vitrine::engine
