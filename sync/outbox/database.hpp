#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "agent/base/result.hpp"
#include "sync/outbox/outbox.hpp"
#include "sync/sqlite/sqlite.hpp"

namespace vitrine::outbox {

/// One epoch and the first sequence that belongs to it; it ends where the next life begins.
struct Life {
    Sequence first;
    OutboxEpoch epoch;
};

/// What the outbox keeps in memory about its database.
struct Ledger {
    Sequence next{1};
    std::uint64_t boot = 0;
    std::string witness;
    std::vector<Life> lives;  ///< Ascending; not empty once the database is in use.
    std::uint64_t state_bytes = 0;
    Counts counts;
};

/// The tables of one outbox and the statements on them. Does what it is told, one statement at a
/// time; transactions and policy are the outbox's.
///
/// `next` is kept twice over: it is the highest row's sequence plus one, or the ledger's line if
/// that is higher. So an append writes one page, and only what deletes the highest row (or drops a
/// record) has to write the ledger.
class Database {
  public:
    /// Opens, creates the tables in a new file, checks what an old one holds. `corrupt` for
    /// anything that is not an intact outbox; `conflict` for one of a newer program.
    static Result<Database> open(const std::string& path, const Limits& limits);

    sqlite::Connection& connection() { return connection_; }
    bool is_open() const { return connection_.is_open(); }

    /// Counts everything: reads the whole table.
    Result<Ledger> load();

    Result<void> insert(Sequence sequence, const Entry& entry, WallTime now);
    Result<void> remove(Sequence sequence);
    /// Removes at most `count_max` of the range, lowest first, and takes them off `counts`.
    /// Returns the highest removed, or nothing when the range is empty.
    Result<std::optional<Sequence>> remove_range(SequenceRange range, std::size_t count_max,
                                                 Counts& counts);
    struct Brief {
        Sequence sequence;
        Priority priority;
        std::uint64_t bytes;
    };
    Result<std::vector<Brief>> scan(Sequence after, std::size_t count_max);
    Result<std::vector<Row>> read(SequenceRange range, std::size_t records_max,
                                  std::size_t bytes_max);
    Result<std::optional<Sequence>> lowest();
    Result<std::optional<WallTime>> oldest();

    Result<std::uint64_t> state_bytes(std::string_view key);
    Result<void> change_state(const StateChange& change);
    Result<Bytes> state(std::string_view key);
    Result<std::vector<StateLine>> state_with_prefix(std::string_view prefix);

    Result<void> keep_dead(Sequence sequence, OutboxEpoch epoch, std::string_view reason,
                           std::uint32_t dead_max);
    Result<std::vector<DeadRecord>> dead(std::size_t count_max);
    Result<void> write_next(Sequence next);
    Result<void> write_losses(const Counts& counts);
    Result<void> write_start(const Ledger& ledger);

  private:
    Result<void> prepare();
    Result<void> write_line(std::string_view key, std::uint64_t value);

    sqlite::Connection connection_;
    sqlite::Statement insert_;
    sqlite::Statement remove_;
    sqlite::Statement remove_range_;
    sqlite::Statement scan_;
    sqlite::Statement read_;
    sqlite::Statement first_;
    sqlite::Statement set_state_;
    sqlite::Statement unset_state_;
    sqlite::Statement get_state_;
    sqlite::Statement prefix_state_;
    sqlite::Statement line_;
};

}  // namespace vitrine::outbox
