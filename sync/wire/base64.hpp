#pragma once

#include <string>
#include <string_view>

#include "agent/base/bytes.hpp"
#include "agent/base/result.hpp"

namespace vitrine::wire {

/// RFC 4648 §4, with padding.
std::string to_base64(ByteView bytes);

/// `invalid` for anything that `to_base64` does not write.
Result<Bytes> from_base64(std::string_view text);

}  // namespace vitrine::wire
