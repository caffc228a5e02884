#include "agent/identity/checkin_bytes.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace vitrine::identity {
namespace {

CheckIn claim() {
    CheckIn claim;
    claim.nonce.fill(0x11);
    claim.eid.bytes.fill(0x22);
    claim.window = 0x01020304;
    claim.answer.fill(0x33);
    return claim;
}

TEST(CheckInBytes, AreAsDocumented) {
    Challenge challenge{.kiosk = KioskId("door")};
    challenge.nonce.fill(0xab);
    EXPECT_EQ(to_hex(bytes_of(challenge)), "01abababababababababababababababab646f6f72");
    EXPECT_EQ(to_hex(bytes_of(claim())),
              "0111111111111111111111111111111111222222222222222201020304"
              "3333333333333333333333333333333333333333333333333333333333333333");
}

TEST(CheckInBytes, ReadBackWhatWasWritten) {
    Challenge challenge{.kiosk = KioskId("a-kiosk-with-a-name-of-31-bytes")};
    challenge.nonce.fill(0xcd);
    EXPECT_EQ(*read_challenge(bytes_of(challenge)), challenge);
    const CheckIn read = *read_check_in(bytes_of(claim()));
    EXPECT_EQ(read.nonce, claim().nonce);
    EXPECT_EQ(read.eid, claim().eid);
    EXPECT_EQ(read.window, claim().window);
    EXPECT_EQ(read.answer, claim().answer);
}

TEST(CheckInBytes, RefuseAnyOtherSizeOrVersion) {
    const Bytes good = bytes_of(claim());
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_FALSE(read_check_in(ByteView(good).first(size))) << size;
    }
    Bytes longer = good;
    longer.push_back(0);
    EXPECT_FALSE(read_check_in(longer));
    Bytes later = good;
    later[0] = 2;
    EXPECT_FALSE(read_check_in(later));
}

TEST(CheckInBytes, RefuseAKioskThatIsNoName) {
    Challenge challenge{.kiosk = KioskId("door")};
    Bytes bytes = bytes_of(challenge);
    bytes.back() = '/';
    EXPECT_FALSE(read_challenge(bytes));
    bytes.resize(17);
    EXPECT_FALSE(read_challenge(bytes));
}

RC_GTEST_PROP(CheckInBytes, ReadAnythingWithoutHarm, (const std::vector<std::uint8_t>& bytes)) {
    if (const auto challenge = read_challenge(bytes)) RC_ASSERT(bytes_of(*challenge) == bytes);
    if (const auto read = read_check_in(bytes)) RC_ASSERT(bytes_of(*read) == bytes);
}

}  // namespace
}  // namespace vitrine::identity
