#include <algorithm>

#include "sync/outbox/files.hpp"
#include "sync/sqlite/sqlite.hpp"
#include "tests/simulation/world.hpp"

// What goes wrong, and when.

namespace vitrine::simulation {

using std::chrono::duration;
using std::chrono::hours;
using std::chrono::minutes;

template <class Happens>
void World::every_so_often(double Faults::*an_hour, double times, Happens happens) {
    const double rate = context_.options.faults.*an_hour * times;
    if (rate <= 0) return;
    context_.agenda.after(context_.until_next(rate), [this, an_hour, times, happens] {
        if (context_.healing) return;
        happens();
        every_so_often(an_hour, times, happens);
    });
}

void World::begin_faults() {
    const double stores = context_.options.stores;
    every_so_often(&Faults::cuts, stores, [this] { any_store().cut(); });
    every_so_often(&Faults::partitions, stores, [this] { partition(); });
    every_so_often(&Faults::broker_restarts, 1, [this] { broker_.restart(); });
    every_so_often(&Faults::worker_crashes, context_.options.workers,
                   [this] { centre_.crash_a_worker(); });
    // The centre is upgraded at some time of the day, or in the evening.
    context_.agenda.after(context_.up_to(hours(8)), [this] { centre_.upgrade(); });
    if (!context_.options.files) return;
    every_so_often(&Faults::crashes, stores, [this] { any_store().crash_soon(false); });
    every_so_often(&Faults::power_cuts, stores, [this] { any_store().crash_soon(true); });
    every_so_often(&Faults::disk_errors, stores, [this] { any_store().fail_a_sync(); });
    every_so_often(&Faults::full_disks, stores, [this] { fill_disk(); });
    every_so_often(&Faults::cache_losses, stores, [this] { any_store().lose_a_cached_bundle(); });
    every_so_often(&Faults::clock_steps, stores, [this] { step_clock(); });
    every_so_often(&Faults::copies, 1, [this] { copy_machine(); });
}

void World::partition() {
    ++context_.tally.partitions;
    Store& store = any_store();
    store.set_reachable(false);
    // Mostly minutes, sometimes for the rest of the day.
    const double span_hours = context_.rng.below(4) == 0 ? 24 : 0.5;
    context_.agenda.after(context_.up_to(duration<double>(3600 * span_hours)),
                          [&store] { store.set_reachable(true); });
}

void World::step_clock() {
    ++context_.tally.clock_steps;
    Store& store = any_store();
    if (context_.rng.below(3) == 0) {
        // Started without a clock and without the network: in 1970, until somebody tells it.
        store.set_clock(-std::chrono::duration_cast<std::chrono::milliseconds>(
            context_.true_time().time_since_epoch()));
        store.crash_soon(context_.rng.below(2) == 0);
        context_.agenda.after(context_.up_to(hours(1)),
                              [&store] { store.set_clock(std::chrono::milliseconds(0)); });
        return;
    }
    const auto step = std::chrono::duration_cast<std::chrono::milliseconds>(
        context_.up_to(hours(context_.rng.below(4) == 0 ? 30 : 3)));
    store.set_clock(context_.rng.below(2) == 0 ? step : -step);
    context_.agenda.after(context_.up_to(hours(2)),
                          [&store] { store.set_clock(std::chrono::milliseconds(0)); });
}

void World::fill_disk() {
    Store& store = any_store();
    store.set_full(true);
    context_.agenda.after(context_.up_to(minutes(40)), [&store] { store.set_full(false); });
}

/// The database as a stopped machine would show it. `exact`: so that the file cannot be told from
/// the one it was copied from, as with an image of the whole disk.
void World::copy_files(const Store& from, const std::filesystem::path& to, bool exact) {
    std::error_code none;
    for (const char* name : {"outbox.db", "outbox.db-wal"}) {
        std::filesystem::copy_file(from.spec().folder / name, to / name, none);
    }
    const bool bundles_too = exact || context_.rng.below(2) == 0;
    if (bundles_too) {
        std::filesystem::copy(from.spec().folder / "bundles", to / "bundles",
                              std::filesystem::copy_options::recursive, none);
    }
    if (!exact) return;
    const std::string path = (to / "outbox.db").string();
    auto connection = sqlite::Connection::open(path);
    if (!connection) return;
    const std::string witness = outbox::file_witness(path);
    context_.check(
        connection->execute("UPDATE ledger SET value = '" + witness + "' WHERE key = 'witness'")
            .has_value(),
        "the witness of an outbox is not where the simulation looks for it");
}

void World::copy_machine() {
    Store& from = any_store();
    if (!from.is_running()) return;
    ++context_.tally.copies;
    const bool exact =
        context_.options.mutation == Mutation::clones_pass || context_.rng.below(2) == 0;
    const Truth::Holding held = truth_.holding(from.spec().machine);
    Store& copy = add_store({.store = from.spec().store,
                             .agent = from.spec().agent,
                             .machine = {},
                             .folder = {},
                             .centre_key = {}});
    copy_files(from, copy.spec().folder, exact);
    truth_.copy(copy.spec().machine, held);
    if (context_.rng.below(3) != 0) {
        clones_.push_back(&copy);
        context_.agenda.after(context_.up_to(hours(2)), [this, &copy] {
            if (!context_.healing) retire(copy);
        });
        return copy.boot();
    }
    // A backup: some time later the machine breaks, and another one goes on from the copy.
    context_.agenda.after(context_.up_to(hours(1)), [this, &from, &copy] {
        retire(from);
        copy.boot();
    });
}

void World::retire(Store& store) {
    const auto at =
        std::ranges::find_if(stores_, [&](const auto& each) { return each.get() == &store; });
    if (at == stores_.end()) return;
    store.end();
    truth_.retire(store.spec().machine);
    retired_.push_back(std::move(*at));
    stores_.erase(at);
}

}  // namespace vitrine::simulation
