#pragma once

#include <cstdint>

#include "agent/base/result.hpp"
#include "sync/sql/sql.hpp"

namespace vitrine::central {

/// Says to whichever worker leads that shops may have to hear of something, whoever changed it:
/// another worker's merge, an import, `vitrinectl`. Within the caller's transaction.
Result<void> tell_news(sql::Connection& connection);

/// Counts what was told. The leader looks every second.
Result<std::int64_t> news_told(sql::Connection& connection);

}  // namespace vitrine::central
