#include "agent/radio/frame.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace vitrine::radio {
namespace {

Bytes hex(std::string_view text) { return from_hex(text).value(); }

template <std::size_t N>
std::array<std::uint8_t, N> arbitrary() {
    std::array<std::uint8_t, N> bytes{};
    for (auto& byte : bytes) byte = *rc::gen::arbitrary<std::uint8_t>();
    return bytes;
}

template <class T>
T any() {
    return *rc::gen::arbitrary<T>();
}

/// Every frame but Foreign and Malformed, with random content.
Payload encode_any(std::size_t kind, Frame& frame) {
    const auto give = [&](const auto& value) {
        frame = value;
        return encode(value);
    };
    switch (kind) {
        case 0:
            return give(EddystoneEid{any<std::int8_t>(), {arbitrary<8>()}});
        case 1:
            return give(UuidEid{{arbitrary<8>()}});
        case 2:
            return give(EddystoneUid{any<std::int8_t>(), arbitrary<10>(), arbitrary<6>()});
        case 3:
            return give(EddystoneTlm{any<std::uint16_t>(), any<std::int16_t>(),
                                     any<std::uint32_t>(), any<std::uint32_t>()});
        case 4:
            return give(
                EddystoneEncryptedTlm{arbitrary<12>(), any<std::uint16_t>(), any<std::uint16_t>()});
        case 5:
            return give(IBeacon{arbitrary<16>(), any<std::uint16_t>(), any<std::uint16_t>(),
                                any<std::int8_t>()});
        default:
            return give(AltBeacon{any<std::uint16_t>(), arbitrary<20>(), any<std::int8_t>(),
                                  any<std::uint8_t>()});
    }
}

RC_GTEST_PROP(Frame, ClassifyUndoesEncode, ()) {
    Frame frame;
    const Payload payload = encode_any(*rc::gen::inRange<std::size_t>(0, 7), frame);
    RC_ASSERT(payload.view().size() <= 31U);
    RC_ASSERT(classify(payload.view()) == frame);
}

RC_GTEST_PROP(Frame, AnEidWinsOverWhateverStandsBesideIt, ()) {
    Frame other;
    const Payload beacon = encode_any(*rc::gen::inRange<std::size_t>(2, 7), other);
    const EddystoneEid eid{any<std::int8_t>(), {arbitrary<8>()}};
    const Payload payload = encode(eid);
    Bytes both(beacon.view().begin(), beacon.view().end());
    both.insert(both.end(), payload.view().begin(), payload.view().end());
    RC_ASSERT(classify(both) == Frame{eid});
}

RC_GTEST_PROP(Frame, AnyBytesAreSafe, (const Bytes& bytes)) {
    const Frame frame = classify(bytes);
    RC_ASSERT(!frame.valueless_by_exception());
    std::size_t walked = 0;
    AdWalk walk(bytes);
    while (const auto structure = walk.next()) walked += 2 + structure->data.size();
    RC_ASSERT(walked <= bytes.size());
}

// Cutting an advert short at any byte yields no frame, and no read past the end (under sanitizers).
RC_GTEST_PROP(Frame, ACutFrameIsNoFrame, ()) {
    Frame frame;
    const Payload payload = encode_any(*rc::gen::inRange<std::size_t>(0, 7), frame);
    const auto size = *rc::gen::inRange<std::size_t>(0, payload.view().size());
    const Bytes cut(payload.view().begin(),
                    payload.view().begin() + static_cast<std::ptrdiff_t>(size));
    const Frame got = classify(cut);
    RC_ASSERT(std::holds_alternative<Foreign>(got) || std::holds_alternative<Malformed>(got));
}

TEST(Frame, ReadsAnEidAsItIsOnTheAir) {
    const Frame frame = classify(hex("0201060303aafe0d16aafe30eb4144413e45fefa58"));
    const Frame expected = EddystoneEid{-21, {{0x41, 0x44, 0x41, 0x3e, 0x45, 0xfe, 0xfa, 0x58}}};
    EXPECT_EQ(frame, expected);
    EXPECT_EQ(eid_of(frame), (Eid{{0x41, 0x44, 0x41, 0x3e, 0x45, 0xfe, 0xfa, 0x58}}));
}

TEST(Frame, ReadsAnEidFromAUuidWhichIsReversedOnTheAir) {
    // 56495452-494e-4531-4144-413e45fefa58, as the second of an incomplete list.
    const Frame frame =
        classify(hex("21060000000000000000000000000000000058fafe453e41444131454e4952544956"));
    EXPECT_EQ(frame, Frame{(UuidEid{{{0x41, 0x44, 0x41, 0x3e, 0x45, 0xfe, 0xfa, 0x58}}})});
}

TEST(Frame, HasNoEidForAUuidWithOneBitOfThePrefixWrong) {
    EXPECT_EQ(classify(hex("110758fafe453e41444131454e4952544957")), Frame{Foreign{}});
}

TEST(Frame, ReadsAUidWithoutItsReservedBytes) {
    const Frame frame = classify(hex("1516aafe00ee000102030405060708090a0b0c0d0e0f"));
    ASSERT_TRUE(std::holds_alternative<EddystoneUid>(frame));
    EXPECT_EQ(std::get<EddystoneUid>(frame).instance[5], 0x0f);
}

TEST(Frame, ReadsAppleIBeacon) {
    const Frame frame =
        classify(hex("02011a1aff4c000215e2c56db5dffb48d2b060d0f5a71096e000010002c5"));
    ASSERT_TRUE(std::holds_alternative<IBeacon>(frame));
    EXPECT_EQ(std::get<IBeacon>(frame).minor, 2);
    EXPECT_EQ(std::get<IBeacon>(frame).rssi_at_1m_dbm, -59);
}

TEST(Frame, CallsWrongSizesMalformed) {
    for (const char* text : {
             "05",                              // a structure that runs past the end
             "020106ff",                        // the same behind a good one
             "0216aa",                          // service data shorter than its UUID
             "0316aafe",                        // an Eddystone frame without a type
             "0c16aafe30eb4144413e45fefa",      // an EID of seven bytes
             "0e16aafe30eb4144413e45fefa5800",  // an EID of nine
             "0516aafe2000",                    // telemetry cut short
             "0516aafe2001",                    // encrypted telemetry cut short
             "05ff4c000215",                    // an iBeacon without content
             "0307aabb",                        // a list of 128-bit UUIDs of two bytes
         }) {
        EXPECT_EQ(classify(hex(text)), Frame{Malformed{}}) << text;
    }
}

TEST(Frame, CallsTheRestForeign) {
    for (const char* text : {
             "",                          // nothing at all
             "00",                        // only padding
             "0001ffff",                  // whatever stands behind the padding is not read
             "0101",                      // a structure without data
             "0716aafe10000001",          // Eddystone-URL
             "0516aafe2002",              // telemetry of a version to come
             "05ff1801beac",              // AltBeacon's code, not its size
             "0b166ffd0102030405060708",  // another service's data
         }) {
        EXPECT_EQ(classify(hex(text)), Frame{Foreign{}}) << text;
    }
}

TEST(Frame, TakesTheFirstOfTwoEids) {
    const Frame frame =
        classify(hex("0d16aafe30000102030405060708"
                     "0d16aafe30001112131415161718"));
    EXPECT_EQ(eid_of(frame), (Eid{{1, 2, 3, 4, 5, 6, 7, 8}}));
}

TEST(Frame, ReadsAnEidInFrontOfACutStructure) {
    EXPECT_TRUE(eid_of(classify(hex("0d16aafe30000102030405060708"
                                    "09ff4c")))
                    .has_value());
}

}  // namespace
}  // namespace vitrine::radio
