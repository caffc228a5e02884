#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/agent/engine/world.hpp"

namespace vitrine::engine {
namespace {

using consent::Decision;
using consent::Purpose;
using identity::CheckInOutcome;
using session::Mode;
using session::TouchKind;

constexpr std::array kOwnDecisions{TouchKind::pause, TouchKind::resume, TouchKind::forget,
                                   TouchKind::depersonalise};

/// Whether any reason on the screen says what it is about and is personal.
bool tells_habits(const session::Screen& screen) {
    return std::ranges::any_of(screen.cards, [](const session::Card& card) {
        return std::ranges::any_of(card.why, [](const session::Card::Why& why) {
            return offers::is_personal(why.code) && !why.category.fr.empty();
        });
    });
}

std::vector<consent::Event> decisions(const World& world) {
    std::vector<consent::Event> events;
    for (const session::Record& record : world.records<session::ConsentChanged>()) {
        events.push_back(std::get<session::ConsentChanged>(record.body).event);
        EXPECT_EQ(record.subject, events.back().subject);
    }
    return events;
}

TEST(CheckIn, TurnsTheScreenIntoTheMembersThoughNoAdvertIsHeard) {
    World world;
    world.enrol(kAna, kAllPurposes);
    const identity::Challenge code = world.code();
    EXPECT_EQ(code.kiosk, kKiosk);
    EXPECT_LE(world.screen().check_in->valid_until - world.now().wall, 5min);
    EXPECT_EQ(world.engine().on(world.answer(kAna, code), world.now(), world.effects()),
              CheckInOutcome::welcome);
    EXPECT_EQ(world.screen().mode, Mode::tailored);
    EXPECT_EQ(world.screen().verified,
              (session::Verified{.recognise = true, .paused = false, .personalise = true}));
    EXPECT_FALSE(world.screen().check_in.has_value());
    ASSERT_EQ(world.records<session::VisitStarted>().size(), 1U);
    world.pass(60s);
    EXPECT_EQ(world.screen().mode, Mode::tailored)
        << "nothing is heard, and the member stands there";
    ASSERT_TRUE(world.touch(TouchKind::leave).has_value());
    EXPECT_EQ(world.screen().mode, Mode::ambient);
    EXPECT_FALSE(world.screen().verified.has_value());
    EXPECT_EQ(world.records<session::VisitEnded>().size(), 1U);
}

TEST(CheckIn, KeepsTheOffersAndGivesTheirReasonsInFull) {
    // Which offers come is a matter of chance: some seed has one for the member's habit.
    bool any = false;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        World world(seed);
        world.enrol(kAna, kAllPurposes);
        world.hear({kAna}, 5s);
        ASSERT_EQ(world.screen().mode, Mode::tailored);
        EXPECT_FALSE(tells_habits(world.screen()));
        const DecisionId before = world.screen().decision;
        ASSERT_EQ(world.check_in(kAna), CheckInOutcome::welcome);
        EXPECT_EQ(world.screen().decision, before);
        any = any || tells_habits(world.screen());
        world.hear({kAna}, 1s);
        ASSERT_TRUE(world.touch(TouchKind::leave).has_value());
        EXPECT_FALSE(tells_habits(world.screen())) << "the next reader is anyone";
        EXPECT_EQ(world.screen().mode, Mode::tailored) << "still heard";
    }
    EXPECT_TRUE(any);
}

TEST(CheckIn, EndsAfterItsTimeWithoutATouchAndEveryTouchRenewsIt) {
    World world;
    world.enrol(kAna, kAllPurposes);
    ASSERT_EQ(world.check_in(kAna), CheckInOutcome::welcome);
    world.pass(179s);
    ASSERT_TRUE(world.touch(TouchKind::stay).has_value());
    world.pass(179s);
    EXPECT_TRUE(world.screen().verified.has_value());
    world.pass(2s);
    EXPECT_FALSE(world.screen().verified.has_value());
    EXPECT_EQ(world.screen().mode, Mode::ambient);
    EXPECT_EQ(world.touch(TouchKind::pause).error().code, ErrorCode::denied);
}

TEST(CheckIn, AChallengeIsGoodForOneAnswerWithinFiveMinutes) {
    World world;
    world.enrol(kAna, kAllPurposes);
    const identity::Challenge code = world.code();
    const identity::CheckIn answer = world.answer(kAna, code);
    EXPECT_EQ(world.engine().on(answer, world.now(), world.effects()), CheckInOutcome::welcome);
    EXPECT_EQ(world.engine().on(answer, world.now(), world.effects()), CheckInOutcome::over);
    ASSERT_TRUE(world.touch(TouchKind::leave).has_value());
    const identity::Challenge late = world.code();
    world.pass(301s);
    EXPECT_EQ(world.engine().on(world.answer(kAna, late), world.now(), world.effects()),
              CheckInOutcome::over);
    EXPECT_FALSE(world.screen().check_in.has_value());
}

TEST(CheckIn, AWrongAnswerIsRefusedAndItsCodeLeavesTheScreen) {
    World world;
    world.enrol(kAna, kAllPurposes);
    const identity::Challenge code = world.code();
    identity::CheckIn answer = world.answer(kAna, code);
    answer.answer[31] ^= 1;
    EXPECT_EQ(world.engine().on(answer, world.now(), world.effects()), CheckInOutcome::refused);
    EXPECT_FALSE(world.screen().check_in.has_value());
    EXPECT_FALSE(world.screen().verified.has_value());
    EXPECT_EQ(world.engine().on(world.answer(kAna, code), world.now(), world.effects()),
              CheckInOutcome::over);
}

TEST(CheckIn, AnAnswerForAnotherKioskIsRefused) {
    World world(1, 2);
    world.enrol(kAna, kAllPurposes);
    identity::Challenge code = world.code();
    code.kiosk = kFarKiosk;
    EXPECT_EQ(world.engine().on(world.answer(kAna, code), world.now(), world.effects()),
              CheckInOutcome::refused);
}

TEST(CheckIn, ManyWrongAnswersHaveToWaitAndAGoodOneThenCounts) {
    World world;
    world.enrol(kAna, kAllPurposes);
    for (std::size_t i = 0; i < CheckIns::kRefusedMax; ++i) {
        EXPECT_EQ(world.check_in(kBob), CheckInOutcome::refused);
    }
    const identity::Challenge code = world.code();
    EXPECT_EQ(world.engine().on(world.answer(kAna, code), world.now(), world.effects()),
              CheckInOutcome::later);
    world.pass(30s);
    EXPECT_EQ(world.engine().on(world.answer(kAna, code), world.now(), world.effects()),
              CheckInOutcome::welcome)
        << "who had to wait did not use the challenge up";
}

TEST(CheckIn, WhoeverAsksForManyChallengesGetsTheSameOne) {
    World world;
    identity::Nonce nonce{};
    const auto first = world.engine().challenge(kKiosk, nonce, world.now()).value();
    nonce[0] = 1;
    EXPECT_EQ(world.engine().challenge(kKiosk, nonce, world.now()).value(), first);
    world.pass(2s);
    EXPECT_EQ(world.engine().challenge(kKiosk, nonce, world.now()).value().nonce, nonce);
    EXPECT_FALSE(world.engine().challenge(KioskId("nowhere"), nonce, world.now()).has_value());
}

TEST(CheckIn, IsTheMembersOwnActAndNeedsNoPermissionToRecognise) {
    World world;
    world.enrol(kAna, {Purpose::personalise});
    world.hear({kAna}, 5s);
    EXPECT_EQ(world.screen().mode, Mode::ambient);
    ASSERT_EQ(world.check_in(kAna), CheckInOutcome::welcome);
    EXPECT_EQ(world.screen().mode, Mode::tailored);
    EXPECT_EQ(world.screen().verified,
              (session::Verified{.recognise = false, .paused = false, .personalise = true}));
    ASSERT_TRUE(world.touch(TouchKind::leave).has_value());
    EXPECT_EQ(world.screen().mode, Mode::ambient);
}

TEST(CheckIn, WithoutPersonaliseTheScreenStaysEveryonesAndNoRecordNamesTheMember) {
    World world;
    world.enrol(kAna, {Purpose::recognise});
    world.effects().clear();
    ASSERT_EQ(world.check_in(kAna), CheckInOutcome::welcome);
    EXPECT_EQ(world.screen().mode, Mode::ambient);
    EXPECT_TRUE(world.screen().verified.has_value());
    for (const session::Record& record : world.effects().records) {
        EXPECT_FALSE(record.subject.has_value());
    }
}

TEST(CheckIn, OthersNearDoNotTakeTheScreenAway) {
    World world;
    world.enrol(kAna, kAllPurposes);
    world.enrol(kBob, kAllPurposes);
    world.hear({kAna, kBob}, 5s);
    ASSERT_EQ(world.screen().mode, Mode::group);
    ASSERT_EQ(world.check_in(kAna), CheckInOutcome::welcome);
    world.hear({kAna, kBob}, 5s);
    EXPECT_EQ(world.screen().mode, Mode::tailored);
}

TEST(CheckIn, AnotherMembersCheckInEndsTheFirst) {
    World world;
    world.enrol(kAna, kAllPurposes);
    world.enrol(kBob, {Purpose::recognise});
    ASSERT_EQ(world.check_in(kAna), CheckInOutcome::welcome);
    ASSERT_EQ(world.check_in(kBob), CheckInOutcome::welcome);
    EXPECT_EQ(world.screen().mode, Mode::ambient);
    ASSERT_TRUE(world.touch(TouchKind::pause).has_value());
    ASSERT_EQ(decisions(world).size(), 1U);
    EXPECT_EQ(decisions(world)[0].subject, kBob);
}

TEST(CheckIn, AtAnotherKioskEndsTheFirstAndTheVisitGoesOn) {
    World world(1, 2);
    world.enrol(kAna, kAllPurposes);
    ASSERT_EQ(world.check_in(kAna), CheckInOutcome::welcome);
    world.pass(3s);
    ASSERT_EQ(world.check_in(kAna, kFarKiosk), CheckInOutcome::welcome);
    EXPECT_FALSE(world.screen().verified.has_value());
    EXPECT_EQ(world.screen().mode, Mode::ambient);
    EXPECT_TRUE(world.engine().screen(kFarKiosk)->verified.has_value());
    EXPECT_EQ(world.records<session::VisitStarted>().size(), 1U);
    EXPECT_TRUE(world.records<session::VisitEnded>().empty());
}

// DESIGN §4: a verified member heard elsewhere is a conflict, and content there is neutral.
TEST(CheckIn, WhoIsVerifiedHereAndHeardThereIsAConflictThere) {
    World world(1, 2);
    world.enrol(kAna, kAllPurposes);
    ASSERT_EQ(world.check_in(kAna), CheckInOutcome::welcome);
    world.hear({kAna}, 5s, Rssi(-45), 1);
    EXPECT_EQ(world.engine().screen(kFarKiosk)->mode, Mode::conflict);
    EXPECT_EQ(world.engine().conflicts(), 1U);
    EXPECT_EQ(world.screen().mode, Mode::tailored);
}

TEST(Pause, EndsRecognitionAtOnceAndByItselfAfterADay) {
    World world;
    world.enrol(kAna, kAllPurposes);
    world.hear({kAna}, 5s);
    ASSERT_EQ(world.check_in(kAna), CheckInOutcome::welcome);
    ASSERT_TRUE(world.touch(TouchKind::pause).has_value());
    EXPECT_EQ(world.screen().mode, Mode::ambient) << "in the same step";
    EXPECT_FALSE(world.screen().verified.has_value());
    const std::vector<consent::Event> events = decisions(world);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].purpose, Purpose::recognise);
    EXPECT_EQ(events[0].decision, Decision::paused);
    EXPECT_EQ(events[0].channel, consent::Channel::kiosk);
    EXPECT_EQ(events[0].version, 1U);
    EXPECT_EQ(events[0].notice.id, "kiosk-pause");
    EXPECT_EQ(*events[0].valid_until, world.now().wall + 24h);
    world.hear({kAna}, 5s);
    EXPECT_EQ(world.screen().mode, Mode::ambient);
    EXPECT_EQ(world.engine().tracker().members_present(), 0U);

    world.pass(24h);
    const std::vector<consent::Event> later = decisions(world);
    ASSERT_EQ(later.size(), 2U);
    EXPECT_EQ(later[1].decision, Decision::granted);
    EXPECT_EQ(later[1].version, 1U) << "it supersedes the pause and nothing else";
    world.hear({kAna}, 5s);
    EXPECT_EQ(world.screen().mode, Mode::tailored);
}

