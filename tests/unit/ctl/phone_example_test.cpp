// The examples of docs/app-integration.md are what the code computes: app developers copy them.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>
#include <string>

#include "agent/identity/checkin_text.hpp"
#include "agent/identity/eid.hpp"
#include "tests/unit/ctl/command.hpp"

namespace vitrine::ctl {
namespace {

constexpr std::uint32_t kSecond = 0x12345678;

struct AppIntegration : testing::Test {
    void SetUp() override {
        std::ifstream in(VITRINE_SOURCE_DIR "/docs/app-integration.md");
        text.assign(std::istreambuf_iterator<char>(in), {});
        ASSERT_FALSE(text.empty());
        std::iota(claim.nonce.begin(), claim.nonce.end(), std::uint8_t{0});
    }
    bool says(const std::string& what) const { return text.find(what) != std::string::npos; }

    std::string text;
    const identity::TemporaryKey key = identity::temporary_key(
        {*fixed_from_hex<16>("0102030405060708090a111213141516")}, identity::period_of(kSecond));
    identity::CheckIn claim{.eid = identity::eid(key, kSecond),
                            .window = identity::window_of(kSecond)};
};

TEST_F(AppIntegration, ShowsTheTemporaryKeyAndTheIdentifier) {
    EXPECT_TRUE(says("temporary key  " + to_hex(key.bytes)));
    EXPECT_TRUE(says("EID            " + to_hex(claim.eid.bytes)));
}

TEST_F(AppIntegration, ShowsTheChallengeTheAnswerAndTheRequest) {
    const identity::Challenge challenge{claim.nonce, KioskId("kiosk-1")};
    claim.answer = identity::answer_to(key, claim.nonce, challenge.kiosk, claim.window);
    EXPECT_TRUE(says("challenge  " + to_hex(identity::bytes_of(challenge))));
    EXPECT_TRUE(says("answer     " + to_hex(claim.answer)));
    EXPECT_TRUE(says("{\"check_in\":\"" + identity::to_text(claim) + "\"}"));
}

TEST(PhoneCommand, TriesOnceMoreWhereTheDaemonDoesNotAnswer) {
    const auto file = std::filesystem::path(testing::TempDir()) / "phone-member.key";
    std::ofstream(file) << "0102030405060708090a0b0c0d0e0f10\n";
    const Said said = say("phone", "check-in", "--gatt", "--key-file", file.c_str(), "--adapter",
                          "hci9", "--bus", "unix:path=/nowhere/at/all");
    EXPECT_EQ(said.code, 1);
    const std::size_t once = said.err.find("; trying once more\n");
    ASSERT_NE(once, std::string::npos) << said.err;
    EXPECT_EQ(said.err.find("trying once more", once + 3), std::string::npos) << said.err;
    EXPECT_NE(said.err.find("vitrinectl: D-Bus: ", once), std::string::npos) << said.err;
    std::filesystem::remove(file);
}

}  // namespace
}  // namespace vitrine::ctl
