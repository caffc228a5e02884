#include "agent/identity/checkin_text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace vitrine::identity {
namespace {

Challenge counting() {
    Challenge challenge{.nonce = {}, .kiosk = KioskId("kiosk-1")};
    for (std::size_t i = 0; i < challenge.nonce.size(); ++i) {
        challenge.nonce[i] = static_cast<std::uint8_t>(0xf0 + i);
    }
    return challenge;
}

// printf '\x01\xf0…\xffkiosk-1' | base64 | tr '+/' '-_' | tr -d =
TEST(CheckInText, IsBase64UrlWithoutPadding) {
    EXPECT_EQ(to_text(counting()), "AfDx8vP09fb3-Pn6-_z9_v9raW9zay0x");
    EXPECT_EQ(*challenge_from_text("AfDx8vP09fb3-Pn6-_z9_v9raW9zay0x"), counting());
}

TEST(CheckInText, RefusesEveryOtherSpelling) {
    for (const std::string_view text :
         {"", "AfDx8vP09fb3+Pn6+/z9/v9raW9zay0x",
          "AfDx8vP09fb3-Pn6-_z9_v9raW9zay0x=", "AfDx8vP09fb3-Pn6-_z9_v9raW9zay1",
          "AfDx8vP09fb3-Pn6-_z9_v9raW9zay0xA", " AfDx8vP09fb3-Pn6-_z9_v9raW9zay0x"}) {
        EXPECT_FALSE(challenge_from_text(text).has_value()) << text;
    }
    EXPECT_FALSE(challenge_from_text(std::string(1U << 20, 'A')).has_value());
    EXPECT_FALSE(check_in_from_text("AfDx8vP09fb3-Pn6-_z9_v9raW9zay0x").has_value());
}

RC_GTEST_PROP(CheckInText, ReadsWhatItWrites, ()) {
    CheckIn claim;
    for (std::uint8_t& byte : claim.nonce) byte = *rc::gen::arbitrary<std::uint8_t>();
    for (std::uint8_t& byte : claim.answer) byte = *rc::gen::arbitrary<std::uint8_t>();
    claim.window = *rc::gen::arbitrary<std::uint32_t>();
    const std::string text = to_text(claim);
    RC_ASSERT(bytes_of(*check_in_from_text(text)) == bytes_of(claim));
    // No other text means the same.
    std::string other = text;
    const auto at = *rc::gen::inRange<std::size_t>(0, other.size());
    other[at] = *rc::gen::elementOf(std::string("ABCXYZabcxyz0189-_+/= "));
    const auto read = check_in_from_text(other);
    const bool same = read.has_value() && bytes_of(*read) == bytes_of(claim);
    RC_ASSERT(same == (other == text));
}

}  // namespace
}  // namespace vitrine::identity
