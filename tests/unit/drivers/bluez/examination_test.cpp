// What a doctor sees of Bluetooth, and what is made of it.

#include "drivers/bluez/examination.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>

#include "agent/host/clock.hpp"
#include "tests/unit/drivers/bluez/fake_bluez.hpp"

namespace vitrine::bluez {
namespace {

using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using Level = Finding::Level;

Seen all_well() {
    return {.version = "5.66-1",
            .adapters = {{.name = "hci0",
                          .powered = true,
                          .monitors = true,
                          .patterns = true,
                          .advertises = true,
                          .serves = true}},
            .conf_readable = true,
            .scan_interval = 48,
            .scan_window = 48,
            .interleave = 0};
}

auto is(Level level, const char* what) {
    return Contains(
        testing::AllOf(Field(&Finding::level, level), Field(&Finding::what, HasSubstr(what))));
}

TEST(Judgement, FindsNothingWhereAllIsWell) {
    for (const Finding& each : judge(all_well())) {
        EXPECT_EQ(each.level, Level::ok) << each.what;
        EXPECT_TRUE(each.advice.empty());
    }
    EXPECT_THAT(judge(all_well()), is(Level::ok, "BlueZ 5.66-1"));
}

TEST(Judgement, NamesEachTroubleAndWhatToDo) {
    const auto with = [](auto change) {
        Seen seen = all_well();
        change(seen);
        const auto findings = judge(seen);
        for (const Finding& each : findings)
            EXPECT_EQ(each.advice.empty(), each.level == Level::ok) << each.what;
        return findings;
    };
    EXPECT_THAT(with([](Seen& seen) { seen.bus_error = "x"; }), is(Level::problem, "D-Bus"));
    EXPECT_THAT(with([](Seen& seen) { seen.daemon_error = "it does not run"; }),
                is(Level::problem, "does not run"));
    EXPECT_THAT(with([](Seen& seen) { seen.adapters.clear(); }),
                is(Level::problem, "no Bluetooth adapter"));
    EXPECT_THAT(with([](Seen& seen) { seen.adapters[0].powered = false; }),
                is(Level::problem, "switched off"));
    EXPECT_THAT(
        with([](Seen& seen) { seen.adapters[0].monitors = seen.adapters[0].patterns = false; }),
        is(Level::problem, "no passive monitors"));
    EXPECT_THAT(with([](Seen& seen) { seen.adapters[0].discovering = true; }),
                is(Level::warning, "discovers on hci0"));
    EXPECT_THAT(with([](Seen& seen) { seen.adapters[0].serves = false; }),
                is(Level::warning, "GATT"));
    EXPECT_THAT(with([](Seen& seen) {
                    seen.switches = {{.index = 1, .name = "hci0", .soft_blocked = true}};
                }),
                is(Level::problem, "by a program"));
    EXPECT_THAT(with([](Seen& seen) {
                    seen.switches = {{.index = 1, .name = "hci0", .hard_blocked = true}};
                }),
                is(Level::problem, "firmware"));
    EXPECT_THAT(with([](Seen& seen) { seen.scan_window = 24; }), is(Level::warning, "part of"));
    EXPECT_THAT(with([](Seen& seen) { seen.scan_window = seen.scan_interval = {}; }),
                is(Level::warning, "part of"));
    EXPECT_THAT(with([](Seen& seen) { seen.interleave = {}; }), is(Level::warning, "turns"));
    EXPECT_THAT(with([](Seen& seen) { seen.conf_readable = false; }),
                is(Level::warning, "cannot be read"));
}

struct Examination : testing::Test {
    Examination() {
        std::string name = (std::filesystem::temp_directory_path() / "bluez-exam-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) std::abort();
        root = name;
        places = {.bus_address = fake.address(),
                  .main_conf = root / "main.conf",
                  .rfkill_folder = root / "rfkill",
                  .packages = root / "status"};
    }
    ~Examination() override { std::filesystem::remove_all(root); }

    FakeBluez fake;
    std::filesystem::path root;
    Places places;
};

TEST_F(Examination, SeesTheDaemonItsAdaptersAndItsSettings) {
    std::ofstream(places.main_conf) << "[General]\nScanIntervalAdvMonitor=1\n[LE]\n"
                                       "#ScanWindowAdvMonitor=9\n ScanIntervalAdvMonitor = 48\r\n"
                                       "ScanWindowAdvMonitor=48\nEnableAdvMonInterleaveScan=0\n"
                                       "[GATT]\nEnableAdvMonInterleaveScan=1\n";
    std::ofstream(places.packages) << "Package: bluez-tools\nVersion: 9\n\nPackage: bluez\n"
                                      "Status: install ok installed\nVersion: 5.66-1+deb12u2\n";
    fake.start_bus();
    fake.start_daemon();
    fake.call("AddLeAdapter", std::string("hci0"));
    fake.call("AddLeAdapter", std::string("hci1"));
    fake.call("Power", std::string("hci1"), false);
    auto adapter = sdbus::createProxy(fake.connection(), "org.bluez", "/org/bluez/hci0");
    adapter->callMethod("StartDiscovery").onInterface("org.bluez.Adapter1");
    fake.advert("C0:00:00:00:00:01", -60, {0x30, 0xee, 1, 2, 3, 4, 5, 6, 7, 8});

    const Seen seen = look_around(places);
    EXPECT_EQ(seen.bus_error, "");
    EXPECT_EQ(seen.daemon_error, "");
    EXPECT_EQ(seen.version, "5.66-1+deb12u2");
    EXPECT_EQ(seen.scan_interval, 48);
    EXPECT_EQ(seen.scan_window, 48);
    EXPECT_EQ(seen.interleave, 0);
    EXPECT_EQ(seen.devices, 1u);
    ASSERT_EQ(seen.adapters.size(), 2u);
    EXPECT_EQ(seen.adapters[0].name, "hci0");
    EXPECT_TRUE(seen.adapters[0].powered);
    EXPECT_TRUE(seen.adapters[0].discovering);
    EXPECT_TRUE(seen.adapters[0].patterns);
    EXPECT_TRUE(seen.adapters[0].advertises);
    EXPECT_TRUE(seen.adapters[0].serves);
    EXPECT_FALSE(seen.adapters[1].powered);
    for (const Finding& each : judge(seen)) {
        EXPECT_THAT(each.what + each.advice, testing::Not(HasSubstr("C0:00"))) << "an address";
    }
}

TEST_F(Examination, WithoutABusOrADaemonThatIsTheFinding) {
    EXPECT_THAT(examine(places), is(Level::problem, "D-Bus cannot be reached"));
    fake.start_bus();
    EXPECT_THAT(examine(places), is(Level::problem, "it does not run"));
}

TEST_F(Examination, DoesNotWaitForADaemonThatDoesNotAnswer) {
    fake.start_bus();
    fake.connection().requestName("org.bluez");  // And reads nothing.
    const host::SystemClock clock;
    const auto began = clock.monotonic();
    EXPECT_THAT(examine(places), is(Level::problem, "does not answer"));
    EXPECT_LT(clock.monotonic() - began, std::chrono::seconds(3));
}

}  // namespace
}  // namespace vitrine::bluez
