#include <fstream>
#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/daemon/shop.hpp"
#include "agent/host/clock.hpp"
#include "agent/http/client.hpp"
#include "sync/bundle/package.hpp"
#include "sync/mqtt/paho_link.hpp"
#include "tests/unit/sync/mqtt/broker.hpp"

namespace vitrine::daemon {
namespace {

using namespace std::chrono_literals;
using bundle::Kind;
using testing::HasSubstr;
using testing::Not;

constexpr auto kDay = std::chrono::hours(24);

bundle::SecretKey signer(std::uint8_t seed = 1) { return bundle::SecretKey::from_seed({seed}); }

/// This machine's clock, or one that is wrong by so much.
class WrongClock final : public Clock {
  public:
    Instant monotonic() const override { return clock_.monotonic(); }
    WallTime wall() const override { return clock_.wall() + wrong; }
    std::chrono::milliseconds wrong{0};

  private:
    host::SystemClock clock_;
};

Bytes catalogue(std::uint64_t epoch) {
    const std::string json = R"({"format":"vitrine-catalogue-1","epoch":)" + std::to_string(epoch) +
                             R"(,"categories":[],"offers":[]})";
    return Bytes(json.begin(), json.end());
}

bundle::Package package(std::uint64_t epoch, WallTime published,
                        const bundle::SecretKey& key = signer()) {
    return bundle::pack({.tenant = TenantId("halle"),
                         .store = StoreId("lyon"),
                         .kind = Kind::catalogue,
                         .epoch = Epoch(epoch),
                         .not_before = published,
                         .expires = published + 14 * kDay},
                        catalogue(epoch), key)
        .value();
}

/// A shop's folder, a real broker, and whoever publishes there.
class ShopWithBundles : public testing::Test {
  protected:
    void SetUp() override {
        folder = testing::TempDir() + "shop-XXXXXX";
        ASSERT_NE(mkdtemp(folder.data()), nullptr);
        std::filesystem::create_directories(folder + "/ui");
        std::ofstream(folder + "/ui/kiosk.html") << "<!doctype html><title>kiosk</title>";
        centre = mqtt::PahoLink::create({.broker = broker.url(), .client_id = "centre"}, loop, rng,
                                        [](const uplink::LinkEvent&) {})
                     .value();
    }
    void TearDown() override {
        shop.reset();
        centre.reset();
        std::filesystem::remove_all(folder);
    }

    void open(const std::string& keys = to_hex(signer().public_key())) {
        const std::string text =
            "[store]\ntenant = \"halle\"\nid = \"lyon\"\nagent = \"lyon-1\"\nstate = \"state\"\n"
            "[http]\nport = 0\nui = \"ui\"\n[[kiosk]]\nid = \"till\"\n[[scanner]]\nid = "
            "\"s1\"\nkiosk = \"till\"\n[limits]\nlog_level = "
            "\"error\"\n[centre]\nbroker = \"" +
            broker.url() + "\"\nverify_key = \"" + keys + "\"\n";
        const ConfigReading reading = read_config_text(text, folder + "/agent.toml");
        for (const Mistake& mistake : reading.mistakes) ADD_FAILURE() << mistake.text();
        shop = Shop::open(reading.config, {}, loop, clock, log).value();
        ASSERT_TRUE(shop->start());
    }
    void keep(const bundle::Package& one, std::uint64_t epoch) {
        BundleCache::open(folder + "/state/bundles")
            .value()
            .keep(Kind::catalogue, one.manifest, catalogue(epoch))
            .value();
    }
    void publish(const bundle::Package& one, std::uint64_t epoch) {
        until([&] { return centre->is_up(); });
        const auto retained = [&](bundle::Leaf leaf, const Bytes& payload) {
            const std::string topic =
                bundle::format_topic({TenantId("halle"), StoreId("lyon"), std::move(leaf)});
            EXPECT_TRUE(centre->publish({.topic = topic, .payload = payload, .retain = true}));
        };
        retained(bundle::DownChunk{Kind::catalogue, Epoch(epoch), 0}, one.chunks.at(0));
        retained(bundle::DownManifest{Kind::catalogue}, one.manifest);
    }
    template <class Condition>
    void until(Condition condition) {
        for (int i = 0; i < 1500 && !condition(); ++i) loop.run_for(10ms);
        EXPECT_TRUE(condition());
    }
    std::string metrics() {
        auto answer = std::async(std::launch::async,
                                 [port = shop->port()] { return http::fetch(port, "/metrics"); });
        while (answer.wait_for(0s) != std::future_status::ready) loop.run_for(10ms);
        return answer.get().value().body;
    }
    bool shows(const std::string& line) { return metrics().find(line) != std::string::npos; }

