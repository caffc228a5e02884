#include "tests/simulation/options.hpp"

#include "agent/base/random.hpp"

namespace vitrine::simulation {

namespace {

constexpr std::array<std::string_view, kMutations> kNames{
    "none",          "ack-before-commit", "ack-over-hole",  "merge-twice",     "erase-by-time",
    "grant-by-time", "forget-unknown",    "floor-too-high", "no-republishing", "ignore-erasures",
    "disk-lies",     "split-commit",      "clones-pass"};

/// Each kind of fault is in about half of the worlds, so that all pairs meet.
double sometimes(Rng& rng, double up_to) { return rng.below(2) == 0 ? 0 : up_to * rng.uniform(); }

Faults any_faults(Rng& rng) {
    Faults faults;
    faults.radio_lost = 0.5 * rng.uniform();
    faults.radio_noise = rng.uniform();
    faults.lost = sometimes(rng, 0.4);
    faults.doubled = sometimes(rng, 0.3);
    faults.late = sometimes(rng, 1);
    faults.late_max_s = rng.below(3) == 0 ? 600 : 5;
    faults.delay_max_ms = rng.below(4) == 0 ? 4000 : 50;
    faults.work_max_ms = rng.below(4) == 0 ? 20'000 : 20;
    faults.cuts = sometimes(rng, 20);
    faults.partitions = sometimes(rng, 1);
    faults.broker_restarts = sometimes(rng, 1);
    faults.worker_crashes = sometimes(rng, 20);
    faults.crashes = sometimes(rng, 3);
    faults.power_cuts = sometimes(rng, 3);
    faults.disk_errors = sometimes(rng, 3);
    faults.full_disks = sometimes(rng, 1);
    faults.cache_losses = sometimes(rng, 1);
    faults.clock_steps = sometimes(rng, 1);
    faults.copies = sometimes(rng, 0.4);
    faults.late_upgrade = 0.5;
    return faults;
}

}  // namespace

std::string_view name_of(Mutation mutation) { return kNames[static_cast<std::size_t>(mutation)]; }

Result<Mutation> mutation_from(std::string_view name) {
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        if (kNames[i] == name) return static_cast<Mutation>(i);
    }
    return invalid("no mutation is called " + std::string(name));
}

Faults no_faults() { return {}; }

Options options_of(std::uint64_t seed) {
    Rng rng(seed ^ 0x6f7074696f6e73ULL);
    Options options{.seed = seed};
    options.stores = static_cast<std::uint32_t>(1 + rng.below(5));
    options.members = static_cast<std::uint32_t>(2 + rng.below(20));
    options.workers = static_cast<std::uint32_t>(1 + rng.below(3));
    options.hours = rng.below(12) == 0 ? 40 : 1 + 5 * rng.uniform();
    options.visits_an_hour = options.hours > 10 ? 4 : 5 + 35 * rng.uniform();
    options.erasures_an_hour = 2 * rng.uniform();
    options.decisions_an_hour = 8 * rng.uniform();
    options.news_an_hour = 4 * rng.uniform();
    // Small enough to overflow while a shop is cut off, in one world of four.
    if (rng.below(4) == 0) options.outbox_bytes_max = 20'000 + rng.below(200'000);
    options.faults = any_faults(rng);
    return options;
}

Options options_for(Mutation mutation, std::uint64_t seed) {
    Options options{.seed = seed, .stores = 3, .members = 10, .workers = 2, .hours = 3};
    options.mutation = mutation;
    options.visits_an_hour = 30;
    options.erasures_an_hour = 2;
    options.decisions_an_hour = 10;
    Faults& faults = options.faults;
    faults.lost = 0.2;
    faults.doubled = 0.2;
    faults.late = 0.5;
    faults.cuts = 10;
    faults.worker_crashes = 10;
    faults.late_upgrade = 1;
    if (mutation == Mutation::erase_by_time || mutation == Mutation::no_republishing) {
        faults.partitions = 3;
        options.erasures_an_hour = 4;
        options.visits_an_hour = 60;
    }
    if (mutation == Mutation::no_republishing) {
        faults.broker_restarts = 6;
        options.news_an_hour = 10;
    }
    if (mutation == Mutation::disk_lies) faults.power_cuts = 4;
    if (mutation == Mutation::clones_pass) faults.copies = 2;
    return options;
}

}  // namespace vitrine::simulation
