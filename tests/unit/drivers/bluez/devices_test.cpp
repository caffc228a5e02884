// What is remembered of devices: members' frames and nothing else.

#include "drivers/bluez/devices.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/radio/frame.hpp"

namespace vitrine::bluez {
namespace {

constexpr const char* kPhone = "/org/bluez/hci0/dev_C0_00_00_00_00_01";
const Bytes kEid{0x30, 0xee, 1, 2, 3, 4, 5, 6, 7, 8};
const radio::Eid kSent{{1, 2, 3, 4, 5, 6, 7, 8}};

DeviceNews heard_at(int dbm) {
    return {.rssi = rssi_from(dbm), .service_data = service_data_frame(kEid)};
}

TEST(Frames, AreRebuiltAsTheyWereOnTheAir) {
    const auto by_data = service_data_frame(kEid);
    EXPECT_EQ(radio::classify(by_data.view()),
              radio::Frame(radio::EddystoneEid{.tx_power_dbm = -18, .eid = kSent}));
    const auto by_uuid = service_uuid_frame("56495452-494e-4531-0102-030405060708");
    EXPECT_EQ(radio::classify(by_uuid.view()), radio::Frame(radio::UuidEid{kSent}));
}

TEST(Frames, OfStrangersBecomeNothing) {
    EXPECT_TRUE(service_data_frame(Bytes{0x00, 0xee, 1, 2, 3}).view().empty());
    EXPECT_TRUE(service_data_frame(Bytes(200, 0x30)).view().empty());
    EXPECT_TRUE(service_data_frame({}).view().empty());
    for (const char* uuid : {"", "feaa", "0000feaa-0000-1000-8000-00805f9b34fb",
                             "56495452-494e-4531-0102-03040506070", "not hexadecimal at all ---"}) {
        EXPECT_TRUE(service_uuid_frame(uuid).view().empty()) << uuid;
    }
}

TEST(Frames, ALevelThatNoRadioMeasuresIsUnknown) {
    EXPECT_EQ(rssi_from(-127), Rssi(-127));
    EXPECT_EQ(rssi_from(20), Rssi(20));
    EXPECT_EQ(rssi_from(21), kRssiUnknown);
    EXPECT_EQ(rssi_from(-300), kRssiUnknown);
}

TEST(Devices, TellAMembersAdvertWithAddressAndLevel) {
    Devices devices;
    const auto heard = devices.change(kPhone, heard_at(-61));
    ASSERT_TRUE(heard);
    EXPECT_EQ(heard->rssi, Rssi(-61));
    EXPECT_EQ(heard->address, *radio::Address::parse("C0:00:00:00:00:01"));
    EXPECT_EQ(heard->data, service_data_frame(kEid));
}

TEST(Devices, RememberTheFrameWhenOnlyTheLevelChanges) {
    Devices devices;
    ASSERT_TRUE(devices.change(kPhone, heard_at(-61)));
    const auto heard = devices.change(kPhone, {.rssi = Rssi(-70)});
    ASSERT_TRUE(heard);
    EXPECT_EQ(heard->rssi, Rssi(-70));
    EXPECT_EQ(heard->data, service_data_frame(kEid));
}

TEST(Devices, RememberNothingOfStrangers) {
    Devices devices;
    EXPECT_FALSE(devices.change(kPhone, {.rssi = Rssi(-40)}));
    EXPECT_FALSE(devices.change(kPhone, {.rssi = Rssi(-40), .service_data = radio::Payload()}));
    EXPECT_FALSE(devices.found(kPhone));
    EXPECT_EQ(devices.size(), 0u);
}

TEST(Devices, ForgetOneThatBecomesAStranger) {
    Devices devices;
    ASSERT_TRUE(devices.change(kPhone, heard_at(-61)));
    EXPECT_FALSE(devices.change(kPhone, {.service_data = radio::Payload()}));
    EXPECT_EQ(devices.size(), 0u);
}

TEST(Devices, AReportAfterItsChangeIsTheSameAdvertAndTheNextIsANewOne) {
    Devices devices;
    ASSERT_TRUE(devices.change(kPhone, heard_at(-61)));
    EXPECT_FALSE(devices.found(kPhone));
    const auto heard = devices.found(kPhone);
    ASSERT_TRUE(heard);
    EXPECT_EQ(heard->rssi, Rssi(-61));
}

TEST(Devices, WithoutALevelThereIsNoAdvert) {
    Devices devices;
    ASSERT_TRUE(devices.change(kPhone, heard_at(-61)));
    EXPECT_FALSE(devices.change(kPhone, {.rssi = kRssiUnknown}));
    EXPECT_FALSE(devices.found(kPhone)) << "the report of the first advert";
    EXPECT_FALSE(devices.found(kPhone)) << "a report without a level";
    EXPECT_TRUE(devices.change(kPhone, {.rssi = Rssi(-65)}));
}

TEST(Devices, WhatTheDaemonKnewIsNoAdvert) {
    Devices devices;
    devices.learn(kPhone, heard_at(-61));
    EXPECT_EQ(devices.size(), 1u);
    EXPECT_TRUE(devices.change(kPhone, {.rssi = Rssi(-62)}));
}

TEST(Devices, AnObjectThatIsNotNamedAfterAnAddressIsNone) {
    Devices devices;
    EXPECT_FALSE(devices.change("/org/bluez/hci0/dev_what", heard_at(-61)));
    EXPECT_FALSE(devices.change("/org/bluez/hci0", heard_at(-61)));
    EXPECT_EQ(devices.size(), 0u);
}

TEST(Devices, AnAddressStormDoesNotGrowWithoutEnd) {
    Devices devices;
    for (std::size_t i = 0; i < Devices::kMax + 500; ++i) {
        const std::string tail =
            to_hex(Bytes{static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)});
        const std::string path =
            "/org/bluez/hci0/dev_C0_00_00_00_" + tail.substr(0, 2) + "_" + tail.substr(2);
        ASSERT_TRUE(devices.change(path, heard_at(-50)));
    }
    EXPECT_EQ(devices.size(), Devices::kMax);
}

}  // namespace
}  // namespace vitrine::bluez
