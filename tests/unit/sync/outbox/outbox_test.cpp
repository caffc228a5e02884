#include "sync/outbox/outbox.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "tests/unit/sync/outbox/fixture.hpp"

namespace vitrine::outbox {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Bytes bytes_of(std::string_view text) {
    const ByteView view = view_of(text);
    return {view.begin(), view.end()};
}

void write_file(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

std::string content_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Outbox, TellsTheSequenceBeforeTheAppend) {
    const Folder folder;
    Outbox outbox = opened(folder.file("outbox"));
    EXPECT_EQ(outbox.next_sequence(), Sequence(1));
    ASSERT_EQ(append(outbox, 3).value(), Sequence(1));
    EXPECT_EQ(outbox.next_sequence(), Sequence(4));
    ASSERT_EQ(append(outbox, 1).value(), Sequence(4));
    EXPECT_EQ(pending(outbox), numbers(1, 4));
}

TEST(Outbox, KeepsRecordsStateAndSequenceAcrossAReopen) {
    const Folder folder;
    OutboxEpoch epoch;
    {
        Outbox outbox = opened(folder.file("outbox"));
        epoch = outbox.epoch();
        const std::vector<StateChange> state = {
            {"caps/1", bytes_of("one")}, {"caps/2", bytes_of("two")}, {"zone/1", bytes_of("")}};
        const std::string text = text_for(1);
        const Entry entry{view_of(text), Priority::consent};
        ASSERT_TRUE(outbox.append({&entry, 1}, state, at_second(7)));
        const std::vector<StateChange> removal = {{"caps/1", std::nullopt}};
        ASSERT_TRUE(outbox.append({}, removal, at_second(8)));
    }
    Outbox outbox = opened(folder.file("outbox"));
    EXPECT_EQ(outbox.epoch(), epoch);
    EXPECT_EQ(outbox.report().boot, 2U);
    EXPECT_FALSE(outbox.report().created);
    EXPECT_FALSE(outbox.report().copied);
    EXPECT_EQ(outbox.report().pending, 1U);
    EXPECT_EQ(pending(outbox), numbers(1, 1));
    EXPECT_EQ(outbox.next_sequence(), Sequence(2));
    EXPECT_EQ(outbox.counts().oldest, at_second(7));
    EXPECT_THAT(outbox.state_with_prefix("caps/").value(),
                ElementsAre(StateLine{"caps/2", bytes_of("two")}));
    EXPECT_THAT(outbox.state("zone/1").value(), IsEmpty());
    EXPECT_EQ(outbox.state("caps/1").error().code, ErrorCode::not_found);
}

TEST(Outbox, NeverGivesASequenceTwiceThoughAllIsAcknowledged) {
    const Folder folder;
    {
        Outbox outbox = opened(folder.file("outbox"));
        ASSERT_TRUE(append(outbox, 500));
        EXPECT_EQ(outbox.acknowledge(outbox.epoch(), Sequence(500), {}).value(), 500U);
        EXPECT_EQ(outbox.counts().pending, 0U);
        EXPECT_EQ(outbox.counts().bytes, 0U);
    }
    Outbox outbox = opened(folder.file("outbox"));
    EXPECT_EQ(outbox.next_sequence(), Sequence(501));
    EXPECT_EQ(outbox.floor().value(), Sequence(501));
}

TEST(Outbox, ReadsWithinTheLimitsButAlwaysOne) {
    const Folder folder;
    Outbox outbox = opened(folder.file("outbox"));
    ASSERT_TRUE(append(outbox, 10, Priority::action, 1000));
    EXPECT_EQ(outbox.read(Sequence(0), 3, 1U << 20).value().size(), 3U);
    EXPECT_EQ(outbox.read(Sequence(2), 100, 2500).value().size(), 2U);
    EXPECT_EQ(outbox.read(Sequence(2), 100, 10).value().front().sequence, Sequence(3));
    EXPECT_EQ(outbox.read(Sequence(2), Sequence(5), 100, 1U << 20).value().size(), 3U);
    EXPECT_THAT(outbox.read(Sequence(10), 100, 1U << 20).value(), IsEmpty());
}

TEST(Outbox, RefusesWhatExceedsItsLimitsWithoutKeepingAny) {
    const Folder folder;
    Limits limits = small_limits();
    limits.record_bytes_max = 100;
    limits.records_per_append_max = 4;
    limits.state_bytes_max = 10;
    Outbox outbox = opened(folder.file("outbox"), limits);
    EXPECT_THAT(append(outbox, 1, Priority::action, 101).error().message, HasSubstr("101 bytes"));
    EXPECT_EQ(append(outbox, 5, Priority::action, 50).error().code, ErrorCode::invalid);
    const std::vector<StateChange> state = {{"a", Bytes(8)}, {"b", Bytes(8)}};
    EXPECT_EQ(outbox.append({}, state, at_second(1)).error().code, ErrorCode::invalid);
    EXPECT_EQ(outbox.state("a").error().code, ErrorCode::not_found);
    EXPECT_EQ(outbox.next_sequence(), Sequence(1));
}

TEST(Outbox, IsOpenOnceAtATime) {
    const Folder folder;
    const Outbox outbox = opened(folder.file("outbox"));
    EXPECT_EQ(Outbox::open(folder.file("outbox")).error().code, ErrorCode::conflict);
}

TEST(Outbox, LivesInMemoryForSimulations) {
    Outbox one = std::move(Outbox::open(":memory:", Limits(), OutboxEpoch(7))).value();
    Outbox two = std::move(Outbox::open(":memory:", Limits(), OutboxEpoch(8))).value();
    ASSERT_TRUE(append(one, 2));
    EXPECT_EQ(one.epoch(), OutboxEpoch(7));
    EXPECT_EQ(pending(one), numbers(1, 2));
    EXPECT_THAT(pending(two), IsEmpty());
}

TEST(Outbox, SetsADamagedDatabaseAsideAndStartsWithANewEpoch) {
    const Folder folder;
    const std::string path = folder.file("outbox");
    OutboxEpoch epoch;
    {
        Outbox outbox = opened(path);
        epoch = outbox.epoch();
        ASSERT_TRUE(append(outbox, 200));
    }
    std::string content = content_of(path);
    ASSERT_GT(content.size(), 40'000U);
    for (std::size_t i = 16'384; i < 28'672; ++i) content[i] = static_cast<char>(i * 7);
    write_file(path, content);
    {
        Outbox outbox = opened(path);
        EXPECT_EQ(outbox.report().set_aside, path + ".damaged-1");
        EXPECT_THAT(outbox.report().damage, HasSubstr(path));
        EXPECT_TRUE(outbox.report().created);
        EXPECT_NE(outbox.epoch(), epoch);
        EXPECT_EQ(outbox.next_sequence(), Sequence(1));
        EXPECT_EQ(content_of(path + ".damaged-1"), content);
        ASSERT_TRUE(append(outbox, 1));
    }
    write_file(path,
               "this is a letter, not a database, and it is longer than a header of one "
               "hundred bytes would ever have to be");
    Outbox outbox = opened(path);
    EXPECT_EQ(outbox.report().set_aside, path + ".damaged-2");
}

TEST(Outbox, SetsAnotherProgramsDatabaseAside) {
    const Folder folder;
    const std::string path = folder.file("outbox");
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(db, "CREATE TABLE rows(a)", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(db);
    EXPECT_THAT(opened(path).report().damage, HasSubstr("not an outbox"));
}

TEST(Outbox, RefusesTheDatabaseOfANewerProgramAndLeavesItAlone) {
    const Folder folder;
    const std::string path = folder.file("outbox");
    { ASSERT_TRUE(append(*std::make_unique<Outbox>(opened(path)), 3)); }
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(db, "PRAGMA user_version=2", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(db);
    const auto refused = Outbox::open(path, small_limits());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    EXPECT_THAT(refused.error().message, HasSubstr("newer program"));
    EXPECT_FALSE(std::filesystem::exists(path + ".damaged-1"));
}

TEST(Outbox, BeginsANewEpochInACopyAndKeepsTheOldRecordsUnderTheirs) {
    const Folder folder;
    OutboxEpoch first_epoch;
    {
        Outbox outbox = opened(folder.file("outbox"));
        first_epoch = outbox.epoch();
        ASSERT_TRUE(append(outbox, 5));
    }
    std::filesystem::copy(folder.file("outbox"), folder.file("restored"));
    Outbox outbox = opened(folder.file("restored"));
    EXPECT_TRUE(outbox.report().copied);
    EXPECT_NE(outbox.epoch(), first_epoch);
    ASSERT_EQ(append(outbox, 2).value(), Sequence(6));
    const auto rows = outbox.read(Sequence(0), 100, 1U << 20).value();
    EXPECT_EQ(rows[4].epoch, first_epoch);
    EXPECT_EQ(rows[5].epoch, outbox.epoch());

    // The original went on to sequence 9 under the first epoch: that says nothing about ours.
    EXPECT_EQ(outbox.acknowledge(first_epoch, Sequence(9), {}).value(), 5U);
    EXPECT_EQ(pending(outbox), numbers(6, 7));
    EXPECT_EQ(outbox.acknowledge(OutboxEpoch(12345), Sequence(9), {}).value(), 0U);
    EXPECT_EQ(outbox.acknowledge(outbox.epoch(), Sequence(9), {}).value(), 2U);
}

TEST(Outbox, MakesRoomFromHealthThenThinsImpressionsThenDropsActions) {
    const Folder folder;
    Limits limits = small_limits();
    limits.bytes_max = 100'000;
    {
        Outbox outbox = opened(folder.file("outbox"), limits);
        ASSERT_TRUE(append(outbox, 10, Priority::consent, 1000));
        ASSERT_TRUE(append(outbox, 20, Priority::action, 1000));
        ASSERT_TRUE(append(outbox, 40, Priority::impression, 1000));
        ASSERT_TRUE(append(outbox, 30, Priority::health, 1000));
        EXPECT_EQ(outbox.counts().bytes, 100'000U);

        ASSERT_EQ(append(outbox, 10, Priority::action, 1000).value(), Sequence(101));
        EXPECT_LE(outbox.counts().bytes, 100'000U);
        EXPECT_GT(outbox.counts().dropped_by[5], 0U);
        EXPECT_EQ(outbox.counts().dropped_by[4], 0U);

        ASSERT_TRUE(append(outbox, 40, Priority::action, 1000));
        EXPECT_EQ(outbox.counts().dropped_by[5], 30U);
        EXPECT_EQ(outbox.counts().dropped_by[4], 20U);  // Every second of the forty.
        EXPECT_EQ(outbox.counts().dropped_by[3], 0U);

        ASSERT_TRUE(append(outbox, 90, Priority::redemption, 1000));
        EXPECT_EQ(outbox.counts().pending_by[3], 0U);
        EXPECT_EQ(outbox.counts().pending_by[0], 10U);
        EXPECT_EQ(outbox.counts().bytes, 100'000U);

        // Nothing is left to drop: what is protected goes in all the same, the rest is counted.
        ASSERT_TRUE(append(outbox, 5, Priority::erasure, 1000));
        ASSERT_EQ(append(outbox, 5, Priority::impression, 1000).value(), Sequence(246));
        EXPECT_EQ(outbox.counts().bytes, 105'000U);
        EXPECT_EQ(outbox.counts().dropped_by[4], 45U);
        EXPECT_EQ(outbox.next_sequence(), Sequence(251));
    }
    Outbox outbox = opened(folder.file("outbox"), limits);
    EXPECT_EQ(outbox.counts().dropped_by[5], 30U);
    EXPECT_EQ(outbox.counts().dropped_by[4], 45U);
    EXPECT_EQ(outbox.counts().dropped_by[3], 70U);
    EXPECT_EQ(outbox.next_sequence(), Sequence(251));
    EXPECT_EQ(outbox.counts().pending, 105U);
}

TEST(Outbox, ThinsImpressionsEvenly) {
    const Folder folder;
    Limits limits = small_limits();
    limits.bytes_max = 1000 * 1000;
    Outbox outbox = opened(folder.file("outbox"), limits);
    for (int i = 0; i < 150; ++i) ASSERT_TRUE(append(outbox, 10, Priority::impression, 1000));
    EXPECT_LE(outbox.counts().bytes, limits.bytes_max);
    std::size_t oldest_third = 0;
    for (const std::uint64_t n : pending(outbox)) oldest_third += n <= 500 ? 1 : 0;
    EXPECT_GE(oldest_third, 200U);  // Thinned, not cut off.
    EXPECT_EQ(outbox.counts().pending + outbox.counts().dropped_by[4], 1500U);
}

TEST(Outbox, SetsAsideWhatCanNeverBeSent) {
    const Folder folder;
    Limits limits = small_limits();
    limits.dead_max = 2;
    {
        Outbox outbox = opened(folder.file("outbox"), limits);
        ASSERT_TRUE(append(outbox, 5));
        for (std::uint64_t n = 3; n <= 5; ++n) {
            ASSERT_TRUE(outbox.set_aside(Sequence(n), "larger than any broker takes"));
        }
        EXPECT_EQ(outbox.set_aside(Sequence(4), "again").error().code, ErrorCode::not_found);
        EXPECT_EQ(pending(outbox), numbers(1, 2));
    }
    const Outbox outbox = opened(folder.file("outbox"), limits);
    EXPECT_EQ(outbox.counts().dead, 3U);
    EXPECT_EQ(outbox.counts().pending, 2U);
    EXPECT_EQ(outbox.next_sequence(), Sequence(6));
}

TEST(OutboxLaw, AcknowledgingRemovesExactlyTheUnion) {
    const bool holds = rc::check("acknowledge(watermark, ranges) = set difference", [] {
        Outbox outbox = std::move(Outbox::open(":memory:")).value();
        std::set<std::uint64_t> expected;
        const auto rounds = *rc::gen::inRange(1, 5);
        for (int round = 0; round < rounds; ++round) {
            const auto count = *rc::gen::inRange<std::size_t>(0, 700);
            const std::uint64_t first = append(outbox, count, Priority::action, 20)->value();
            for (std::uint64_t n = first; n < first + count; ++n) expected.insert(n);
            const auto watermark = *rc::gen::inRange<std::uint64_t>(0, 400);
            const auto pairs = *rc::gen::container<std::vector<std::pair<std::uint64_t, int>>>(
                rc::gen::pair(rc::gen::inRange<std::uint64_t>(0, 3000), rc::gen::inRange(-2, 500)));
            std::vector<SequenceRange> ranges;
            const auto erase = [&](std::uint64_t from, std::uint64_t to) {
                std::erase_if(expected, [&](std::uint64_t n) { return n >= from && n <= to; });
            };
            erase(0, watermark);
            for (const auto& [from, length] : pairs) {
                const std::uint64_t to = from + static_cast<std::uint64_t>(std::max(length, 0));
                if (length < 0) {
                    ranges.push_back({Sequence(to + 5), Sequence(from)});  // Inside out: empty.
                } else {
                    ranges.push_back({Sequence(from), Sequence(to)});
                    erase(from, to);
                }
            }
            const std::uint64_t before = outbox.counts().pending;
            const auto removed = outbox.acknowledge(outbox.epoch(), Sequence(watermark), ranges);
            RC_ASSERT(removed.has_value());
            const auto left = pending(outbox);
            RC_ASSERT(std::set<std::uint64_t>(left.begin(), left.end()) == expected);
            RC_ASSERT(before - *removed == left.size());
            RC_ASSERT(outbox.counts().pending == left.size());
        }
    });
    EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace vitrine::outbox
