#include <charconv>
#include <cstdlib>
#include <map>
#include <optional>
#include <utility>

#include <pqxx/pqxx>

#include "sync/sql/homes.hpp"
#include "sync/sql/postgres_text.hpp"

namespace vitrine::sql {

namespace {

constexpr const char* kSession =
    "SET client_encoding = 'UTF8'; SET bytea_output = 'hex'; SET statement_timeout = '60s'; "
    "SET lock_timeout = '20s'; SET idle_in_transaction_session_timeout = '120s'; SET jit = off; "
    "SET synchronous_commit = on; SET client_min_messages = warning";

ErrorCode code_of(const std::string& state) {
    const std::string kind = state.substr(0, 2);
    if (kind == "53" || kind == "54") return ErrorCode::exhausted;
    if (kind == "23") return ErrorCode::conflict;
    if (kind == "28" || state == "42501") return ErrorCode::denied;
    if (kind == "XX" || state == "58030") return ErrorCode::corrupt;
    if (kind == "08" || kind == "40" || kind == "55" || kind == "57") return ErrorCode::unavailable;
    return ErrorCode::invalid;
}

/// A connection that comes back: statements belong to one life of it.
class PostgresConnection final : public Connection {
  public:
    explicit PostgresConnection(std::string url) : url_(std::move(url)), name_(public_name(url_)) {}

    Home home() const override { return Home::postgres; }
    const std::string& name() const override { return name_; }
    Result<void> revive() override;

    Result<void> execute(const std::string& sql) override {
        TRY(alive());
        return guarded([&] { exec([&](pqxx::transaction_base& work) { return work.exec(sql); }); });
    }
    Result<Statement> prepare(std::string_view sql) override;
    Result<void> insert(const Into& into, const Rows& rows) override;
    Result<void> lock(Lock what, bool shared) override {
        return execute(std::string("SELECT pg_advisory_xact_lock") + (shared ? "_shared(" : "(") +
                       key_of(what) + ")");
    }
    Result<bool> try_to_lead() override;

    const char* listed() const override { return "(SELECT unnest(CAST(? AS BIGINT[])))"; }
    std::string list_of(std::span<const std::int64_t> values) const override {
        return "{" + joined_by_commas(values) + "}";
    }

    /// Runs a numbered statement, which it prepares where this life of the connection does not know
    /// it yet.
    Result<pqxx::result> run(const std::string& sql, const std::vector<const char*>& parameters);

  private:
    static std::string key_of(Lock what) {
        // "VITR" and the lock's number, so that other programs in the database do not meet it.
        return std::to_string((std::int64_t{0x56495452} << 32) + static_cast<std::int64_t>(what));
    }

    template <class Work>
    pqxx::result exec(Work work) {
        if (transaction_) return work(*transaction_);
        pqxx::nontransaction alone(*connection_);
        return work(alone);
    }
    template <class Work>
    Result<void> guarded(Work work);
    Result<void> alive() const {
        if (connection_) return {};
        return unavailable(name_ + ": not connected");
    }
    void drop() {
        transaction_.reset();
        prepared_.clear();
        connection_.reset();
        leads_ = false;
    }

    Result<void> begin() override {
        TRY(alive());
        return guarded([&] { transaction_ = std::make_unique<pqxx::work>(*connection_); });
    }
    Result<void> commit() override {
        TRY(alive());
        return guarded([&] {
            transaction_->commit();
            transaction_.reset();
        });
    }
    void roll_back() override {
        (void)guarded([&] { transaction_.reset(); });
    }

