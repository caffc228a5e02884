#include "agent/daemon/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vitrine::daemon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kGood = R"([store]
tenant = "halle"
id = "lyon"
agent = "lyon-1"
state = "state"

[http]
port = 0

[centre]
broker = "mqtt://127.0.0.1:1883"
verify_key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

[radio]
source = "simulated"
script = "shoppers.json"

[[zone]]
id = "entrance"

[[kiosk]]
id = "kiosk-1"
x = 2
y = 3.5

[[scanner]]
id = "hall-1"
zone = "entrance"
kiosk = "kiosk-1"
x = 2
y = 3
)";

std::vector<std::string> mistakes_of(std::string_view text) {
    std::vector<std::string> texts;
    for (const Mistake& mistake : read_config_text(text, "/etc/vitrine/agent.toml").mistakes) {
        texts.push_back(mistake.text());
    }
    return texts;
}

std::string with(std::string_view from, std::string_view to) {
    std::string text(kGood);
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

TEST(Config, ReadsAShop) {
    const ConfigReading reading = read_config_text(kGood, "/etc/vitrine/agent.toml");
    EXPECT_THAT(mistakes_of(kGood), IsEmpty());
    EXPECT_EQ(reading.config.store, StoreId("lyon"));
    EXPECT_EQ(reading.config.state, "/etc/vitrine/state");
    EXPECT_EQ(reading.config.script, "/etc/vitrine/shoppers.json");
    ASSERT_EQ(reading.config.layout.scanners.size(), 1U);
    EXPECT_EQ(reading.config.layout.scanners[0].kiosk, 0);
    EXPECT_EQ(reading.config.layout.kiosks[0].at.y_m, 3.5);
}

TEST(Config, NamesFileLineAndKeyOfEveryMistakeAtOnce) {
    std::string text = with("id = \"lyon\"", "id = \"Lyon!\"");
    text = text.replace(text.find("port = 0"), 8, "port = \"x\"");
    text = text.replace(text.find("zone = \"entrance\""), 17, "zone = \"door\"");
    EXPECT_THAT(
        mistakes_of(text),
        ElementsAre(
            "/etc/vitrine/agent.toml:3: store.id: 'Lyon!' is not a name (1 to 31 of a-z, 0-9 and "
            "'-')",
            "/etc/vitrine/agent.toml:8: http.port: expected a whole number from 0 to 65535",
            "/etc/vitrine/agent.toml:28: scanner[0].zone: there is no 'door' in this file"));
}

TEST(Config, ATypingErrorInAKeyIsAMistake) {
    EXPECT_THAT(
        mistakes_of(with("port = 0", "prot = 0")),
        ElementsAre("/etc/vitrine/agent.toml:8: http.prot: is not known here (known: address, "
                    "claim_prefix, port, staff, ui)"));
}

TEST(Config, ASyntaxErrorNamesItsLine) {
    EXPECT_THAT(mistakes_of(with("port = 0", "port = = 0")),
                ElementsAre(testing::StartsWith("/etc/vitrine/agent.toml:8: ")));
}

TEST(Config, AMissingFileIsNamed) {
    const auto reading = read_config("/nowhere/agent.toml");
    ASSERT_EQ(reading.mistakes.size(), 1U);
    EXPECT_EQ(reading.mistakes[0].text(), "/nowhere/agent.toml: cannot be read");
}

TEST(Config, WhatIsMissingIsAskedForAtItsTable) {
    EXPECT_THAT(
        mistakes_of(with("state = \"state\"\n", "")),
        ElementsAre("/etc/vitrine/agent.toml:1: store.state: is missing: the folder that the agent "
                    "keeps its data in"));
    EXPECT_THAT(mistakes_of(with("broker = \"mqtt://127.0.0.1:1883\"", "broker = \"http://x\"")),
                ElementsAre(testing::HasSubstr("centre.broker: expected mqtt://host:port")));
}

}  // namespace
}  // namespace vitrine::daemon
