#include "drivers/replay/capture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "agent/radio/frame.hpp"

namespace vitrine::replay {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// Every byte of these captures is written by hand, from the formats' descriptions.

/// Flags and a name, as a stranger sends them: seven bytes.
constexpr std::string_view kAdvertHex =
    "020106"
    "03095254";
/// 6c:1f:a7:09:7a:33 as the air has it.
constexpr std::string_view kAddressHex = "337a09a71f6c";

/// LE Meta, advertising report, one: ADV_IND, random address, seven bytes, -71 dBm.
std::string legacy_event(std::string_view rssi = "b9") {
    return "3e13"
           "02"
           "01"
           "00"
           "01" +
           std::string(kAddressHex) + "07" + std::string(kAdvertHex) + std::string(rssi);
}

/// LE Meta, extended report, one: legacy PDU, complete, -60 dBm.
std::string extended_event(std::string_view type = "1300") {
    return "3e21"
           "0d"
           "01" +
           std::string(type) + "01" + std::string(kAddressHex) +
           "01"
           "00"
           "ff"
           "7f"
           "c4"
           "0000"
           "00"
           "000000000000"
           "07" +
           std::string(kAdvertHex);
}

std::string big(std::uint64_t value, int bytes) {
    std::string hex;
    for (int i = bytes - 1; i >= 0; --i) {
        const auto byte = static_cast<std::uint8_t>(value >> (8 * i));
        hex += to_hex(ByteView(&byte, 1));
    }
    return hex;
}

std::string little(std::uint64_t value, int bytes) {
    std::string hex;
    for (int i = 0; i < bytes; ++i) {
        const auto byte = static_cast<std::uint8_t>(value >> (8 * i));
        hex += to_hex(ByteView(&byte, 1));
    }
    return hex;
}

std::string number(std::uint64_t value, int bytes, bool big_endian) {
    return big_endian ? big(value, bytes) : little(value, bytes);
}

constexpr std::string_view kBtsnoopHex =
    "6274736e6f6f7000"
    "00000001";

std::string btsnoop_packet(std::string_view hex, std::uint64_t time_us, std::uint32_t flags = 1) {
    const std::string size = big(hex.size() / 2, 4);
    return size + size + big(flags, 4) + "00000000" + big(0x00dcddb30f2f8000 + time_us, 8) +
           std::string(hex);
}

std::string block(std::uint32_t kind, std::string body, bool big_endian = false) {
    while (body.size() % 8 != 0) body += "00";
    const std::string size = number(12 + body.size() / 2, 4, big_endian);
    return number(kind, 4, big_endian) + size + body + size;
}

std::string section(bool big_endian = false) {
    return block(0x0a0d0d0a,
                 number(0x1a2b3c4d, 4, big_endian) + number(1, 2, big_endian) +
                     number(0, 2, big_endian) + "ffffffffffffffff",
                 big_endian);
}

std::string interface(std::uint16_t link, bool big_endian = false, std::string options = {}) {
    return block(1, number(link, 2, big_endian) + "0000" + "00000000" + options, big_endian);
}

std::string packet(std::uint32_t interface, std::uint64_t ticks, std::string_view hex,
                   bool big_endian = false) {
    const std::string size = number(hex.size() / 2, 4, big_endian);
    return block(6,
                 number(interface, 4, big_endian) + number(ticks >> 32, 4, big_endian) +
                     number(ticks & 0xffffffff, 4, big_endian) + size + size + std::string(hex),
                 big_endian);
}

Result<Recording> parse(const std::string& hex, std::size_t scanners = 2) {
    return parse_capture(from_hex(hex).value(), "x.snoop", scanners);
}

std::vector<Heard> heard_in(const std::string& hex, std::size_t scanners = 2) {
    auto recording = parse(hex, scanners);
    EXPECT_TRUE(recording) << (recording ? "" : recording.error().message);
    return recording ? recording->heard : std::vector<Heard>{};
}

std::string mistake_in(const std::string& hex) {
    const auto recording = parse(hex);
    return recording ? "nothing wrong" : recording.error().message;
}

Heard advert(std::chrono::nanoseconds at, int rssi, std::uint16_t scanner = 0) {
    return {.at = at,
            .scanner = scanner,
            .rssi = Rssi(static_cast<std::int8_t>(rssi)),
            .address = radio::Address::parse("6c:1f:a7:09:7a:33").value(),
            .sent = *radio::Payload::from(from_hex(kAdvertHex).value())};
}

TEST(Btsnoop, GivesTheAdvertsOfBothKindsOfReport) {
    const std::string capture = std::string(kBtsnoopHex) + big(1002, 4) +
                                btsnoop_packet("04" + legacy_event(), 1'000'000) +
                                btsnoop_packet(
                                    "04"
                                    "0e0401030c00",
                                    1'100'000) +
                                btsnoop_packet("01030c00", 1'150'000, 0) +
                                btsnoop_packet("04" + extended_event(), 1'500'000);
    EXPECT_THAT(heard_in(capture), testing::ElementsAre(advert(0ns, -71), advert(500ms, -60)));
}

TEST(Btsnoop, WithoutPacketTypesAndFromTheLinuxMonitor) {
    EXPECT_THAT(
        heard_in(std::string(kBtsnoopHex) + big(1001, 4) + btsnoop_packet(legacy_event(), 5)),
        testing::ElementsAre(advert(0ns, -71)));
    // Adapter 1, opcode 3: an event; then an event of adapter 2, where only two are configured.
    EXPECT_THAT(heard_in(std::string(kBtsnoopHex) + big(2001, 4) +
                         btsnoop_packet(legacy_event(), 5, 1U << 16 | 3) +
                         btsnoop_packet(legacy_event(), 5, 2U << 16 | 3) +
                         btsnoop_packet(legacy_event(), 5, 1U << 16 | 2)),
                testing::ElementsAre(advert(0ns, -71, 1)));
}

TEST(Btsnoop, NamesTheByteWhereItBreaksOff) {
    const std::string head = std::string(kBtsnoopHex) + big(1002, 4);
    const std::string whole = btsnoop_packet("04" + legacy_event(), 5);
    EXPECT_THAT(
        mistake_in(head + whole + whole.substr(0, whole.size() - 2)),
        HasSubstr("x.snoop:" + std::to_string(16 + whole.size() / 2) + ": the file breaks"));
    EXPECT_THAT(mistake_in(std::string(kBtsnoopHex) + big(1003, 4)), HasSubstr("datalink 1003"));
    EXPECT_THAT(mistake_in("6274736e6f6f7000"
                           "00000002"
                           "000003ea"),
                HasSubstr("version 2"));
    EXPECT_THAT(mistake_in(head), HasSubstr("holds no advert"));
    EXPECT_THAT(mistake_in(head + big(0, 16) + big(1, 8)), HasSubstr("before 1970"));
    EXPECT_THAT(mistake_in("00010203"), HasSubstr("neither btsnoop nor pcapng"));
}

TEST(Reports, ThatAreCutOffOrChainedAreLeftOut) {
    const auto capture = [](const std::string& event) {
        return std::string(kBtsnoopHex) + big(1002, 4) + btsnoop_packet("04" + legacy_event(), 0) +
               btsnoop_packet("04" + event, 1'000'000);
    };
    // Two reports announced, one there.
    std::string two = legacy_event();
    two.replace(6, 2, "02");
    EXPECT_EQ(heard_in(capture(two)).size(), 2U) << "the whole one counts";
    std::string cut = legacy_event();
    cut = "3e05" + cut.substr(4, 10);
    EXPECT_EQ(heard_in(capture(cut)).size(), 1U);
    EXPECT_EQ(heard_in(capture(extended_event("2000"))).size(), 1U) << "more to come";
    EXPECT_EQ(heard_in(capture(extended_event("4000"))).size(), 1U) << "cut off";
    EXPECT_EQ(heard_in(capture(legacy_event("7f"))).at(1).rssi, kRssiUnknown);
    EXPECT_EQ(heard_in(capture(legacy_event("7e"))).size(), 1U) << "126 dBm is no level";
}

TEST(Pcapng, GivesTheAdvertsOfEachInterfaceInEitherByteOrder) {
    for (const bool big_endian : {false, true}) {
        const std::string capture = section(big_endian) + interface(187, big_endian) +
                                    interface(201, big_endian) +
                                    packet(0, 0x600000000, "04" + legacy_event(), big_endian) +
                                    packet(1, 0x600000000 + 250'000,
                                           "00000001"
                                           "04" +
                                               extended_event(),
                                           big_endian) +
                                    block(5, "0000000000000000", big_endian);
        EXPECT_THAT(heard_in(capture),
                    testing::ElementsAre(advert(0ns, -71), advert(250ms, -60, 1)))
            << big_endian;
        EXPECT_EQ(heard_in(capture, 1).size(), 1U) << "only one scanner is configured";
    }
}

TEST(Pcapng, TakesTheResolutionOfTheTimesFromTheInterface) {
    // Option 9, one byte: 10^-9 s; end of options.
    const std::string nanoseconds =
        "0900"
        "0100"
        "09000000"
        "00000000";
    const std::string half_seconds =
        "0900"
        "0100"
        "81000000"
        "00000000";
    const auto span = [&](const std::string& options) {
        const std::string capture = section() + interface(187, false, options) +
                                    packet(0, 1000, "04" + legacy_event()) +
                                    packet(0, 1002, "04" + legacy_event());
        return heard_in(capture).at(1).at;
    };
    EXPECT_EQ(span(nanoseconds), 2ns);
    EXPECT_EQ(span(half_seconds), 1s);
    EXPECT_EQ(span(""), 2us);
}

TEST(Pcapng, ReadsPacketsOffTheAir) {
    const auto air = [](std::string_view flags, std::string_view header) {
        return "25"
               "b9"
               "80"
               "00"
               "d6be898e" +
               std::string(flags) + "d6be898e" + std::string(header) + "0d" +
               std::string(kAddressHex) + std::string(kAdvertHex) + "a1b2c3";
    };
    const auto heard = [&](std::string_view flags, std::string_view header) {
        return heard_in(section() + interface(256) + packet(0, 0, air("130c", "40")) +
                        packet(0, 1, air(flags, header)));
    };
    EXPECT_THAT(heard("130c", "42"), testing::ElementsAre(advert(0ns, -71), advert(1us, -71)));
    EXPECT_EQ(heard("110c", "44").at(1).rssi, kRssiUnknown) << "the level is not valid";
    EXPECT_EQ(heard("1304", "40").size(), 1U) << "a bad checksum";
    EXPECT_EQ(heard("130c", "43").size(), 1U) << "a scan request is no advert";
}

TEST(Pcapng, NamesTheByteWhereItContradictsItself) {
    const std::string start = section() + interface(187);
    const std::string at = "x.snoop:" + std::to_string(start.size() / 2) + ": ";
    EXPECT_THAT(mistake_in(start + little(6, 4) + little(11, 4) + little(0, 4)),
                HasSubstr(at + "a block of 11 bytes"));
    EXPECT_THAT(mistake_in(start + little(6, 4) + little(4000, 4)), HasSubstr(at + "a block of"));
    EXPECT_THAT(mistake_in(start + packet(1, 0, "04" + legacy_event())),
                HasSubstr(at + "a packet of an interface that is not described"));
    std::string longer = packet(0, 0, "04" + legacy_event());
    longer.replace(40, 8, little(400, 4));
    EXPECT_THAT(mistake_in(start + longer), HasSubstr(at + "a packet is longer than its block"));
    EXPECT_THAT(mistake_in("0a0d0d0a"
                           "1c000000"
                           "00000000"),
                HasSubstr("without a byte order"));
    std::string many = section();
    for (std::size_t i = 0; i <= kInterfacesMax; ++i) many += interface(187);
    EXPECT_THAT(mistake_in(many), HasSubstr("too many interfaces"));
}

RC_GTEST_PROP(Captures, OfAnyBytesAreSafe, (Bytes tail)) {
    for (const std::string& head :
         {std::string(kBtsnoopHex) + big(1002, 4), std::string(kBtsnoopHex) + big(2001, 4),
          section() + interface(187) + interface(256)}) {
        Bytes file = from_hex(head).value();
        file.insert(file.end(), tail.begin(), tail.end());
        static_cast<void>(parse_capture(file, "any", 2));
    }
}

}  // namespace
}  // namespace vitrine::replay
