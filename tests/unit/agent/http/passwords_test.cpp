#include "agent/http/passwords.hpp"

#include <array>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/agent/http/client.hpp"

namespace vitrine::http {
namespace {

using testing::ElementsAre;

TEST(Passwords, FitTheirOwnHashAlone) {
    const std::string hash = hash_password("correct horse").value();
    EXPECT_TRUE(is_password_hash(hash)) << hash;
    EXPECT_TRUE(verify_password(hash, "correct horse"));
    EXPECT_FALSE(verify_password(hash, "correct horsf"));
    EXPECT_FALSE(verify_password(hash, ""));
    EXPECT_NE(hash, hash_password("correct horse").value()) << "salted";
}

TEST(Passwords, HaveALength) {
    EXPECT_FALSE(hash_password("short").has_value());
    EXPECT_FALSE(hash_password(std::string(257, 'x')).has_value());
}

TEST(Passwords, AreNotVerifiedAgainstSomethingElse) {
    for (const char* text : {"", "plain", "$argon2id$v=19$m=19456,t=2,p=1$", "$2b$12$abc"}) {
        EXPECT_FALSE(verify_password(text, "plain")) << text;
    }
    EXPECT_FALSE(is_password_hash("plain"));
}

// An attacker must not learn from the time whether a user exists.
TEST(Passwords, CostAsMuchForNobodyAsForSomebody) {
    const std::string hash = hash_password("correct horse").value();
    const host::SystemClock clock;
    const auto time = [&](const std::string& against) {
        const Instant start = clock.monotonic();
        for (int i = 0; i < 3; ++i) EXPECT_FALSE(verify_password(against, "wrong horse"));
        return clock.monotonic() - start;
    };
    EXPECT_TRUE(is_password_hash(nobodys_hash()));
    const auto somebody = time(hash);
    const auto nobody = time(nobodys_hash());
    EXPECT_GT(nobody * 4, somebody);
    EXPECT_LT(nobody, somebody * 4);
}

TEST(PasswordDesk, ChecksOneAfterTheOtherBesideTheLoop) {
    host::Loop loop;
    const std::string hash = hash_password("correct horse").value();
    std::vector<bool> fits;
    PasswordDesk desk(loop, 2);
    const auto note = [&](bool one) { fits.push_back(one); };
    EXPECT_TRUE(desk.try_check(hash, "correct horse", note));
    EXPECT_TRUE(desk.try_check(hash, "wrong horse", note));
    EXPECT_TRUE(desk.try_check(hash, "correct horse", note));
    EXPECT_FALSE(desk.try_check(hash, "correct horse", note)) << "one is checked, two wait";
    EXPECT_TRUE(fits.empty());
    EXPECT_TRUE(run_until(loop, [&] { return fits.size() == 3; }));
    EXPECT_THAT(fits, ElementsAre(true, false, true));
    EXPECT_TRUE(desk.try_check(hash, "correct horse", note));
}

}  // namespace
}  // namespace vitrine::http
