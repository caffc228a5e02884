#pragma once

#include <string>

#include "agent/base/result.hpp"
#include "sync/sql/sql.hpp"

namespace vitrine::central {

/// How good the data is that came in (REQUIREMENTS T13), as JSON for the console: what the last
/// files were like, what shops sent that could not be read, whose clock is ahead, and what was
/// given up. It names no member.
Result<std::string> quality_json(sql::Connection& connection);

}  // namespace vitrine::central
