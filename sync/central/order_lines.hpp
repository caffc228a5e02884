#pragma once

#include <map>

#include "agent/base/result.hpp"
#include "sync/merge/change.hpp"
#include "sync/sql/sql.hpp"

namespace vitrine::central {

/// Joins lines of receipts to what is known of them.
Result<void> insert_order_lines(sql::Connection& connection,
                                const std::map<merge::OrderLineKey, merge::OrderLine>& lines);

}  // namespace vitrine::central
