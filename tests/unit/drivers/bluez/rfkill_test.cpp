// The kernel's switches for radios, in a folder that looks like /sys/class/rfkill.

#include "drivers/bluez/rfkill.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace vitrine::bluez {
namespace {

struct Rfkill : testing::Test {
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "rfkill-XXXXXX").string();
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        root = name;
    }
    void TearDown() override { std::filesystem::remove_all(root); }
    void add(const std::string& folder, const std::string& name, const std::string& type,
             const std::string& soft, const std::string& hard) {
        std::filesystem::create_directories(root / folder);
        std::ofstream(root / folder / "name") << name << '\n';
        std::ofstream(root / folder / "type") << type << '\n';
        std::ofstream(root / folder / "soft") << soft << '\n';
        std::ofstream(root / folder / "hard") << hard << '\n';
    }
    std::filesystem::path root;
};

TEST_F(Rfkill, ShowsTheSwitchesOfBluetoothOnly) {
    add("rfkill0", "phy0", "wlan", "1", "1");
    add("rfkill12", "hci0", "bluetooth", "1", "0");
    add("rfkill3", "tpacpi_bluetooth_sw", "bluetooth", "0", "1");
    add("rfkillx", "hci1", "bluetooth", "0", "0");
    add("other", "hci2", "bluetooth", "0", "0");
    std::filesystem::create_directories(root / "rfkill9");  // Gone while we looked.
    auto switches = radio_switches(root);
    std::ranges::sort(switches, {}, &RadioSwitch::index);
    ASSERT_EQ(switches.size(), 2u);
    EXPECT_EQ(switches[0].index, 3u);
    EXPECT_TRUE(switches[0].hard_blocked);
    EXPECT_FALSE(switches[0].soft_blocked);
    EXPECT_EQ(switches[1].index, 12u);
    EXPECT_EQ(switches[1].name, "hci0");
    EXPECT_TRUE(switches[1].soft_blocked);
}

TEST_F(Rfkill, AMachineWithoutSwitchesHasNone) {
    EXPECT_TRUE(radio_switches(root / "nothing").empty());
}

TEST_F(Rfkill, WritesTheKernelsEvent) {
    std::ofstream(root / "device").put('x');
    ASSERT_TRUE(block_radio(0x01020304, true, root / "device"));
    std::ifstream in(root / "device", std::ios::binary);
    const std::string written{std::istreambuf_iterator<char>(in), {}};
    EXPECT_EQ(written, std::string("\x04\x03\x02\x01\x02\x02\x01\x00", 8));
}

TEST_F(Rfkill, WithoutADeviceItSaysSo) {
    const auto blocked = block_radio(0, true, root / "device");
    ASSERT_FALSE(blocked);
    EXPECT_EQ(blocked.error().code, ErrorCode::unavailable);
    EXPECT_THAT(blocked.error().message, testing::HasSubstr("device"));
}

}  // namespace
}  // namespace vitrine::bluez
