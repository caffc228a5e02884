#include "sync/outbox/outbox.hpp"

#include <algorithm>
#include <utility>

#include "sync/outbox/state.hpp"

namespace vitrine::outbox {
namespace {

constexpr std::size_t kDeleteChunk = 200;  // More at once needs room in the log on a full disk.
constexpr std::size_t kRangesMax = 4096;
constexpr int kReliefsMax = 6;

}  // namespace

std::string_view name_of(Priority priority) {
    switch (priority) {
        case Priority::consent:
            return "consent";
        case Priority::erasure:
            return "erasure";
        case Priority::redemption:
            return "redemption";
        case Priority::action:
            return "action";
        case Priority::impression:
            return "impression";
        case Priority::health:
            return "health";
    }
    return "unknown";
}

Outbox::Outbox(std::unique_ptr<State> state) : state_(std::move(state)) {}
Outbox::Outbox(Outbox&&) noexcept = default;
Outbox& Outbox::operator=(Outbox&&) noexcept = default;
Outbox::~Outbox() = default;

// Appending.

Result<void> Outbox::State::check(std::span<const Entry> records,
                                  std::span<const StateChange> state) const {
    if (records.size() + state.size() > limits.records_per_append_max) {
        return invalid("outbox: " + std::to_string(records.size() + state.size()) +
                       " records and state changes in one append, at most " +
                       std::to_string(limits.records_per_append_max));
    }
    for (const Entry& entry : records) {
        if (entry.bytes.size() <= limits.record_bytes_max) continue;
        return invalid("outbox: a record of " + std::to_string(entry.bytes.size()) +
                       " bytes, at most " + std::to_string(limits.record_bytes_max));
    }
    return {};
}

/// Returns the size of the whole state afterwards.
Result<std::uint64_t> Outbox::State::change_state(std::span<const StateChange> state) {
    std::uint64_t bytes = ledger.state_bytes;
    for (const StateChange& change : state) {
        bytes -= std::min(bytes, TRY(database.state_bytes(change.key)));
        if (change.value) bytes += change.value->size();
        TRY(database.change_state(change));
    }
    if (bytes > limits.state_bytes_max && bytes > ledger.state_bytes) {
        return invalid("outbox: the state would take " + std::to_string(bytes) +
                       " bytes, at most " + std::to_string(limits.state_bytes_max));
    }
    return bytes;
}

Result<void> Outbox::State::append_once(std::span<const Entry> records,
                                        std::span<const StateChange> state, WallTime now) {
    auto transaction = TRY(sqlite::Transaction::begin(database.connection()));
    Counts counts = ledger.counts;
    const std::uint64_t dropped_before = dropped_total(counts);
    TRY(pressure.make_room(database, records, limits.bytes_max, counts));
    Sequence next = ledger.next;
    for (const Entry& entry : records) {
        const auto priority = static_cast<std::size_t>(entry.priority);
        if (!is_protected(entry.priority) && counts.bytes + entry.bytes.size() > limits.bytes_max) {
            ++counts.dropped_by[priority];
        } else {
            TRY(database.insert(next, entry, now));
            ++counts.pending;
            ++counts.pending_by[priority];
            counts.bytes += entry.bytes.size();
        }
        next = next.next();
    }
    const std::uint64_t state_bytes = TRY(change_state(state));
    if (dropped_total(counts) != dropped_before) {
        TRY(database.write_next(next));
        TRY(database.write_losses(counts));
    }
    TRY(transaction.commit());
    ledger.counts = counts;
    ledger.next = next;
    ledger.state_bytes = state_bytes;
    return {};
}

/// Starts the write-ahead log over from its beginning, so that it need not grow.
void Outbox::State::restart_log() {
    static_cast<void>(database.connection().execute("PRAGMA wal_checkpoint(RESTART)"));
}

/// One more thing that may help on a full disk; false when there is none left. Records are dropped
/// last: a disk that had no room for a moment costs none.
bool Outbox::State::relieve(int attempt, bool& log_restarted) {
    if (ballast.release()) return true;
    if (attempt >= kReliefsMax) return false;
    restart_log();
    if (!std::exchange(log_restarted, true)) return true;
    auto transaction = sqlite::Transaction::begin(database.connection());
    if (!transaction) return false;
    Counts counts = ledger.counts;
    const std::uint64_t dropped_before = dropped_total(counts);
    if (!pressure.drop_some(database, counts, Priority::action)) return false;
    if (!database.write_next(ledger.next) || !database.write_losses(counts)) return false;
    if (!transaction->commit()) return false;
    ledger.counts = counts;
    return attempt <= 1 || dropped_total(counts) != dropped_before;
}

Result<Sequence> Outbox::append(std::span<const Entry> records, std::span<const StateChange> state,
                                WallTime now) {
    State& s = *state_;
    TRY(s.check(records, state));
    TRY(s.ready());
    const Sequence first = s.ledger.next;
    auto appended = s.append_once(records, state, now);
    bool log_restarted = false;
    for (int attempt = 0; !appended && appended.error().code == ErrorCode::exhausted; ++attempt) {
        if (!s.relieve(attempt, log_restarted)) break;
        appended = s.append_once(records, state, now);
    }
    if (appended) return first;
    if (s.database.connection().failed()) {
        return s.was_kept_after_all(first, records.size(), std::move(appended).error());
    }
    return std::move(appended).error();
}

// Reading and forgetting.

OutboxEpoch Outbox::State::epoch_of(Sequence sequence) const {
    OutboxEpoch epoch = ledger.lives.front().epoch;
    for (const Life& life : ledger.lives) {
        if (life.first <= sequence) epoch = life.epoch;
    }
    return epoch;
}

std::optional<SequenceRange> Outbox::State::reign_of(OutboxEpoch epoch) const {
    for (std::size_t i = 0; i < ledger.lives.size(); ++i) {
        if (ledger.lives[i].epoch != epoch) continue;
        const bool is_last = i + 1 == ledger.lives.size();
        const Sequence end = is_last ? ledger.next : ledger.lives[i + 1].first;
        return SequenceRange{ledger.lives[i].first, Sequence(end.value() - 1)};
    }
    return std::nullopt;
}

Result<std::vector<Row>> Outbox::read(Sequence after, Sequence last, std::size_t max_records,
                                      std::size_t max_bytes) {
    TRY(state_->ready());
    auto rows = TRY(state_->database.read({after.next(), last}, max_records, max_bytes));
    for (Row& row : rows) row.epoch = state_->epoch_of(row.sequence);
    return rows;
}

Result<std::vector<Row>> Outbox::read(Sequence after, std::size_t max_records,
                                      std::size_t max_bytes) {
    return read(after, next_sequence(), max_records, max_bytes);
}

/// Returns the highest sequence that went, or nothing when the range is empty.
Result<std::optional<Sequence>> Outbox::State::remove_chunk(SequenceRange range) {
    auto transaction = TRY(sqlite::Transaction::begin(database.connection()));
    Counts counts = ledger.counts;
    const auto highest = TRY(database.remove_range(range, kDeleteChunk, counts));
    if (!highest) return highest;
    if (highest->next() == ledger.next) TRY(database.write_next(ledger.next));
    TRY(transaction.commit());
    ledger.counts = counts;
    return highest;
}

Result<std::uint64_t> Outbox::State::remove(SequenceRange range) {
    const std::uint64_t before = ledger.counts.pending;
    while (range.first <= range.last && ledger.counts.pending > 0) {
        auto highest = remove_chunk(range);
        if (!highest && highest.error().code == ErrorCode::exhausted) {
            reserve.release();  // On a full disk even forgetting needs room in the log, and the log
            restart_log();      // needs room in the database to begin anew.
            highest = remove_chunk(range);
        }
        const auto removed_to = TRY(std::move(highest));
        if (!removed_to) break;
        range.first = removed_to->next();
    }
    return before - ledger.counts.pending;
}

Result<std::uint64_t> Outbox::acknowledge(OutboxEpoch epoch, Sequence watermark,
                                          std::span<const SequenceRange> ranges) {
    State& s = *state_;
    TRY(s.ready());
    const auto reign = s.reign_of(epoch);
    if (!reign) return std::uint64_t{0};
    // What a power cut brings back is sent and acknowledged once more: no need to wait for the
    // disk here. The log stays consistent, and the next append syncs it whole.
    TRY(s.database.connection().execute("PRAGMA synchronous=NORMAL"));
    const auto within_reign = [&](SequenceRange range) {
        return s.remove({std::max(range.first, reign->first), std::min(range.last, reign->last)});
    };
    auto removed = within_reign({Sequence(0), watermark});
    for (const SequenceRange& range : ranges.first(std::min(ranges.size(), kRangesMax))) {
        if (!removed) break;
        auto more = within_reign(range);
        if (more) *more += *removed;
        removed = std::move(more);
    }
    auto restored = s.database.connection().execute("PRAGMA synchronous=FULL");
    if (!restored) return std::move(restored).error();
    if (removed && *removed > 0) s.take_space_back();
    return removed;
}

Result<void> Outbox::set_aside(Sequence sequence, std::string_view reason) {
    State& s = *state_;
    TRY(s.ready());
    auto transaction = TRY(sqlite::Transaction::begin(s.database.connection()));
    Counts counts = s.ledger.counts;
    TRY(s.database.keep_dead(sequence, s.epoch_of(sequence), reason, s.limits.dead_max));
    TRY(s.database.remove_range({sequence, sequence}, 1, counts));
    ++counts.dead;
    TRY(s.database.write_next(s.ledger.next));
    TRY(s.database.write_losses(counts));
    TRY(transaction.commit());
    s.ledger.counts = counts;
    return {};
}

Result<std::vector<DeadRecord>> Outbox::dead(std::size_t count_max) {
    TRY(state_->ready());
    return state_->database.dead(count_max);
}

Result<Bytes> Outbox::state(std::string_view key) {
    TRY(state_->ready());
    return state_->database.state(key);
}

Result<std::vector<StateLine>> Outbox::state_with_prefix(std::string_view prefix) {
    TRY(state_->ready());
    return state_->database.state_with_prefix(prefix);
}

Result<Sequence> Outbox::floor() {
    TRY(state_->ready());
    return TRY(state_->database.lowest()).value_or(next_sequence());
}

const OpenReport& Outbox::report() const { return state_->report; }
Sequence Outbox::next_sequence() const { return state_->unsure.value_or(state_->ledger.next); }

Counts Outbox::counts() const {
    Counts counts = state_->ledger.counts;
    counts.ballast_in_place = state_->ballast.in_place() && state_->reserve.in_place();
    auto oldest = state_->database.is_open() ? state_->database.oldest() : Result(counts.oldest);
    counts.oldest = std::move(oldest).value_or(std::nullopt);
    return counts;
}

}  // namespace vitrine::outbox
