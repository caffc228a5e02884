// What the kernel's management channel says, byte by byte.

#include "drivers/bluez/management.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "agent/radio/frame.hpp"

namespace vitrine::bluez {
namespace {

/// Advertisement Monitor Device Found as Linux 6.1 sent it for a phone of the virtual radio: handle
/// 0, adapter 0, C0:00:00:00:00:01, random, −62 dBm.
Bytes recorded(const char* structures = "02010603 03aafe 0d16aafe30ee0102030405060708") {
    std::string text = structures;
    std::erase(text, ' ');
    const Bytes eir = *from_hex(text);
    Bytes packet = *from_hex(
        "2f0000000000"
        "0000"
        "0100000000c0"
        "02"
        "c2"
        "00000000"
        "0000");
    packet[4] = static_cast<std::uint8_t>(16 + eir.size());
    packet[20] = static_cast<std::uint8_t>(eir.size());
    packet.insert(packet.end(), eir.begin(), eir.end());
    return packet;
}

/// The same as Device Found.
Bytes of_a_discovery() {
    Bytes packet = recorded();
    packet.erase(packet.begin() + 6, packet.begin() + 8);
    packet[0] = 0x12;
    packet[4] = static_cast<std::uint8_t>(packet[4] - 2);
    return packet;
}

const FoundOnAir* found_in(const ManagementEvent& event) { return std::get_if<FoundOnAir>(&event); }
bool is_malformed(const Bytes& packet) {
    return std::holds_alternative<MalformedPacket>(parse_management(packet));
}

TEST(Management, ReadsAnAdvertWithItsLevelAndItsStructures) {
    for (const Bytes& packet : {recorded(), of_a_discovery()}) {
        const auto event = parse_management(packet);
        const auto* found = found_in(event);
        ASSERT_NE(found, nullptr);
        EXPECT_EQ(found->adapter, 0);
        EXPECT_EQ(found->address, *radio::Address::parse("C0:00:00:00:00:01"));
        EXPECT_EQ(found->rssi, Rssi(-62));
        EXPECT_EQ(radio::eid_of(radio::classify(found->structures)),
                  (radio::Eid{{1, 2, 3, 4, 5, 6, 7, 8}}));
        EXPECT_EQ(found->by_monitor, packet[0] == 0x2f);
    }
}

TEST(Management, SaysOfWhichAdapterAndMonitor) {
    Bytes packet = recorded();
    packet[2] = 0x03;
    packet[3] = 0x01;
    packet[6] = 0x07;
    const auto event = parse_management(packet);
    ASSERT_NE(found_in(event), nullptr);
    EXPECT_EQ(found_in(event)->adapter, 0x0103);
    EXPECT_EQ(found_in(event)->monitor, 7);
}

TEST(Management, ALevelThatTheControllerDoesNotKnowIsUnknown) {
    Bytes packet = recorded();
    packet[15] = 127;
    EXPECT_EQ(found_in(parse_management(packet))->rssi, kRssiUnknown);
}

TEST(Management, ClassicBluetoothIsOfNoInterest) {
    Bytes packet = recorded();
    packet[14] = 0;
    EXPECT_TRUE(std::holds_alternative<OtherEvent>(parse_management(packet)));
    packet[14] = 3;
    EXPECT_TRUE(std::holds_alternative<OtherEvent>(parse_management(packet)));
}

TEST(Management, EveryPacketThatIsCutOrPaddedIsMalformed) {
    for (const Bytes& whole : {recorded(), of_a_discovery()}) {
        for (std::size_t size = 0; size < whole.size(); ++size) {
            Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
            EXPECT_TRUE(is_malformed(cut)) << size;
            if (size < 6) continue;
            cut[4] = static_cast<std::uint8_t>(size - 6);  // The header agrees, the event does not.
            EXPECT_TRUE(is_malformed(cut)) << size;
        }
        Bytes padded = whole;
        padded.push_back(0);
        EXPECT_TRUE(is_malformed(padded));
        ++padded[4];
        EXPECT_TRUE(is_malformed(padded)) << "more than the structures' length says";
    }
}

TEST(Management, ReadsTheAnswerToItsQuestion) {
    // Command Complete as Linux 6.1 answered; Command Status of one without leave.
    const auto complete =
        parse_management(*from_hex("01000000100051000000000000000000002000100000"));
    ASSERT_TRUE(std::holds_alternative<ManagementAnswer>(complete));
    EXPECT_EQ(std::get<ManagementAnswer>(complete).command, kReadMonitorFeatures);
    EXPECT_EQ(std::get<ManagementAnswer>(complete).status, 0);
    const auto refused =
        parse_management(*from_hex("020001000300"
                                   "5100"
                                   "14"));
    const auto* answer = std::get_if<ManagementAnswer>(&refused);
    ASSERT_NE(answer, nullptr);
    EXPECT_EQ(answer->adapter, 1);
    EXPECT_EQ(answer->command, kReadMonitorFeatures);
    EXPECT_EQ(answer->status, kNotPermitted);
    EXPECT_TRUE(is_malformed(*from_hex("0200010002005100")));
}

TEST(Management, AsksForTheFeaturesOfOneAdapter) {
    const auto asked = management_command(kReadMonitorFeatures, 0x0102);
    EXPECT_EQ(to_hex(asked), "510002010000");
}

TEST(Management, OtherEventsAreOfNoInterest) {
    EXPECT_TRUE(
        std::holds_alternative<OtherEvent>(parse_management(*from_hex("130000000200"
                                                                      "0701"))));
}

RC_GTEST_PROP(Management, NeverReadsBeyondThePacket, ()) {
    // Changes of a real packet get further in than noise does.
    Bytes packet = *rc::gen::element(recorded(), of_a_discovery());
    const auto changes = *rc::gen::container<std::vector<std::pair<std::uint8_t, std::uint8_t>>>(
        rc::gen::arbitrary<std::pair<std::uint8_t, std::uint8_t>>());
    for (const auto& [at, value] : changes) packet[at % packet.size()] = value;
    packet.resize(*rc::gen::inRange<std::size_t>(0, packet.size() + 1));
    packet.shrink_to_fit();
    const auto event = parse_management(packet);
    if (const auto* found = found_in(event)) {
        RC_ASSERT(found->structures.data() >= packet.data());
        RC_ASSERT(found->structures.data() + found->structures.size() ==
                  packet.data() + packet.size());
    }
}

}  // namespace
}  // namespace vitrine::bluez
