#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/bytes.hpp"
#include "agent/base/result.hpp"

/// One face for the two databases that the centre may live in: SQLite, which needs nothing, and
/// PostgreSQL, which several workers share. SQL is written once, in what both understand
/// (docs/databases.md).
namespace vitrine::sql {

enum class Home : std::uint8_t { sqlite, postgres };

/// A statement as its home keeps it. Columns count from 0, parameters from 1.
class Prepared {
  public:
    virtual ~Prepared() = default;
    virtual void bind(int index, std::int64_t value) = 0;
    virtual void bind(int index, double value) = 0;
    virtual void bind(int index, std::string_view text) = 0;
    virtual void bind(int index, ByteView bytes) = 0;
    virtual void bind(int index, std::nullptr_t) = 0;
    virtual Result<bool> step() = 0;
    virtual void reset() = 0;
    virtual std::int64_t integer(int column) const = 0;
    virtual double real(int column) const = 0;
    virtual bool is_null(int column) const = 0;
    virtual ByteView blob(int column) const = 0;
    virtual std::string_view text(int column) const = 0;
};

/// One prepared statement. Owned by whoever prepared it and dropped before its connection.
///
/// Errors of everything below: `exhausted` when a disk or a limit is full, `corrupt` for damaged
/// data, `conflict` for a broken constraint, `denied` where the database refuses its user,
/// `unavailable` for a lock held elsewhere, an I/O error or a server that is away, `invalid` for
/// wrong SQL. The message names the database and what it said.
class Statement {
  public:
    Statement() = default;
    explicit Statement(std::unique_ptr<Prepared> prepared) : prepared_(std::move(prepared)) {}

    /// Binds parameters from the first on; the views must live until `reset` or the next `bind`.
    /// Accepts integers, reals, text, ByteView and nullptr (NULL).
    template <class... Values>
    Statement& bind(const Values&... values) {
        reset();
        int index = 0;
        (bind_at(++index, values), ...);
        return *this;
    }

    /// True while there is a row to read; after false or an error the statement is reset.
    Result<bool> step() { return prepared_->step(); }
    /// Steps to the end, ignoring rows.
    Result<void> run();
    /// Ends a read.
    void reset() { prepared_->reset(); }

    std::int64_t integer(int column) const { return prepared_->integer(column); }
    /// A 64-bit number kept bit for bit in a signed integer.
    std::uint64_t bits(int column) const { return static_cast<std::uint64_t>(integer(column)); }
    double real(int column) const { return prepared_->real(column); }
    bool is_null(int column) const { return prepared_->is_null(column); }
    /// Views live until the next step, reset or bind.
    ByteView blob(int column) const { return prepared_->blob(column); }
    std::string_view text(int column) const { return prepared_->text(column); }

  private:
    void bind_at(int index, std::int64_t value) { prepared_->bind(index, value); }
    void bind_at(int index, std::uint64_t value) {
        prepared_->bind(index, static_cast<std::int64_t>(value));
    }
    void bind_at(int index, int value) { prepared_->bind(index, std::int64_t{value}); }
    void bind_at(int index, unsigned value) { prepared_->bind(index, std::int64_t{value}); }
    void bind_at(int index, double value) { prepared_->bind(index, value); }
    void bind_at(int index, std::string_view value) { prepared_->bind(index, value); }
    void bind_at(int index, const char* value) { prepared_->bind(index, std::string_view(value)); }
    void bind_at(int index, const std::string& value) {
        prepared_->bind(index, std::string_view(value));
    }
    void bind_at(int index, ByteView value) { prepared_->bind(index, value); }
    void bind_at(int index, const Bytes& value) { prepared_->bind(index, ByteView(value)); }
    void bind_at(int index, std::nullptr_t) { prepared_->bind(index, nullptr); }

    std::unique_ptr<Prepared> prepared_;
};

/// Rows to write with one statement. Texts and bytes are views: they live until it is written.
class Rows {
  public:
    enum class Type : std::uint8_t { integer, text, bytes };
    struct Cell {
        std::int64_t integer = 0;
        std::string_view text;
    };

    explicit Rows(std::vector<Type> columns) : columns_(std::move(columns)) {}