TEST(Pause, IsTakenBackAtAKioskByWhoeverChecksIn) {
    World world;
    world.enrol(kAna, kAllPurposes);
    ASSERT_EQ(world.check_in(kAna), CheckInOutcome::welcome);
    EXPECT_EQ(world.touch(TouchKind::resume).error().code, ErrorCode::denied)
        << "nothing is paused";
    ASSERT_TRUE(world.touch(TouchKind::pause).has_value());
    world.pass(3s);
    ASSERT_EQ(world.check_in(kAna), CheckInOutcome::welcome);
    EXPECT_EQ(world.screen().verified,
              (session::Verified{.recognise = false, .paused = true, .personalise = true}));
    ASSERT_TRUE(world.touch(TouchKind::resume).has_value());
    world.pass(100ms);
    EXPECT_EQ(world.screen().verified,
              (session::Verified{.recognise = true, .paused = false, .personalise = true}));
    world.pass(25h);
    EXPECT_EQ(decisions(world).size(), 2U) << "the pause that was taken back ends no second time";
}

TEST(Pause, DoesNotEndByItselfOverALaterWithdrawal) {
    World world;
    world.enrol(kAna, kAllPurposes);
    ASSERT_EQ(world.check_in(kAna), CheckInOutcome::welcome);
    ASSERT_TRUE(world.touch(TouchKind::pause).has_value());
    world.pass(3s);
    ASSERT_EQ(world.check_in(kAna), CheckInOutcome::welcome);
    ASSERT_TRUE(world.touch(TouchKind::forget).has_value());
    world.pass(25h);
    EXPECT_EQ(decisions(world).size(), 2U);
    world.hear({kAna}, 5s);
    EXPECT_EQ(world.screen().mode, Mode::ambient);
}

