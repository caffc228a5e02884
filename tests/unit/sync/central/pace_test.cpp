#include "sync/central/pace.hpp"

#include <gtest/gtest.h>

namespace vitrine::central {
namespace {

using namespace std::chrono_literals;

TEST(Pace, WhatHasNotChangedIsNotMadeAgain) {
    Pace pace;
    const Instant now = Instant() + 1h;
    EXPECT_FALSE(pace.is_due(0, now)) << "nothing yet";
    EXPECT_TRUE(pace.is_due(1, now));
    pace.made(1, now, now);
    EXPECT_FALSE(pace.is_due(1, now + 1h));
    EXPECT_TRUE(pace.is_due(2, now)) << "it took no time";
}

TEST(Pace, TakesATwentiethOfTheTimeHoweverLongOneTakes) {
    for (const auto one : {10ms, 400ms, 3000ms}) {
        Pace pace;
        const Instant begin = Instant() + 1h;
        std::chrono::milliseconds busy{0};
        std::uint64_t revision = 0;
        Instant now = begin;
        while (now < begin + 1h) {
            if (pace.is_due(++revision, now)) {
                pace.made(revision, now, now + one);
                now += one;
                busy += one;
            }
            now += 250ms;
        }
        EXPECT_LE(busy, (1h + one) / 20 + one);
        EXPECT_GE(busy, 1h / (20 + 20 * (250ms / one + 1))) << "and it goes on";
    }
}

}  // namespace
}  // namespace vitrine::central
