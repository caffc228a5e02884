#include "sync/central/ranges_binary.hpp"

namespace vitrine::central {

Bytes encode_ranges(const std::vector<merge::AgentCursor::Range>& ranges) {
    Bytes bytes;
    for (const auto& [first, last] : ranges) {
        for (const Sequence each : {first, last}) {
            for (unsigned shift = 0; shift < 64; shift += 8) {
                bytes.push_back(static_cast<std::uint8_t>(each.value() >> shift));
            }
        }
    }
    return bytes;
}

std::vector<merge::AgentCursor::Range> decode_ranges(ByteView bytes) {
    const auto number = [&](std::size_t at) {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < 8; ++i) value |= std::uint64_t{bytes[at + i]} << (8 * i);
        return Sequence(value);
    };
    std::vector<merge::AgentCursor::Range> ranges;
    for (std::size_t at = 0; at + 16 <= bytes.size(); at += 16) {
        ranges.emplace_back(number(at), number(at + 8));
    }
    return ranges;
}

}  // namespace vitrine::central
