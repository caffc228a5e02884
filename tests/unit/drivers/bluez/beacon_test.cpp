// What a kiosk sends, byte for byte; and the beacon beside a scanner, against a made-up daemon.

#include "drivers/bluez/beacon.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/host/clock.hpp"
#include "drivers/bluez/advert_object.hpp"
#include "drivers/bluez/bluez_scanner.hpp"
#include "drivers/bluez/check_in_service.hpp"
#include "drivers/bluez/properties.hpp"
#include "tests/unit/drivers/bluez/fake_bluez.hpp"

namespace vitrine::bluez {
namespace {

using testing::HasSubstr;

const BeaconSettings kSettings{.region = *fixed_from_hex<16>("8ec76ea36668432b9c5a0d1d3ff9b1c2"),
                               .store = 0x0102,
                               .kiosk = 0x0304,
                               .rssi_at_1m_dbm = -59};
const WallTime kNow{std::chrono::seconds(1'700'000'000)};

/// What stands on the air behind the flags: classify reads what a phone would.
radio::Frame frame_of(const AdvertContent& content) {
    Bytes air;
    const auto add = [&](std::uint8_t type, const Bytes& data) {
        air.push_back(static_cast<std::uint8_t>(data.size() + 1));
        air.push_back(type);
        air.insert(air.end(), data.begin(), data.end());
    };
    for (const auto& [company, data] : content.manufacturer_data) {
        Bytes all{static_cast<std::uint8_t>(company & 0xff),
                  static_cast<std::uint8_t>(company >> 8)};
        all.insert(all.end(), data.begin(), data.end());
        add(0xff, all);
    }
    for (const auto& [uuid, data] : content.service_data) {
        Bytes all{0xaa, 0xfe};
        all.insert(all.end(), data.begin(), data.end());
        add(0x16, all);
    }
    return radio::classify(air);
}

TEST(Adverts, AreTheCheckInServiceAnIBeaconAndEddystone) {
    const auto adverts = adverts_of(kSettings, true, kNow);
    ASSERT_EQ(adverts.size(), 3u);
    EXPECT_THAT(adverts[0].service_uuids, testing::ElementsAre(kCheckInUuid));
    EXPECT_EQ(std::get<radio::IBeacon>(frame_of(adverts[1])),
              (radio::IBeacon{kSettings.region, 0x0102, 0x0304, -59}));
    const auto uid = std::get<radio::EddystoneUid>(frame_of(adverts[2]));
    EXPECT_EQ(to_hex(uid.name_space), "8ec76ea30d1d3ff9b1c2");
    EXPECT_EQ(to_hex(uid.instance), "000001020304");
    EXPECT_EQ(uid.tx_power_dbm, -18);
}

TEST(Adverts, FitIntoALegacyAdvert) {
    std::vector<std::size_t> sizes;
    for (const auto& advert : adverts_of(kSettings, true, kNow))
        sizes.push_back(bytes_on_air(advert));
    EXPECT_THAT(sizes, testing::ElementsAre(21, 30, 31));
    BeaconSettings rotating = kSettings;
    rotating.rotating = identity::IdentityKey{};
    EXPECT_EQ(bytes_on_air(adverts_of(rotating, false, kNow).back()), 21u);
}

TEST(Adverts, WithoutADeskNobodyIsToldToCheckIn) {
    EXPECT_EQ(adverts_of(kSettings, false, kNow).size(), 2u);
}

TEST(Adverts, ARotatingBeaconSendsARollingIdentifierAndNoFixedNamespace) {
    BeaconSettings rotating = kSettings;
    rotating.rotating = identity::IdentityKey{{1, 2, 3}};
    const auto sent = [&](WallTime at) {
        return std::get<radio::EddystoneEid>(frame_of(adverts_of(rotating, true, at).back())).eid;
    };
    EXPECT_EQ(sent(kNow), identity::current_eid(*rotating.rotating, kNow));
    EXPECT_NE(sent(kNow), sent(kNow + std::chrono::seconds(512)));
}

TEST(Adverts, NoKioskIsTakenForAMember) {
    for (const auto& advert : adverts_of(kSettings, true, kNow)) {
        EXPECT_FALSE(radio::eid_of(frame_of(advert)));
    }
    std::string prefix = to_hex(radio::kUuidPrefix);
    prefix.insert(12, "-").insert(8, "-");
    EXPECT_FALSE(std::string(kCheckInUuid).starts_with(prefix));
}

struct Desk final : scanner::CheckInDesk {
    Bytes challenge() override { return {1, 2, 3}; }
    std::uint8_t answer(ByteView written) override {
        taken.emplace_back(written.begin(), written.end());
        return 0;
    }
    std::vector<Bytes> taken;
};

struct Sink final : scanner::AdvertSink {
    void on_advert(const radio::Advert&) override {}
};

struct BesideAScanner : testing::Test {
    void SetUp() override {
        fake.start_bus();
        fake.start_daemon();
    }
    void start() {
        fake.call("AddLeAdapter", std::string("hci0"));
        scanner = std::make_unique<BluezScanner>(
            loop, clock, log, Settings{.bus_address = fake.address(), .guest = &beacon});
        ASSERT_TRUE(scanner->start(sink));
    }
    template <class Done>
    bool wait(Done done) {
        for (int i = 0; i < 3000 && !done(); ++i) loop.run_for(std::chrono::milliseconds(10));
        return done();
    }
    template <class Answer>
    Answer ask(const std::string& method) {
        auto connection = sdbus::createSessionBusConnectionWithAddress(fake.address());
        Answer answer;
        sdbus::createProxy(*connection, "org.bluez", "/")
            ->callMethod(method)
            .onInterface("org.bluez.Mock")
            .withArguments(std::string("hci0"))
            .storeResultsTo(answer);
        return answer;
    }
    std::vector<Properties> advertised() { return ask<std::vector<Properties>>("Advertised"); }

    host::SystemClock clock;
    host::Log log{clock};
    host::Loop loop;
    FakeBluez fake;
    Sink sink;
    Desk desk;
    Beacon beacon{loop, clock, log, kSettings, &desk};
    std::unique_ptr<BluezScanner> scanner;
};

TEST_F(BesideAScanner, SendsItsAdvertsAndOffersCheckIn) {
    EXPECT_FALSE(beacon.state().well);
    start();
    ASSERT_TRUE(wait([&] { return beacon.state().well; })) << beacon.state().sentence;
    EXPECT_THAT(beacon.state().sentence, HasSubstr("3 adverts, and phones can check in."));
    ASSERT_TRUE(wait([&] { return advertised().size() == 3; }));
    for (const Properties& advert : advertised()) {
        EXPECT_EQ(advert.at("Type").get<std::string>(), "peripheral");
    }
    EXPECT_TRUE(wait([&] { return ask<std::vector<std::string>>("Characteristics").size() == 3; }));
    fake.call("GattWrite", std::string("hci0"), std::string(kAnswerUuid), Bytes(61, 9));
    EXPECT_TRUE(wait([&] { return desk.taken == std::vector<Bytes>{Bytes(61, 9)}; }));
}

TEST_F(BesideAScanner, ComesBackWithTheAdapterAndWithTheDaemon) {
    start();
    ASSERT_TRUE(wait([&] { return beacon.state().well; }));
    fake.call("RemoveLeAdapter", std::string("hci0"));
    ASSERT_TRUE(wait([&] { return !beacon.state().well; }));
    EXPECT_THAT(beacon.state().sentence, HasSubstr("off"));
    fake.call("AddLeAdapter", std::string("hci0"));
    ASSERT_TRUE(wait([&] { return beacon.state().well; })) << beacon.state().sentence;
    fake.stop_daemon();
    ASSERT_TRUE(wait([&] { return !beacon.state().well; }));
    fake.start_daemon();
    fake.call("AddLeAdapter", std::string("hci0"));
    EXPECT_TRUE(wait([&] { return beacon.state().well; })) << beacon.state().sentence;
    EXPECT_TRUE(wait([&] { return advertised().size() == 3; }));
}

TEST_F(BesideAScanner, TakesItsAdvertsBackWhenTheScannerStops) {
    start();
    ASSERT_TRUE(wait([&] { return beacon.state().well && advertised().size() == 3; }));
    scanner->stop();
    EXPECT_FALSE(beacon.state().well);
    EXPECT_TRUE(wait([&] { return advertised().empty(); }));
}

}  // namespace
}  // namespace vitrine::bluez