TEST(Forget, WithdrawsRecogniseAndLeavesNothingOfTheMemberInTheShop) {
    World world;
    world.enrol(kAna, kAllPurposes);
    world.hear({kAna}, 5s);
    ASSERT_EQ(world.check_in(kAna), CheckInOutcome::welcome);
    world.effects().clear();
    ASSERT_TRUE(world.touch(TouchKind::forget).has_value());
    EXPECT_EQ(world.screen().mode, Mode::ambient);
    const std::vector<consent::Event> events = decisions(world);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].decision, Decision::withdrawn);
    EXPECT_FALSE(events[0].valid_until.has_value());
    const auto exposure = std::ranges::find(world.effects().memos, exposure_key(kAna), &Memo::key);
    ASSERT_NE(exposure, world.effects().memos.end());
    EXPECT_FALSE(exposure->value.has_value());
    EXPECT_EQ(world.engine().table().member_count(), 0U);
    EXPECT_EQ(world.check_in(kAna), CheckInOutcome::refused);
}

TEST(Depersonalise, WithdrawsThatPurposeAloneAndTheCheckInGoesOn) {
    World world;
    world.enrol(kAna, kAllPurposes);
    ASSERT_EQ(world.check_in(kAna), CheckInOutcome::welcome);
    ASSERT_TRUE(world.touch(TouchKind::depersonalise).has_value());
    world.pass(100ms);
    EXPECT_EQ(world.screen().mode, Mode::ambient);
    EXPECT_EQ(world.screen().verified,
              (session::Verified{.recognise = true, .paused = false, .personalise = false}));
    ASSERT_EQ(decisions(world).size(), 1U);
    EXPECT_EQ(decisions(world)[0].purpose, Purpose::personalise);
}

