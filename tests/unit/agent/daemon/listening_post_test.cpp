#include "agent/daemon/listening_post.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/host/clock.hpp"
#include "tests/unit/sync/mqtt/broker.hpp"

namespace vitrine::daemon {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kRecording =
    R"({"t": 0, "scanner": "back", "rssi": -60, "address": "6c1fa7097a33", "data": "03095254"}
{"t": 0.1, "scanner": "back", "rssi": -61, "address": "6c1fa7097a33", "key": "000102030405060708090a0b0c0d0e0f"}
)";

Config config_of(const mqtt::Broker& broker, const std::string& folder, std::string_view role,
                 std::string_view more) {
    const std::string text = "[store]\nrole = \"" + std::string(role) +
                             "\"\ntenant = \"halle\"\nid = \"lyon\"\nagent = \"" +
                             std::string(role) + "\"\nstate = \"state\"\n[centre]\nbroker = \"" +
                             broker.url() + "\"\nverify_key = \"" + std::string(64, '0') + "\"\n" +
                             std::string(more);
    const ConfigReading reading = read_config_text(text, folder + "/agent.toml");
    for (const Mistake& mistake : reading.mistakes) ADD_FAILURE() << mistake.text();
    return reading.config;
}

struct Sink final : scanner::AdvertSink {
    void on_advert(const radio::Advert& advert) override { adverts.push_back(advert); }
    std::vector<radio::Advert> adverts;
};

TEST(ListeningPost, IsHeardByTheMainAgentAsOneOfItsScanners) {
    mqtt::Broker broker;
    std::string folder = testing::TempDir() + "post-XXXXXX";
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    std::ofstream(folder + "/adverts.jsonl") << kRecording;
    host::Loop loop;
    const host::SystemClock clock;
    host::Log log(clock, {});
    const Config store = config_of(broker, folder, "store",
                                   "[[kiosk]]\nid = \"till\"\n[[scanner]]\nid = \"front\"\n"
                                   "[[scanner]]\nid = \"back\"\ngateway = {}\n");
    auto radio = make_radio(store, loop, clock, log, 1);
    ASSERT_TRUE(radio) << radio.error().message;
    ASSERT_NE(radio->gateways, nullptr);
    Sink sink;
    ASSERT_TRUE(radio->scanner->start(sink));
    const auto until = [&](auto condition) {
        for (int i = 0; i < 1000 && !condition(); ++i) loop.run_for(10ms);
        EXPECT_TRUE(condition());
    };
    until([&] { return radio->scanner->state().hearing(); });
    loop.run_for(100ms);  // The subscription is on its way.

    auto post = ListeningPost::open(
        config_of(broker, folder, "scanner",
                  "[radio]\nsource = \"replay\"\nscript = \"adverts.jsonl\"\nspeed = 0.05\n"
                  "[[scanner]]\nid = \"back\"\n"),
        loop, clock, log);
    ASSERT_TRUE(post) << post.error().message;
    ASSERT_TRUE((*post)->start());
    until([&] { return sink.adverts.size() == 1; });
    EXPECT_EQ(sink.adverts[0].scanner, 1);
    EXPECT_EQ(sink.adverts[0].rssi, Rssi(-61));
    EXPECT_EQ(radio->gateways->counters(0).foreign, 0U) << "the stranger stayed where it was heard";
    EXPECT_THAT((*post)->status(), testing::HasSubstr("1 of 2 adverts published"));
    bool stopped = false;
    (*post)->stop([&] { stopped = true; });
    EXPECT_TRUE(stopped);
    radio->scanner->stop();
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace vitrine::daemon
