#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "agent/base/result.hpp"
#include "sync/sql/sql.hpp"

namespace vitrine::central {

/// The version of the tables that this program works with.
std::int64_t newest_schema();

/// Opens the centre's database (a path or `postgresql://…`, see sql::open), making or upgrading its
/// tables; of several workers that start at once one does it and the others wait. `conflict` for
/// one that a newer program wrote; `corrupt` for a damaged one. Tests of upgrades stop at an older
/// `version`.
Result<std::unique_ptr<sql::Connection>> open_database(const std::string& database,
                                                       std::int64_t version = newest_schema());

}  // namespace vitrine::central
