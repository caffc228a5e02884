// Adverts from the kernel's management channel, with a test in the kernel's place.

#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/drivers/bluez/bluez_fixture.hpp"

namespace vitrine::bluez {
namespace {

struct BluezKernel : Bluez {
    void SetUp() override { start_daemon_with_adapter(); }
};

/// What the kernel would send: Advertisement Monitor Device Found.
Bytes found_on_air(std::uint16_t adapter, int dbm, const Bytes& structures) {
    Bytes packet = *from_hex(
        "2f0000000000"
        "0000"
        "0100000000c0"
        "02"
        "00"
        "00000000"
        "0000");
    packet[2] = static_cast<std::uint8_t>(adapter);
    packet[4] = static_cast<std::uint8_t>(16 + structures.size());
    packet[15] = static_cast<std::uint8_t>(dbm);
    packet[20] = static_cast<std::uint8_t>(structures.size());
    packet.insert(packet.end(), structures.begin(), structures.end());
    return packet;
}

TEST_F(BluezKernel, AnAdvertIsToldOnceByTheKernelAndByTheDaemonWhenTheKernelIsGone) {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends), 0);
    start({.kernel_socket = ends[0]});
    ASSERT_TRUE(comes_to(ScannerMode::passive));
    const auto say = [&](const Bytes& packet) {
        ASSERT_GT(::send(ends[1], packet.data(), packet.size(), 0), 0);
    };
    say(*from_hex("010000000300510000"));
    EXPECT_TRUE(says("level comes from the kernel"));

    const Bytes member = *from_hex("0d16aafe30ee0102030405060708");
    say(found_on_air(0, -50, *from_hex("020106")));  // A stranger's: life, and gone.
    say(found_on_air(1, -51, member));               // Another adapter's.
    say(found_on_air(0, 127, member));               // Without a level.
    say(found_on_air(0, -62, member));
    ASSERT_TRUE(hears(1));
    fake.advert(kPhone, -62, kEid);  // The same advert by way of the daemon.
    say(found_on_air(0, -63, member));
    ASSERT_TRUE(hears(2));
    loop.run_for(milliseconds(300));
    ASSERT_EQ(sink.heard.size(), 2u);
    EXPECT_EQ(sink.heard[0].rssi, Rssi(-62));
    EXPECT_EQ(sink.heard[1].rssi, Rssi(-63));
    EXPECT_EQ(sink.heard[0].address, *radio::Address::parse(kPhone));
    EXPECT_EQ(radio::eid_of(radio::classify(sink.heard[0].payload())), kSent);

    // A controller's monitor and a discovery tell one advert twice; the next one is another.
    Bytes by_monitor = found_on_air(0, -64, member);
    by_monitor[6] = 1;
    Bytes by_discovery = found_on_air(0, -64, member);
    by_discovery.erase(by_discovery.begin() + 6, by_discovery.begin() + 8);
    by_discovery[0] = 0x12;
    by_discovery[4] = static_cast<std::uint8_t>(by_discovery[4] - 2);
    say(by_monitor);
    say(by_discovery);
    say(by_discovery);
    ASSERT_TRUE(hears(4));
    loop.run_for(milliseconds(200));
    EXPECT_EQ(sink.heard.size(), 4u);

    ::close(ends[1]);
    EXPECT_TRUE(says("steps of 8 dB"));
    EXPECT_FALSE(scanner->health().levels_from_kernel);
    fake.advert(kPhone, -70, kEid);
    EXPECT_TRUE(wait([&] { return sink.heard.back().rssi == Rssi(-70); }));
    scanner.reset();
    ::close(ends[0]);
}

TEST_F(BluezKernel, ASinkThatStopsFromWithinAnAdvertOfTheKernelIsObeyed) {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends), 0);
    start({.kernel_socket = ends[0]});
    ASSERT_TRUE(comes_to(ScannerMode::passive));
    sink.stop_at_once = scanner.get();
    for (int i = 0; i < 5; ++i) {
        const Bytes packet = found_on_air(0, -60 - i, *from_hex("0d16aafe30ee0102030405060708"));
        ASSERT_GT(::send(ends[1], packet.data(), packet.size(), 0), 0);
    }
    ASSERT_TRUE(hears(1));
    loop.run_for(milliseconds(200));
    EXPECT_EQ(sink.heard.size(), 1u);
    EXPECT_TRUE(guest.at.empty());
    sink.stop_at_once = nullptr;
    ASSERT_TRUE(scanner->start(sink));
    EXPECT_TRUE(comes_to(ScannerMode::passive));
    scanner.reset();
    ::close(ends[0]);
    ::close(ends[1]);
}

}  // namespace
}  // namespace vitrine::bluez
