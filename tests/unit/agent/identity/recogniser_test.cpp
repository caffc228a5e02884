#include "agent/identity/recogniser.hpp"

#include <gtest/gtest.h>

#include "tests/unit/agent/identity/members.hpp"

namespace vitrine::identity {
namespace {

constexpr std::int64_t kWindow = 128LL * 30'000 + 40;

radio::Advert heard(const radio::Payload& data, Rssi rssi = Rssi(-60)) {
    return {.at = instant_at(std::chrono::seconds(7)),
            .scanner = 3,
            .rssi = rssi,
            .address = {{1, 2, 3, 4, 5, 6}},
            .data = data};
}

struct Shop {
    RecognitionTable table;
    Recogniser recogniser{table};

    Shop() {
        EXPECT_TRUE(table.load(std::vector{keys_of(1, 30'000, 1), keys_of(2, 30'000, 1)}));
        table.turn(wall_in_window(kWindow));
        finish(table);
    }
};

TEST(Recogniser, KnowsAMemberByEitherFrame) {
    Shop shop;
    const Sighting expected{instant_at(std::chrono::seconds(7)), 3, Rssi(-60), MemberId(2)};
    const radio::Eid eid = sent(2, kWindow);
    EXPECT_EQ(shop.recogniser.recognise(heard(encode(radio::EddystoneEid{-20, eid}))), expected);
    EXPECT_EQ(shop.recogniser.recognise(heard(encode(radio::UuidEid{eid}))), expected);
    EXPECT_EQ(shop.recogniser.counters().recognised, 2U);
}

TEST(Recogniser, OnlyCountsStrangers) {
    Shop shop;
    EXPECT_EQ(shop.recogniser.recognise(heard(encode(radio::UuidEid{sent(3, kWindow)}))),
              std::nullopt);
    EXPECT_EQ(shop.recogniser.recognise(heard(encode(radio::IBeacon{}))), std::nullopt);
    EXPECT_EQ(shop.recogniser.recognise(heard(radio::Payload())), std::nullopt);
    EXPECT_EQ(shop.recogniser.counters().heard, 3U);
    EXPECT_EQ(shop.recogniser.counters().recognised, 0U);
}

TEST(Recogniser, CannotPlaceAMemberWithoutALevel) {
    Shop shop;
    const auto payload = encode(radio::UuidEid{sent(1, kWindow)});
    EXPECT_EQ(shop.recogniser.recognise(heard(payload, kRssiUnknown)), std::nullopt);
}

}  // namespace
}  // namespace vitrine::identity
