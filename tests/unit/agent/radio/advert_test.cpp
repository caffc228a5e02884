#include "agent/radio/advert.hpp"

#include <gtest/gtest.h>

namespace vitrine::radio {
namespace {

TEST(Address, ReadsBothSpellings) {
    const Address expected{{0x6c, 0x1f, 0xa7, 0x09, 0x7a, 0x33}};
    EXPECT_EQ(*Address::parse("6C:1F:A7:09:7A:33"), expected);
    EXPECT_EQ(*Address::parse("6c1fa7097a33"), expected);
}

TEST(Address, RefusesOtherText) {
    for (const char* text : {"", "6c", "6c1fa7097a3", "6c1fa7097a333", "6c-1f-a7-09-7a-33",
                             "6c:1f:a7:09:7a:3g", "6c:1f:a7:09:7a:33:"}) {
        EXPECT_FALSE(Address::parse(text)) << text;
    }
}

TEST(Payload, HoldsAnAdvertAndItsScanResponseAndNoMore) {
    const Bytes bytes(65, 0xab);
    EXPECT_EQ(Payload::from(ByteView(bytes).first(64))->view().size(), 64U);
    EXPECT_FALSE(Payload::from(bytes));
}

TEST(Payload, ComparesWhatItHolds) {
    const Bytes bytes{1, 2, 3};
    EXPECT_EQ(*Payload::from(bytes), *Payload::from(bytes));
    EXPECT_FALSE(*Payload::from(bytes) == *Payload::from(ByteView(bytes).first(2)));
}

}  // namespace
}  // namespace vitrine::radio
