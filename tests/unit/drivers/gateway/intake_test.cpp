#include "drivers/gateway/intake.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/radio/frame.hpp"

namespace vitrine::gateway {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

Instant at(std::chrono::nanoseconds since) { return instant_at(1h + since); }

std::string line(std::optional<std::chrono::milliseconds> heard_at = std::nullopt) {
    return to_line({.rssi = Rssi(-60),
                    .data = radio::encode(radio::EddystoneEid{-21, {{1, 2, 3, 4, 5, 6, 7, 8}}}),
                    .heard_at = heard_at});
}

/// A gateway as the tests see it.
struct Gateway {
    explicit Gateway(double per_second = Intake::kRateDefault)
        : intake(3, Format::vitrine, per_second) {}

    std::size_t say(const std::string& text, Instant now, bool retained = false) {
        const std::size_t before = out.size();
        intake.take(view_of(text), retained, now, out);
        return out.size() - before;
    }

    Intake intake;
    std::vector<radio::Advert> out;
};

TEST(Intake, PassesAMembersFrameWithScannerAndTimeOfArrival) {
    Gateway gateway;
    EXPECT_EQ(gateway.say(line(5ms), at(7s)), 1U);
    EXPECT_EQ(gateway.out[0].scanner, 3);
    EXPECT_EQ(gateway.out[0].at, at(7s));
    EXPECT_EQ(gateway.out[0].rssi, Rssi(-60));
    EXPECT_EQ(gateway.out[0].address, radio::Address{});
    EXPECT_EQ(gateway.intake.last_message(), at(7s));
}

TEST(Intake, DropsStrangersOnTheSpot) {
    Gateway gateway;
    EXPECT_EQ(gateway.say("{\"rssi\":-60,\"data\":\"0409414243\"}\n" + line(), at(0s)), 1U);
    EXPECT_EQ(gateway.intake.counters().foreign, 1U);
    EXPECT_EQ(gateway.intake.counters().passed, 1U);
    EXPECT_THAT(gateway.intake.trouble(at(1s)), IsEmpty());
}

TEST(Intake, TakesNothingThatTheBrokerKept) {
    Gateway gateway;
    EXPECT_EQ(gateway.say(line(), at(0s), true), 0U);
    EXPECT_EQ(gateway.intake.counters().retained, 1U);
}

TEST(Intake, BoundsAFloodAndSaysSoUntilItIsOver) {
    Gateway gateway(100);
    std::size_t passed = 0;
    for (int i = 0; i < 10'000; ++i) passed += gateway.say(line(), at(i * 1ms));
    EXPECT_GE(passed, 1150U);  // Ten seconds at a hundred, and two seconds' worth at once.
    EXPECT_LE(passed, 1201U);
    EXPECT_EQ(gateway.intake.counters().flooded, 10'000 - passed);
    EXPECT_THAT(gateway.intake.trouble(at(10s)), HasSubstr("more than 100 adverts a second"));
    EXPECT_THAT(gateway.intake.trouble(at(71s)), IsEmpty());
    EXPECT_EQ(gateway.say(line(), at(71s)), 1U);
}

TEST(Intake, CountsTheAdvertsInAMessageAndNotTheMessages) {
    Gateway gateway(10);
    std::string text;
    for (int i = 0; i < 60; ++i) text += line();
    EXPECT_EQ(gateway.say(text, at(0s)), 20U);
    EXPECT_EQ(gateway.intake.counters().flooded, 40U);
}

TEST(Intake, TellsWhatItCannotReadInPrintableWords) {
    Gateway gateway;
    EXPECT_EQ(gateway.say("{\"\x1b[2J\": 1}", at(0s)), 0U);
    EXPECT_EQ(gateway.intake.counters().malformed, 1U);
    EXPECT_THAT(gateway.intake.trouble(at(1s)), HasSubstr("cannot be read (line 1: '?[2J'"));
}

TEST(Intake, DropsWhatTheWayHeldUp) {
    Gateway gateway;
    // Its clock is a quarter of an hour off, which says nothing.
    for (int i = 0; i < 30; ++i) EXPECT_EQ(gateway.say(line(900s + i * 1s), at(i * 1s + 40ms)), 1U);
    // For eight seconds nothing comes; then all of it at once.
    std::size_t passed = 0;
    for (int i = 30; i < 38; ++i) passed += gateway.say(line(900s + i * 1s), at(38s));
    EXPECT_EQ(passed, 2U) << "the last two seconds'";
    EXPECT_EQ(gateway.intake.counters().late, 6U);
    EXPECT_THAT(gateway.intake.trouble(at(38s)), HasSubstr("over two seconds old"));
    EXPECT_EQ(gateway.say(line(939s), at(39s)), 1U);
}

TEST(Intake, TrustsNoClockThatHasNotProvedItself) {
    Gateway gateway;
    EXPECT_EQ(gateway.say(line(900s), at(0s)), 1U);
    EXPECT_EQ(gateway.say(line(900s), at(9s)), 1U) << "an unproved clock makes nothing late";
}

TEST(Intake, BeginsAnewWhenAGatewayRestarts) {
    Gateway gateway;
    for (int i = 0; i < 30; ++i) EXPECT_EQ(gateway.say(line(5000s + i * 1s), at(i * 1s)), 1U);
    for (int i = 0; i < 30; ++i) EXPECT_EQ(gateway.say(line(1s + i * 1s), at(40s + i * 1s)), 1U);
}

TEST(Intake, FollowsAClockThatDriftsOrJumpsAhead) {
    Gateway gateway;
    // 0.1 % slow: it loses 2.4 s in forty minutes.
    std::size_t passed = 0;
    for (int i = 0; i < 2'400; ++i) passed += gateway.say(line(i * 999ms), at(i * 1s));
    for (int i = 0; i < 60; ++i) passed += gateway.say(line(9'000s + i * 1s), at(2'400s + i * 1s));
    EXPECT_EQ(passed, 2'460U);
}

TEST(Intake, ComesBackWithinTwoMinutesAfterAClockThatStood) {
    Gateway gateway;
    for (int i = 0; i < 30; ++i) EXPECT_EQ(gateway.say(line(i * 1s), at(i * 1s)), 1U);
    std::size_t passed = 0;
    for (int i = 0; i < 180; ++i) passed += gateway.say(line(40s + i * 1s), at(140s + i * 1s));
    EXPECT_GE(passed, 60U);
}

}  // namespace
}  // namespace vitrine::gateway
