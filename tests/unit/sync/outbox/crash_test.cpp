// Laws of the outbox on a disk and in a process that fail at any moment: what `append` has
// acknowledged is there afterwards, under its sequence, and no sequence was given twice.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>

#include <filesystem>
#include <iostream>
#include <optional>

#include "tests/unit/sync/outbox/fault_disk.hpp"
#include "tests/unit/sync/outbox/fixture.hpp"

namespace vitrine::outbox {
namespace {

/// What one life of the outbox acknowledged to its user.
struct Promised {
    std::uint64_t appended_to = 0;  ///< The highest sequence that `append` promised.
    std::uint64_t acknowledged_to = 0;
};

/// A day's work in small: appends of one to seven records, now and then an acknowledgement, and a
/// line of state that says how far it got. Stops at the first failure.
template <class Report>
void work(Outbox& outbox, Rng& rng, int rounds, std::size_t size, Report report) {
    Promised promised;
    promised.acknowledged_to = outbox.floor().value_or(Sequence(1)).value() - 1;
    for (int round = 0; round < rounds; ++round) {
        const std::size_t count = 1 + rng.below(7);
        const std::uint64_t last = outbox.next_sequence().value() + count - 1;
        std::vector<std::string> texts;
        std::vector<Entry> entries;
        for (std::uint64_t n = last + 1 - count; n <= last; ++n) texts.push_back(text_for(n, size));
        for (const std::string& text : texts) entries.push_back({view_of(text), Priority::action});
        const std::string mark = std::to_string(last);
        const ByteView view = view_of(mark);
        const StateChange state{"last", Bytes(view.begin(), view.end())};
        if (!outbox.append(entries, {&state, 1}, at_second(round))) return;
        promised.appended_to = last;
        report(promised);
        if (rng.below(4) == 0) {
            const std::uint64_t upto = last - rng.below(5) % last;
            promised.acknowledged_to = std::max(promised.acknowledged_to, upto);
            report(promised);  // Before: from now on these may be gone.
            if (!outbox.acknowledge(outbox.epoch(), Sequence(upto), {})) return;
        }
    }
}

/// Checks the law; returns the highest sequence that the outbox knows.
void expect_kept(Outbox& outbox, const Promised& promised, const std::string& where) {
    SCOPED_TRACE(where);
    EXPECT_EQ(outbox.report().set_aside, "") << outbox.report().damage;
    ASSERT_GT(outbox.next_sequence().value(), promised.appended_to);
    const auto kept = pending(outbox);
    const std::uint64_t last = outbox.next_sequence().value() - 1;
    const std::uint64_t first = kept.empty() ? last + 1 : kept.front();
    EXPECT_LE(first, promised.acknowledged_to + 1);
    EXPECT_EQ(kept, numbers(first, last));
    if (last > 0) {
        const auto mark = outbox.state("last");
        ASSERT_TRUE(mark) << mark.error().message;
        EXPECT_EQ(text_of(*mark), std::to_string(last));  // Records and state are one.
    }
}

/// Runs `work` in a child that reports over a pipe and is killed after `kill_after_us`, or by its
/// own disk at the operation `kill_at`.
Promised run_and_kill(const std::string& path, std::uint64_t seed, int kill_after_us,
                      std::uint64_t kill_at) {
    int pipe_fds[2];
    if (pipe(pipe_fds) != 0) std::abort();
    const pid_t child = fork();
    if (child == 0) {
        FaultDisk disk;
        disk.kill_at = kill_at;
        Rng rng(seed);
        Outbox outbox = opened(path);
        work(outbox, rng, kill_at > 0 ? 60 : 1'000'000, 300, [&](const Promised& promised) {
            if (write(pipe_fds[1], &promised, sizeof promised) != sizeof promised) _exit(3);
        });
        kill(getpid(), SIGKILL);
    }
    close(pipe_fds[1]);
    if (kill_after_us > 0) {
        pollfd ready{pipe_fds[0], POLLIN, 0};
        poll(&ready, 1, 10'000);  // Until the first append, then a random moment later.
        poll(nullptr, 0, kill_after_us / 1000);
        kill(child, SIGKILL);
    }
    Promised promised;
    Promised one;
    while (read(pipe_fds[0], &one, sizeof one) == sizeof one) promised = one;
    close(pipe_fds[0]);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << status;
    return promised;
}

TEST(OutboxLaw, KeepsWhatItPromisedWhenKilledAtAnyMoment) {
    const Folder folder;
    const std::string path = folder.file("outbox");
    Rng rng(20'240'901);
    for (std::uint64_t round = 0; round < 12; ++round) {
        const Promised promised =
            run_and_kill(path, round, 1000 + static_cast<int>(rng.below(60'000)), 0);
        EXPECT_GT(promised.appended_to, 0U);
        Outbox outbox = opened(path);
        expect_kept(outbox, promised, "round " + std::to_string(round));
    }
}

TEST(OutboxLaw, KeepsWhatItPromisedWhenKilledAtAnyWrite) {
    for (std::uint64_t operation = 1; operation <= 240; operation += operation < 60 ? 1 : 6) {
        const Folder folder;
        const std::string path = folder.file("outbox");
        const Promised promised = run_and_kill(path, operation, 0, operation);
        Outbox outbox = opened(path);
        expect_kept(outbox, promised, "operation " + std::to_string(operation));
    }
}

TEST(OutboxLaw, KeepsWhatItPromisedThroughAPowerCutAtAnyWrite) {
    Rng rng(77);
    for (std::uint64_t operation = 30; operation <= 900; operation += 1 + rng.below(9)) {
        const Folder folder;
        const std::string path = folder.file("outbox");
        { ASSERT_TRUE(append(*std::make_unique<Outbox>(opened(path)), 1)); }
        FaultDisk disk;
        disk.log_writes = true;
        disk.power_off_at = operation;
        Promised promised{1, 0};
        if (auto outbox = Outbox::open(path, small_limits())) {
            work(*outbox, rng, 400, 300, [&](const Promised& now) { promised = now; });
        }
        EXPECT_GE(disk.operations, operation);
        disk.cut_power(rng);
        Outbox outbox = opened(path);
        if (promised.appended_to > 1) {
            expect_kept(outbox, promised, "operation " + std::to_string(operation));
        }
    }
}

TEST(Outbox, OpensAnewAfterAFailedSyncAndLosesNothing) {
    Rng rng(5);
    std::uint64_t reopened = 0;
    for (std::uint64_t operation = 1; operation <= 200; operation += 1 + rng.below(4)) {
        const Folder folder;
        FaultDisk disk;
        Outbox outbox = opened(folder.file("outbox"));
        disk.fail_sync_at = disk.operations + operation;
        std::vector<std::uint64_t> expected;
        std::vector<std::string> errors;
        for (int round = 0; round < 60; ++round) {
            const auto first = append(outbox, 2);
            if (!first) {
                EXPECT_EQ(first.error().code, ErrorCode::unavailable) << first.error().message;
                errors.push_back(first.error().message);
                continue;
            }
            expected.push_back(first->value());
            expected.push_back(first->value() + 1);
        }
        EXPECT_LE(errors.size(), 1U);
        EXPECT_EQ(pending(outbox), expected) << "operation " << operation;
        EXPECT_EQ(outbox.next_sequence().value(), expected.back() + 1);
        reopened += outbox.counts().reopened;
    }
    EXPECT_GT(reopened, 10U);
}

std::uint64_t size_or_nothing(const std::string& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    return error ? 0 : size;
}

/// A disk that has room for ballast and reserve and little else.
class FullDisk : public testing::Test {
  protected:
    FullDisk() {
        limits.ballast_bytes = 16U << 20;
        disk.reserved = [this] {
            return size_or_nothing(path + ".ballast") + size_or_nothing(path + ".reserve");
        };
        disk.capacity = (32U << 20) + 3'000'000;
    }

    Folder folder;
    std::string path = folder.file("outbox");
    Limits limits = small_limits();
    FaultDisk disk;
};

TEST_F(FullDisk, GivesUpItsBallastForAppends) {
    Outbox outbox = opened(path, limits);
    EXPECT_TRUE(outbox.counts().ballast_in_place);
    for (int i = 0; i < 200; ++i) {
        const auto first = append(outbox, 100, Priority::redemption);
        ASSERT_TRUE(first) << first.error().message;
    }
    EXPECT_FALSE(outbox.counts().ballast_in_place);
    EXPECT_FALSE(std::filesystem::exists(path + ".ballast"));
    EXPECT_TRUE(std::filesystem::exists(path + ".reserve"));
    EXPECT_EQ(pending(outbox), numbers(1, 20'000));

    ASSERT_EQ(outbox.acknowledge(outbox.epoch(), Sequence(20'000), {}).value(), 20'000U);
    EXPECT_TRUE(outbox.counts().ballast_in_place);  // The machine's own disk has room.
    EXPECT_GE(std::filesystem::file_size(path + ".ballast"), 16U << 20);
}

TEST_F(FullDisk, CanForgetWhenAppendsHaveEatenEverything) {
    Outbox outbox = opened(path, limits);
    Result<Sequence> appended = Sequence(1);
    while (appended) appended = append(outbox, 200, Priority::consent);
    EXPECT_EQ(appended.error().code, ErrorCode::exhausted);
    EXPECT_TRUE(std::filesystem::exists(path + ".reserve"));

    const std::uint64_t before = outbox.counts().pending;
    const auto removed = outbox.acknowledge(outbox.epoch(), Sequence(before / 2), {});
    ASSERT_TRUE(removed) << removed.error().message;
    EXPECT_EQ(*removed, before / 2);
    appended = append(outbox, 50, Priority::consent);
    EXPECT_TRUE(appended) << appended.error().message;
}

TEST(Outbox, KeepsNothingTwiceWhenAnAppendFailsWithItsRecordsInTheFile) {
    std::uint64_t failed = 0;
    for (std::uint64_t operation = 1; operation <= 12; ++operation) {
        const Folder folder;
        FaultDisk disk;
        Outbox outbox = opened(folder.file("outbox"));
        ASSERT_TRUE(append(outbox, 2));
        // From there on nothing works, opening neither; what was written before stays.
        disk.power_off_at = disk.operations + operation;
        bool kept = append(outbox, 3).has_value();
        disk.power_off_at = 0;
        failed += kept ? 0U : 1U;
        if (!kept) kept = append(outbox, 3).has_value();
        EXPECT_TRUE(kept);
        EXPECT_EQ(pending(outbox), numbers(1, 5)) << "operation " << operation;
        ASSERT_TRUE(append(outbox, 1));
        EXPECT_EQ(pending(outbox), numbers(1, 6)) << "operation " << operation;
    }
    EXPECT_GT(failed, 3U);
}

TEST(Outbox, DropsNothingForADiskThatWasFullForAMoment) {
    for (std::uint64_t operation = 1; operation <= 6; ++operation) {
        const Folder folder;
        FaultDisk disk;
        Outbox outbox = opened(folder.file("outbox"));
        ASSERT_TRUE(append(outbox, 300, Priority::action));
        disk.full_at = disk.operations + operation;
        for (int i = 0; i < 5; ++i) ASSERT_TRUE(append(outbox, 3, Priority::action));
        EXPECT_EQ(disk.full_at, 0U);
        EXPECT_EQ(pending(outbox), numbers(1, 315)) << "operation " << operation;
        EXPECT_EQ(outbox.counts().dropped_by[3], 0U);
    }
}

TEST(Outbox, DropsTheLeastPreciousOnAFullDiskAndThenSaysSo) {
    const Folder folder;
    Limits limits = small_limits();
    limits.pages_max = 2400;
    Outbox outbox = opened(folder.file("outbox"), limits);
    Result<Sequence> appended = Sequence(1);
    while (outbox.counts().dropped_by[5] == 0) {
        appended = append(outbox, 50, Priority::health);
        ASSERT_TRUE(appended) << appended.error().message;
        ASSERT_LT(outbox.next_sequence(), Sequence(50'000));
    }
    for (int i = 0; i < 200 && appended; ++i) appended = append(outbox, 50, Priority::consent);
    ASSERT_FALSE(appended);
    EXPECT_EQ(appended.error().code, ErrorCode::exhausted);
    const Counts full = outbox.counts();
    EXPECT_EQ(full.pending_by[5], 0U);
    EXPECT_EQ(full.dropped_by[0], 0U);
    EXPECT_GT(full.pending_by[0], 5000U);
    EXPECT_EQ(pending(outbox).size(), full.pending);

    // Acknowledging goes on, and then there is room again.
    const Sequence middle(outbox.next_sequence().value() - full.pending_by[0] / 2);
    ASSERT_TRUE(outbox.acknowledge(outbox.epoch(), middle, {}));
    EXPECT_TRUE(append(outbox, 50, Priority::consent));
}

}  // namespace
}  // namespace vitrine::outbox