    /// One value a column, of its type.
    template <class... Values>
    void add(const Values&... values) {
        CHECK(sizeof...(values) == columns_.size());
        std::size_t column = 0;
        (cells_.push_back(cell_of(column++, values)), ...);
    }

    bool empty() const { return cells_.empty(); }
    std::size_t size() const { return cells_.size() / columns_.size(); }
    const std::vector<Type>& columns() const { return columns_; }
    const Cell& cell(std::size_t row, std::size_t column) const {
        return cells_[row * columns_.size() + column];
    }

  private:
    template <class Value>
    Cell cell_of(std::size_t column, const Value& value) const {
        if constexpr (std::is_integral_v<Value>) {
            CHECK(columns_[column] == Type::integer);
            return {.integer = static_cast<std::int64_t>(value), .text = {}};
        } else if constexpr (std::is_convertible_v<const Value&, std::string_view>) {
            CHECK(columns_[column] == Type::text);
            return {.integer = 0, .text = value};
        } else {
            CHECK(columns_[column] == Type::bytes);
            return {.integer = 0, .text = text_of(ByteView(value))};
        }
    }

    std::vector<Type> columns_;
    std::vector<Cell> cells_;
};

/// Where rows go: `INSERT INTO {table_and_columns} … {on_conflict}`. Within one call no key may
/// come twice where a conflict updates.
struct Into {
    const char* table_and_columns;
    const char* on_conflict;
};

/// What only one transaction at a time may hold exclusively, over all workers of a centre.
enum class Lock : std::uint8_t {
    erasures = 1,    ///< Shared by all that write of members, exclusive for an erasure.
    migrations = 2,  ///< Exclusive while the schema is brought up to date.
    leader = 3,      ///< See `try_to_lead`.
};

/// One connection, used on one thread. When a server is lost, everything is `unavailable` until
/// `revive` finds it again.
class Connection {
  public:
    virtual ~Connection() = default;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    virtual Home home() const = 0;
    /// For people, without a password.
    virtual const std::string& name() const = 0;

    /// Looks for a lost server, three seconds at most; nothing to do while there is one. Statements
    /// that were prepared before go on working.
    virtual Result<void> revive() = 0;

    /// Runs statements without parameters or rows, separated by semicolons.
    virtual Result<void> execute(const std::string& sql) = 0;
    /// Parameters are `?`, or `?1` where one is used twice.
    virtual Result<Statement> prepare(std::string_view sql) = 0;
    /// Row by row on SQLite, all at once on PostgreSQL. Nothing for no rows.
    virtual Result<void> insert(const Into& into, const Rows& rows) = 0;

    /// Waits for a lock until the transaction's end. SQLite has one writer at a time anyway.
    virtual Result<void> lock(Lock what, bool shared) = 0;
    /// Whether this connection leads: of all workers on one database exactly one may publish,
    /// train and review, and another takes over when it goes. On SQLite always.
    virtual Result<bool> try_to_lead() = 0;
    /// What stands behind `x IN` where the list is a parameter, and the list's text.
    virtual const char* listed() const = 0;
    virtual std::string list_of(std::span<const std::int64_t> values) const = 0;
    /// What makes a SELECT hold its rows until the transaction's end.
    const char* for_update() const { return home() == Home::postgres ? " FOR UPDATE" : ""; }

    /// The first column of the first row; `not_found` when there is no row.
    Result<std::int64_t> integer_of(std::string_view sql);
    Result<std::string> text_of(std::string_view sql);

  protected:
    Connection() = default;

  private:
    friend class Transaction;
    virtual Result<void> begin() = 0;
    virtual Result<void> commit() = 0;
    virtual void roll_back() = 0;
};

/// Rolls back unless committed. Not nested. On PostgreSQL at READ COMMITTED: each statement sees
/// what others committed before it.
class Transaction {
  public:
    static Result<Transaction> begin(Connection& connection);

    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    /// After `unavailable` it may have been committed all the same: what follows has to stand a
    /// repetition.
    Result<void> commit();

  private:
    explicit Transaction(Connection& connection) : connection_(&connection) {}
    Connection* connection_;
};

/// `postgresql://…` (a connection URI of libpq) or the path of a SQLite file, which is made where
/// there is none; ":memory:" is a database without a file.
Result<std::unique_ptr<Connection>> open(const std::string& database);

}  // namespace vitrine::sql
