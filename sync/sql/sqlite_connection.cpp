#include <map>
#include <utility>

#include "sync/sql/homes.hpp"
#include "sync/sqlite/sqlite.hpp"

namespace vitrine::sql {

namespace {

class SqlitePrepared final : public Prepared {
  public:
    explicit SqlitePrepared(sqlite::Statement statement) : statement_(std::move(statement)) {}

    void bind(int index, std::int64_t value) override { statement_.bind_at(index, value); }
    void bind(int index, double value) override { statement_.bind_at(index, value); }
    void bind(int index, std::string_view text) override { statement_.bind_at(index, text); }
    void bind(int index, ByteView bytes) override { statement_.bind_at(index, bytes); }
    void bind(int index, std::nullptr_t) override { statement_.bind_at(index, nullptr); }
    Result<bool> step() override { return statement_.step(); }
    void reset() override { statement_.reset(); }
    std::int64_t integer(int column) const override { return statement_.integer(column); }
    double real(int column) const override { return statement_.real(column); }
    bool is_null(int column) const override { return statement_.is_null(column); }
    ByteView blob(int column) const override { return statement_.blob(column); }
    std::string_view text(int column) const override { return statement_.text(column); }

  private:
    sqlite::Statement statement_;
};

std::string insert_sql(const Into& into, std::size_t columns) {
    std::string sql = "INSERT INTO " + std::string(into.table_and_columns) + " VALUES (?";
    for (std::size_t i = 1; i < columns; ++i) sql += ", ?";
    return sql + ") " + into.on_conflict;
}

class SqliteConnection final : public Connection {
  public:
    explicit SqliteConnection(sqlite::Connection connection) : connection_(std::move(connection)) {}

    Home home() const override { return Home::sqlite; }
    const std::string& name() const override { return connection_.path(); }
    Result<void> revive() override { return {}; }
    Result<void> execute(const std::string& sql) override { return connection_.execute(sql); }

    Result<Statement> prepare(std::string_view sql) override {
        return Statement(std::make_unique<SqlitePrepared>(TRY(connection_.prepare(sql))));
    }

    Result<void> insert(const Into& into, const Rows& rows) override {
        if (rows.empty()) return {};
        auto known = inserts_.find(into.table_and_columns);
        if (known == inserts_.end()) {
            auto fresh = TRY(connection_.prepare(insert_sql(into, rows.columns().size())));
            known = inserts_.emplace(into.table_and_columns, std::move(fresh)).first;
        }
        sqlite::Statement& statement = known->second;
        for (std::size_t row = 0; row < rows.size(); ++row) {
            statement.reset();
            for (std::size_t column = 0; column < rows.columns().size(); ++column) {
                bind(statement, static_cast<int>(column) + 1, rows.columns()[column],
                     rows.cell(row, column));
            }
            TRY(statement.run());
        }
        return {};
    }

    Result<void> lock(Lock, bool) override { return {}; }
    Result<bool> try_to_lead() override { return true; }

    const char* listed() const override { return "(SELECT value FROM json_each(?))"; }
    std::string list_of(std::span<const std::int64_t> values) const override {
        return "[" + joined_by_commas(values) + "]";
    }

  private:
    static void bind(sqlite::Statement& statement, int index, Rows::Type type,
                     const Rows::Cell& cell) {
        switch (type) {
            case Rows::Type::integer:
                return statement.bind_at(index, cell.integer);
            case Rows::Type::text:
                return statement.bind_at(index, cell.text);
            case Rows::Type::bytes:
                return statement.bind_at(index, view_of(cell.text));
        }
    }

    Result<void> begin() override { return connection_.execute("BEGIN IMMEDIATE"); }
    Result<void> commit() override { return connection_.execute("COMMIT"); }
    void roll_back() override {
        // SQLite rolls back by itself after some errors; then there is nothing left to undo.
        if (connection_.in_transaction()) static_cast<void>(connection_.execute("ROLLBACK"));
    }

    sqlite::Connection connection_;
    /// By the literal's address: one table's rows are written in one way.
    std::map<const char*, sqlite::Statement> inserts_;
};

}  // namespace

Result<std::unique_ptr<Connection>> open_sqlite(const std::string& path) {
    auto connection =
        TRY(sqlite::Connection::open(path, {.busy_timeout = std::chrono::seconds(5)}));
    // A centre's rows are met at random: its inner pages stay in memory (64 MiB), and the log is
    // written back by 32 MiB, so that a page which many batches change is written back once.
    TRY(connection.execute("PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=8000"));
    return std::unique_ptr<Connection>(std::make_unique<SqliteConnection>(std::move(connection)));
}

}  // namespace vitrine::sql
