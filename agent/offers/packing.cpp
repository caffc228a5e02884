#include "agent/offers/packing.hpp"

#include "agent/offers/experiments.hpp"

namespace vitrine::offers {

namespace {
constexpr std::uint32_t kChecksumSeed = 0x76697472;
constexpr std::size_t kChecksumBytes = 4;
}  // namespace

Bytes Packer::finish() && {
    const std::uint32_t checksum = murmur3_32(bytes_, kChecksumSeed);
    for (unsigned shift = 0; shift < 32; shift += 8) {
        bytes_.push_back(static_cast<std::uint8_t>(checksum >> shift));
    }
    return std::move(bytes_);
}

Unpacker::Unpacker(ByteView bytes, std::uint8_t version) {
    if (bytes.size() < 1 + kChecksumBytes || bytes[0] != version) {
        good_ = false;
        return;
    }
    const ByteView content = bytes.first(bytes.size() - kChecksumBytes);
    std::uint32_t expected = murmur3_32(content, kChecksumSeed);
    for (const std::uint8_t byte : bytes.last(kChecksumBytes)) {
        good_ = good_ && byte == (expected & 0xff);
        expected >>= 8;
    }
    if (good_) rest_ = content.subspan(1);
}

std::uint64_t Unpacker::number(std::uint64_t max) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (rest_.empty()) break;
        const std::uint8_t byte = rest_.front();
        rest_ = rest_.subspan(1);
        const std::uint64_t part = byte & 0x7fU;
        if ((part << shift) >> shift != part) break;
        value |= part << shift;
        if ((byte & 0x80) != 0) continue;
        if (value > max) break;
        return value;
    }
    good_ = false;
    rest_ = {};
    return 0;
}

}  // namespace vitrine::offers
