#pragma once

#include <cstddef>
#include <string_view>

namespace vitrine {

/// The first byte that begins no UTF-8 character, or the text's size where there is none.
std::size_t first_not_utf8(std::string_view text);

}  // namespace vitrine
