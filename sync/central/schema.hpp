#pragma once

#include <string>

#include "agent/base/result.hpp"
#include "sync/sqlite/sqlite.hpp"

namespace vitrine::central {

/// Opens the centre's database at `path`, making or upgrading its tables. `conflict` for one that a
/// newer program wrote; `corrupt` for a damaged one.
Result<sqlite::Connection> open_database(const std::string& path);

}  // namespace vitrine::central
