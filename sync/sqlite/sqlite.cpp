#include "sync/sqlite/sqlite.hpp"

#include <sqlite3.h>

#include <utility>

namespace vitrine::sqlite {

struct Handle {
    Handle() = default;
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() { sqlite3_close_v2(db); }

    sqlite3* db = nullptr;
    std::string path;
    bool failed = false;
};

namespace {

ErrorCode code_of(int result) {
    switch (result & 0xff) {
        case SQLITE_FULL:
        case SQLITE_NOMEM:
        case SQLITE_TOOBIG:
            return ErrorCode::exhausted;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_FORMAT:
            return ErrorCode::corrupt;
        case SQLITE_CONSTRAINT:
            return ErrorCode::conflict;
        case SQLITE_PERM:
        case SQLITE_READONLY:
        case SQLITE_AUTH:
            return ErrorCode::denied;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
        case SQLITE_PROTOCOL:
            return ErrorCode::unavailable;
        default:
            return ErrorCode::invalid;
    }
}

Error error_of(Handle& handle, int result) {
    if ((result & 0xff) == SQLITE_IOERR) handle.failed = true;
    std::string message = handle.path + ": " + sqlite3_errmsg(handle.db);
    if (result != (result & 0xff)) message += " (code " + std::to_string(result) + ")";
    return {code_of(result), std::move(message)};
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Result<bool> Statement::step() {
    const int result = sqlite3_step(statement_.get());
    if (result == SQLITE_ROW) return true;
    if (result == SQLITE_DONE) {
        reset();
        return false;
    }
    Error error = error_of(*handle_, result);
    reset();
    return error;
}

Result<void> Statement::run() {
    while (TRY(step())) {
    }
    return {};
}

// The error that sqlite3_reset repeats was already returned by `step`; a binding fails only when
// its index is wrong, which is a bug in the SQL beside it.
void Statement::reset() { sqlite3_reset(statement_.get()); }

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
}

double Statement::real(int column) const { return sqlite3_column_double(statement_.get(), column); }

bool Statement::is_null(int column) const {
    return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

ByteView Statement::blob(int column) const {
    const auto* data =
        static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_.get(), column));
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

std::string_view Statement::text(int column) const {
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

void Statement::bind_at(int index, std::int64_t value) {
    CHECK(sqlite3_bind_int64(statement_.get(), index, value) == SQLITE_OK);
}

void Statement::bind_at(int index, double value) {
    CHECK(sqlite3_bind_double(statement_.get(), index, value) == SQLITE_OK);
}

void Statement::bind_at(int index, std::string_view value) {
    const char* data = value.data() == nullptr ? "" : value.data();
    CHECK(sqlite3_bind_text64(statement_.get(), index, data, value.size(), SQLITE_STATIC,
                              SQLITE_UTF8) == SQLITE_OK);
}

void Statement::bind_at(int index, ByteView value) {
    if (value.empty()) {  // A null pointer would bind NULL.
        CHECK(sqlite3_bind_zeroblob(statement_.get(), index, 0) == SQLITE_OK);
        return;
    }
    CHECK(sqlite3_bind_blob64(statement_.get(), index, value.data(), value.size(), SQLITE_STATIC) ==
          SQLITE_OK);
}

void Statement::bind_at(int index, std::nullptr_t) {
    CHECK(sqlite3_bind_null(statement_.get(), index) == SQLITE_OK);
}

Connection::Connection() = default;
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

Result<Connection> Connection::open(const std::string& path, Options options) {
    Connection connection;
    connection.handle_ = std::make_unique<Handle>();
    Handle& handle = *connection.handle_;
    handle.path = path;
    const bool writes = options.mode == Mode::read_write;
    const int flags = writes ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    const int result = sqlite3_open_v2(
        path.c_str(), &handle.db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    if (result != SQLITE_OK) return error_of(handle, result);
    sqlite3_busy_timeout(handle.db, static_cast<int>(options.busy_timeout.count()));
    // Content of a damaged or hostile file must not reach functions or virtual tables.
    sqlite3_db_config(handle.db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle.db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    if (writes) {
        TRY(connection.execute("PRAGMA page_size=" + std::to_string(options.page_bytes) +
                               "; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL"
                               "; PRAGMA secure_delete=ON; PRAGMA foreign_keys=ON"
                               "; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY"
                               "; PRAGMA journal_size_limit=" +
                               std::to_string(options.journal_bytes_max)));
        if (options.pages_max > 0) {
            TRY(connection.execute("PRAGMA max_page_count=" + std::to_string(options.pages_max)));
        }
    }
    TRY(connection.integer_of("PRAGMA schema_version"));
    return connection;
}

Result<void> Connection::execute(const std::string& sql) {
    const int result = sqlite3_exec(handle_->db, sql.c_str(), nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) return error_of(*handle_, result);
    return {};
}

Result<Statement> Connection::prepare(std::string_view sql) {
    Statement statement;
    statement.handle_ = handle_.get();
    sqlite3_stmt* raw = nullptr;
    const int result = sqlite3_prepare_v3(handle_->db, sql.data(), static_cast<int>(sql.size()),
                                          SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
    statement.statement_.reset(raw);
    if (result != SQLITE_OK) return error_of(*handle_, result).within(sql);
    return statement;
}

Result<std::int64_t> Connection::integer_of(std::string_view sql) {
    Statement statement = TRY(prepare(sql));
    if (!TRY(statement.step()))
        return not_found(handle_->path + ": no row for " + std::string(sql));
    return statement.integer(0);
}

Result<std::string> Connection::text_of(std::string_view sql) {
    Statement statement = TRY(prepare(sql));
    if (!TRY(statement.step()))
        return not_found(handle_->path + ": no row for " + std::string(sql));
    return std::string(statement.text(0));
}

Result<void> Connection::check_integrity() {
    const std::string verdict = TRY(text_of("PRAGMA quick_check(1)"));
    if (verdict != "ok") return corrupt(handle_->path + ": " + verdict);
    return {};
}

std::int64_t Connection::changes() const { return sqlite3_changes64(handle_->db); }
bool Connection::failed() const { return handle_ && handle_->failed; }
bool Connection::is_open() const { return handle_ != nullptr; }
bool Connection::in_transaction() const { return sqlite3_get_autocommit(handle_->db) == 0; }
const std::string& Connection::path() const { return handle_->path; }

Result<Transaction> Transaction::begin(Connection& connection) {
    TRY(connection.execute("BEGIN IMMEDIATE"));
    return Transaction(connection);
}

Transaction::Transaction(Transaction&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)) {}

Transaction::~Transaction() {
    // SQLite rolls back by itself after some errors; then there is nothing left to undo.
    if (connection_ && connection_->in_transaction()) {
        static_cast<void>(connection_->execute("ROLLBACK"));
    }
}

Result<void> Transaction::commit() {
    TRY(connection_->execute("COMMIT"));
    connection_ = nullptr;
    return {};
}

}  // namespace vitrine::sqlite
