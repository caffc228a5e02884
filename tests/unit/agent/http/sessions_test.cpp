#include "agent/http/sessions.hpp"

#include <gtest/gtest.h>

namespace vitrine::http {
namespace {

using namespace std::chrono_literals;

const Instant kStart = instant_at(1h);
const StaffId kAna("ana");

SessionSecret secret(std::uint8_t seed) {
    SessionSecret bytes{};
    bytes[31] = seed;
    return bytes;
}

TEST(Sessions, KnowsWhoIsLoggedIn) {
    Sessions sessions({});
    const std::string cookie = sessions.open(kAna, secret(1), kStart);
    EXPECT_EQ(cookie.size(), 64U);
    EXPECT_EQ(sessions.use(cookie, kStart), kAna);
    EXPECT_EQ(sessions.use("", kStart), std::nullopt);
    EXPECT_EQ(sessions.use(std::string(64, '0'), kStart), std::nullopt);
    sessions.close(cookie);
    EXPECT_FALSE(sessions.alive(cookie, kStart));
    EXPECT_EQ(sessions.size(), 0U);
}

TEST(Sessions, EndsWhenIdleButNotWhenUsed) {
    Sessions sessions({.idle = 15min});
    const std::string cookie = sessions.open(kAna, secret(1), kStart);
    EXPECT_TRUE(sessions.use(cookie, kStart + 14min));
    EXPECT_TRUE(sessions.alive(cookie, kStart + 28min));
    EXPECT_FALSE(sessions.alive(cookie, kStart + 29min)) << "looking at it is no use of it";
    EXPECT_FALSE(sessions.use(cookie, kStart + 29min));
    EXPECT_FALSE(sessions.use(cookie, kStart + 1min)) << "once ended it stays so";
}

TEST(Sessions, EndsAtLastHoweverBusy) {
    Sessions sessions({.idle = 15min, .absolute = 60min});
    const std::string cookie = sessions.open(kAna, secret(1), kStart);
    for (auto time = 10min; time < 60min; time += 10min) {
        EXPECT_TRUE(sessions.use(cookie, kStart + time));
    }
    EXPECT_FALSE(sessions.use(cookie, kStart + 60min));
}

TEST(Sessions, AreBoundedByUserAndInAll) {
    Sessions sessions({.sessions_max = 3, .per_user_max = 2});
    const std::string first = sessions.open(kAna, secret(1), kStart);
    const std::string second = sessions.open(kAna, secret(2), kStart + 1s);
    EXPECT_TRUE(sessions.use(first, kStart + 2s));
    sessions.open(kAna, secret(3), kStart + 3s);
    EXPECT_FALSE(sessions.alive(second, kStart + 3s)) << "the idlest of the user's own";
    EXPECT_TRUE(sessions.alive(first, kStart + 3s));
    sessions.open(StaffId("ben"), secret(4), kStart + 4s);
    sessions.open(StaffId("eva"), secret(5), kStart + 5s);
    EXPECT_EQ(sessions.size(), 3U);
    EXPECT_FALSE(sessions.alive(first, kStart + 5s));
}

}  // namespace
}  // namespace vitrine::http
