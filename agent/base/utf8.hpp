#pragma once

#include <cstddef>
#include <string_view>

namespace vitrine {

/// Bytes of the character at the front of `text`, which has one; 0 where there is none (RFC 3629).
std::size_t size_of_utf8(std::string_view text);

/// The first byte that begins no UTF-8 character, or the text's size where there is none.
std::size_t first_not_utf8(std::string_view text);

}  // namespace vitrine
