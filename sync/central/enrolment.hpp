#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "sync/central/importing.hpp"
#include "sync/central/members.hpp"
#include "sync/sql/sql.hpp"

namespace vitrine::central {

/// A shop that bundles are published for.
Result<void> add_shop(sql::Connection& connection, StoreId shop);

/// Keeps a catalogue (docs/catalogue.md) or a policy as the one to publish. `invalid` with every
/// problem, a line each.
Result<void> put_catalogue(sql::Connection& connection, std::string_view json);
Result<void> put_policy(sql::Connection& connection, std::string_view json);

/// Rows as JSON lines (docs/imports.md); each row that cannot be is refused with its line.
Result<ImportReport> import_members(sql::Connection& connection, std::istream& rows, WallTime now);
Result<ImportReport> import_purchases(sql::Connection& connection, std::istream& rows,
                                      WallTime now);
Result<ImportReport> import_visits(sql::Connection& connection, std::istream& rows, WallTime now);
/// What members voluntarily said of themselves for the fairness audit (docs/fairness.md).
Result<ImportReport> import_audit(sql::Connection& connection, std::istream& rows, WallTime now);

}  // namespace vitrine::central
