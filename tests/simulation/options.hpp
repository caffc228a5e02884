#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "agent/base/result.hpp"

namespace vitrine::simulation {

/// Mistakes that can be put in on purpose: each must be found by an invariant, or the invariants
/// are worth nothing.
enum class Mutation : std::uint8_t {
    none,
    ack_before_commit,  ///< The centre acknowledges what it has received but not committed.
    ack_over_hole,      ///< The watermark goes to the highest sequence seen, over what is missing.
    merge_twice,        ///< A record that comes again is counted again.
    erase_by_time,      ///< A record that is later than an erasure brings the member back.
    grant_by_time,      ///< A later grant undoes a withdrawal that it has not seen.
    forget_unknown,     ///< What cannot be read yet is acknowledged and thrown away.
    floor_too_high,     ///< Agents claim to have nothing below what they send.
    no_republishing,    ///< A broker that forgot everything is not told anew.
    ignore_erasures,    ///< Shops take note of erasures and do nothing.
    disk_lies,          ///< Disks say "written" before it is.
    split_commit,       ///< A batch is committed in two halves, and acknowledged after the first.
    clones_pass,        ///< Another record under a known identity raises no alarm.
};
inline constexpr std::size_t kMutations = 13;
std::string_view name_of(Mutation mutation);
Result<Mutation> mutation_from(std::string_view name);

/// What goes wrong: chances in [0, 1), and how often an hour (each link, each store, each worker).
struct Faults {
    double radio_lost = 0;     ///< Adverts that nobody hears.
    double radio_noise = 0;    ///< Of the strangers' adverts beside each of a member's.
    double lost = 0;           ///< Messages of QoS 0.
    double doubled = 0;        ///< Messages that come twice.
    double late = 0;           ///< What was under way when a link broke comes all the same.
    double late_max_s = 1;     ///< … by so much.
    double delay_max_ms = 20;  ///< One way.
    double work_max_ms = 5;    ///< From receipt to commit at the centre.

    double cuts = 0;             ///< A connection breaks.
    double partitions = 0;       ///< A shop is cut off, for minutes to a day; noticed late.
    double broker_restarts = 0;  ///< It forgets everything.
    double worker_crashes = 0;   ///< Before or after a commit.
    double crashes = 0;          ///< A kill of an agent, at any write.
    double power_cuts = 0;       ///< The same, and what was not synced is lost or torn.
    double disk_errors = 0;      ///< One sync fails.
    double full_disks = 0;       ///< For minutes.
    double cache_losses = 0;     ///< A cached bundle is not there after the next start.
    double clock_steps = 0;      ///< By hours, or back to 1970 with a restart.
    double copies = 0;           ///< A database is copied to another machine.

    double late_upgrade = 0;  ///< Chance that shops are newer than the centre for a while.
};

/// One run. Everything follows from it.
struct Options {
    std::uint64_t seed = 1;
    std::uint32_t stores = 3;
    std::uint32_t members = 12;
    std::uint32_t workers = 2;
    double hours = 4;
    double visits_an_hour = 20;  ///< Each store.
    double erasures_an_hour = 0.5;
    double decisions_an_hour = 2;  ///< On the members' phones: grants and withdrawals.
    double news_an_hour = 1;       ///< Catalogue, policy, model.
    std::uint64_t outbox_bytes_max = 64U << 20;
    bool files = true;    ///< Outboxes on files with faulty disks; otherwise in memory.
    bool coarse = false;  ///< Long steps of time, for many stores.
    Mutation mutation = Mutation::none;
    Faults faults;
};

/// A world of random size with a random mixture of faults, as the seed has it.
Options options_of(std::uint64_t seed);

/// The worlds that `mutation` has to be found in: with the faults that bring it to light.
Options options_for(Mutation mutation, std::uint64_t seed);

/// No faults at all, for what is left of the run once everything is repaired.
Faults no_faults();

}  // namespace vitrine::simulation
