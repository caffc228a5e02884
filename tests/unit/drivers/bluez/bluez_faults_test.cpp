// What goes wrong in practice, on a private bus and a made-up Bluetooth daemon.

#include <sys/stat.h>

#include <chrono>
#include <fstream>
#include <set>

#include "tests/unit/drivers/bluez/bluez_fixture.hpp"

namespace vitrine::bluez {
namespace {

constexpr const char* kHci0 = "/org/bluez/hci0";
constexpr const char* kProperties = "org.freedesktop.DBus.Properties";

struct BluezFaults : Bluez {
    void SetUp() override { start_daemon_with_adapter(); }

    static Settings hurried() {
        // A heartbeat: then silence is suspicious at once.
        return {.heartbeats = {{.type = 0x16, .bytes = {0xaa, 0xfe, 0x00}}},
                .waits = {.activation = milliseconds(400),
                          .passive_again = milliseconds(400),
                          .off = milliseconds(50),
                          .recovery = {.silence = milliseconds(400),
                                       .quiet_shop = milliseconds(800),
                                       .pause = seconds(60),
                                       .pause_max = seconds(60)}}};
    }
    RecoveryCounts recoveries() const { return scanner->health().recoveries; }
};

TEST_F(BluezFaults, ABusyAdapterIsAskedAgainAndThenHeard) {
    for (const char* error : {"InProgress", "NotReady", "Failed", "Busy"}) {
        fake.fail("RegisterMonitor", error, 1);
        start(false);
        ASSERT_TRUE(comes_to(ScannerMode::failed)) << error;
        EXPECT_THAT(sentence(), HasSubstr(error));
        EXPECT_THAT(sentence(), testing::Not(HasSubstr("C0:FF"))) << "the text of the error";
        EXPECT_TRUE(comes_to(ScannerMode::passive)) << error;
        scanner.reset();
    }
}

TEST_F(BluezFaults, ADiscoveryThatIsRefusedIsTriedAgain) {
    fake.call("MonitorMode", std::string("refuse"));
    fake.fail("SetDiscoveryFilter", "NotReady", 1);
    start();
    EXPECT_TRUE(says("filter of the discovery was refused"));
    EXPECT_FALSE(fake.is_discovering()) << "without a filter every bystander would be kept";
    fake.fail("StartDiscovery", "NotReady", 1);
    EXPECT_TRUE(says("discovery failed too"));
    EXPECT_TRUE(comes_to(ScannerMode::discovery_fallback));
}

TEST_F(BluezFaults, ComesBackFromDiscoveryWhenMonitorsArePossibleAgain) {
    fake.call("MonitorMode", std::string("refuse"));
    Settings settings = hurried();
    settings.waits.recovery = {};
    start(settings);
    ASSERT_TRUE(comes_to(ScannerMode::discovery_fallback));
    EXPECT_FALSE(scanner->health().someone_discovers) << "it is our own discovery";
    fake.call("MonitorMode", std::string("activate"));
    EXPECT_TRUE(comes_to(ScannerMode::passive));
    EXPECT_TRUE(wait([&] { return !fake.is_discovering(); }));
}

TEST_F(BluezFaults, ADiscoveryThatCannotBeStoppedEndsWithTheConnection) {
    fake.call("MonitorMode", std::string("refuse"));
    fake.fail("StopDiscovery", "Failed", -1);
    Settings settings = hurried();
    settings.waits.recovery = {};
    start(settings);
    ASSERT_TRUE(comes_to(ScannerMode::discovery_fallback));
    fake.call("MonitorMode", std::string("activate"));
    ASSERT_TRUE(says("connecting anew"));
    EXPECT_TRUE(wait([&] { return !fake.is_discovering(); }));
    EXPECT_TRUE(comes_to(ScannerMode::passive));
    loop.run_for(milliseconds(300));
    EXPECT_FALSE(fake.is_discovering());
    EXPECT_EQ(scanner->state().mode, ScannerMode::passive);
}

TEST_F(BluezFaults, SilenceIsShakenStageByStageAndLifeEndsIt) {
    const auto switches = std::filesystem::temp_directory_path() / "bluez-switches-XXXXXX";
    std::string folder = switches.string();
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    const std::filesystem::path root(folder);
    std::filesystem::create_directories(root / "rfkill3");
    std::ofstream(root / "rfkill3/type") << "bluetooth\n";
    std::ofstream(root / "rfkill3/name") << "hci0\n";
    ASSERT_EQ(mkfifo((root / "device").c_str(), 0600), 0);
    std::fstream device(root / "device", std::ios::in | std::ios::out | std::ios::binary);

    Settings settings = hurried();
    settings.rfkill_folder = root;
    settings.rfkill_device = root / "device";
    start(settings);
    ASSERT_TRUE(comes_to(ScannerMode::passive));
    ASSERT_TRUE(wait([&] { return recoveries().register_again == 1; }));
    ASSERT_TRUE(wait([&] { return fake.calls("RegisterMonitor") == 2; }));
    ASSERT_TRUE(wait([&] { return recoveries().power_cycle == 1; }));
    EXPECT_TRUE(wait([&] { return guest.at.empty(); })) << "the guest's adapter is off";
    ASSERT_TRUE(wait([&] { return fake.calls("SetPowered") == 2; }));
    EXPECT_TRUE(wait([&] { return !guest.at.empty(); }));
    EXPECT_TRUE(says("switched off and on"));
    ASSERT_TRUE(comes_to(ScannerMode::passive));
    ASSERT_TRUE(wait([&] { return recoveries().reset == 1; }));
    ASSERT_TRUE(comes_to(ScannerMode::failed));
    EXPECT_THAT(sentence(), HasSubstr("QR code"));
    EXPECT_EQ(scanner->health().stage, RecoveryStage::given_up);

    std::array<char, 16> thrown{};
    device.read(thrown.data(), thrown.size());
    EXPECT_EQ(thrown, (std::array<char, 16>{3, 0, 0, 0, 2, 2, 1, 0, 3, 0, 0, 0, 2, 2, 0, 0}))
        << "thrown, and thrown back";

    fake.advert(kPhone, -63, kEid);
    EXPECT_TRUE(comes_to(ScannerMode::passive));
    EXPECT_TRUE(hears(1));
    EXPECT_EQ(recoveries().recovered, 1u);
    EXPECT_EQ(scanner->health().stage, RecoveryStage::well);
    std::filesystem::remove_all(root);
}

TEST_F(BluezFaults, AStrangersAdvertIsNoSignOfLifeButAHeartbeatIs) {
    start(hurried());
    ASSERT_TRUE(comes_to(ScannerMode::passive));
    EXPECT_FALSE(scanner->health().life_age);
    for (int i = 0; i < 10; ++i) {
        fake.advert("C0:00:00:00:00:77", -60 - i, kStranger);  // Another kiosk's Eddystone-UID.
        loop.run_for(milliseconds(100));
    }
    EXPECT_EQ(recoveries(), RecoveryCounts());
    EXPECT_TRUE(scanner->health().life_age);
    EXPECT_FALSE(scanner->health().advert_age);
    EXPECT_TRUE(sink.heard.empty());
}

TEST_F(BluezFaults, AnAdapterThatDoesNotComeOnAgainIsNotLeftOff) {
    start(hurried());
    ASSERT_TRUE(comes_to(ScannerMode::passive));
    ASSERT_TRUE(wait([&] { return recoveries().register_again == 1; }));
    ASSERT_TRUE(wait([&] { return fake.calls("SetPowered") == 1; }));
    fake.fail("SetPowered", "Failed", 2);
    EXPECT_TRUE(says("does not come on again"));
    EXPECT_TRUE(comes_to(ScannerMode::passive));
}

TEST_F(BluezFaults, AMonitorThatIsNeverActivatedEndsInAPowerCycleWhereDiscoveryIsForbidden) {
    fake.call("MonitorMode", std::string("silent"));
    Settings settings = hurried();
    settings.discovery_allowed = false;
    settings.waits.activation = milliseconds(50);
    start(settings);
    EXPECT_TRUE(wait([&] { return recoveries().power_cycle == 1; }, seconds(60)));
    EXPECT_EQ(recoveries().register_again, 0u) << "the failures were attempts to register";
    EXPECT_FALSE(fake.is_discovering());
}

TEST_F(BluezFaults, SomebodysDiscoveryRaisesTheAlarmAndItsEndEndsIt) {
    start();
    ASSERT_TRUE(comes_to(ScannerMode::passive));
    for (unsigned round = 1; round <= 3; ++round) {
        auto other = sdbus::createSessionBusConnectionWithAddress(fake.address());
        auto adapter = sdbus::createProxy(*other, "org.bluez", kHci0);
        adapter->callMethod("StartDiscovery").onInterface("org.bluez.Adapter1");
        EXPECT_TRUE(wait([&] { return scanner->health().someone_discovers; }));
        EXPECT_TRUE(says("another program discovers"));
        EXPECT_EQ(scanner->health().discovery_alarms, round);
        adapter.reset();
        other.reset();  // It leaves without a word, as programs that crash do.
        EXPECT_TRUE(wait([&] { return !scanner->health().someone_discovers; }));
        EXPECT_TRUE(says("for members' frames only"));
    }
}

TEST_F(BluezFaults, OneThatDiscoveredBeforeIsNamedToo) {
    auto other = sdbus::createSessionBusConnectionWithAddress(fake.address());
    auto adapter = sdbus::createProxy(*other, "org.bluez", kHci0);
    adapter->callMethod("StartDiscovery").onInterface("org.bluez.Adapter1");
    start();
    EXPECT_TRUE(says("another program discovers"));
    EXPECT_EQ(scanner->health().discovery_alarms, 1u);
}

TEST_F(BluezFaults, ThingsOfOtherTypesThanDocumentedChangeNothing) {
    start();
    ASSERT_TRUE(comes_to(ScannerMode::passive));
    fake.advert(kPhone, -63, kEid);
    ASSERT_TRUE(hears(1));
    const std::string phone = std::string(kHci0) + "/dev_C0_00_00_00_00_01";
    using sdbus::Variant;
    using Map = std::map<std::string, Variant>;
    const std::vector<Variant> odd{Variant(std::string("yes")),
                                   Variant(std::int32_t{7}),
                                   Variant(true),
                                   Variant(std::uint64_t{1}),
                                   Variant(3.5),
                                   Variant(Map{}),
                                   Variant(Bytes{1, 2, 3}),
                                   Variant(sdbus::ObjectPath("/x")),
                                   Variant(Variant(true))};
    const Variant none(std::vector<std::string>{});
    for (const Variant& value : odd) {
        for (const char* name : {"RSSI", "ServiceData", "UUIDs", "ManufacturerData", "Address"}) {
            if (std::string(name) == "ServiceData" && value.containsValueOfType<Map>()) continue;
            fake.emit(
                phone, kProperties, "PropertiesChanged", "sa{sv}as",
                {Variant(std::string("org.bluez.Device1")), Variant(Map{{name, value}}), none});
        }
        for (const char* name : {"Powered", "Discovering", "Alias"}) {
            if (value.containsValueOfType<bool>()) continue;
            fake.emit(
                kHci0, kProperties, "PropertiesChanged", "sa{sv}as",
                {Variant(std::string("org.bluez.Adapter1")), Variant(Map{{name, value}}), none});
        }
        fake.emit(phone, kProperties, "PropertiesChanged", value.peekValueType(), {value});
        fake.emit("/", "org.freedesktop.DBus.ObjectManager", "InterfacesAdded",
                  value.peekValueType(), {value});
        fake.emit("/", "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved",
                  value.peekValueType(), {value});
    }
    loop.run_for(milliseconds(300));
    EXPECT_EQ(scanner->state().mode, ScannerMode::passive);
    EXPECT_EQ(sink.heard.size(), 1u);
    fake.advert(kPhone, -70, kEid);
    ASSERT_TRUE(hears(2));
    EXPECT_EQ(sink.heard.back().rssi, Rssi(-70));
}

TEST_F(BluezFaults, AStormLosesNothingAndLeavesTheLoopItsTurns) {
    constexpr std::uint32_t kAdverts = 12'000;
    start();
    ASSERT_TRUE(comes_to(ScannerMode::passive));
    auto worst = milliseconds(0);
    auto last = clock.monotonic();
    const auto ticks = loop.every(milliseconds(5), [&] {
        worst = std::max(worst, std::chrono::duration_cast<milliseconds>(clock.monotonic() - last));
        last = clock.monotonic();
    });
    auto daemon = sdbus::createProxy(fake.connection(), "org.bluez", "/");
    daemon->callMethodAsync("Storm")
        .onInterface("org.bluez.Mock")
        .withArguments(std::string("hci0"), kAdverts, std::uint32_t{322})
        .uponReplyInvoke([](const sdbus::Error*) {});
    const auto began = clock.monotonic();
    ASSERT_TRUE(hears(kAdverts)) << sink.heard.size();
    const auto took = std::chrono::duration<double>(clock.monotonic() - began).count();
    RecordProperty("adverts_per_second", static_cast<int>(kAdverts / took));
    EXPECT_GT(kAdverts / took, 3220.0);
    EXPECT_LT(worst, milliseconds(250));
    std::set<radio::Address> addresses;
    for (const radio::Advert& advert : sink.heard) addresses.insert(advert.address);
    EXPECT_EQ(addresses.size(), 322u);
}

TEST_F(BluezFaults, FortyAddressesInThreeSecondsAreFortyAdvertsOfOneIdentifier) {
    start();
    ASSERT_TRUE(comes_to(ScannerMode::passive));
    for (int i = 0; i < 40; ++i) {
        const std::string tail = to_hex(Bytes{static_cast<std::uint8_t>(i)});
        fake.advert("C2:00:00:00:00:" + tail, -60, kEid);
        loop.run_for(milliseconds(20));
    }
    ASSERT_TRUE(hears(40));
    std::set<radio::Address> addresses;
    for (const radio::Advert& advert : sink.heard) {
        EXPECT_EQ(radio::eid_of(radio::classify(advert.payload())), kSent);
        addresses.insert(advert.address);
    }
    EXPECT_EQ(sink.heard.size(), 40u);
    EXPECT_EQ(addresses.size(), 40u);
}

TEST_F(BluezFaults, TwoScannersOnTwoAdaptersKeepApart) {
    fake.call("AddLeAdapter", std::string("hci1"));
    start({.adapter = "hci0", .scanner = 3});
    Sink other_sink;
    BluezScanner other(loop, clock, log,
                       {.adapter = "hci1", .bus_address = fake.address(), .scanner = 4});
    ASSERT_TRUE(other.start(other_sink));
    ASSERT_TRUE(comes_to(ScannerMode::passive));
    ASSERT_TRUE(wait([&] { return other.state().mode == ScannerMode::passive; }));
    EXPECT_EQ(other.health().adapter, "hci1");

    fake.advert(kPhone, -63, kEid);
    fake.call("Advert", std::string("hci1"), std::string(kPhone), std::string("random"),
              std::int16_t{-77}, std::map<std::uint16_t, Bytes>{},
              std::map<std::string, Bytes>{{"0000feaa-0000-1000-8000-00805f9b34fb", kEid}});
    ASSERT_TRUE(hears(1));
    ASSERT_TRUE(wait([&] { return !other_sink.heard.empty(); }));
    loop.run_for(milliseconds(200));
    ASSERT_EQ(sink.heard.size(), 1u);
    ASSERT_EQ(other_sink.heard.size(), 1u);
    EXPECT_EQ(sink.heard.front().scanner, 3);
    EXPECT_EQ(sink.heard.front().rssi, Rssi(-63));
    EXPECT_EQ(other_sink.heard.front().scanner, 4);
    EXPECT_EQ(other_sink.heard.front().rssi, Rssi(-77));

    fake.call("RemoveLeAdapter", std::string("hci1"));
    EXPECT_TRUE(wait([&] { return other.state().mode == ScannerMode::no_adapter; }));
    EXPECT_EQ(scanner->state().mode, ScannerMode::passive);
    fake.call("AddLeAdapter", std::string("hci1"));
    EXPECT_TRUE(wait([&] { return other.state().mode == ScannerMode::passive; }));
}

TEST_F(BluezFaults, MatchRulesDoNotGrowWithEachReturnOfTheDaemon) {
    start();
    ASSERT_TRUE(comes_to(ScannerMode::passive));
    const auto rules = [&] {
        std::map<std::string, std::vector<std::string>> all;
        sdbus::createProxy(fake.connection(), "org.freedesktop.DBus", "/org/freedesktop/DBus")
            ->callMethod("GetAllMatchRules")
            .onInterface("org.freedesktop.DBus.Debug.Stats")
            .storeResultsTo(all);
        return all.at(guest.unique_name).size();
    };
    const std::size_t before = rules();
    EXPECT_LE(before, 8u);
    fake.stop_daemon();
    ASSERT_TRUE(comes_to(ScannerMode::no_adapter));
    for (int i = 0; i < 100; ++i) {
        fake.connection().requestName("org.bluez");
        loop.run_for(milliseconds(5));
        fake.connection().releaseName("org.bluez");
        loop.run_for(milliseconds(5));
    }
    fake.start_daemon();
    add_adapter();
    ASSERT_TRUE(comes_to(ScannerMode::passive));
    EXPECT_EQ(rules(), before);
    EXPECT_EQ(fake.calls("RegisterMonitor"), 1u) << "nor does anything else";
}

}  // namespace
}  // namespace vitrine::bluez
