#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "agent/base/ids.hpp"

namespace vitrine::merge {

/// What has arrived of one outbox (one agent, one epoch): everything up to `watermark`, and the
/// ranges above it. It is the acknowledgement. Bounded: see kRangesMax.
class AgentCursor {
  public:
    /// Gaps that are kept track of at once. An agent sends in order, so gaps are few; a record that
    /// would open one more is not taken and comes again later.
    static constexpr std::size_t kRangesMax = 256;
    using Range = std::pair<Sequence, Sequence>;  ///< First and last, both included.

    AgentCursor() = default;
    /// From what was kept; ranges that touch or overlap are joined.
    AgentCursor(Sequence watermark, const std::vector<Range>& ranges);

    enum class Added : std::uint8_t {
        fresh,
        duplicate,
        refused,  ///< Sequence 0, or one gap too many.
    };
    Added add(Sequence sequence);
    bool contains(Sequence sequence) const;

    /// Everything below `floor` that has not arrived is lost for ever (the agent had to drop it):
    /// it is not waited for. Returns how many that are.
    std::uint64_t give_up_below(Sequence floor);

    Sequence watermark() const { return watermark_; }
    const std::vector<Range>& ranges() const { return ranges_; }

    friend bool operator==(const AgentCursor&, const AgentCursor&) = default;

    /// What either has seen. Commutative, associative, idempotent.
    friend AgentCursor join(const AgentCursor& one, const AgentCursor& other);

  private:
    void settle();

    Sequence watermark_;
    std::vector<Range> ranges_;  ///< In order, apart from each other, above the watermark.
};
AgentCursor join(const AgentCursor& one, const AgentCursor& other);

}  // namespace vitrine::merge
