#pragma once

#include <cstddef>
#include <string_view>

namespace vitrine::offers {

/// Texts of rules are UTF-8 and counted in code points.
std::size_t code_points(std::string_view text);

/// `count` characters from the `from`th on.
std::string_view characters(std::string_view text, std::size_t from, std::size_t count);

/// JavaScript's substr: a negative start counts from the end, NaN is 0.
std::string_view substring(std::string_view text, double start, double count);

}  // namespace vitrine::offers
