#include "agent/daemon/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/daemon/broker.hpp"

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

TEST(Config, SpreadsTheReturnToTheBrokerUnlessToldOtherwise) {
    const auto read = [](const std::string& text) {
        return centre_broker(read_config_text(text, "/etc/vitrine/agent.toml").config).spread;
    };
    EXPECT_EQ(read(std::string(kGood)), std::chrono::seconds(10));
    EXPECT_EQ(read(with("verify_key", "reconnect_spread_seconds = 0\nverify_key")),
              std::chrono::seconds(0));
    EXPECT_THAT(mistakes_of(with("verify_key", "reconnect_spread_seconds = 61\nverify_key")),
                testing::Contains(testing::HasSubstr("reconnect_spread_seconds")));
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

constexpr std::string_view kScanner = R"(
[[scanner]]
id = "till"
)";

TEST(Receivers, AreTheAdapterOfTheRadioUnlessTheySayOtherwise) {
    std::string text = with("source = \"simulated\"", "source = \"bluez\"\nadapter = \"hci1\"");
    text += std::string(kScanner) + "adapter = \"hci0\"\n[[scanner]]\nid = \"door\"\n" +
            "gateway = { topic = \"home/door/BTtoMQTT/+\", format = \"theengs\" }\n" +
            "[[scanner]]\nid = \"back\"\ngateway = { adverts_per_second = 50 }\n";
    EXPECT_THAT(mistakes_of(text), IsEmpty());
    const Config config = read_config_text(text, "/etc/vitrine/agent.toml").config;
    ASSERT_EQ(config.adapters.size(), 2U);
    EXPECT_EQ(config.adapters[0].name, "hci1");
    EXPECT_EQ(config.adapters[1].name, "hci0");
    EXPECT_EQ(config.adapters[1].scanner, 1);
    ASSERT_EQ(config.gateways.size(), 2U);
    EXPECT_EQ(config.gateways[0].scanner, 2);
    EXPECT_EQ(config.gateways[0].format, gateway::Format::theengs);
    EXPECT_EQ(config.gateways[1].topic, "vitrine/v1/halle/lyon/scanners/back/adverts");
    EXPECT_EQ(config.gateways[1].adverts_per_second, 50);
    EXPECT_EQ(config.gateway_broker.url, "mqtt://127.0.0.1:1883") << "the centre's";
}

TEST(Receivers, NameTheLineOfWhatCannotWork) {
    const auto with_scanner = [](std::string_view more) {
        return mistakes_of(std::string(kGood) + std::string(kScanner) + std::string(more));
    };
    const std::string at = "/etc/vitrine/agent.toml:35: scanner[1].gateway.";
    EXPECT_THAT(with_scanner("gateway = { format = \"theengs\" }"),
                ElementsAre(at + "topic: is missing: where the gateway publishes what it hears"));
    EXPECT_THAT(with_scanner("gateway = { topic = \"a/#/b\" }"),
                ElementsAre(at + "topic: 'a/#/b' is not an MQTT topic filter"));
    EXPECT_THAT(with_scanner("gateway = { format = \"esphome\", topic = \"a\" }"),
                ElementsAre(testing::HasSubstr("known: vitrine, theengs, raw")));
    EXPECT_THAT(with_scanner("gateway = { topik = \"a\" }"),
                ElementsAre(testing::HasSubstr("gateway.topik: is not known here")));
    EXPECT_THAT(with_scanner("adapter = \"hci0\""),
                ElementsAre(testing::HasSubstr("scanner[1].adapter: is of no use unless")));
    EXPECT_THAT(with_scanner("adapter = \"hci0\"\ngateway = { topic = \"a\" }"),
                ElementsAre(testing::HasSubstr("either an adapter of this machine or a gateway")));
}

TEST(Receivers, OfOneMachineEachHaveTheirOwnAdapterAndTopic) {
    const std::string bluez = with("source = \"simulated\"", "source = \"bluez\"");
    EXPECT_THAT(mistakes_of(bluez + std::string(kScanner)),
                ElementsAre(testing::HasSubstr("scanner[1].adapter: is missing: another scanner")));
    const std::string gateway = std::string(kScanner) + "gateway = { topic = \"a\" }\n";
    EXPECT_THAT(mistakes_of(std::string(kGood) + gateway +
                            "[[scanner]]\nid = \"back\"\ngateway = { topic = \"a\" }\n"),
                ElementsAre(testing::HasSubstr("gateway.topic: is that of scanner 'till' too")));
    std::string alone = bluez;
    alone.insert(alone.find("[[scanner]]") + 12, "gateway = { topic = \"a\" }\n");
    EXPECT_THAT(mistakes_of(alone), ElementsAre(testing::HasSubstr("no [[scanner]] is left")));
    std::string brokerless = std::string(kGood) + gateway;
    const auto at = brokerless.find("broker = ");
    brokerless.erase(at, brokerless.find("[radio]") - at);
    EXPECT_THAT(mistakes_of(brokerless),
                ElementsAre(testing::HasSubstr("gateways: broker is missing")));
}

TEST(Beacon, SaysWhereAPhoneIs) {
    const std::string bluez = with("source = \"simulated\"", "source = \"bluez\"");
    const std::string beacon =
        "[beacon]\nuuid = \"e2c56db5-dffb-48d2-b060-d0f5a71096e0\"\nstore_number = 17\n";
    EXPECT_THAT(mistakes_of(bluez + beacon), IsEmpty());
    const auto read = read_config_text(bluez + beacon, "/x/agent.toml").config.beacon;
    ASSERT_TRUE(read);
    EXPECT_EQ(read->uuid[1], 0xc5);
    EXPECT_EQ(read->store_number, 17);
    EXPECT_EQ(read->kiosk_number, 1);
    EXPECT_THAT(mistakes_of(std::string(kGood) + beacon),
                ElementsAre(testing::HasSubstr("a beacon needs radio.source \"bluez\"")));
    EXPECT_THAT(mistakes_of(bluez + "[beacon]\nkiosk = \"x\"\nuuid = \"e2\"\n"),
                ElementsAre(testing::HasSubstr("beacon.store_number: is missing"),
                            testing::HasSubstr("beacon.kiosk: there is no 'x'"),
                            testing::HasSubstr("beacon.uuid: expected 32")));
}

TEST(Config, OfAScannerNeedsNoKioskNoStateAndNoKeyButABroker) {
    constexpr std::string_view kOnlyHears = R"([store]
role = "scanner"
tenant = "halle"
id = "lyon"
agent = "lyon-2"

[centre]
broker = "mqtt://127.0.0.1:1883"

[radio]
source = "bluez"

[[scanner]]
id = "back"
)";
    EXPECT_THAT(mistakes_of(kOnlyHears), IsEmpty());
    std::string text(kOnlyHears);
    text.erase(text.find("broker"), 34);
    EXPECT_THAT(mistakes_of(text), ElementsAre(testing::HasSubstr("centre: broker is missing")));
    text = kOnlyHears;
    text.replace(text.find("\"scanner\""), 9, "\"ear\"");
    EXPECT_THAT(mistakes_of(text), testing::Contains(testing::HasSubstr("'ear' is not a role")));
}

}  // namespace
}  // namespace vitrine::daemon
