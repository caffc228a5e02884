#include <sys/random.h>

#include <algorithm>
#include <utility>

#include "sync/outbox/state.hpp"

namespace vitrine::outbox {
namespace {

constexpr std::int64_t kVacuumBytes = 4U << 20;
constexpr std::size_t kTakenBackAtOnce = 200;

}  // namespace

OutboxEpoch random_epoch() {
    std::uint64_t value = 0;
    while (value == 0) CHECK(getrandom(&value, sizeof value, 0) == sizeof value);
    return OutboxEpoch(value);
}

bool Outbox::State::give_up_space() { return ballast.release() || reserve.release(); }

void Outbox::State::take_space_back() {
    reserve.put_back();
    if (reserve.in_place()) ballast.put_back();
}

Result<void> Outbox::State::open_or_set_aside() {
    auto opened = Database::open(path, limits);
    if (!opened && opened.error().code == ErrorCode::exhausted && give_up_space()) {
        opened = Database::open(path, limits);
    }
    if (!opened && opened.error().code == ErrorCode::corrupt && !is_memory(path)) {
        report.damage = opened.error().message;
        report.set_aside = TRY(set_database_aside(path));
        opened = Database::open(path, limits);
    }
    database = TRY(std::move(opened));
    return {};
}

Result<void> Outbox::State::begin_life(OutboxEpoch if_new) {
    const std::string witness = file_witness(path);
    report.created = ledger.lives.empty();
    report.copied = !report.created && ledger.witness != witness;
    if (report.created || report.copied) {
        // A life that never had a record leaves no trace.
        std::erase_if(ledger.lives, [&](const Life& life) { return life.first == ledger.next; });
        ledger.lives.push_back({ledger.next, if_new});
    }
    const Sequence lowest = TRY(database.lowest()).value_or(ledger.next);
    while (ledger.lives.size() > 1 && ledger.lives[1].first <= lowest) {
        ledger.lives.erase(ledger.lives.begin());
    }
    ++ledger.boot;
    ledger.witness = witness;
    auto transaction = TRY(sqlite::Transaction::begin(database.connection()));
    TRY(database.write_start(ledger));
    return transaction.commit();
}

/// After a long outage the file keeps its size though almost nothing is in it.
void Outbox::State::compact() {
    auto& connection = database.connection();
    const auto free = connection.integer_of("PRAGMA freelist_count");
    const auto all = connection.integer_of("PRAGMA page_count");
    const auto page_bytes = connection.integer_of("PRAGMA page_size");
    if (!free || !all || !page_bytes) return;
    if (*free * *page_bytes < kVacuumBytes || *free * 8 < *all * 7) return;
    static_cast<void>(connection.execute("VACUUM"));  // A wish: without room it stays as it is.
}

Result<void> Outbox::State::open(OutboxEpoch if_new) {
    lock = TRY(FileLock::take(path));
    const bool on_disk = !is_memory(path);
    ballast = Ballast(path + ".ballast", on_disk ? limits.ballast_bytes : 0);
    reserve = Ballast(path + ".reserve", on_disk ? limits.ballast_bytes : 0);
    TRY(open_or_set_aside());
    compact();
    ledger = TRY(database.load());
    auto begun = begin_life(if_new);
    if (!begun && begun.error().code == ErrorCode::exhausted && give_up_space()) {
        ledger = TRY(database.load());
        begun = begin_life(if_new);
    }
    TRY(std::move(begun));
    take_space_back();
    report.epoch = ledger.lives.back().epoch;
    report.boot = ledger.boot;
    report.pending = ledger.counts.pending;
    return {};
}

Result<Outbox> Outbox::open(std::string path, Limits limits, OutboxEpoch if_new) {
    auto state = std::make_unique<State>();
    state->path = std::move(path);
    state->limits = limits;
    TRY(state->open(if_new));
    return Outbox(std::move(state));
}

// After an I/O error SQLite's view of the file cannot be trusted any more.

Result<void> Outbox::State::reopen() {
    const std::uint64_t reopened = ledger.counts.reopened + 1;
    database = Database();
    database = TRY(Database::open(path, limits));
    ledger = TRY(database.load());
    ledger.counts.reopened = reopened;
    if (ledger.lives.empty() || ledger.lives.back().epoch != report.epoch) {
        return corrupt(path + ": the database was exchanged while in use");
    }
    return {};
}

Result<void> Outbox::State::ready() {
    if (!database.is_open() || database.connection().failed()) TRY(reopen());
    if (unsure) TRY(take_back());
    return {};
}

/// Nobody has seen them: their sequences are free.
Result<void> Outbox::State::take_back() {
    if (ledger.next > *unsure) {
        auto transaction = TRY(sqlite::Transaction::begin(database.connection()));
        Counts counts = ledger.counts;
        const Sequence last(ledger.next.value() - 1);
        while (TRY(database.remove_range({*unsure, last}, kTakenBackAtOnce, counts))) {
        }
        TRY(database.write_next(*unsure));
        TRY(transaction.commit());
        ledger.counts = counts;
        ledger.next = *unsure;
    }
    unsure.reset();
    return {};
}

/// A commit whose sync failed may have reached the file all the same: then the records are there
/// after opening it anew, and a checkpoint that syncs makes them as durable as any. Where that
/// cannot be had now they are taken back before anything else is done.
Result<Sequence> Outbox::State::was_kept_after_all(Sequence first, std::size_t count, Error error) {
    if (count == 0) return error;
    unsure = first;
    if (!reopen()) return error;
    if (ledger.next.value() != first.value() + count) return error;
    if (!database.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")) return error;
    unsure.reset();
    return first;
}

}  // namespace vitrine::outbox
