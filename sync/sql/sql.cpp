#include "sync/sql/sql.hpp"

#include <utility>

#include "sync/sql/homes.hpp"

namespace vitrine::sql {

Result<void> Statement::run() {
    while (TRY(step())) {
    }
    return {};
}

Result<std::int64_t> Connection::integer_of(std::string_view sql) {
    Statement statement = TRY(prepare(sql));
    if (!TRY(statement.bind().step()))
        return not_found(name() + ": no row for " + std::string(sql));
    return statement.integer(0);
}

Result<std::string> Connection::text_of(std::string_view sql) {
    Statement statement = TRY(prepare(sql));
    if (!TRY(statement.bind().step()))
        return not_found(name() + ": no row for " + std::string(sql));
    return std::string(statement.text(0));
}

std::string joined_by_commas(std::span<const std::int64_t> values) {
    std::string out;
    for (const std::int64_t value : values) out += (out.empty() ? "" : ",") + std::to_string(value);
    return out;
}

Result<Transaction> Transaction::begin(Connection& connection) {
    TRY(connection.begin());
    return Transaction(connection);
}

Transaction::Transaction(Transaction&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)) {}

Transaction::~Transaction() {
    if (connection_ != nullptr) connection_->roll_back();
}

Result<void> Transaction::commit() {
    TRY(connection_->commit());
    connection_ = nullptr;
    return {};
}

Result<std::unique_ptr<Connection>> open(const std::string& database) {
    const bool remote =
        database.starts_with("postgresql://") || database.starts_with("postgres://");
    return remote ? open_postgres(database) : open_sqlite(database);
}

}  // namespace vitrine::sql
