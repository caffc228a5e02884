#include "sync/wire/binary.hpp"

#include <cmath>

#include "agent/base/utf8.hpp"

namespace vitrine::wire {

// Not in the header: inlined where the bytes are still empty, GCC 12 sees an overflow that is none.
void ByteWriter::raw(ByteView bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

void ByteWriter::varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) byte(static_cast<std::uint8_t>(value | 0x80));
    byte(static_cast<std::uint8_t>(value));
}

void ByteWriter::signed_varint(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    varint(bits << 1 ^ (value < 0 ? ~0ULL : 0ULL));
}

void ByteWriter::fixed32(std::uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) byte(static_cast<std::uint8_t>(value >> shift));
}

void ByteWriter::fixed64(std::uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8) byte(static_cast<std::uint8_t>(value >> shift));
}

void ByteWriter::text(std::string_view text) {
    varint(text.size());
    raw(view_of(text));
}

ByteView ByteReader::take(std::size_t size) {
    if (!ok()) return {};
    if (size > rest_.size()) {
        fail("ends too early");
        return {};
    }
    const ByteView taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
}

std::uint8_t ByteReader::byte() {
    const ByteView taken = take(1);
    return taken.empty() ? std::uint8_t{0} : taken[0];
}

std::uint64_t ByteReader::varint(std::uint64_t max) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const std::uint8_t next = byte();
        if (!ok()) return 0;
        const std::uint64_t part = next & 0x7f;
        if (shift == 63 && next > 1) break;
        value |= part << shift;
        if ((next & 0x80) != 0) continue;
        if (next == 0 && shift > 0) break;
        if (value > max) fail("a number beyond its bounds");
        return ok() ? value : 0;
    }
    fail("a number that is not written the shortest way");
    return 0;
}

std::int64_t ByteReader::signed_varint() {
    const std::uint64_t bits = varint();
    return static_cast<std::int64_t>(bits >> 1 ^ ((bits & 1) != 0 ? ~0ULL : 0ULL));
}

std::uint32_t ByteReader::fixed32() {
    const auto raw_bytes = raw<4>();
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;) value = value << 8 | raw_bytes[i];
    return value;
}

std::uint64_t ByteReader::fixed64() {
    const auto raw_bytes = raw<8>();
    std::uint64_t value = 0;
    for (std::size_t i = 8; i-- > 0;) value = value << 8 | raw_bytes[i];
    return value;
}

float ByteReader::real() {
    const float value = std::bit_cast<float>(fixed32());
    if (std::isfinite(value)) return value;
    fail("a number that is not finite");
    return 0;
}

std::string ByteReader::text(std::size_t bytes_max) {
    const ByteView taken = take(count(bytes_max, 1));
    std::string text(text_of(taken));
    if (!is_utf8(text)) fail("a text that is not UTF-8");
    return text;
}

std::size_t ByteReader::count(std::size_t max, std::size_t bytes_each) {
    const auto elements = static_cast<std::size_t>(varint(max));
    if (elements > rest_.size() / bytes_each) {
        fail("ends too early");
        return 0;
    }
    return elements;
}

Result<void> ByteReader::finish() {
    if (ok() && !rest_.empty()) fail("bytes are left over at the end");
    if (!ok()) return error();
    return {};
}

bool is_utf8(std::string_view text) { return first_not_utf8(text) == text.size(); }

}  // namespace vitrine::wire
