#pragma once

#include <vector>

#include "agent/base/bytes.hpp"
#include "sync/merge/cursor.hpp"

namespace vitrine::central {

/// A cursor's ranges as they are kept: two sequences of 8 bytes each, little-endian.
Bytes encode_ranges(const std::vector<merge::AgentCursor::Range>& ranges);
std::vector<merge::AgentCursor::Range> decode_ranges(ByteView bytes);

}  // namespace vitrine::central
