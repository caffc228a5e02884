#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agent/base/random.hpp"
#include "agent/base/time.hpp"
#include "tests/simulation/agenda.hpp"
#include "tests/simulation/options.hpp"

namespace vitrine::simulation {

/// What happened in a run: a fault that never happens proves nothing.
struct Tally {
    std::uint64_t visits = 0;
    std::uint64_t adverts = 0;
    std::uint64_t accepted = 0;
    std::uint64_t merged = 0;
    std::uint64_t dropped = 0;       ///< By the bounded outbox.
    std::uint64_t with_machine = 0;  ///< Gone with a machine that did not come back.
    std::uint64_t to_clones = 0;     ///< Records whose identity a clone used first.
    std::uint64_t alarms = 0;        ///< Another record under a known identity.
    std::uint64_t batches = 0;
    std::uint64_t messages = 0;
    std::uint64_t doubled = 0;
    std::uint64_t late = 0;
    std::uint64_t cuts = 0;
    std::uint64_t partitions = 0;
    std::uint64_t broker_restarts = 0;
    std::uint64_t worker_crashes = 0;
    std::uint64_t crashes = 0;
    std::uint64_t power_cuts = 0;
    std::uint64_t disk_errors = 0;
    std::uint64_t full_disks = 0;
    std::uint64_t cache_losses = 0;
    std::uint64_t clock_steps = 0;
    std::uint64_t copies = 0;
    std::uint64_t kept_unread = 0;  ///< Records of a type that the centre did not know yet.
    std::uint64_t bundles = 0;
    std::uint64_t erasures = 0;
    std::uint64_t decisions = 0;
};

/// What all parts of one world share. `kBegin` is what the calendar says when it begins.
struct Context {
    explicit Context(const Options& given)
        : options(given), faults(given.faults), rng(given.seed) {}

    static constexpr WallTime kBegin = wall_at(std::chrono::hours(24 * 20'000 + 9));

    /// The time that an honest clock shows.
    WallTime true_time() const {
        return kBegin + std::chrono::floor<std::chrono::milliseconds>(agenda.instant() - Instant{});
    }
    bool happens(double chance) { return chance > 0 && rng.uniform() < chance; }
    /// A time in (0, max], uniform.
    std::chrono::nanoseconds up_to(std::chrono::duration<double> max) {
        return std::chrono::nanoseconds(
            1 + static_cast<std::int64_t>(rng.uniform() * 1e9 * max.count()));
    }
    /// Until something that happens so many times an hour happens next; at least a millisecond.
    std::chrono::nanoseconds until_next(double an_hour);

    /// An invariant does not hold: the run ends here. The first reason counts.
    void fail(std::string reason);
    void check(bool holds, const std::string& reason) {
        if (!holds) fail(reason);
    }

    const Options options;
    Faults faults;
    Rng rng;
    Agenda agenda;
    Tally tally;
    bool healing = false;
    std::optional<std::string> failure;
};

}  // namespace vitrine::simulation
