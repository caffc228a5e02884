#include "agent/daemon/keeper.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/host/clock.hpp"

namespace vitrine::daemon {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

session::Record record_of(session::RecordBody body) {
    return {.time = wall_at(1'700'000'000'000ms), .hlc = Hlc(1), .body = std::move(body)};
}

/// A keeper over an outbox in memory.
struct KeeperWorld {
    explicit KeeperWorld(outbox::Limits limits = {})
        : outbox(std::move(outbox::Outbox::open(":memory:", limits)).value()) {}

    std::vector<session::Screen> keep(Waits waits = Waits::nobody) {
        return keeper.keep(effects, now, wall_at(1'700'000'000'000ms), waits);
    }
    std::uint64_t kept() const { return outbox.counts().pending; }
    void visit(std::uint64_t id) {
        effects.records.push_back(record_of(session::VisitStarted{.visit = id}));
    }
    void screen() { effects.screens.push_back({.kiosk = KioskId::parse("till").value()}); }

    const host::SystemClock clock;
    host::Log log{clock, {.level = host::Level::error}};
    outbox::Outbox outbox;
    Keeper keeper{outbox, StoreId::parse("lyon").value(), AgentId::parse("lyon-1").value(), log};
    engine::Effects effects;
    Instant now = instant_at(1h);
};

TEST(Keeper, GathersWhatNobodyWaitsForAndCommitsItInOrder) {
    KeeperWorld world;
    EXPECT_EQ(world.keeper.due_at(), std::nullopt);
    for (std::uint64_t id = 1; id <= 5; ++id) {
        world.visit(id);
        world.effects.remember("hlc", Bytes{static_cast<std::uint8_t>(id)});
        EXPECT_THAT(world.keep(), IsEmpty());
        world.now += 40ms;
    }
    EXPECT_EQ(world.kept(), 0U);
    EXPECT_FALSE(world.keeper.settled());
    ASSERT_EQ(world.keeper.due_at(), instant_at(1h) + Keeper::kGatherFor);

    world.now = *world.keeper.due_at();
    EXPECT_THAT(world.keep(), IsEmpty());
    EXPECT_TRUE(world.keeper.settled());
    EXPECT_EQ(world.keeper.due_at(), std::nullopt);
    const auto rows = world.outbox.read(Sequence(0), 100, 1U << 20).value();
    ASSERT_THAT(rows, SizeIs(5));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_THAT(text_of(rows[i].bytes), HasSubstr("000000000000000" + std::to_string(i + 1)));
    }
    EXPECT_EQ(world.outbox.state("hlc").value(), Bytes{5});
}

TEST(Keeper, CommitsAtOnceForAScreenAndTakesAlongWhatHasGathered) {
    KeeperWorld world;
    world.visit(1);
    world.keep();
    ASSERT_EQ(world.kept(), 0U);
    world.screen();
    EXPECT_THAT(world.keep(), SizeIs(1));
    EXPECT_EQ(world.kept(), 1U);
}

TEST(Keeper, ShowsAScreenThatBringsNothingToKeepWithoutACommit) {
    KeeperWorld world;
    world.screen();
    EXPECT_THAT(world.keep(), SizeIs(1));
    EXPECT_TRUE(world.keeper.settled());
}

TEST(Keeper, CommitsAtOnceWhereSomebodyWaits) {
    KeeperWorld world;
    world.visit(1);
    world.keep();
    world.keep(Waits::somebody);  // A touch to answer, or the program ends.
    EXPECT_EQ(world.kept(), 1U);
}

TEST(Keeper, NeverLetsAConsentAClaimOrAWishToBeForgottenGather) {
    KeeperWorld world;
    world.effects.records.push_back(record_of(session::ConsentChanged{}));
    world.effects.records.back().body = session::ConsentChanged{{.id = 1, .subject = MemberId(2)}};
    world.keep();
    EXPECT_EQ(world.kept(), 1U);
    world.effects.records.push_back(record_of(session::CouponClaimed{.offer = OfferId(1)}));
    world.keep();
    EXPECT_EQ(world.kept(), 2U);
    world.effects.remember("exposure/1", Bytes{1});
    world.keep(Waits::somebody);
    world.effects.remember("exposure/1", std::nullopt);
    world.keep();
    EXPECT_FALSE(world.outbox.state("exposure/1"));
}

TEST(Keeper, CommitsAFullGroupBeforeItsTime) {
    KeeperWorld world;
    for (std::uint64_t id = 1; id < Keeper::kRecordsGathered; ++id) {
        world.visit(id);
        world.keep();
    }
    EXPECT_EQ(world.kept(), 0U);
    world.visit(99);
    world.keep();
    EXPECT_EQ(world.kept(), Keeper::kRecordsGathered);
}

/// A database that cannot grow: what is protected fills it.
TEST(Keeper, GoesOnWithAFullDiskAndKeepsAllOnceThereIsRoom) {
    KeeperWorld world({.pages_max = 40});
    std::uint64_t handed_in = 0;
    while (!world.keeper.failing() && handed_in < 1000) {
        world.effects.records.push_back(
            record_of(session::CouponClaimed{.visit = ++handed_in, .offer = OfferId(1)}));
        world.keep();
    }
    ASSERT_TRUE(world.keeper.failing());
    EXPECT_FALSE(world.keeper.settled());
    EXPECT_EQ(world.keeper.due_at(), std::nullopt);  // The next step tries again.
    world.screen();
    EXPECT_THAT(world.keep(), IsEmpty());
    world.now += Keeper::kScreensWait;
    EXPECT_THAT(world.keep(), SizeIs(1));  // The shop does not stand still for a disk.

    const std::uint64_t before = world.kept();
    ASSERT_TRUE(world.outbox.acknowledge(world.outbox.epoch(), Sequence(before), {}));
    world.keep();
    EXPECT_TRUE(world.keeper.settled());
    EXPECT_FALSE(world.keeper.failing());
    EXPECT_EQ(before + world.kept(), handed_in);
    EXPECT_EQ(world.keeper.records_lost(), 0U);
}

}  // namespace
}  // namespace vitrine::daemon