TEST(OwnDecisions, SurviveARestartUntilTheCentreKnowsThem) {
    World world;
    world.enrol(kAna, kAllPurposes);
    ASSERT_EQ(world.check_in(kAna), CheckInOutcome::welcome);
    ASSERT_TRUE(world.touch(TouchKind::pause).has_value());
    World reborn;
    reborn.enrol(kAna, kAllPurposes);  // what the cached bundle says
    for (const Memo& memo : world.effects().memos) {
        if (memo.key == decided_key(kAna)) {
            ASSERT_TRUE(reborn.engine().restore(memo).has_value());
        }
    }
    reborn.hear({kAna}, 5s);
    EXPECT_EQ(reborn.screen().mode, Mode::ambient);
    reborn.pass(24h);
    EXPECT_EQ(decisions(reborn).size(), 1U) << "the pause still ends by itself";

    // The next bundle has the pause and its end.
    reborn.effects().clear();
    consent::Consents known;
    known.of(Purpose::recognise) = {.withdrawal = 1, .paused = true, .granted = true, .grant = 1};
    ASSERT_TRUE(reborn.engine()
                    .on(profiles::ProfileBook(Epoch(9), {}, {}), std::array{std::pair(kAna, known)})
                    .has_value());
    reborn.pass(100ms);
    const auto memo = std::ranges::find(reborn.effects().memos, decided_key(kAna), &Memo::key);
    ASSERT_NE(memo, reborn.effects().memos.end());
    EXPECT_FALSE(memo->value.has_value());
}

