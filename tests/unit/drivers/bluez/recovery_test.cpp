// When a silent radio is shaken, and how hard.

#include "drivers/bluez/recovery.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace vitrine::bluez {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Stage = RecoveryStage;

constexpr Instant kStart = instant_at(hours(1));

/// Everything that is done from `now` until `end`.
std::vector<Stage> done_until(Recovery& recovery, Instant end) {
    std::vector<Stage> done;
    while (recovery.deadline() && *recovery.deadline() <= end) {
        const Instant at = *recovery.deadline();
        EXPECT_EQ(recovery.due(at - seconds(1)), Stage::well) << "not before it is due";
        done.push_back(recovery.due(at));
        recovery.listening(at + seconds(2), false);
        if (done.size() > 1000) break;
    }
    return done;
}

TEST(Recovery, GoesFromStageToStageEveryNinetySecondsWhereLifeIsExpected) {
    Recovery recovery;
    recovery.listening(kStart, true);
    Instant at = kStart;
    for (const Stage stage :
         {Stage::register_again, Stage::power_cycle, Stage::reset, Stage::given_up}) {
        EXPECT_EQ(recovery.due(at + seconds(89)), Stage::well);
        at += seconds(90);
        EXPECT_EQ(recovery.due(at), stage);
        EXPECT_EQ(recovery.stage(), stage);
    }
    EXPECT_EQ(recovery.due(at + minutes(5) - seconds(1)), Stage::well) << "a pause";
    EXPECT_EQ(recovery.due(at + minutes(5)), Stage::register_again) << "and from the beginning";
}

TEST(Recovery, AnAdvertIsAllItTakes) {
    Recovery recovery;
    recovery.listening(kStart, true);
    for (int second = 0; second < 3600; second += 60) {
        EXPECT_EQ(recovery.due(kStart + seconds(second)), Stage::well);
        recovery.heard(kStart + seconds(second));
    }
    EXPECT_EQ(recovery.counts(), RecoveryCounts());
}

TEST(Recovery, AfterASignOfLifeAllBeginsAnew) {
    Recovery recovery;
    recovery.listening(kStart, true);
    ASSERT_EQ(recovery.due(kStart + seconds(90)), Stage::register_again);
    ASSERT_EQ(recovery.due(kStart + seconds(180)), Stage::power_cycle);
    recovery.heard(kStart + seconds(181));
    EXPECT_EQ(recovery.stage(), Stage::well);
    EXPECT_EQ(recovery.counts().recovered, 1u);
    EXPECT_EQ(recovery.due(kStart + seconds(271)), Stage::register_again);
}

TEST(Recovery, AQuietShopIsAskedAnewAndLeftAloneForHalfAnHour) {
    Recovery recovery;
    recovery.listening(kStart, false);
    EXPECT_EQ(recovery.due(kStart + seconds(90)), Stage::register_again);
    EXPECT_EQ(recovery.due(kStart + seconds(90) + minutes(30) - seconds(1)), Stage::well);
    EXPECT_EQ(recovery.due(kStart + seconds(90) + minutes(30)), Stage::power_cycle);
}

TEST(Recovery, ANightOfSilenceCostsAFewPowerCyclesAndADayNotManyMore) {
    for (const bool life_expected : {false, true}) {
        Recovery recovery;
        recovery.listening(kStart, life_expected);
        for (Instant at = kStart; at < kStart + hours(12); at += seconds(1)) {
            if (recovery.due(at) != Stage::well) recovery.listening(at, life_expected);
        }
        EXPECT_GE(recovery.counts().power_cycle, 2u);
        EXPECT_LE(recovery.counts().power_cycle, 8u);
        const auto before = recovery.counts().power_cycle;
        for (Instant at = kStart + hours(12); at < kStart + hours(36); at += seconds(1)) {
            if (recovery.due(at) != Stage::well) recovery.listening(at, life_expected);
        }
        EXPECT_LE(recovery.counts().power_cycle - before, 7u) << "one round in four hours";
    }
}

TEST(Recovery, WhatIsAbsentIsNotShaken) {
    Recovery recovery;
    recovery.listening(kStart, true);
    recovery.absent();
    EXPECT_FALSE(recovery.deadline());
    EXPECT_EQ(recovery.due(kStart + hours(5)), Stage::well);
}

TEST(Recovery, FiveFailuresInARowCallForAPowerCycleAtOnce) {
    Recovery recovery;
    for (unsigned i = 1; i < Recovery::kFailuresMax; ++i) {
        recovery.failed(kStart);
        EXPECT_EQ(recovery.due(kStart), Stage::well);
    }
    recovery.failed(kStart);
    EXPECT_EQ(recovery.due(kStart), Stage::power_cycle);
    for (unsigned i = 0; i < Recovery::kFailuresMax; ++i) recovery.failed(kStart + seconds(20));
    EXPECT_EQ(recovery.due(kStart + seconds(20)), Stage::reset);
}

TEST(Recovery, FailuresWithoutEndCostNoMorePowerCyclesThanSilence) {
    Recovery recovery;
    for (Instant at = kStart; at < kStart + hours(12); at += seconds(10)) {
        recovery.failed(at);
        recovery.due(at);
    }
    EXPECT_GE(recovery.counts().power_cycle, 2u);
    EXPECT_LE(recovery.counts().power_cycle, 10u);
}

TEST(Recovery, ADaemonThatListensAgainDoesNotShortenAPause) {
    Recovery recovery;
    recovery.listening(kStart, true);
    done_until(recovery, kStart + hours(2));
    while (recovery.stage() != Stage::given_up) recovery.due(*recovery.deadline());
    const auto deadline = recovery.deadline();
    recovery.listening(*deadline - minutes(4), true);
    EXPECT_EQ(recovery.deadline(), deadline);
}

}  // namespace
}  // namespace vitrine::bluez
