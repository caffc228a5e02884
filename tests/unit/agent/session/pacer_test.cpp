#include "agent/session/pacer.hpp"

#include <gtest/gtest.h>

#include <set>

namespace vitrine::session {
namespace {

using namespace std::chrono_literals;

constexpr Want kAmbient{Mode::ambient, MemberId{}};
constexpr Want kTailored{Mode::tailored, MemberId(1)};
constexpr Instant kStart = instant_at(1h);

profiles::Policy policy() {
    profiles::Policy made;
    made.loop_step = 8s;
    made.change_jitter = 4s;
    made.minimum_dwell = 6s;
    return made;
}

/// The moment after `start` at which the wish is granted, looked for every 100 ms.
Instant change_after(Pacer& pacer, const Want& want, Instant start, Rng& rng) {
    for (Instant at = start; at < start + 60s; at += 100ms) {
        if (pacer.due(want, at, policy(), rng)) return at;
    }
    return Instant::max();
}

TEST(Pacer, TheFirstScreenDoesNotWait) {
    Rng rng(1);
    EXPECT_TRUE(Pacer().due(kAmbient, kStart, policy(), rng));
}

TEST(Pacer, AChangeWaitsForTheEndOfTheStepAndThenForJitter) {
    Rng rng(1);
    std::set<Instant> moments;
    for (int i = 0; i < 50; ++i) {
        Pacer pacer;
        pacer.shows(kAmbient, kStart);
        const Instant at = change_after(pacer, kTailored, kStart + 9s, rng);
        EXPECT_GE(at, kStart + 16s);
        EXPECT_LE(at, kStart + 20s);
        moments.insert(at);
    }
    EXPECT_GT(moments.size(), 10U) << "without jitter the moment tells who came";
}

TEST(Pacer, KeepsTheMinimumDwell) {
    Rng rng(1);
    Pacer pacer;
    profiles::Policy no_steps = policy();
    no_steps.loop_step = 0ms;
    no_steps.change_jitter = 0ms;
    pacer.shows(kAmbient, kStart);
    EXPECT_FALSE(pacer.due(kTailored, kStart + 5999ms, no_steps, rng));
    EXPECT_TRUE(pacer.due(kTailored, kStart + 6s, no_steps, rng));
}

TEST(Pacer, AWishThatEndsInTimeLeavesNoTrace) {
    Rng rng(1);
    Pacer pacer;
    pacer.shows(kAmbient, kStart);
    EXPECT_FALSE(pacer.due(kTailored, kStart + 1s, policy(), rng));
    EXPECT_FALSE(pacer.due(kAmbient, kStart + 2s, policy(), rng));
    EXPECT_FALSE(pacer.due(kTailored, kStart + 15s, policy(), rng));
    EXPECT_GE(change_after(pacer, kTailored, kStart + 15s, rng), kStart + 16s);
}

TEST(Pacer, NeverChangesUnderAFingerButNotForEver) {
    Rng rng(1);
    Pacer pacer;
    pacer.shows(kTailored, kStart);
    pacer.engage(kStart + 50s);
    EXPECT_FALSE(pacer.due(kAmbient, kStart + 49s, policy(), rng));
    EXPECT_LT(change_after(pacer, kAmbient, kStart + 50s, rng), kStart + 70s);
    pacer.shows(kTailored, kStart);
    pacer.engage(kStart + 1000s);
    pacer.release();
    EXPECT_LT(change_after(pacer, kAmbient, kStart, rng), kStart + 13s);
}

}  // namespace
}  // namespace vitrine::session