    mqtt::Broker broker;
    host::Loop loop;
    WrongClock clock;
    host::Log log{clock, {.level = host::Level::error}};
    Rng rng{1};
    std::string folder;
    std::unique_ptr<mqtt::PahoLink> centre;
    std::unique_ptr<Shop> shop;
};

TEST_F(ShopWithBundles, ThatAreAMonthOldOpensSaysSoAndComesBackToLife) {
    keep(package(1, clock.wall() - 31 * kDay), 1);
    open();
    EXPECT_THAT(shop->status(), HasSubstr("catalogue 31 days old"));
    EXPECT_TRUE(shows("vitrine_bundle_expired{kind=\"catalogue\"} 1"));
    EXPECT_TRUE(shows("vitrine_bundle_epoch{kind=\"catalogue\"} 1"));
    EXPECT_TRUE(shows("vitrine_bundle_age_seconds{kind=\"catalogue\"} 26784"));
    publish(package(2, clock.wall()), 2);
    until([&] { return shows("vitrine_bundle_epoch{kind=\"catalogue\"} 2"); });
    EXPECT_TRUE(shows("vitrine_bundle_expired{kind=\"catalogue\"} 0"));
    EXPECT_THAT(shop->status(), Not(HasSubstr("days old")));
}

TEST_F(ShopWithBundles, ThatExpireWhileItIsOpenSaysSo) {
    keep(package(1, clock.wall() - 13 * kDay), 1);
    open();
    EXPECT_THAT(shop->status(), Not(HasSubstr("days old")));
    clock.wrong = 2 * kDay;
    EXPECT_THAT(shop->status(), HasSubstr("catalogue 15 days old"));
}

TEST_F(ShopWithBundles, WhoseClockIsIn1970KeepsWhatItHasUntilTheClockIsRight) {
    keep(package(1, clock.wall() - kDay), 1);
    clock.wrong = -clock.wall().time_since_epoch();
    open();
    publish(package(2, host::SystemClock().wall()), 2);
    until([&] {
        return shows("vitrine_bundle_bytes_total " +
                     std::to_string(package(2, clock.wall()).chunks.at(0).size()));
    });
    EXPECT_TRUE(shows("vitrine_bundle_epoch{kind=\"catalogue\"} 1"));
    clock.wrong = {};
    until([&] { return shows("vitrine_bundle_epoch{kind=\"catalogue\"} 2"); });
}

TEST_F(ShopWithBundles, WhoseCacheWasLostTakesTheSameEpochAgain) {
    publish(package(7, clock.wall()), 7);
    open();
    until([&] { return shows("vitrine_bundle_epoch{kind=\"catalogue\"} 7"); });
    loop.run_for(500ms);  // The ledger is kept with the next commit.
    shop.reset();
    std::filesystem::remove_all(folder + "/state/bundles");
    open();
    until([&] { return shows("vitrine_bundle_epoch{kind=\"catalogue\"} 7"); });
}

TEST_F(ShopWithBundles, OfARevokedKeyOpensWithoutThem) {
    keep(package(900, clock.wall()), 900);
    open(to_hex(signer(2).public_key()));
    EXPECT_TRUE(shows("vitrine_bundle_epoch{kind=\"catalogue\"} 0"));
    EXPECT_TRUE(std::filesystem::exists(folder + "/state/bundles/catalogue.refused"));
    publish(package(3, clock.wall(), signer(2)), 3);
    until([&] { return shows("vitrine_bundle_epoch{kind=\"catalogue\"} 3"); });
}

}  // namespace
}  // namespace vitrine::daemon
