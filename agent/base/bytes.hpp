#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/result.hpp"

namespace vitrine {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// A SHA-256.
using Digest = std::array<std::uint8_t, 32>;

/// Lower-case hexadecimal, two digits a byte.
std::string to_hex(ByteView bytes);

/// Reads hexadecimal of either case; `invalid` on an odd length or another character.
Result<Bytes> from_hex(std::string_view text);

/// from_hex for a value whose size is known: `invalid` on any other length.
template <std::size_t N>
Result<std::array<std::uint8_t, N>> fixed_from_hex(std::string_view text) {
    const Bytes bytes = TRY(from_hex(text));
    if (bytes.size() != N) {
        return invalid("expected " + std::to_string(2 * N) + " hexadecimal digits, got " +
                       std::to_string(text.size()));
    }
    std::array<std::uint8_t, N> fixed{};
    for (std::size_t i = 0; i < N; ++i) fixed[i] = bytes[i];
    return fixed;
}

inline ByteView view_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view text_of(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace vitrine
