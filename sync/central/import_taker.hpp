#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "agent/base/time.hpp"
#include "sync/central/import_row.hpp"
#include "sync/central/importing.hpp"
#include "sync/sql/sql.hpp"

// What is done with the rows of each kind. Only this module's .cpp files include this.
namespace vitrine::central {

/// A column by its name in JSON, and what else a CSV may call it.
struct ImportColumn {
    std::string_view name;
    bool required = false;
    std::vector<std::string_view> other_names = {};
};

/// What a taker finds out about rows that it took.
class ImportJudge {
  public:
    virtual ~ImportJudge() = default;
    virtual void note(Flaw flaw, std::string_view column, std::string_view reason,
                      std::uint64_t line) = 0;
    /// Of a row that `take` had taken.
    virtual void refuse(std::uint64_t line, const ImportRow::Failure& failure) = 0;
};

/// Takes rows of one kind, within the transaction of their chunk.
class ImportTaker {
  public:
    virtual ~ImportTaker() = default;
    virtual std::span<const ImportColumn> columns() const = 0;
    /// An error refuses the row; one of the database ends the import.
    virtual Result<void> take(ImportRow& row, std::uint64_t line, ImportJudge& judge) = 0;
    /// Writes what `take` has gathered.
    virtual Result<void> flush(ImportJudge&) { return {}; }
};

Result<std::unique_ptr<ImportTaker>> purchase_taker(sql::Connection& connection, WallTime now);
Result<std::unique_ptr<ImportTaker>> product_taker(sql::Connection& connection);
/// members, visits, audit.
std::unique_ptr<ImportTaker> member_taker(sql::Connection& connection, WallTime now);
std::unique_ptr<ImportTaker> visit_taker(sql::Connection& connection, WallTime now);
std::unique_ptr<ImportTaker> audit_taker(sql::Connection& connection, WallTime now);

/// Of numbers, evenly spread.
std::uint64_t identity_of(std::initializer_list<std::uint64_t> numbers);

/// Whether an error is the database's and not the row's.
bool ends_import(const Error& error);

}  // namespace vitrine::central
