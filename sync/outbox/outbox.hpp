#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/base/bytes.hpp"
#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"
#include "agent/base/time.hpp"

namespace vitrine::outbox {

/// Names one life of one database: random, new when the file is new, was set aside or was copied
/// back from elsewhere. (agent, epoch, sequence) is a record's identity for ever.
using OutboxEpoch = Number<struct OutboxEpochTag, std::uint64_t>;
/// From the kernel's entropy; never 0.
OutboxEpoch random_epoch();

/// What a record is worth when there is no room for all. The first three are never dropped.
enum class Priority : std::uint8_t {
    consent,     ///< A member's decision about a purpose.
    erasure,     ///< A member's wish to be forgotten.
    redemption,  ///< A coupon claimed or redeemed: money.
    action,      ///< Taps, orders, visits, staff looks, model totals: dropped last, oldest first.
    impression,  ///< A promotion was viewed: thinned, every second one at a time.
    health,      ///< The agent about itself: dropped first, oldest first.
};
inline constexpr std::size_t kPriorities = 6;
constexpr bool is_protected(Priority priority) { return priority <= Priority::redemption; }
std::string_view name_of(Priority priority);

/// A record on its way in. The bytes are not copied before `append` returns.
struct Entry {
    ByteView bytes;
    Priority priority = Priority::action;
};

/// One line of the state that commits together with the records; no value removes the key.
struct StateChange {
    std::string key;
    std::optional<Bytes> value;
};
using StateLine = std::pair<std::string, Bytes>;

/// A record that waits. Rows of an older epoch come first and keep their epoch.
struct Row {
    OutboxEpoch epoch;
    Sequence sequence;
    Bytes bytes;
    friend bool operator==(const Row&, const Row&) = default;
};

/// A record that was set aside.
struct DeadRecord {
    OutboxEpoch epoch;
    Sequence sequence;
    std::string reason;
    Bytes bytes;
};

/// Sequences from `first` to `last`, both included.
struct SequenceRange {
    Sequence first;
    Sequence last;
    friend bool operator==(const SequenceRange&, const SequenceRange&) = default;
};

struct Limits {
    /// Records that wait, without SQLite's own overhead. When it is reached the droppable ones
    /// make room; the protected ones may exceed it until the disk is full.
    std::uint64_t bytes_max = 64U << 20;
    std::uint32_t record_bytes_max = 128U << 10;
    std::uint32_t records_per_append_max = 4096;
    std::uint32_t state_bytes_max = 8U << 20;
    /// Size of each of two files that are given up on a full disk: `<path>.ballast` so that
    /// appending can go on, `<path>.reserve` so that acknowledging can. 0: none.
    std::uint64_t ballast_bytes = 16U << 20;
    std::uint32_t dead_max = 1000;    ///< Records set aside as unsendable that are kept to look at.
    std::uint32_t pages_max = 0;      ///< 0: no limit but the disk.
    std::uint32_t page_bytes = 1024;  ///< Of a new database; small ones wear the disk least.
};

/// What `open` found.
struct OpenReport {
    OutboxEpoch epoch;
    std::uint64_t boot = 0;  ///< Counts the opens of this database from 1.
    bool created = false;    ///< There was no database, or the one there was is now set aside.
    bool copied = false;    ///< The file is not the one that was last open here: a new epoch began.
    std::string set_aside;  ///< Where the damaged database is now; empty when there was none.
    std::string damage;     ///< What was wrong with it.
    std::uint64_t pending = 0;
};

struct Counts {
    std::uint64_t pending = 0;
    std::uint64_t bytes = 0;
    std::array<std::uint64_t, kPriorities> pending_by{};
    /// Lost for want of room since this database began, by Priority.
    std::array<std::uint64_t, kPriorities> dropped_by{};
    std::uint64_t dead = 0;          ///< Set aside as unsendable since this database began.
    std::optional<WallTime> oldest;  ///< When the oldest pending record was appended.
    std::uint64_t reopened = 0;      ///< Times the connection failed and was opened anew.
    bool ballast_in_place = false;
};

/// What must not be lost on its way to the centre: records as bytes in the order of their
/// sequences, and the state that changed with them. SQLite in WAL with `synchronous=FULL`: what
/// `append` has acknowledged survives a kill and a power cut. One writer, one thread; it owns its
/// file (a second open of the same path is `conflict`).
///
/// A full disk and an I/O error leave it usable: see `append`.
class Outbox {
  public:
    /// Opens or creates. A damaged database is renamed to `<path>.damaged-<n>` (with its -wal) and
    /// a new one begins: see OpenReport. Errors: `conflict` when another process has it open or a
    /// newer program wrote it, `denied` and `unavailable` from the file system, `exhausted` when
    /// there is no room even for an empty one. ":memory:" is an outbox for simulations, which
    /// also choose the epoch of a new life.
    static Result<Outbox> open(std::string path) { return open(std::move(path), Limits()); }
    static Result<Outbox> open(std::string path, Limits limits,
                               OutboxEpoch if_new = random_epoch());

    Outbox(Outbox&&) noexcept;
    Outbox& operator=(Outbox&&) noexcept;
    ~Outbox();

    const OpenReport& report() const;
    OutboxEpoch epoch() const { return report().epoch; }

    /// The sequence that the first record of the next successful `append` gets; the second gets
    /// the one after it.
    Sequence next_sequence() const;

    /// Appends all records and state changes in one durable transaction, or nothing. Returns the
    /// first record's sequence (`next_sequence()` of before, also when there is no record).
    ///
    /// When `bytes_max` is reached: health, then impressions, then actions make room; a droppable
    /// record that finds none is itself dropped and counted, and keeps its sequence (a gap).
    /// Errors: `invalid` for more or larger records than the limits, `exhausted` when the disk is
    /// full though the ballast was given up and everything droppable dropped, `unavailable` after
    /// an I/O error: nothing was kept, and the next call opens the database anew first.
    Result<Sequence> append(std::span<const Entry> records, std::span<const StateChange> state,
                            WallTime now);

    /// The value under a key; `not_found`.
    Result<Bytes> state(std::string_view key);
    /// All lines whose key begins with `prefix`, by key.
    Result<std::vector<StateLine>> state_with_prefix(std::string_view prefix);

    /// Records with a sequence above `after`, in order: at most `max_records`, and at most
    /// `max_bytes` together but always one when there is one.
    Result<std::vector<Row>> read(Sequence after, std::size_t max_records, std::size_t max_bytes);
    /// The same up to and including `last`.
    Result<std::vector<Row>> read(Sequence after, Sequence last, std::size_t max_records,
                                  std::size_t max_bytes);

    /// Forgets what the centre has: everything of `epoch` up to `watermark` and in `ranges`, which
    /// may overlap, repeat, or name what is not here. Deletes 200 at a time; what a crash undoes
    /// is acknowledged again. Returns how many records went.
    Result<std::uint64_t> acknowledge(OutboxEpoch epoch, Sequence watermark,
                                      std::span<const SequenceRange> ranges);

    /// Takes a record that can never be sent out of the way and keeps it, with the reason, among
    /// the `dead_max` newest of its kind. `not_found` if it is gone already.
    Result<void> set_aside(Sequence sequence, std::string_view reason);
    /// What was set aside, newest first, at most `count_max`.
    Result<std::vector<DeadRecord>> dead(std::size_t count_max);

    /// The lowest sequence that is still here, or `next_sequence()`: whatever is below it and was
    /// not received by the centre is lost and must not be waited for.
    Result<Sequence> floor();

    Counts counts() const;

  private:
    struct State;
    explicit Outbox(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace vitrine::outbox
