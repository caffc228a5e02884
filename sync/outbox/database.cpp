#include "sync/outbox/database.hpp"

#include <algorithm>
#include <utility>

namespace vitrine::outbox {
namespace {

constexpr std::int64_t kApplicationId = 0x56495452;  // "VITR"
constexpr std::int64_t kSchemaVersion = 1;

constexpr const char* kSchema = R"(
    CREATE TABLE rows(sequence INTEGER PRIMARY KEY, priority INTEGER NOT NULL,
                      appended_at INTEGER NOT NULL, bytes BLOB NOT NULL);
    CREATE TABLE state(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE lives(first INTEGER PRIMARY KEY, epoch INTEGER NOT NULL);
    CREATE TABLE ledger(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
    CREATE TABLE dead(position INTEGER PRIMARY KEY, sequence INTEGER NOT NULL,
                      epoch INTEGER NOT NULL, reason TEXT NOT NULL, bytes BLOB NOT NULL);
    PRAGMA application_id=1447646290;
    PRAGMA user_version=1;
)";

std::string dropped_key(std::size_t priority) {
    return "dropped." + std::string(name_of(static_cast<Priority>(priority)));
}

Result<void> create_tables(sqlite::Connection& connection) {
    auto transaction = TRY(sqlite::Transaction::begin(connection));
    TRY(connection.execute(kSchema));
    return transaction.commit();
}

Result<void> check_kind(sqlite::Connection& connection) {
    const std::int64_t kind = TRY(connection.integer_of("PRAGMA application_id"));
    const std::int64_t version = TRY(connection.integer_of("PRAGMA user_version"));
    if (kind != kApplicationId) return corrupt(connection.path() + ": not an outbox");
    if (version > kSchemaVersion) {
        return conflict(connection.path() + ": written by a newer program (schema " +
                        std::to_string(version) + ")");
    }
    return connection.check_integrity();
}

Priority priority_of(std::int64_t kept) {
    const bool known = kept >= 0 && kept < static_cast<std::int64_t>(kPriorities);
    return known ? static_cast<Priority>(kept) : Priority::consent;  // Better kept than lost.
}

/// SQL that does not fit the file means that the file is not what its header says.
Error damaged(Error error) {
    if (error.code == ErrorCode::invalid) error.code = ErrorCode::corrupt;
    return error;
}

}  // namespace

Result<Database> Database::open(const std::string& path, const Limits& limits) {
    Database database;
    database.connection_ =
        TRY(sqlite::Connection::open(path, {.mode = sqlite::Connection::Mode::read_write,
                                            .busy_timeout = std::chrono::milliseconds(100),
                                            .page_bytes = limits.page_bytes,
                                            .pages_max = limits.pages_max,
                                            .journal_bytes_max = 4U << 20}));
    const bool is_new =
        TRY(database.connection_.integer_of("SELECT count(*) FROM sqlite_schema")) == 0;
    if (is_new) TRY(create_tables(database.connection_));
    TRY(check_kind(database.connection_));
    if (auto prepared = database.prepare(); !prepared) return damaged(std::move(prepared).error());
    return database;
}

Result<void> Database::prepare() {
    auto& c = connection_;
    insert_ = TRY(c.prepare("INSERT INTO rows VALUES(?1, ?2, ?3, ?4)"));
    remove_ = TRY(c.prepare("DELETE FROM rows WHERE sequence = ?1"));
    remove_range_ = TRY(
        c.prepare("DELETE FROM rows WHERE sequence IN (SELECT sequence FROM rows WHERE sequence "
                  "BETWEEN ?1 AND ?2 ORDER BY sequence LIMIT ?3) "
                  "RETURNING sequence, priority, length(bytes)"));
    scan_ =
        TRY(c.prepare("SELECT sequence, priority, length(bytes) FROM rows WHERE sequence > ?1 "
                      "ORDER BY sequence LIMIT ?2"));
    read_ =
        TRY(c.prepare("SELECT sequence, bytes FROM rows WHERE sequence BETWEEN ?1 AND ?2 "
                      "ORDER BY sequence LIMIT ?3"));
    first_ = TRY(c.prepare("SELECT sequence, appended_at FROM rows ORDER BY sequence LIMIT 1"));
    set_state_ = TRY(c.prepare("INSERT OR REPLACE INTO state VALUES(?1, ?2)"));
    unset_state_ = TRY(c.prepare("DELETE FROM state WHERE key = ?1"));
    get_state_ = TRY(c.prepare("SELECT value FROM state WHERE key = ?1"));
    prefix_state_ = TRY(c.prepare("SELECT key, value FROM state WHERE key >= ?1 ORDER BY key"));
    line_ = TRY(c.prepare("INSERT OR REPLACE INTO ledger VALUES(?1, ?2)"));
    return {};
}

Result<Ledger> Database::load() {
    Ledger ledger;
    auto lines = TRY(connection_.prepare("SELECT key, value FROM ledger"));
    while (TRY(lines.step())) {
        const std::string_view key = lines.text(0);
        if (key == "next") ledger.next = Sequence(lines.bits(1));
        if (key == "boot") ledger.boot = lines.bits(1);
        if (key == "witness") ledger.witness = lines.text(1);
        if (key == "dead") ledger.counts.dead = lines.bits(1);
        for (std::size_t i = 0; i < kPriorities; ++i) {
            if (key == dropped_key(i)) ledger.counts.dropped_by[i] = lines.bits(1);
        }
    }
    auto lives = TRY(connection_.prepare("SELECT first, epoch FROM lives ORDER BY first"));
    while (TRY(lives.step())) {
        ledger.lives.push_back({Sequence(lives.bits(0)), OutboxEpoch(lives.bits(1))});
    }
    auto rows =
        TRY(connection_.prepare("SELECT priority, count(*), sum(length(bytes)), max(sequence) "
                                "FROM rows GROUP BY priority"));
    while (TRY(rows.step())) {
        const auto priority = static_cast<std::size_t>(priority_of(rows.integer(0)));
        ledger.counts.pending_by[priority] += rows.bits(1);
        ledger.counts.pending += rows.bits(1);
        ledger.counts.bytes += rows.bits(2);
        ledger.next = std::max(ledger.next, Sequence(rows.bits(3)).next());
    }
    ledger.state_bytes = static_cast<std::uint64_t>(
        TRY(connection_.integer_of("SELECT coalesce(sum(length(value)), 0) FROM state")));
    return ledger;
}

Result<void> Database::insert(Sequence sequence, const Entry& entry, WallTime now) {
    insert_.bind(sequence.value(), static_cast<int>(entry.priority), now.time_since_epoch().count(),
                 entry.bytes);
    return insert_.run();
}

Result<void> Database::remove(Sequence sequence) {
    remove_.bind(sequence.value());
    return remove_.run();
}

Result<std::optional<Sequence>> Database::remove_range(SequenceRange range, std::size_t count_max,
                                                       Counts& counts) {
    remove_range_.bind(range.first.value(), range.last.value(), std::uint64_t{count_max});
    std::optional<Sequence> highest;
    while (TRY(remove_range_.step())) {
        const Sequence sequence(remove_range_.bits(0));
        const auto priority = static_cast<std::size_t>(priority_of(remove_range_.integer(1)));
        if (!highest || sequence > *highest) highest = sequence;
        --counts.pending;
        --counts.pending_by[priority];
        counts.bytes -= remove_range_.bits(2);
    }
    return highest;
}

Result<std::vector<Database::Brief>> Database::scan(Sequence after, std::size_t count_max) {
    std::vector<Brief> found;
    scan_.bind(after.value(), std::uint64_t{count_max});
    while (TRY(scan_.step())) {
        found.push_back({Sequence(scan_.bits(0)), priority_of(scan_.integer(1)), scan_.bits(2)});
    }
    return found;
}

Result<std::vector<Row>> Database::read(SequenceRange range, std::size_t records_max,
                                        std::size_t bytes_max) {
    std::vector<Row> rows;
    std::size_t bytes = 0;
    read_.bind(range.first.value(), range.last.value(), std::uint64_t{records_max});
    while (TRY(read_.step())) {
        const ByteView blob = read_.blob(1);
        bytes += blob.size();
        if (!rows.empty() && bytes > bytes_max) break;
        rows.push_back({OutboxEpoch(), Sequence(read_.bits(0)), Bytes(blob.begin(), blob.end())});
    }
    read_.reset();
    return rows;
}

Result<std::optional<Sequence>> Database::lowest() {
    first_.bind();
    std::optional<Sequence> lowest;
    if (TRY(first_.step())) lowest = Sequence(first_.bits(0));
    first_.reset();
    return lowest;
}

Result<std::optional<WallTime>> Database::oldest() {
    first_.bind();
    std::optional<WallTime> oldest;
    if (TRY(first_.step())) oldest = wall_at(std::chrono::milliseconds(first_.integer(1)));
    first_.reset();
    return oldest;
}

Result<std::uint64_t> Database::state_bytes(std::string_view key) {
    get_state_.bind(key);
    std::uint64_t bytes = 0;
    if (TRY(get_state_.step())) bytes = get_state_.blob(0).size();
    get_state_.reset();
    return bytes;
}

Result<void> Database::change_state(const StateChange& change) {
    if (change.value) {
        set_state_.bind(change.key, *change.value);
        return set_state_.run();
    }
    unset_state_.bind(change.key);
    return unset_state_.run();
}

Result<Bytes> Database::state(std::string_view key) {
    get_state_.bind(key);
    if (!TRY(get_state_.step())) return not_found("no state under '" + std::string(key) + "'");
    const ByteView blob = get_state_.blob(0);
    Bytes value(blob.begin(), blob.end());
    get_state_.reset();
    return value;
}

Result<std::vector<StateLine>> Database::state_with_prefix(std::string_view prefix) {
    std::vector<StateLine> lines;
    prefix_state_.bind(prefix);
    while (TRY(prefix_state_.step())) {
        const std::string_view key = prefix_state_.text(0);
        if (!key.starts_with(prefix)) break;
        const ByteView blob = prefix_state_.blob(1);
        lines.emplace_back(std::string(key), Bytes(blob.begin(), blob.end()));
    }
    prefix_state_.reset();
    return lines;
}

Result<void> Database::keep_dead(Sequence sequence, OutboxEpoch epoch, std::string_view reason,
                                 std::uint32_t dead_max) {
    auto keep =
        TRY(connection_.prepare("INSERT INTO dead(sequence, epoch, reason, bytes) "
                                "SELECT sequence, ?2, ?3, bytes FROM rows WHERE sequence = ?1"));
    TRY(keep.bind(sequence.value(), epoch.value(), reason).run());
    if (connection_.changes() == 0) {
        return not_found("no record with sequence " + std::to_string(sequence.value()));
    }
    auto prune = TRY(
        connection_.prepare("DELETE FROM dead WHERE position <= (SELECT max(position) FROM dead)"
                            " - ?1"));
    return prune.bind(dead_max).run();
}

Result<std::vector<DeadRecord>> Database::dead(std::size_t count_max) {
    auto select =
        TRY(connection_.prepare("SELECT epoch, sequence, reason, bytes FROM dead ORDER BY position "
                                "DESC LIMIT ?1"));
    select.bind(std::uint64_t{count_max});
    std::vector<DeadRecord> found;
    while (TRY(select.step())) {
        const ByteView blob = select.blob(3);
        found.push_back({OutboxEpoch(select.bits(0)), Sequence(select.bits(1)),
                         std::string(select.text(2)), Bytes(blob.begin(), blob.end())});
    }
    return found;
}

Result<void> Database::write_line(std::string_view key, std::uint64_t value) {
    line_.bind(key, value);
    return line_.run();
}

Result<void> Database::write_next(Sequence next) { return write_line("next", next.value()); }

Result<void> Database::write_losses(const Counts& counts) {
    for (std::size_t i = 0; i < kPriorities; ++i) {
        if (counts.dropped_by[i] > 0) TRY(write_line(dropped_key(i), counts.dropped_by[i]));
    }
    if (counts.dead > 0) TRY(write_line("dead", counts.dead));
    return {};
}

Result<void> Database::write_start(const Ledger& ledger) {
    TRY(write_next(ledger.next));
    TRY(write_line("boot", ledger.boot));
    TRY(line_.bind("witness", ledger.witness).run());
    TRY(connection_.execute("DELETE FROM lives"));
    auto life = TRY(connection_.prepare("INSERT INTO lives VALUES(?1, ?2)"));
    for (const Life& one : ledger.lives) {
        TRY(life.bind(one.first.value(), one.epoch.value()).run());
    }
    return {};
}

}  // namespace vitrine::outbox
