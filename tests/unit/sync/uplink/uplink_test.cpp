#include "sync/uplink/uplink.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "sync/uplink/ranges.hpp"
#include "tests/unit/sync/uplink/world.hpp"

namespace vitrine::uplink {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

outbox::SequenceRange range(std::uint64_t first, std::uint64_t last) {
    return {Sequence(first), Sequence(last)};
}

/// Until the centre has answered once, only a few records ask; then the full window is used.
void introduce(World& world) {
    world.connect();
    world.append(1);
    world.run(seconds(1));
    ASSERT_EQ(world.outbox.counts().pending, 0U);
    world.link.seen.clear();
}

TEST(Ranges, SplitAroundWhatIsTakenOut) {
    Ranges ranges = {range(1, 10), range(20, 30)};
    EXPECT_TRUE(subtract(ranges, range(5, 22)));
    EXPECT_THAT(ranges, ElementsAre(range(1, 4), range(23, 30)));
    EXPECT_TRUE(subtract(ranges, range(25, 25)));
    EXPECT_THAT(ranges, ElementsAre(range(1, 4), range(23, 24), range(26, 30)));
    EXPECT_FALSE(subtract(ranges, range(11, 22)));
    EXPECT_FALSE(subtract(ranges, range(4, 1)));
    EXPECT_TRUE(subtract(ranges, range(0, 100)));
    EXPECT_THAT(ranges, IsEmpty());
}

TEST(Uplink, SendsNothingBeforeTheLinkIsUp) {
    World world(1);
    world.append(10);
    EXPECT_THAT(world.link.seen, IsEmpty());
    EXPECT_EQ(world.uplink.wake_at(), std::nullopt);
    world.connect();
    ASSERT_THAT(world.link.seen, SizeIs(1));
    EXPECT_EQ(world.link.seen[0].floor, "1");
}

TEST(Uplink, AsksWithAFewBeforeItSendsABacklog) {
    World world(1, {}, 0, 3000);
    for (std::uint64_t n = 1; n <= 2500; ++n) world.kept.insert(n);  // Sent by an earlier life.
    world.connect();
    ASSERT_THAT(world.link.seen, SizeIs(1));
    EXPECT_THAT(world.link.seen[0].sequences, SizeIs(20));
    world.run(seconds(2));
    EXPECT_EQ(world.outbox.counts().pending, 0U);
    EXPECT_LE(world.received_twice, 20U);
}

TEST(Uplink, KeepsToItsWindowsAndForgetsOnlyWhatTheCentreHas) {
    World world = World(1, {.topic = "up",
                            .batch_records_max = 10,
                            .in_flight_batches_max = 3,
                            .unacknowledged_batches_max = 5});
    introduce(world);
    world.centre_down = true;
    world.faults.puback_lost = 1;
    world.append(1000);
    EXPECT_THAT(world.link.seen, SizeIs(3));  // No PUBACK.
    for (const Seen& one : std::vector<Seen>(world.link.seen)) {
        world.uplink.on(PubAck{one.ticket}, world.now);
    }
    EXPECT_THAT(world.link.seen, SizeIs(5));  // PUBACKs, but no word from the centre.
    EXPECT_EQ(world.outbox.counts().pending, 1000U);
}

TEST(Uplink, LetsAFewRecordsWaitForCompanyWhileOthersTravel) {
    World world(1);
    introduce(world);
    world.faults.delay_max = milliseconds(1);
    world.centre_down = true;
    world.append(1);
    EXPECT_THAT(world.link.seen, SizeIs(1));  // At once.
    world.append(1);
    world.append(2);
    EXPECT_THAT(world.link.seen, SizeIs(1));
    world.run(milliseconds(201));
    ASSERT_THAT(world.link.seen, SizeIs(2));
    EXPECT_THAT(world.link.seen[1].sequences, ElementsAre(3, 4, 5));
    world.append(500);
    EXPECT_THAT(world.link.seen, SizeIs(3));  // Full.
}

TEST(Uplink, SendsAgainOnlyTheBatchThatTheCentrePassedOver) {
    World world(1, {.topic = "up", .batch_records_max = 100});
    introduce(world);
    world.faults.message_lost = 1;
    world.append(100);
    world.faults.message_lost = 0;
    for (int i = 0; i < 70; ++i) {
        world.append(100);
        world.run(milliseconds(100));
    }
    EXPECT_EQ(world.outbox.counts().pending, 0U);
    EXPECT_EQ(world.uplink.progress().resent, 100U);
    EXPECT_EQ(world.received_twice, 0U);
}

TEST(Uplink, SendsLittleTwiceWhenTheLinkBreaksOff) {
    World world(1);
    introduce(world);
    world.append(100'000);
    world.run(milliseconds(30));
    const auto before = world.uplink.progress().sent;
    EXPECT_GT(before, 2000U);
    world.disconnect();
    world.run(seconds(5));
    world.connect();
    world.run(seconds(60));
    EXPECT_EQ(world.outbox.counts().pending, 0U);
    EXPECT_LE(world.received_twice, 20U);
    EXPECT_LE(world.uplink.progress().resent, 2000U);  // 2 % of 100,000.
}

TEST(Uplink, OnlyProbesEverMoreSeldomWhileTheCentreIsSilent) {
    World world(1);
    introduce(world);
    world.centre_down = true;
    world.append(50'000);
    world.run(seconds(3600));
    EXPECT_TRUE(world.uplink.progress().probing);
    EXPECT_LE(world.uplink.progress().resent, 100U);
    EXPECT_THAT(world.link.seen, SizeIs(testing::AllOf(testing::Ge(15U), testing::Le(40U))));
    EXPECT_EQ(world.outbox.counts().pending, 50'000U);
    world.centre_down = false;
    world.run(seconds(330));
    EXPECT_EQ(world.outbox.counts().pending, 0U);
    EXPECT_FALSE(world.uplink.progress().probing);
    EXPECT_EQ(world.kept.size(), 50'001U);
}

TEST(Uplink, IsContentWithOneAcknowledgementOfMany) {
    World world(1);
    introduce(world);
    world.faults.ack_lost = 0.7;
    world.append(10'000);
    world.run(seconds(600));
    EXPECT_EQ(world.outbox.counts().pending, 0U);
    EXPECT_EQ(world.kept.size(), 10'001U);
}

TEST(Uplink, SplitsBatchesUntilTheBrokerTakesThem) {
    World world(1);
    introduce(world);
    world.link.packet_bytes_max = 8 * 30;
    world.append(1000);
    world.run(seconds(60));
    EXPECT_EQ(world.outbox.counts().pending, 0U);
    EXPECT_EQ(world.uplink.progress().unsendable, 0U);
    EXPECT_EQ(world.kept.size(), 1001U);
}

TEST(Uplink, SetsAsideWhatNoBrokerTakesAndCarriesOn) {
    World world(1);
    introduce(world);
    world.link.packet_bytes_max = 7;
    world.append(3);
    world.run(seconds(1));
    EXPECT_EQ(world.uplink.progress().unsendable, 3U);
    EXPECT_EQ(world.outbox.counts().dead, 3U);
    world.link.packet_bytes_max = 1U << 20;
    world.append(5);
    world.run(seconds(3));
    EXPECT_EQ(world.outbox.counts().pending, 0U);
    EXPECT_EQ(world.link.seen.at(0).floor, "5");
}

TEST(Uplink, WaitsForABrokerThatIsSetUpWrongly) {
    World world(1, {}, 100);
    introduce(world);
    world.link.packet_bytes_max = 7;
    world.append(30);
    world.run(seconds(60));
    EXPECT_EQ(world.uplink.progress().unsendable, 0U);
    EXPECT_EQ(world.outbox.counts().pending, 30U);
    world.link.packet_bytes_max = 1U << 20;
    world.run(seconds(60));
    EXPECT_EQ(world.kept.size(), 31U);
}

TEST(Uplink, BelievesNoAcknowledgementOfWhatWasNeverSent) {
    World world(1);
    introduce(world);
    world.disconnect(false);
    world.append(100);
    world.uplink.on(Acknowledgement{kEpoch, Sequence(1'000'000), {{Sequence(50), Sequence(2'000)}}},
                    world.link.now);
    world.run(seconds(10));
    EXPECT_EQ(world.outbox.counts().pending, 100U);
    world.connect();
    world.run(seconds(60));
    EXPECT_EQ(world.outbox.counts().pending, 0U);
    EXPECT_EQ(world.kept.size(), 101U);
}

TEST(Uplink, SetsAsideWhatMakesTheBrokerHangUp) {
    World world(1);
    introduce(world);
    world.centre_down = true;
    world.append(1);
    for (int i = 0; i < 20 && world.uplink.progress().unsendable == 0; ++i) {
        world.run(milliseconds(1));
        world.disconnect(true);
        world.connect();
        world.disconnect(true);
        world.connect();
    }
    EXPECT_EQ(world.uplink.progress().unsendable, 1U);
    EXPECT_EQ(world.outbox.counts().dead, 1U);
}

TEST(Uplink, NeverSetsAsideBecauseTheLinkIsPoor) {
    World world(1);
    introduce(world);
    world.centre_down = true;
    world.append(1);
    for (int i = 0; i < 500; ++i) {
        world.run(milliseconds(1));
        world.disconnect();
        world.connect();
    }
    EXPECT_EQ(world.outbox.counts().dead, 0U);
    EXPECT_EQ(world.outbox.counts().pending, 1U);
}

TEST(Uplink, ResendsWhatTheBrokerRefused) {
    World world(1);
    introduce(world);
    world.centre_down = true;
    world.faults.puback_lost = 1;
    world.append(1);
    world.uplink.on(PubFailed{world.link.seen.at(0).ticket, false, "quota exceeded"}, world.now);
    EXPECT_EQ(world.uplink.progress().last_trouble, "quota exceeded");
    world.centre_down = false;
    world.run(milliseconds(600));
    EXPECT_EQ(world.kept.size(), 2U);
}

TEST(Uplink, ForgetsBatchesThatTheOutboxHadToDrop) {
    World world(1);
    introduce(world);
    world.centre_down = true;
    world.append(400);
    for (std::uint64_t n = 2; n <= 300; ++n) {
        ASSERT_TRUE(world.outbox.set_aside(Sequence(n), "dropped by hand"));
    }
    world.run(seconds(20));
    world.centre_down = false;
    world.kept.clear();
    for (std::uint64_t n = 1; n <= 300; ++n) world.kept.insert(n);  // By the floor.
    world.run(seconds(100));
    EXPECT_EQ(world.outbox.counts().pending, 0U);
    EXPECT_EQ(world.uplink.progress().batches_unacknowledged, 0U);
}

/// A shop that goes on while some of its records cannot get through.
struct Culprits : testing::TestWithParam<std::set<std::uint64_t> Faults::*> {
    void trade(World& world, int minutes) {
        for (int i = 0; i < minutes * 6; ++i) {
            world.append(2);
            world.run(seconds(10));
        }
    }
};
INSTANTIATE_TEST_SUITE_P(OfEachKind, Culprits,
                         testing::Values(&Faults::refused, &Faults::deadly, &Faults::unloved));

TEST_P(Culprits, AreSetAsideWithTheReasonAndHoldUpNobody) {
    World world(5);
    introduce(world);
    world.faults.*GetParam() = {100, 101, 900};
    world.append(1000);
    trade(world, 15);
    EXPECT_GE(world.kept.size() + 20, 998U + 180U) << "others wait for the culprits";
    EXPECT_EQ(world.outbox.counts().dead, 0U) << "too soon to be sure";
    trade(world, 180);
    EXPECT_EQ(world.outbox.counts().dead, 3U);
    EXPECT_EQ(world.uplink.progress().unsendable, 3U);
    EXPECT_EQ(world.uplink.progress().suspects, 0U);
    EXPECT_EQ(world.kept.size(), world.outbox.next_sequence().value() - 1 - 3);
    for (const outbox::DeadRecord& dead : world.outbox.dead(10).value()) {
        EXPECT_TRUE((world.faults.*GetParam()).contains(dead.sequence.value()));
        EXPECT_GT(dead.reason.size(), 20U);
        std::uint64_t tries = 0;
        for (const Seen& one : world.link.seen) {
            tries += one.sequences == std::vector{dead.sequence.value()} ? 1U : 0U;
        }
        EXPECT_GE(tries, Settings().tries_alone);
    }
}

TEST_P(Culprits, AreTriedForEverWhereNoOtherGetsThrough) {
    World world(6);
    introduce(world);
    world.faults.*GetParam() = {2};
    world.append(1);
    world.run(std::chrono::hours(24));
    EXPECT_EQ(world.outbox.counts().dead, 0U);
    EXPECT_LT(world.link.seen.size(), 600U);  // Ever more seldom.
    world.faults.*GetParam() = {};
    world.run(std::chrono::minutes(15));
    EXPECT_EQ(world.outbox.counts().pending, 0U);
}

TEST_P(Culprits, CannotDeafenTheUplinkByTheirNumber) {
    World world(7, {.topic = "up", .batch_records_max = 20});
    introduce(world);
    for (std::uint64_t n = 5; n <= 800; n += 10) (world.faults.*GetParam()).insert(n);
    world.append(800);
    for (int i = 0; i < 100 && world.outbox.counts().dead < 80; ++i) trade(world, 60);
    EXPECT_EQ(world.outbox.counts().dead, 80U);
    EXPECT_EQ(world.uplink.progress().suspects, 0U);
}

TEST(Uplink, BlamesNoRecordForMissingRights) {
    World world(8);
    introduce(world);
    world.faults.all_refused_for_rights = true;
    world.append(1000);
    world.run(std::chrono::hours(10));
    EXPECT_EQ(world.outbox.counts().dead, 0U);
    EXPECT_EQ(world.uplink.progress().suspects, 0U);
    EXPECT_LT(world.link.seen.size(), 2000U);
    world.faults.all_refused_for_rights = false;
    world.run(std::chrono::minutes(10));
    EXPECT_EQ(world.outbox.counts().pending, 0U);
}

TEST(Uplink, ForgetsManyAcknowledgedRecordsAtATime) {
    World world(9);
    introduce(world);
    world.run(seconds(5));
    std::set<std::uint64_t> sizes;
    for (int i = 0; i < 40; ++i) {
        world.append(1);
        world.run(milliseconds(250));
        sizes.insert(world.outbox.counts().pending);
    }
    EXPECT_GE(*sizes.rbegin(), 6U);
    EXPECT_EQ(world.kept.size(), 41U);
    world.run(seconds(3));
    EXPECT_EQ(world.outbox.counts().pending, 0U);
    EXPECT_EQ(world.uplink.progress().unforgotten, 0U);
}

TEST(UplinkLaw, EveryRecordArrivesOnceLinkAndCentreAreWell) {
    const bool holds = rc::check("safety always, liveness after healing", [] {
        const auto seed = *rc::gen::arbitrary<std::uint64_t>();
        World world(seed, {.topic = "up",
                           .batch_records_max = *rc::gen::inRange<std::size_t>(1, 60),
                           .batch_bytes_max = *rc::gen::inRange<std::size_t>(20, 2000),
                           .in_flight_batches_max = *rc::gen::inRange<std::size_t>(1, 20),
                           .unacknowledged_batches_max = *rc::gen::inRange<std::size_t>(1, 20)});
        const auto chance = [] { return *rc::gen::inRange(0, 60) / 100.0; };
        world.faults = {.message_lost = chance(),
                        .message_doubled = chance(),
                        .puback_lost = chance() / 4,
                        .ack_lost = chance(),
                        .cut = chance() / 4,
                        .delay_max = milliseconds(*rc::gen::inRange(1, 8000))};
        world.link.open_max = *rc::gen::inRange<std::size_t>(1, 30);
        Rng rng(seed + 2);
        world.connect();
        for (int round = 0; round < 40; ++round) {
            if (rng.below(3) > 0) world.append(rng.below(80));
            if (rng.below(8) == 0) world.centre_down = !world.centre_down;
            if (rng.below(10) == 0) world.disconnect();
            if (rng.below(2) == 0) world.connect();
            world.run(milliseconds(rng.below(10'000)));
            world.expect_nothing_lost();
        }
        world.faults = {};
        world.centre_down = false;
        world.disconnect();  // A lost PUBACK on a link that stays up would be a broken broker.
        world.connect();
        world.run(seconds(3600));
        world.expect_nothing_lost();
        RC_ASSERT(world.outbox.counts().pending == 0U);
        RC_ASSERT(world.kept.size() == world.outbox.next_sequence().value() - 1);
        RC_ASSERT(world.uplink.progress().batches_unacknowledged == 0U);
        RC_ASSERT(!testing::Test::HasFailure());
    });
    EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace vitrine::uplink
