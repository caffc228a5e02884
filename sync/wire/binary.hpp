#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

#include "agent/base/bytes.hpp"
#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"
#include "agent/base/time.hpp"

namespace vitrine::wire {

/// Writes the binary forms of docs/sync.md: LEB128 varints, zigzag for signed ones, little-endian
/// fixed numbers.
class ByteWriter {
  public:
    void byte(std::uint8_t value) { bytes_.push_back(value); }
    void varint(std::uint64_t value);
    void signed_varint(std::int64_t value);
    void fixed32(std::uint32_t value);
    void fixed64(std::uint64_t value);
    void real(float value) { fixed32(std::bit_cast<std::uint32_t>(value)); }
    void raw(ByteView bytes);
    /// Its size as a varint, then its bytes.
    void text(std::string_view text);

    const Bytes& bytes() const { return bytes_; }
    Bytes take() { return std::move(bytes_); }

  private:
    Bytes bytes_;
};

/// Reads them. After the first mistake every read gives zero and the mistake stays, so that a
/// reader may check once for several fields; what counts elements is checked at once.
class ByteReader {
  public:
    explicit ByteReader(ByteView bytes) : rest_(bytes) {}

    std::uint8_t byte();
    /// At most `max`; the shortest encoding only.
    std::uint64_t varint(std::uint64_t max = ~0ULL);
    std::int64_t signed_varint();
    std::uint32_t fixed32();
    std::uint64_t fixed64();
    /// Finite ones only.
    float real();
    template <std::size_t N>
    std::array<std::uint8_t, N> raw() {
        std::array<std::uint8_t, N> value{};
        const ByteView taken = take(N);
        for (std::size_t i = 0; i < taken.size(); ++i) value[i] = taken[i];
        return value;
    }
    /// Valid UTF-8 of at most that many bytes.
    std::string text(std::size_t bytes_max);
    /// A number of elements, of which each takes at least `bytes_each`: never more than fit in what
    /// is left, so that reserving room for them is safe.
    std::size_t count(std::size_t max, std::size_t bytes_each);

    void fail(const char* why) {
        if (why_ == nullptr) why_ = why;
    }
    bool ok() const { return why_ == nullptr; }
    std::size_t left() const { return rest_.size(); }
    Error error() const { return invalid(why_ == nullptr ? "unreadable" : why_); }
    /// Fails on bytes that are left over.
    Result<void> finish();

  private:
    ByteView take(std::size_t size);

    ByteView rest_;
    const char* why_ = nullptr;
};

bool is_utf8(std::string_view text);

}  // namespace vitrine::wire
