#include "drivers/simulated/shoppers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "agent/host/clock.hpp"
#include "agent/radio/frame.hpp"
#include "drivers/simulated/simulated_scanner.hpp"

namespace vitrine::simulated {
namespace {

using namespace std::chrono_literals;

constexpr Instant kStart = instant_at(100s);
constexpr WallTime kToday = wall_at(1'800'000'000s);

identity::IdentityKey key(std::uint8_t fill) {
    identity::IdentityKey key;
    key.bytes.fill(fill);
    return key;
}

/// Ten by ten metres, the door at the origin, a scanner at each of two kiosks.
FloorPlan plan() {
    return {.scanners = {{10, 0, 0}, {0, 10, 0}},
            .kiosks = {{"entrance", {10, 0, 0}}, {"wine", {0, 10, 0}}},
            .door = {0, 0, 0}};
}

Script ana_and_ben() {
    Script script;
    script.phones = {{"Ana", key(1)}, {"Ben", key(2)}};
    return script;
}

/// A shop and its time.
struct Shop {
    Shoppers shoppers;
    std::vector<radio::Advert> heard;
    std::chrono::milliseconds elapsed{};

    explicit Shop(Script script = ana_and_ben(), std::uint64_t seed = 7, const Air& air = {})
        : shoppers(Shoppers::make(plan(), std::move(script), seed, air).value()) {
        shoppers.tick(kStart, kToday, heard);
    }

    void pass(std::chrono::milliseconds time, std::chrono::milliseconds tick = 50ms) {
        for (const auto end = elapsed + time; elapsed < end;) {
            elapsed += std::min(tick, end - elapsed);
            shoppers.tick(kStart + elapsed, kToday + elapsed, heard);
        }
    }

    Whereabouts of(std::string_view label) const {
        for (const Whereabouts& each : shoppers.whereabouts()) {
            if (each.label == label) return each;
        }
        ADD_FAILURE() << label;
        return {};
    }

    std::size_t heard_by(std::uint16_t scanner) const {
        return static_cast<std::size_t>(
            std::ranges::count(heard, scanner, &radio::Advert::scanner));
    }
};

TEST(Shoppers, BeginAwayAndUnheard) {
    Shop shop;
    shop.pass(30s);
    EXPECT_TRUE(shop.heard.empty());
    EXPECT_FALSE(shop.of("Ana").in_store);
    EXPECT_EQ(shop.of("Ana").place, "away");
}

TEST(Shoppers, WalkToAKioskAtWalkingSpeed) {
    Shop shop;
    ASSERT_TRUE(shop.shoppers.steer("Ana", "entrance"));
    shop.pass(5s);
    EXPECT_NEAR(distance_m(shop.of("Ana").at, {0, 0, 0}), 6.0, 0.01);
    EXPECT_TRUE(shop.of("Ana").walking);
    shop.pass(5s);
    EXPECT_FALSE(shop.of("Ana").walking);
    EXPECT_LE(distance_m(shop.of("Ana").at, {10, 0, 0}), 1.3);
    EXPECT_FALSE(shop.of("Ben").in_store);
}

TEST(Shoppers, AreHeardTwiceASecondByEachScanner) {
    Shop shop;
    ASSERT_TRUE(shop.shoppers.steer("Ana", "entrance"));
    shop.pass(60s);
    EXPECT_NEAR(static_cast<double>(shop.heard_by(0)), 120 * 0.95, 10);
    EXPECT_NEAR(static_cast<double>(shop.heard_by(1)), 120 * 0.95, 10);
    EXPECT_TRUE(std::ranges::is_sorted(shop.heard, {}, &radio::Advert::at));
    EXPECT_GT(shop.heard.front().at, kStart);
    EXPECT_LE(shop.heard.back().at, kStart + 60s);
}

// The measured law: −62 dBm at 1 m, exponent 1.4, 6.2 dB of scatter from place to place.
TEST(Shoppers, AreHeardAtTheMeasuredLevels) {
    double sum = 0;
    double sum_of_squares = 0;
    double n = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        Shop shop(ana_and_ben(), seed);
        ASSERT_TRUE(shop.shoppers.steer("Ana", "entrance"));
        shop.pass(12s);
        shop.heard.clear();
        shop.pass(2s);
        for (const auto& advert : shop.heard) {
            if (advert.scanner != 0) continue;
            const double metres = distance_m(shop.of("Ana").at, {10, 0, 0});
            const double off = advert.rssi.value() - (-62 - 14 * std::log10(metres));
            sum += off;
            sum_of_squares += off * off;
            ++n;
        }
    }
    EXPECT_NEAR(sum / n, 0, 1.2);
    EXPECT_NEAR(std::sqrt(sum_of_squares / n), 6.2, 0.8);
}

TEST(Shoppers, LeaveByTheDoorAndFallSilent) {
    Shop shop;
    ASSERT_TRUE(shop.shoppers.steer("Ana", "wine"));
    shop.pass(20s);
    ASSERT_TRUE(shop.shoppers.steer("Ana", "away"));
    shop.pass(5s);
    EXPECT_TRUE(shop.of("Ana").in_store);
    shop.pass(5s);
    EXPECT_FALSE(shop.of("Ana").in_store);
    shop.heard.clear();
    shop.pass(60s);
    EXPECT_TRUE(shop.heard.empty());
    ASSERT_TRUE(shop.shoppers.steer("Ana", "door"));
    shop.pass(10s);
    EXPECT_FALSE(shop.heard.empty());
    EXPECT_EQ(shop.of("Ana").at, (Point{0, 0, 0}));
}

TEST(Shoppers, SendTheIdentifierThatIsDueUnderAnAddressThatChangesWithIt) {
    Shop shop;
    ASSERT_TRUE(shop.shoppers.steer("Ana", "entrance"));
    ASSERT_TRUE(shop.shoppers.steer("Ben", "entrance"));
    shop.pass(1100s, 500ms);
    std::map<radio::Eid, std::set<radio::Address>> addresses;
    std::set<radio::Address> all;
    for (const auto& advert : shop.heard) {
        const auto eid = radio::eid_of(radio::classify(advert.payload()));
        ASSERT_TRUE(eid);
        const auto since =
            std::chrono::duration_cast<std::chrono::milliseconds>(advert.at - kStart);
        const auto due = [&](std::uint8_t fill) {
            return identity::current_eid(key(fill), kToday + since);
        };
        EXPECT_TRUE(*eid == due(1) || *eid == due(2));
        addresses[*eid].insert(advert.address);
        all.insert(advert.address);
    }
    EXPECT_GE(addresses.size(), 6U);  // Two phones in three windows.
    EXPECT_EQ(all.size(), addresses.size());
    for (const auto& [eid, of_eid] : addresses) EXPECT_EQ(of_eid.size(), 1U);
}

TEST(Shoppers, AreTheSameForTheSameSeed) {
    const auto levels = [](std::uint64_t seed) {
        Script script = ana_and_ben();
        script.strangers = 5;
        Shop shop(std::move(script), seed);
        EXPECT_TRUE(shop.shoppers.steer("Ana", "wine"));
        shop.pass(20s);
        std::vector<std::pair<Instant, int>> heard;
        for (const auto& advert : shop.heard) heard.emplace_back(advert.at, advert.rssi.value());
        return heard;
    };
    EXPECT_EQ(levels(3), levels(3));
    EXPECT_NE(levels(3), levels(4));
}

TEST(Shoppers, FollowTheirScriptWhateverTheTick) {
    for (const auto tick : {10ms, 1700ms}) {
        Script script = ana_and_ben();
        script.steps = {{8000ms, "Ana", "away"}, {2000ms, "Ana", "entrance"}};
        Shop shop(std::move(script));
        shop.pass(2s, tick);
        shop.heard.clear();
        shop.pass(5s, tick);
        EXPECT_NEAR(distance_m(shop.of("Ana").at, {0, 0, 0}), 6.0, 0.01);
        EXPECT_FALSE(shop.heard.empty());
        shop.pass(2s, tick);
        EXPECT_NEAR(distance_m(shop.of("Ana").at, {0, 0, 0}), 6.0, 0.05);
        EXPECT_EQ(shop.of("Ana").place, "away");
    }
}

TEST(Shoppers, ShareTheAirWithStrangersWhoSendAnything) {
    Script script;
    script.strangers = 50;
    script.stranger_adverts_per_s = 2;
    Shop shop(std::move(script), 7, Air{.weakest_dbm = -127, .lost_share = 0});
    shop.pass(20s);
    EXPECT_NEAR(static_cast<double>(shop.heard_by(0)), 50 * 2 * 20, 150);
    std::set<std::size_t> kinds;
    for (const auto& advert : shop.heard) {
        kinds.insert(radio::classify(advert.payload()).index());
        const auto eid = radio::eid_of(radio::classify(advert.payload()));
        EXPECT_NE(eid, identity::current_eid(key(1), kToday));
    }
    EXPECT_GE(kinds.size(), 5U);
}

TEST(Shoppers, DoNotCatchUpWithALongPause) {
    Shop shop;
    ASSERT_TRUE(shop.shoppers.steer("Ana", "entrance"));
    shop.pass(1h, 1h);
    EXPECT_LE(shop.heard.size(), 24U);
    EXPECT_FALSE(shop.of("Ana").walking);
    shop.heard.clear();
    shop.pass(10s);
    EXPECT_NEAR(static_cast<double>(shop.heard_by(0)), 19, 5);
}

TEST(Shoppers, ListWhoAndWhatIsKnown) {
    Shop shop;
    EXPECT_EQ(shop.shoppers.steer("Eve", "wine").error().message,
              "nobody is called 'Eve' (there are: Ana, Ben)");
    EXPECT_EQ(shop.shoppers.steer("Ana", "roof").error().message,
              "there is no place 'roof' (there are: entrance, wine, door, away)");
    EXPECT_EQ(shop.of("Ana").place, "away");
}

TEST(Shoppers, RefuseAShopThatCannotBe) {
    const auto message = [](FloorPlan floor, Script script) {
        const auto made = Shoppers::make(std::move(floor), std::move(script), 1);
        return made ? std::string("made") : made.error().message;
    };
    EXPECT_EQ(message({}, {}), "the floor plan has no scanner");
    FloorPlan twins = plan();
    twins.kiosks.push_back({"wine", {}});
    EXPECT_EQ(message(twins, {}), "kiosks: 'wine' appears twice");
    FloorPlan door = plan();
    door.kiosks.push_back({"door", {}});
    EXPECT_EQ(message(door, {}), "kiosks: 'door' has a meaning of its own");
    Script two_anas;
    two_anas.phones = {{"Ana", {}}, {"Ana", {}}};
    EXPECT_EQ(message(plan(), two_anas), "phones: 'Ana' appears twice");
    Script nowhere = ana_and_ben();
    nowhere.steps = {{0ms, "Ana", "roof"}};
    EXPECT_EQ(message(plan(), nowhere),
              "there is no place 'roof' (there are: entrance, wine, door, away)");
    EXPECT_EQ(message(plan(), ana_and_ben()), "made");
}

struct Count : scanner::AdvertSink {
    std::size_t adverts = 0;
    void on_advert(const radio::Advert&) override { ++adverts; }
};

TEST(SimulatedScanner, GivesAdvertsUntilItStops) {
    host::Loop loop;
    const host::SystemClock clock;
    Script script = ana_and_ben();
    script.strangers = 100;
    script.stranger_adverts_per_s = 20;
    SimulatedScanner scanner(loop, clock, Shoppers::make(plan(), std::move(script), 1).value());
    EXPECT_FALSE(scanner.state().hearing());
    Count sink;
    ASSERT_TRUE(scanner.start(sink));
    ASSERT_TRUE(scanner.steer("Ana", "door"));
    EXPECT_EQ(scanner.state().sentence,
              "Simulated shoppers: 1 of 2 are in the shop. Nothing comes from the air.");
    loop.run_for(300ms);
    EXPECT_GT(sink.adverts, 0U);
    scanner.stop();
    const std::size_t until_stop = sink.adverts;
    loop.run_for(120ms);
    EXPECT_EQ(sink.adverts, until_stop);
}

}  // namespace
}  // namespace vitrine::simulated
