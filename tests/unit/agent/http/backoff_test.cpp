#include "agent/http/backoff.hpp"

#include <gtest/gtest.h>

namespace vitrine::http {
namespace {

using namespace std::chrono_literals;

const Instant kStart = instant_at(1h);

TEST(Backoff, LetsTheFirstFailuresPassAndThenDoubles) {
    Backoff backoff({.free_failures = 3, .first = 1s, .longest = 6s});
    Instant now = kStart;
    for (const auto wait : {0s, 0s, 1s, 2s, 4s, 6s, 6s}) {
        backoff.failed("ana", now);
        EXPECT_EQ(backoff.wait("ana", now), wait);
        now += wait;
        EXPECT_EQ(backoff.wait("ana", now), 0s);
    }
    EXPECT_EQ(backoff.wait("ben", now), 0s);
}

TEST(Backoff, ForgetsAfterSuccessAndAfterQuiet) {
    Backoff backoff({.free_failures = 1, .first = 10s, .forget_after = 60s});
    backoff.failed("ana", kStart);
    backoff.succeeded("ana");
    EXPECT_EQ(backoff.wait("ana", kStart), 0s);
    backoff.failed("ben", kStart);
    backoff.failed("ben", kStart + 10s);
    EXPECT_EQ(backoff.wait("ben", kStart + 10s), 20s);
    backoff.failed("ben", kStart + 91s);
    EXPECT_EQ(backoff.wait("ben", kStart + 91s), 10s) << "it starts again";
}

TEST(Backoff, StaysBoundedAndKeepsTheLatest) {
    Backoff backoff({.free_failures = 1, .first = 10s, .keys_max = 100});
    for (int i = 0; i < 10'000; ++i) {
        backoff.failed(std::to_string(i), kStart + std::chrono::milliseconds(i));
    }
    EXPECT_EQ(backoff.size(), 100U);
    EXPECT_GT(backoff.wait("9999", kStart + 10s), 0s);
    EXPECT_GT(backoff.wait("9900", kStart + 10s), 0s);
    EXPECT_EQ(backoff.wait("9899", kStart + 10s), 0s);
}

TEST(Backoff, NeverOverflows) {
    Backoff backoff({});
    for (int i = 0; i < 200; ++i) backoff.failed("ana", kStart);
    EXPECT_EQ(backoff.wait("ana", kStart), 15min);
}

}  // namespace
}  // namespace vitrine::http
