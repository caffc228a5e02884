#include "drivers/gateway/gateway_scanner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/host/clock.hpp"
#include "agent/radio/frame.hpp"
#include "drivers/gateway/advert_publisher.hpp"
#include "drivers/gateway/topics.hpp"
#include "tests/unit/sync/mqtt/broker.hpp"

namespace vitrine::gateway {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

radio::Payload frame_of(std::uint8_t who) {
    return radio::encode(radio::EddystoneEid{-21, {{who, 2, 3, 4, 5, 6, 7, 8}}});
}

struct Sink final : scanner::AdvertSink {
    void on_advert(const radio::Advert& advert) override { adverts.push_back(advert); }
    std::vector<radio::Advert> adverts;
};

/// A shop's broker with a scanner that listens to it, and somebody who publishes.
struct Shop : testing::Test {
    GatewayScanner& listen(std::vector<Source> sources) {
        Settings settings{.broker = {.broker = url(), .client_id = "shop"},
                          .sources = std::move(sources)};
        gateways = std::make_unique<GatewayScanner>(loop, clock, log, std::move(settings), 1);
        EXPECT_TRUE(gateways->start(sink));
        until([&] { return gateways->state().mode == scanner::ScannerMode::passive; });
        return *gateways;
    }
    mqtt::PahoLink& publisher() {
        if (!link) {
            link = mqtt::PahoLink::create({.broker = url(), .client_id = "gateway"}, loop, rng,
                                          [](const uplink::LinkEvent&) {})
                       .value();
            until([&] { return link->is_up(); });
        }
        return *link;
    }
    /// The link refuses what it has no room for; then the loop has something to do first.
    void publish(const std::string& topic, const std::string& text, bool retain = false) {
        until([&] {
            return publisher().publish({.topic = topic,
                                        .payload = Bytes(text.begin(), text.end()),
                                        .qos = uplink::Qos::at_most_once,
                                        .retain = retain});
        });
    }
    template <class Condition>
    void until(Condition condition) {
        for (int i = 0; i < 500; ++i) {
            if (condition()) return;
            loop.run_for(10ms);
        }
        FAIL() << "not within five seconds";
    }
    std::string url() const { return broker.url(); }

    mqtt::Broker broker;
    host::Loop loop;
    host::SystemClock clock;
    host::Log log{clock, {}};
    Rng rng{1};
    Sink sink;
    std::unique_ptr<mqtt::PahoLink> link;
    std::unique_ptr<GatewayScanner> gateways;
};

TEST_F(Shop, HearsGatewaysOfThreeFormatsEachAsItsOwnScanner) {
    GatewayScanner& scanner =
        listen({{.id = ScannerId("door"),
                 .scanner = 4,
                 .topic = "home/door/BTtoMQTT/+",
                 .format = Format::theengs},
                {.id = ScannerId("till"), .scanner = 5, .topic = "esp/till", .format = Format::raw},
                {.id = ScannerId("back"),
                 .scanner = 6,
                 .topic = scanner_topic(TenantId("halle"), StoreId("lyon"), ScannerId("back")),
                 .format = Format::vitrine}});
    publish(
        "home/door/BTtoMQTT/AABBCCDDEEFF",
        R"({"id":"AA:BB:CC:DD:EE:FF","rssi":-61,"servicedata":"30eb0102030405060708","servicedatauuid":"0xfeaa"})");
    publish("esp/till", R"({"rssi":-70,"adv":")" + to_hex(frame_of(2).view()) + "\"}");
    AdvertPublisher second(publisher(), {"vitrine/v1/halle/lyon/scanners/back/adverts"});
    second.on_advert(
        {.at = clock.monotonic(), .scanner = 0, .rssi = Rssi(-80), .data = frame_of(3)});
    second.flush();
    until([&] { return sink.adverts.size() == 3; });
    std::vector<std::pair<int, int>> heard;
    for (const radio::Advert& each : sink.adverts)
        heard.emplace_back(each.scanner, each.rssi.value());
    EXPECT_THAT(heard, testing::UnorderedElementsAre(std::pair(4, -61), std::pair(5, -70),
                                                     std::pair(6, -80)));
    EXPECT_EQ(scanner.counters(0).passed, 1U);
    EXPECT_EQ(scanner.dropped(), 0U);
    EXPECT_THAT(scanner.state().sentence, HasSubstr("Listening to 3 gateways"));
}

