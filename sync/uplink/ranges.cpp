#include "sync/uplink/ranges.hpp"

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
