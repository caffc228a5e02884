#include "sync/outbox/pressure.hpp"

#include <algorithm>

namespace vitrine::outbox {
namespace {

constexpr std::size_t kDropChunk = 200;
constexpr std::size_t kScanChunk = 2000;
constexpr int kStepsMax = 16;

std::optional<Priority> least_precious(const Counts& counts, Priority least) {
    for (const Priority priority : {Priority::health, Priority::impression, Priority::action}) {
        if (priority < least) break;
        if (counts.pending_by[static_cast<std::size_t>(priority)] > 0) return priority;
    }
    return std::nullopt;
}

}  // namespace

std::uint64_t dropped_total(const Counts& counts) {
    std::uint64_t total = 0;
    for (const std::uint64_t dropped : counts.dropped_by) total += dropped;
    return total;
}

Result<bool> Pressure::drop_some(Database& database, Counts& counts, Priority least) {
    const auto victim = least_precious(counts, least);
    if (!victim) return false;
    const auto index = static_cast<std::size_t>(*victim);
    Cursor& cursor = cursors_[index];
    const auto found = TRY(database.scan(cursor.after, kScanChunk));
    std::size_t dropped = 0;
    for (const Database::Brief& row : found) {
        if (dropped == kDropChunk) break;
        cursor.after = row.sequence;
        if (row.priority != *victim) continue;
        if (*victim == Priority::impression) {
            cursor.spare_next = !cursor.spare_next;
            if (!cursor.spare_next) continue;
        }
        TRY(database.remove(row.sequence));
        --counts.pending;
        --counts.pending_by[index];
        counts.bytes -= row.bytes;
        ++counts.dropped_by[index];
        ++dropped;
    }
    const bool at_end = found.size() < kScanChunk && dropped < kDropChunk;
    if (at_end) cursor.after = Sequence(0);
    return true;
}

Result<void> Pressure::make_room(Database& database, std::span<const Entry> records,
                                 std::uint64_t bytes_max, Counts& counts) {
    std::uint64_t needed = 0;
    Priority most_precious = Priority::health;
    for (const Entry& entry : records) {
        needed += entry.bytes.size();
        most_precious = std::min(most_precious, entry.priority);
    }
    const Priority least = std::max(most_precious, Priority::action);
    for (int step = 0; step < kStepsMax && counts.bytes + needed > bytes_max; ++step) {
        if (!TRY(drop_some(database, counts, least))) break;
    }
    return {};
}

}  // namespace vitrine::outbox