TEST_F(Shop, NamesAGatewayThatFloodsAndOneThatLies) {
    GatewayScanner& scanner = listen(
        {{.id = ScannerId("door"), .topic = "a/#", .format = Format::raw, .adverts_per_second = 1},
         {.id = ScannerId("till"), .topic = "b", .format = Format::raw}});
    const std::string advert = R"({"rssi":-70,"adv":")" + to_hex(frame_of(2).view()) + "\"}";
    for (int i = 0; i < 100; ++i) publish("a/x", advert);
    publish("b", R"({"rssi":99,"adv":""})");
    until([&] { return scanner.counters(0).messages == 100 && scanner.counters(1).messages == 1; });
    EXPECT_GE(sink.adverts.size(), 2U);
    EXPECT_LT(sink.adverts.size(), 90U) << "unless this machine took a minute and a half";
    const std::string sentence = scanner.state().sentence;
    EXPECT_THAT(sentence, HasSubstr("Gateway door sends more than 1 adverts a second"));
    EXPECT_THAT(sentence, HasSubstr("Gateway till sends what cannot be read ('rssi'"));
}

TEST_F(Shop, SaysThatTheBrokerIsAwayAndHearsAgainWhenItIsBack) {
    GatewayScanner& scanner =
        listen({{.id = ScannerId("door"), .topic = "a", .format = Format::raw}});
    broker.stop();
    until([&] { return scanner.state().mode == scanner::ScannerMode::failed; });
    EXPECT_THAT(scanner.state().sentence, HasSubstr("cannot be reached"));
    broker.start();
    until([&] { return scanner.state().mode == scanner::ScannerMode::passive; });
    publish("a", R"({"rssi":-70,"adv":")" + to_hex(frame_of(2).view()) + "\"}");
    until([&] { return sink.adverts.size() == 1; });
}

TEST_F(Shop, NothingComesAfterAStop) {
    GatewayScanner& scanner =
        listen({{.id = ScannerId("door"), .topic = "a", .format = Format::raw}});
    scanner.stop();
    publish("a", R"({"rssi":-70,"adv":")" + to_hex(frame_of(2).view()) + "\"}");
    loop.run_for(200ms);
    EXPECT_TRUE(sink.adverts.empty());
    EXPECT_EQ(scanner.state().mode, scanner::ScannerMode::stopped);
}

TEST_F(Shop, RefusesATopicThatIsNoFilter) {
    GatewayScanner scanner(
        loop, clock, log,
        {.broker = {.broker = url(), .client_id = "x"},
         .sources = {{.id = ScannerId("door"), .topic = "a/#/b", .format = Format::raw}}},
        1);
    const auto started = scanner.start(sink);
    ASSERT_FALSE(started);
    EXPECT_THAT(started.error().message, HasSubstr("scanner door: 'a/#/b'"));
}

/// A link that keeps what is published.
struct FakeLink final : uplink::Link {
    Result<uplink::Ticket> publish(uplink::Publication publication) override {
        if (!up) return unavailable("down");
        published.push_back(std::move(publication));
        return uplink::Ticket(published.size());
    }
    Result<void> subscribe(std::string, uplink::Qos) override { return {}; }
    bool is_up() const override { return up; }
    bool up = true;
    std::vector<uplink::Publication> published;
};

