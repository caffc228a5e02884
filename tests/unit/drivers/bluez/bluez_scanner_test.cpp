// The scanner against a private bus and a made-up Bluetooth daemon.

#include "tests/unit/drivers/bluez/bluez_fixture.hpp"

namespace vitrine::bluez {
namespace {

TEST_F(Bluez, WithoutABusThereIsNoAdapterUntilThereIsOne) {
    start();
    EXPECT_TRUE(comes_to(ScannerMode::no_adapter));
    EXPECT_THAT(sentence(), HasSubstr("D-Bus cannot be reached"));
    start_daemon_with_adapter();
    EXPECT_TRUE(comes_to(ScannerMode::passive));
}

TEST_F(Bluez, WithoutADaemonThereIsNoAdapterAndTheSentenceSaysWhatToDo) {
    fake.start_bus();
    start();
    EXPECT_TRUE(comes_to(ScannerMode::no_adapter));
    EXPECT_THAT(sentence(), HasSubstr("systemctl status bluetooth"));
}

TEST_F(Bluez, WithoutAnAdapterOneIsWaitedForAndUsedWhenPluggedIn) {
    fake.start_bus();
    fake.start_daemon();
    start();
    EXPECT_TRUE(says("No Bluetooth adapter"));
    EXPECT_TRUE(comes_to(ScannerMode::no_adapter));
    add_adapter();
    EXPECT_TRUE(comes_to(ScannerMode::passive));
}

TEST_F(Bluez, ListensPassivelyAndTellsAMembersAdvertButNoStrangers) {
    start_daemon_with_adapter();
    start();
    ASSERT_TRUE(comes_to(ScannerMode::passive));
    EXPECT_FALSE(fake.is_discovering());
    fake.advert(kOther, -40, kStranger);
    fake.advert(kPhone, -63, kEid);
    ASSERT_TRUE(hears(1));
    loop.run_for(milliseconds(300));
    ASSERT_EQ(sink.heard.size(), 1u);
    const radio::Advert& advert = sink.heard.front();
    EXPECT_EQ(advert.rssi, Rssi(-63));
    EXPECT_EQ(advert.address, *radio::Address::parse(kPhone));
    EXPECT_EQ(radio::eid_of(radio::classify(advert.payload())), kSent);
    EXPECT_GT(advert.at, Instant());
}

TEST_F(Bluez, TellsAnAdvertWhetherOrNotItsLevelChanged) {
    start_daemon_with_adapter();
    start();
    ASSERT_TRUE(comes_to(ScannerMode::passive));
    for (const int rssi : {-63, -63, -70, -70}) fake.advert(kPhone, rssi, kEid);
    ASSERT_TRUE(hears(4));
    loop.run_for(milliseconds(300));
    std::vector<int> levels;
    for (const radio::Advert& advert : sink.heard) levels.push_back(advert.rssi.value());
    EXPECT_THAT(levels, testing::ElementsAre(-63, -63, -70, -70));
}

TEST_F(Bluez, HearsAnIdentifierInAServiceUuid) {
    start_daemon_with_adapter();
    start();
    ASSERT_TRUE(comes_to(ScannerMode::passive));
    const auto send = [&](const char* from, const char* uuid) {
        fake.call("AdvertUuids", std::string("hci0"), std::string(from), std::string("random"),
                  std::int16_t{-58}, std::vector<std::string>{uuid});
    };
    send(kOther, "11111111-494e-4531-0102-030405060708");
    send(kPhone, "56495452-494e-4531-0102-030405060708");
    ASSERT_TRUE(hears(1));
    EXPECT_EQ(radio::eid_of(radio::classify(sink.heard.front().payload())), kSent);
    EXPECT_EQ(sink.heard.front().address, *radio::Address::parse(kPhone));
}

TEST_F(Bluez, AMonitorThatIsNeverActivatedEndsInFlaggedDiscovery) {
    start_daemon_with_adapter();
    fake.call("MonitorMode", std::string("silent"));
    start();
    ASSERT_TRUE(comes_to(ScannerMode::discovery_fallback));
    EXPECT_THAT(sentence(), HasSubstr("never activated"));
    EXPECT_TRUE(fake.is_discovering());
    auto filter = fake.discovery_filter();
    EXPECT_EQ(filter["RSSI"].get<std::int16_t>(), -127);
    EXPECT_EQ(filter["Transport"].get<std::string>(), "le");
    EXPECT_EQ(filter["DuplicateData"].get<bool>(), true);
    EXPECT_THAT(filter["UUIDs"].get<std::vector<std::string>>(),
                testing::ElementsAre("0000feaa-0000-1000-8000-00805f9b34fb"));

    fake.advert(kOther, -40, kStranger);
    fake.advert(kPhone, -63, kEid);
    ASSERT_TRUE(hears(1));
    EXPECT_EQ(sink.heard.front().rssi, Rssi(-63));
    EXPECT_EQ(sink.heard.front().address, *radio::Address::parse(kPhone));

    fake.call("ActivateMonitors", std::string("hci0"));
    EXPECT_TRUE(comes_to(ScannerMode::passive)) << "late, but better than discovery";
    EXPECT_TRUE(wait([&] { return !fake.is_discovering(); }));
}

TEST_F(Bluez, WithoutLeaveToDiscoverItSaysThatItHearsNothing) {
    start_daemon_with_adapter();
    fake.call("MonitorMode", std::string("refuse"));
    start(false);
    ASSERT_TRUE(comes_to(ScannerMode::failed));
    EXPECT_THAT(sentence(), HasSubstr("does not allow discovery"));
    EXPECT_FALSE(fake.is_discovering());
    fake.call("MonitorMode", std::string("activate"));
    EXPECT_TRUE(comes_to(ScannerMode::passive));
}

TEST_F(Bluez, RecoversFromARestartOfTheDaemon) {
    start_daemon_with_adapter();
    start();
    ASSERT_TRUE(comes_to(ScannerMode::passive));
    fake.stop_daemon();
    ASSERT_TRUE(comes_to(ScannerMode::no_adapter));
    EXPECT_THAT(sentence(), HasSubstr("daemon"));
    fake.start_daemon();
    add_adapter();
    ASSERT_TRUE(comes_to(ScannerMode::passive));
    fake.advert(kPhone, -63, kEid);
    EXPECT_TRUE(hears(1));
}

TEST_F(Bluez, RecoversFromARestartOfTheBus) {
    start_daemon_with_adapter();
    start();
    ASSERT_TRUE(comes_to(ScannerMode::passive));
    fake.stop_bus();
    ASSERT_TRUE(comes_to(ScannerMode::no_adapter));
    start_daemon_with_adapter();
    EXPECT_TRUE(comes_to(ScannerMode::passive));
}

TEST_F(Bluez, AnAdapterThatIsUnpluggedIsWaitedFor) {
    start_daemon_with_adapter();
    start();
    ASSERT_TRUE(comes_to(ScannerMode::passive));
    fake.call("RemoveLeAdapter", std::string("hci0"));
    ASSERT_TRUE(comes_to(ScannerMode::no_adapter));
    add_adapter();
    ASSERT_TRUE(comes_to(ScannerMode::passive));
    fake.advert(kPhone, -63, kEid);
    EXPECT_TRUE(hears(1));
}

TEST_F(Bluez, AnAdapterThatIsSwitchedOffIsNamedAndUsedWhenItIsOn) {
    start_daemon_with_adapter();
    start();
    ASSERT_TRUE(comes_to(ScannerMode::passive));
    fake.call("Power", std::string("hci0"), false);
    ASSERT_TRUE(comes_to(ScannerMode::failed));
    EXPECT_THAT(sentence(), HasSubstr("hci0 is switched off"));
    fake.call("Power", std::string("hci0"), true);
    EXPECT_TRUE(comes_to(ScannerMode::passive));
}

TEST_F(Bluez, AMonitorThatTheDaemonGivesBackIsRegisteredAgain) {
    start_daemon_with_adapter();
    start();
    ASSERT_TRUE(comes_to(ScannerMode::passive));
    fake.call("ReleaseMonitors", std::string("hci0"));
    ASSERT_TRUE(comes_to(ScannerMode::failed));
    EXPECT_TRUE(comes_to(ScannerMode::passive));
}

TEST_F(Bluez, TheGuestHasTheAdapterWhileItIsThereAndPowered) {
    start_daemon_with_adapter();
    start();
    ASSERT_TRUE(comes_to(ScannerMode::passive));
    EXPECT_EQ(guest.at, "/org/bluez/hci0");
    fake.call("ReleaseMonitors", std::string("hci0"));
    ASSERT_TRUE(comes_to(ScannerMode::failed));
    ASSERT_TRUE(comes_to(ScannerMode::passive));
    EXPECT_EQ(guest.welcomes, 1)
        << "what the scanner does with its monitor is no news to the guest";

    const auto comes_and_goes = [&](auto away, auto back) {
        const int before = guest.welcomes;
        away();
        EXPECT_TRUE(wait([&] { return guest.at.empty(); }));
        back();
        EXPECT_TRUE(wait([&] { return guest.at == "/org/bluez/hci0"; }));
        EXPECT_EQ(guest.welcomes, before + 1);
    };
    comes_and_goes([&] { fake.call("Power", std::string("hci0"), false); },
                   [&] { fake.call("Power", std::string("hci0"), true); });
    comes_and_goes([&] { fake.call("RemoveLeAdapter", std::string("hci0")); },
                   [&] { add_adapter(); });
    comes_and_goes([&] { fake.stop_daemon(); },
                   [&] {
                       fake.start_daemon();
                       add_adapter();
                   });
    comes_and_goes([&] { fake.stop_bus(); }, [&] { start_daemon_with_adapter(); });
    scanner->stop();
    EXPECT_TRUE(guest.at.empty());
}

TEST_F(Bluez, TheGuestIsToldWhenTheScannerIsNoMore) {
    start_daemon_with_adapter();
    start();
    ASSERT_TRUE(comes_to(ScannerMode::passive));
    scanner.reset();
    EXPECT_TRUE(guest.at.empty());
}

TEST_F(Bluez, ADiscoveryOfSomebodyElseIsNamed) {
    start_daemon_with_adapter();
    start();
    ASSERT_TRUE(comes_to(ScannerMode::passive));
    auto other = sdbus::createSessionBusConnectionWithAddress(fake.address());
    auto adapter = sdbus::createProxy(*other, "org.bluez", "/org/bluez/hci0");
    adapter->callMethod("StartDiscovery").onInterface("org.bluez.Adapter1");
    EXPECT_TRUE(says("another program discovers"));
    adapter->callMethod("StopDiscovery").onInterface("org.bluez.Adapter1");
    EXPECT_TRUE(says("for members' frames only"));
}

TEST_F(Bluez, TheNamedAdapterIsWantedAndNoOther) {
    start_daemon_with_adapter();
    start(true, "hci1");
    EXPECT_TRUE(says("No Bluetooth adapter called hci1"));
    fake.call("AddLeAdapter", std::string("hci1"));
    EXPECT_TRUE(comes_to(ScannerMode::passive));
    EXPECT_TRUE(says("hci1"));
}

TEST_F(Bluez, AnImpossibleAdapterIsAnErrorAndNotAState) {
    BluezScanner wrong(loop, clock, log, {.adapter = "wlan0"});
    const auto started = wrong.start(sink);
    ASSERT_FALSE(started);
    EXPECT_THAT(started.error().message, HasSubstr("wlan0"));
}

TEST_F(Bluez, NothingComesAfterAStopEvenFromTheSinkItself) {
    start_daemon_with_adapter();
    start();
    ASSERT_TRUE(comes_to(ScannerMode::passive));
    sink.stop_at_once = scanner.get();
    for (int i = 0; i < 5; ++i) fake.advert(kPhone, -60 - i, kEid);
    ASSERT_TRUE(hears(1));
    loop.run_for(milliseconds(300));
    EXPECT_EQ(sink.heard.size(), 1u);
    EXPECT_EQ(scanner->state().mode, ScannerMode::stopped);

    sink.stop_at_once = nullptr;
    ASSERT_TRUE(scanner->start(sink));
    EXPECT_TRUE(comes_to(ScannerMode::passive));
    scanner->stop();
    scanner->stop();
    EXPECT_EQ(scanner->state().mode, ScannerMode::stopped);
}

}  // namespace
}  // namespace vitrine::bluez
