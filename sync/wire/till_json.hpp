#pragma once

#include <string_view>

#include "agent/base/result.hpp"
#include "agent/session/receipt.hpp"

namespace vitrine::wire {

/// Of one message of a till.
inline constexpr std::size_t kReceiptBytesMax = 128U << 10;

/// What a till publishes on till/{kiosk}: a CloudEvents 1.0 event of the type
/// vitrine.order.completed.v1 (docs/sync.md). A product that stands on several lines becomes one.
/// Errors: `invalid`, naming the field, for anything else.
Result<session::Receipt> decode_receipt(std::string_view json);

}  // namespace vitrine::wire
