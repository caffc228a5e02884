#include "drivers/replay/player.hpp"

#include <gtest/gtest.h>

#include "agent/host/clock.hpp"
#include "drivers/replay/replay_scanner.hpp"

namespace vitrine::replay {
namespace {

using namespace std::chrono_literals;

constexpr Instant kStart = instant_at(100s);
constexpr WallTime kToday = wall_at(1'800'000'000s);
const identity::IdentityKey kKey{{1, 2, 3}};

/// Adverts at 0, 1 and 2 seconds; the last one a member's.
Recording three_adverts() {
    Recording recording;
    recording.heard = {{.at = 0s, .scanner = 0, .rssi = Rssi(-60), .address = {}, .sent = {}},
                       {.at = 1s, .scanner = 1, .rssi = Rssi(-61), .address = {}, .sent = {}},
                       {.at = 2s, .scanner = 2, .rssi = Rssi(-62), .address = {}, .sent = kKey}};
    return recording;
}

TEST(Player, PlaysAtTheRecordedDistances) {
    Player player(three_adverts(), 1);
    player.start(kStart);
    std::vector<radio::Advert> out;
    player.play(kStart + 999ms, kToday, 99, out);
    ASSERT_EQ(out.size(), 1U);
    EXPECT_EQ(player.due(), kStart + 1s);
    player.play(kStart + 5s, kToday, 99, out);
    ASSERT_EQ(out.size(), 3U);
    EXPECT_EQ(out[1].at, kStart + 1s);
    EXPECT_EQ(out[2].scanner, 2);
    EXPECT_EQ(out[2].rssi, Rssi(-62));
    EXPECT_EQ(player.due(), std::nullopt);
}

TEST(Player, PlaysFasterOnRequestAndAgainAfterAStart) {
    Player player(three_adverts(), 4);
    for (const Instant start : {kStart, kStart + 1h}) {
        player.start(start);
        std::vector<radio::Advert> out;
        player.play(start + 499ms, kToday, 99, out);
        EXPECT_EQ(out.size(), 2U);
        EXPECT_EQ(player.due(), start + 500ms);
    }
}

TEST(Player, PlaysNoMoreAtOnceThanAsked) {
    Player player(three_adverts(), 1);
    player.start(kStart);
    std::vector<radio::Advert> out;
    player.play(kStart + 1h, kToday, 2, out);
    EXPECT_EQ(out.size(), 2U);
    player.play(kStart + 1h, kToday, 2, out);
    EXPECT_EQ(out.size(), 3U);
}

TEST(Player, SendsTheIdentifierThatIsDueNow) {
    Player player(three_adverts(), 1);
    for (const WallTime wall : {kToday, kToday + 512s}) {
        player.start(kStart);
        std::vector<radio::Advert> out;
        player.play(kStart + 2s, wall, 99, out);
        ASSERT_EQ(out.size(), 3U);
        EXPECT_EQ(radio::eid_of(radio::classify(out[2].payload())),
                  identity::current_eid(kKey, wall));
    }
}

struct Collector : scanner::AdvertSink {
    std::vector<radio::Advert> adverts;
    host::Loop* stop_at_end = nullptr;
    std::size_t end = 0;

    void on_advert(const radio::Advert& advert) override {
        adverts.push_back(advert);
        if (adverts.size() == end) stop_at_end->stop();
    }
};

TEST(ReplayScanner, GivesEveryAdvertAndIsFinishedThen) {
    host::Loop loop;
    const host::SystemClock clock;
    Recording recording = three_adverts();
    for (int i = 0; i < 600; ++i) recording.heard.push_back(recording.heard.back());
    ReplayScanner scanner(loop, clock, std::move(recording), "day.jsonl", 1000);
    EXPECT_EQ(scanner.state().mode, scanner::ScannerMode::stopped);
    Collector sink;
    sink.stop_at_end = &loop;
    sink.end = 603;
    ASSERT_TRUE(scanner.start(sink));
    EXPECT_TRUE(scanner.state().hearing());
    loop.run_for(5s);
    EXPECT_EQ(sink.adverts.size(), 603U);
    EXPECT_EQ(scanner.state().mode, scanner::ScannerMode::finished);
    EXPECT_EQ(scanner.state().sentence, "The recording day.jsonl: 603 of 603 adverts played.");
}

TEST(ReplayScanner, IsSilentAfterStop) {
    host::Loop loop;
    const host::SystemClock clock;
    ReplayScanner scanner(loop, clock, three_adverts(), "day.jsonl", 1000);
    Collector sink;
    ASSERT_TRUE(scanner.start(sink));
    scanner.stop();
    scanner.stop();
    loop.run_for(20ms);
    EXPECT_TRUE(sink.adverts.empty());
    EXPECT_EQ(scanner.state().mode, scanner::ScannerMode::stopped);
}

TEST(ReplayScanner, TellsWhatItCouldNotRead) {
    host::Loop loop;
    const host::SystemClock clock;
    Recording recording = three_adverts();
    recording.skipped = 2;
    recording.mistakes = {"day.jsonl:7: expected an object in braces", "…"};
    const ReplayScanner scanner(loop, clock, std::move(recording), "day.jsonl");
    EXPECT_EQ(scanner.state().sentence,
              "The recording day.jsonl: 0 of 3 adverts played; 2 lines could not be read, the "
              "first: day.jsonl:7: expected an object in braces.");
}

}  // namespace
}  // namespace vitrine::replay