TEST(AdvertPublisher, SendsTheIdentifierAloneAndNoStranger) {
    FakeLink link;
    AdvertPublisher publisher(link, {"one", "two"});
    Bytes named{0x03, 0x09, 'J', 'o'};
    const radio::Payload frame = frame_of(1);
    named.insert(named.end(), frame.view().begin(), frame.view().end());
    publisher.on_advert({.at = instant_at(5s),
                         .scanner = 1,
                         .rssi = Rssi(-60),
                         .address = {{1, 2, 3, 4, 5, 6}},
                         .data = *radio::Payload::from(named)});
    publisher.on_advert({.at = instant_at(5s),
                         .scanner = 1,
                         .rssi = Rssi(-60),
                         .data = *radio::Payload::from(view_of("\x03\x09Jo"))});
    publisher.flush();
    publisher.flush();
    ASSERT_EQ(link.published.size(), 1U);
    EXPECT_EQ(link.published[0].topic, "two");
    EXPECT_FALSE(link.published[0].retain);
    EXPECT_EQ(text_of(link.published[0].payload),
              "{\"t\":5.000,\"rssi\":-60,\"data\":\"" + to_hex(frame.view()) + "\"}\n");
    EXPECT_EQ(publisher.counters().heard, 2U);
    EXPECT_EQ(publisher.counters().published, 1U);
}

TEST(AdvertPublisher, GivesASignOfLifeOnlyWhereNobodyIsHeard) {
    FakeLink link;
    AdvertPublisher publisher(link, {"one", "two"});
    publisher.on_advert({.at = instant_at(5s), .rssi = Rssi(-60), .data = frame_of(1)});
    publisher.flush();
    publisher.sign_of_life();
    ASSERT_EQ(link.published.size(), 2U);
    EXPECT_EQ(link.published[1].topic, "two");
    EXPECT_TRUE(link.published[1].payload.empty());
    publisher.sign_of_life();
    EXPECT_EQ(link.published.size(), 4U);
}

TEST(AdvertPublisher, DropsWhatCannotBeSentNowAndBoundsAStorm) {
    FakeLink link;
    AdvertPublisher publisher(link, {"one"});
    link.up = false;
    publisher.on_advert({.at = instant_at(5s), .rssi = Rssi(-60), .data = frame_of(1)});
    publisher.flush();
    EXPECT_EQ(publisher.counters().unsent, 1U);
    link.up = true;
    for (int i = 0; i < 3'000; ++i) {
        publisher.on_advert({.at = instant_at(6s), .rssi = Rssi(-60), .data = frame_of(1)});
    }
    publisher.flush();
    EXPECT_EQ(publisher.counters().published, 500U);
    EXPECT_EQ(publisher.counters().flooded, 2'500U);
    for (const uplink::Publication& each : link.published) {
        EXPECT_LE(each.payload.size(), kMessageBytesMax);
        EXPECT_TRUE(parse_message(Format::vitrine, each.payload));
    }
}

TEST(Topics, MatchAsTheStandardSays) {
    EXPECT_TRUE(matches("a/+/c", "a/b/c"));
    EXPECT_TRUE(matches("a/#", "a"));
    EXPECT_TRUE(matches("a/#", "a/b/c"));
    EXPECT_TRUE(matches("#", "a/b"));
    EXPECT_TRUE(matches("+/+", "/b"));
    EXPECT_FALSE(matches("a/+", "a"));
    EXPECT_FALSE(matches("a/+", "a/b/c"));
    EXPECT_FALSE(matches("a", "a/b"));
    EXPECT_FALSE(matches("a/b", "a"));
    EXPECT_FALSE(matches("#", "$SYS/x"));
}

TEST(Topics, KnowAFilterFromAMistake) {
    for (const char* const good : {"a", "a/+/b", "#", "a/#", "/", "+"})
        EXPECT_TRUE(is_filter(good));
    for (const char* const bad : {"", "a/#/b", "a+", "a/b#", "$share/x/a"}) {
        EXPECT_FALSE(is_filter(bad)) << bad;
    }
}

}  // namespace
}  // namespace vitrine::gateway