TEST(OwnDecisions, OfAnErasedMemberEndEverything) {
    World world;
    world.enrol(kAna, kAllPurposes);
    ASSERT_EQ(world.check_in(kAna), CheckInOutcome::welcome);
    world.engine().on_erasures(std::array{kAna}, world.now(), world.effects());
    EXPECT_FALSE(world.screen().verified.has_value());
    EXPECT_EQ(world.screen().mode, Mode::ambient);
    EXPECT_EQ(world.touch(TouchKind::pause).error().code, ErrorCode::denied);
}

// Laws: whatever happens in whatever order, only a screen that says `verified` takes a decision on
// consents, each of them leaves exactly one record of the member who checked in, and nothing stays
// verified beyond the policy's time.
RC_GTEST_PROP(CheckInLaws, OnlyAVerifiedScreenTakesDecisions, ()) {
    World world(*rc::gen::inRange<std::uint64_t>(1, 1000));
    world.enrol(kAna, kAllPurposes);
    world.enrol(kBob, {Purpose::recognise, Purpose::personalise});
    std::optional<Instant> last_sign;
    for (const int step : *rc::gen::container<std::vector<int>>(40, rc::gen::inRange(0, 10))) {
        const std::size_t records = decisions(world).size();
        const bool verified = world.screen().verified.has_value();
        if (step < 4) {
            const auto done = world.touch(kOwnDecisions[static_cast<std::size_t>(step)]);
            RC_ASSERT(verified || !done.has_value());
            RC_ASSERT(decisions(world).size() == records + (done.has_value() ? 1U : 0U));
            if (done) last_sign = world.now().instant;
        } else if (step < 6) {
            const auto outcome = world.check_in(step == 4 ? kAna : kBob);
            const bool welcome = outcome == CheckInOutcome::welcome;
            RC_ASSERT(!welcome || world.screen().verified.has_value());
            if (welcome) last_sign = world.now().instant;
        } else if (step == 6) {
            world.hear({kAna}, 3s);
        } else if (step == 7) {
            RC_ASSERT(world.touch(TouchKind::leave).has_value());
            RC_ASSERT(!world.screen().verified.has_value());
        } else {
            world.pass(step == 8 ? 3s : 100s);
        }
        world.pass(100ms);
        const bool still = world.screen().verified.has_value();
        RC_ASSERT(!still || world.now().instant - *last_sign <= 180s);
        RC_ASSERT(still || !tells_habits(world.screen()));
    }
}

}  // namespace
}  // namespace vitrine::engine
