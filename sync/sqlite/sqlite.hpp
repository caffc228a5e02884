#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "agent/base/bytes.hpp"
#include "agent/base/result.hpp"

struct sqlite3_stmt;

namespace vitrine::sqlite {

struct Handle;

/// One prepared statement. Owned by whoever prepared it and dropped before its connection.
///
/// Errors of everything below: `exhausted` when the disk or the database's page limit is full,
/// `corrupt` for a damaged file, `conflict` for a broken constraint, `denied` for a read-only file,
/// `unavailable` for a lock held elsewhere and for I/O errors, `invalid` for wrong SQL. The message
/// names the file and what SQLite said.
class Statement {
  public:
    Statement() = default;

    /// Binds parameters from the first on; the views must live until `reset` or the next `bind`.
    /// Accepts integers, text, ByteView and nullptr (NULL).
    template <class... Values>
    Statement& bind(const Values&... values) {
        reset();
        int index = 0;
        (bind_at(++index, values), ...);
        return *this;
    }

    /// True while there is a row to read; after false or an error the statement is reset.
    Result<bool> step();
    /// Steps to the end, ignoring rows.
    Result<void> run();
    /// Ends a read: the write-ahead log cannot shrink while a row is held.
    void reset();

    std::int64_t integer(int column) const;
    /// A 64-bit number kept bit for bit in SQLite's signed integer.
    std::uint64_t bits(int column) const { return static_cast<std::uint64_t>(integer(column)); }
    double real(int column) const;
    bool is_null(int column) const;
    /// Views live until the next step, reset or bind.
    ByteView blob(int column) const;
    std::string_view text(int column) const;

    /// One parameter, counted from 1, of a statement that is reset.
    void bind_at(int index, std::int64_t value);
    void bind_at(int index, std::uint64_t value) {
        bind_at(index, static_cast<std::int64_t>(value));
    }
    void bind_at(int index, int value) { bind_at(index, std::int64_t{value}); }
    void bind_at(int index, unsigned value) { bind_at(index, std::int64_t{value}); }
    void bind_at(int index, double value);
    void bind_at(int index, std::string_view value);
    void bind_at(int index, const char* value) { bind_at(index, std::string_view(value)); }
    void bind_at(int index, const std::string& value) { bind_at(index, std::string_view(value)); }
    void bind_at(int index, ByteView value);
    void bind_at(int index, const Bytes& value) { bind_at(index, ByteView(value)); }
    void bind_at(int index, std::nullptr_t);

  private:
    friend class Connection;
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };

    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
    Handle* handle_ = nullptr;
};

/// One connection to one database file, used on one thread. Opened for a program's own data:
/// WAL, `synchronous=FULL`, `secure_delete`, foreign keys on, no memory mapping.
class Connection {
  public:
    enum class Mode : std::uint8_t { read_write, read_only };
    struct Options {
        Mode mode = Mode::read_write;
        std::chrono::milliseconds busy_timeout{0};  ///< 0: a lock held elsewhere fails at once.
        std::uint32_t page_bytes = 4096;            ///< Of a new database.
        std::uint32_t pages_max = 0;                ///< 0: SQLite's own limit.
        std::uint32_t journal_bytes_max = 4U << 20;
    };

    Connection();
    Connection(Connection&&) noexcept;
    Connection& operator=(Connection&&) noexcept;
    ~Connection();

    /// Opens or creates; ":memory:" is a database without a file. Reading the file's first page
    /// is part of it, so that something else than a database is `corrupt` here and now.
    static Result<Connection> open(const std::string& path) { return open(path, Options()); }
    static Result<Connection> open(const std::string& path, Options options);

    /// Runs statements without parameters or rows, separated by semicolons.
    Result<void> execute(const std::string& sql);
    Result<Statement> prepare(std::string_view sql);
    /// The first column of the first row; `not_found` when there is no row.
    Result<std::int64_t> integer_of(std::string_view sql);
    Result<std::string> text_of(std::string_view sql);

    /// Says `ok` or what SQLite's quick_check found: reads the whole file.
    Result<void> check_integrity();

    /// Rows changed by the last INSERT, UPDATE or DELETE.
    std::int64_t changes() const;
    /// An I/O error was seen: what the file holds is unknown until it is opened anew.
    bool failed() const;
    bool is_open() const;
    bool in_transaction() const;
    const std::string& path() const;

  private:
    friend class Transaction;
    std::unique_ptr<Handle> handle_;
};

/// Begins with BEGIN IMMEDIATE; rolls back unless committed.
class Transaction {
  public:
    static Result<Transaction> begin(Connection& connection);

    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    /// After an error the destructor rolls back. After an I/O error (`failed()` of the connection)
    /// the transaction may still turn out to be durable: open the database anew and look.
    Result<void> commit();

  private:
    explicit Transaction(Connection& connection) : connection_(&connection) {}
    Connection* connection_;
};

}  // namespace vitrine::sqlite
