#pragma once

#include <bit>
#include <cstdint>
#include <optional>

#include "agent/base/bytes.hpp"

namespace vitrine::offers {

/// Writes what this module keeps over a restart: a version byte, variable-length numbers (seven
/// bits a byte, the lowest first), and at the end a murmur3 checksum of all before it.
class Packer {
  public:
    explicit Packer(std::uint8_t version) { bytes_.push_back(version); }

    void number(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7) {
            bytes_.push_back(static_cast<std::uint8_t>(value | 0x80));
        }
        bytes_.push_back(static_cast<std::uint8_t>(value));
    }
    /// Zigzag: small numbers of either sign stay short.
    void signed_number(std::int64_t value) {
        number((static_cast<std::uint64_t>(value) << 1) ^
               static_cast<std::uint64_t>(value < 0 ? -1 : 0));
    }
    Bytes finish() &&;

  private:
    Bytes bytes_;
};

/// Reads it back. A number that is not there, or too large for its place, makes the whole unpacking
/// bad; what is read after that is 0.
class Unpacker {
  public:
    Unpacker(ByteView bytes, std::uint8_t version);

    std::uint64_t number(std::uint64_t max = ~std::uint64_t{0});
    std::int64_t signed_number() {
        const std::uint64_t coded = number();
        return static_cast<std::int64_t>((coded >> 1) ^ (0 - (coded & 1)));
    }
    void fail() { good_ = false; }
    bool good() const { return good_; }
    /// Whether everything was read and nothing is left.
    bool complete() const { return good_ && rest_.empty(); }

  private:
    ByteView rest_;
    bool good_ = true;
};

}  // namespace vitrine::offers