    const std::string url_;
    const std::string name_;
    std::unique_ptr<pqxx::connection> connection_;
    std::unique_ptr<pqxx::work> transaction_;  ///< After the connection: it ends first.
    std::map<std::string, std::string, std::less<>> prepared_;  ///< Name by SQL.
    bool leads_ = false;
};

/// libpqxx throws; nothing of it leaves this file.
template <class Work>
Result<void> PostgresConnection::guarded(Work work) {
    try {
        work();
        return {};
    } catch (const pqxx::broken_connection& thrown) {
        drop();
        return unavailable(name_ + ": " + trimmed(thrown.what()));
    } catch (const pqxx::sql_error& thrown) {
        const std::string state = thrown.sqlstate();
        const std::string what = name_ + ": " + trimmed(thrown.what());
        if (state.empty() || !connection_ || !connection_->is_open()) {
            drop();
            return unavailable(what);
        }
        return Error{code_of(state), what + (state.empty() ? "" : " (" + state + ")")};
    } catch (const std::exception& thrown) {
        drop();
        return unavailable(name_ + ": " + trimmed(thrown.what()));
    }
}

Result<void> PostgresConnection::revive() {
    if (connection_) return {};
    return guarded([&] {
        connection_ = std::make_unique<pqxx::connection>(with_timeouts(url_));
        pqxx::nontransaction session(*connection_);
        session.exec(kSession);
    });
}

Result<pqxx::result> PostgresConnection::run(const std::string& sql,
                                             const std::vector<const char*>& parameters) {
    TRY(alive());
    pqxx::result result;
    TRY(guarded([&] {
        auto known = prepared_.find(sql);
        if (known == prepared_.end()) {
            const std::string name = "s" + std::to_string(prepared_.size());
            connection_->prepare(name, sql);
            known = prepared_.emplace(sql, name).first;
        }
        result = exec([&](pqxx::transaction_base& work) {
            return work.exec_prepared(known->second,
                                      pqxx::prepare::make_dynamic_params(parameters));
        });
    }));
    return result;
}

Result<bool> PostgresConnection::try_to_lead() {
    // The lock is the session's: it goes with the connection.
    if (leads_ && connection_) return true;
    const auto result =
        TRY(run("SELECT pg_try_advisory_lock(" + key_of(Lock::leader) + ")::int", {}));
    leads_ = result[0][0].as<int>() == 1;
    return leads_;
}

Result<void> PostgresConnection::insert(const Into& into, const Rows& rows) {
    if (rows.empty()) return {};
    std::string sql =
        "INSERT INTO " + std::string(into.table_and_columns) + " SELECT * FROM unnest(";
    std::vector<std::string> arrays(rows.columns().size());
    std::vector<const char*> parameters;
    for (std::size_t column = 0; column < arrays.size(); ++column) {
        const Rows::Type type = rows.columns()[column];
        sql += (column == 0 ? "$" : ", $") + std::to_string(column + 1);
        sql += type == Rows::Type::integer ? "::bigint[]"
               : type == Rows::Type::text  ? "::text[]"
                                           : "::bytea[]";
        arrays[column] = array_of(rows, column);
        parameters.push_back(arrays[column].c_str());
    }
    sql += ") " + std::string(into.on_conflict);
    TRY(run(sql, parameters));
    return {};
}

class PostgresPrepared final : public Prepared {
  public:
    PostgresPrepared(PostgresConnection& connection, std::string sql)
        : connection_(connection), sql_(std::move(sql)) {}

    void bind(int index, std::int64_t value) override { at(index) = std::to_string(value); }
    void bind(int index, double value) override { at(index) = pqxx::to_string(value); }
    void bind(int index, std::string_view text) override { at(index) = clean_text(text); }
    void bind(int index, ByteView bytes) override { at(index) = hex_of(bytes); }
    void bind(int index, std::nullptr_t) override { at(index).reset(); }

    Result<bool> step() override {
        if (!ran_) {
            std::vector<const char*> parameters;
            for (const auto& each : parameters_) {
                parameters.push_back(each ? each->c_str() : nullptr);
            }
            result_ = TRY(connection_.run(sql_, parameters));
            ran_ = true;
            row_ = 0;
        } else {
            ++row_;
        }
        if (row_ < result_.size()) return true;
        reset();
        return false;
    }
    void reset() override {
        ran_ = false;
        result_ = pqxx::result();
    }

    std::int64_t integer(int column) const override {
        const std::string_view digits = text(column);
        std::int64_t value = 0;
        // A sum of integers is a decimal to PostgreSQL; what is behind its point is 0.
        std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return value;
    }
    double real(int column) const override { return std::strtod(field(column).c_str(), nullptr); }
    bool is_null(int column) const override { return field(column).is_null(); }
    ByteView blob(int column) const override {
        Bytes& bytes = blobs_[column];
        bytes = bytes_of_hex(text(column));
        return bytes;
    }
    std::string_view text(int column) const override {
        const pqxx::field value = field(column);
        return {value.c_str(), value.size()};
    }

  private:
    std::optional<std::string>& at(int index) {
        if (parameters_.size() < static_cast<std::size_t>(index)) {
            parameters_.resize(static_cast<std::size_t>(index));
        }
        return parameters_[static_cast<std::size_t>(index) - 1];
    }
    pqxx::field field(int column) const {
        return result_[row_][static_cast<pqxx::row::size_type>(column)];
    }

    PostgresConnection& connection_;
    const std::string sql_;
    std::vector<std::optional<std::string>> parameters_;
    pqxx::result result_;
    pqxx::result::size_type row_ = 0;
    bool ran_ = false;
    mutable std::map<int, Bytes> blobs_;
};

Result<Statement> PostgresConnection::prepare(std::string_view sql) {
    return Statement(std::make_unique<PostgresPrepared>(*this, numbered(sql)));
}

}  // namespace

Result<std::unique_ptr<Connection>> open_postgres(const std::string& url) {
    auto connection = std::make_unique<PostgresConnection>(url);
    TRY(connection->revive());
    return std::unique_ptr<Connection>(std::move(connection));
}

}  // namespace vitrine::sql
