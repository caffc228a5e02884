#include "sync/merge/cursor.hpp"

#include <algorithm>

#include "agent/base/check.hpp"

namespace vitrine::merge {

namespace {

using Range = AgentCursor::Range;

std::uint64_t size_of(const Range& range) { return range.second.value() - range.first.value() + 1; }

}  // namespace

AgentCursor::AgentCursor(Sequence watermark, const std::vector<Range>& ranges)
    : watermark_(watermark), ranges_(ranges) {
    settle();
}

/// Puts the ranges in order, joins what touches or overlaps, and moves the watermark up to the
/// first gap.
void AgentCursor::settle() {
    std::erase_if(ranges_, [](const Range& range) { return range.second < range.first; });
    std::sort(ranges_.begin(), ranges_.end());
    std::vector<Range> settled;
    for (const Range& range : ranges_) {
        // Not `last + 1`: the last sequence of all has none after it.
        const Sequence reached = settled.empty() ? watermark_ : settled.back().second;
        if (range.second <= reached) continue;
        const bool touches = range.first <= reached || range.first.value() - reached.value() == 1;
        if (!touches) {
            settled.push_back(range);
        } else if (settled.empty()) {
            watermark_ = range.second;
        } else {
            settled.back().second = range.second;
        }
    }
    ranges_ = std::move(settled);
}

bool AgentCursor::contains(Sequence sequence) const {
    if (sequence <= watermark_) return sequence != Sequence{};
    const auto above =
        std::upper_bound(ranges_.begin(), ranges_.end(), sequence,
                         [](Sequence wanted, const Range& range) { return wanted < range.first; });
    return above != ranges_.begin() && std::prev(above)->second >= sequence;
}

AgentCursor::Added AgentCursor::add(Sequence sequence) {
    if (sequence == Sequence{}) return Added::refused;
    if (contains(sequence)) return Added::duplicate;
    if (sequence.value() - watermark_.value() == 1 && ranges_.empty()) {
        watermark_ = sequence;
        return Added::fresh;
    }
    AgentCursor grown = *this;
    grown.ranges_.emplace_back(sequence, sequence);
    grown.settle();
    if (grown.ranges_.size() > kRangesMax) return Added::refused;
    *this = std::move(grown);
    return Added::fresh;
}

std::uint64_t AgentCursor::give_up_below(Sequence floor) {
    if (floor <= watermark_.next()) return 0;
    const Sequence last(floor.value() - 1);
    std::uint64_t lost = last.value() - watermark_.value();
    for (const Range& range : ranges_) {
        if (range.first > last) break;
        lost -= size_of({range.first, std::min(range.second, last)});
    }
    ranges_.emplace_back(watermark_.next(), last);
    settle();
    return lost;
}

AgentCursor join(const AgentCursor& one, const AgentCursor& other) {
    AgentCursor joined = one;
    joined.watermark_ = std::max(one.watermark_, other.watermark_);
    joined.ranges_.insert(joined.ranges_.end(), other.ranges_.begin(), other.ranges_.end());
    joined.settle();
    return joined;
}

}  // namespace vitrine::merge
