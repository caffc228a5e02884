#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"

namespace vitrine::wire {

/// What the centre has kept of one outbox, sent after its commit: every sequence up to `watermark`,
/// and those from `first` to `second` of each range. Ranges are in order, apart from each other and
/// above the watermark.
struct Ack {
    AgentId agent;
    std::uint64_t epoch = 0;
    Sequence watermark;
    std::vector<std::pair<Sequence, Sequence>> ranges;
    friend bool operator==(const Ack&, const Ack&) = default;
};

/// Further ranges are left out by `encode_ack`: what they cover is sent again in the worst case.
inline constexpr std::size_t kAckRangesMax = 256;

std::string encode_ack(const Ack& ack);

/// `invalid`, naming the field, for anything that `encode_ack` does not write.
Result<Ack> decode_ack(std::string_view json);

}  // namespace vitrine::wire
