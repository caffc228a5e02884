#include "agent/consent/consent.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

#include "agent/consent/gate.hpp"

namespace vitrine::consent {
namespace {

constexpr MemberId kAna(1);
constexpr WallTime kNow = wall_at(std::chrono::hours(1000));

Event event(Decision decision, std::uint32_t version, Purpose purpose = Purpose::personalise) {
    return {.id = 1, .subject = kAna, .purpose = purpose, .decision = decision, .version = version};
}

std::vector<Event> any_history() {
    return *rc::gen::container<std::vector<Event>>(rc::gen::map(
        rc::gen::tuple(rc::gen::inRange(0, 4), rc::gen::inRange<std::uint32_t>(0, 4),
                       rc::gen::inRange(0, 3)),
        [](const std::tuple<int, std::uint32_t, int>& draw) {
            Event made = event(static_cast<Decision>(std::get<0>(draw)), std::get<1>(draw));
            if (std::get<2>(draw) > 0) {
                made.valid_until = kNow + std::chrono::hours(std::get<2>(draw) * 10 - 15);
            }
            return made;
        }));
}

State fold(const std::vector<Event>& events) {
    State state;
    for (const Event& each : events) state = join(state, state_of(each));
    return state;
}

RC_GTEST_PROP(ConsentLaws, AnyOrderAndAnyRepetitionGiveTheSameState, ()) {
    std::vector<Event> history = any_history();
    const State once = fold(history);
    std::vector<Event> shuffled = history;
    shuffled.insert(shuffled.end(), history.begin(), history.end());
    for (std::size_t i = shuffled.size(); i > 1; --i) {
        std::swap(shuffled[i - 1], shuffled[*rc::gen::inRange<std::size_t>(0, i)]);
    }
    RC_ASSERT(fold(shuffled) == once);
}

RC_GTEST_PROP(ConsentLaws, JoinIsAssociative, ()) {
    const State a = fold(any_history());
    const State b = fold(any_history());
    const State c = fold(any_history());
    RC_ASSERT(join(a, join(b, c)) == join(join(a, b), c));
}

RC_GTEST_PROP(ConsentLaws, NoGrantThatDidNotSeeTheWithdrawalUndoesIt, ()) {
    std::vector<Event> history = any_history();
    for (Event& each : history) {
        if (each.decision == Decision::granted) each.version = std::min(each.version, 6U);
    }
    history.push_back(event(Decision::withdrawn, 7));
    RC_ASSERT(!fold(history).allows(kNow));
    history.push_back(event(Decision::granted, 7));
    RC_ASSERT(fold(history).allows(kNow));
}

TEST(Consent, UnknownIsDenied) { EXPECT_FALSE(State{}.allows(kNow)); }

TEST(Consent, AWithdrawalWinsOverAPauseOfTheSameVersion) {
    const State both =
        join(state_of(event(Decision::paused, 2)), state_of(event(Decision::withdrawn, 2)));
    EXPECT_FALSE(both.paused);
    EXPECT_TRUE(
        join(state_of(event(Decision::withdrawn, 1)), state_of(event(Decision::paused, 2))).paused);
}

TEST(Consent, AGrantEndsWhenItSaid) {
    Event grant = event(Decision::granted, 0);
    grant.valid_until = kNow;
    EXPECT_TRUE(state_of(grant).allows(kNow - std::chrono::milliseconds(1)));
    EXPECT_FALSE(state_of(grant).allows(kNow));
}

TEST(Gate, EachPurposeStandsAlone) {
    Ledger ledger;
    ledger.learn(event(Decision::granted, 0, Purpose::recognise));
    const Gate gate(ledger);
    EXPECT_TRUE(gate.permit<Purpose::recognise>(kAna, kNow).has_value());
    EXPECT_FALSE(gate.permit<Purpose::personalise>(kAna, kNow).has_value());
    EXPECT_FALSE(gate.permit<Purpose::recognise>(MemberId(2), kNow).has_value());
    EXPECT_FALSE(gate.permit<Purpose::recognise>(MemberId(), kNow).has_value());
}

TEST(Gate, ErasedStaysErasedWhateverArrivesLater) {
    Ledger ledger;
    ledger.learn(event(Decision::granted, 0, Purpose::recognise));
    ledger.erase(kAna);
    ledger.learn(event(Decision::granted, 9, Purpose::recognise));
    EXPECT_FALSE(Gate(ledger).permit<Purpose::recognise>(kAna, kNow).has_value());
    EXPECT_FALSE(ledger.knows(kAna));
}

TEST(Names, RoundTripAndAnUnknownOneListsTheKnown) {
    for (const Purpose purpose : kPurposes) {
        EXPECT_EQ(purpose_from(name_of(purpose)).value(), purpose);
    }
    EXPECT_EQ(
        purpose_from("spy").error().message,
        "unknown purpose 'spy' (known: recognise, personalise, staff_view, measure, context)");
}

}  // namespace
}  // namespace vitrine::consent
