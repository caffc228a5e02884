#include "sync/uplink/ranges.hpp"

#include <algorithm>
#include <utility>

namespace vitrine::uplink {

bool subtract(Ranges& ranges, outbox::SequenceRange gone) {
    if (gone.first > gone.last) return false;
    Ranges left;
    bool changed = false;
    for (const outbox::SequenceRange& range : ranges) {
        if (range.last < gone.first || range.first > gone.last) {
            left.push_back(range);
            continue;
        }
        changed = true;
        if (range.first < gone.first) {
            left.push_back({range.first, Sequence(gone.first.value() - 1)});
        }
        if (range.last > gone.last) left.push_back({gone.last.next(), range.last});
    }
    if (changed) ranges = std::move(left);
    return changed;
}

std::uint64_t count_of(const Ranges& ranges) {
    std::uint64_t count = 0;
    for (const outbox::SequenceRange& range : ranges) {
        count += range.last.value() - range.first.value() + 1;
    }
    return count;
}

bool overlap(const Ranges& ranges, outbox::SequenceRange with) {
    return std::ranges::any_of(ranges, [&](const outbox::SequenceRange& range) {
        return range.first <= with.last && with.first <= range.last;
    });
}

Ranges take_first(Ranges& ranges, std::uint64_t count) {
    Ranges taken;
    for (const outbox::SequenceRange& range : ranges) {
        if (count == 0) break;
        const std::uint64_t all = range.last.value() - range.first.value() + 1;
        const std::uint64_t some = std::min(all, count);
        taken.push_back({range.first, Sequence(range.first.value() + some - 1)});
        count -= some;
    }
    for (const outbox::SequenceRange& range : taken) subtract(ranges, range);
    return taken;
}

Ranges ranges_of(const std::vector<outbox::Row>& rows) {
    Ranges ranges;
    for (const outbox::Row& row : rows) {
        if (!ranges.empty() && ranges.back().last.next() == row.sequence) {
            ranges.back().last = row.sequence;
        } else {
            ranges.push_back({row.sequence, row.sequence});
        }
    }
    return ranges;
}

}  // namespace vitrine::uplink
