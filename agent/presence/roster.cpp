#include "agent/presence/roster.hpp"

#include <bit>
#include <functional>

#include "agent/base/check.hpp"

namespace vitrine::presence {

Roster::Roster(std::size_t seats) : table_(std::bit_ceil(2 * seats)) {
    free_.reserve(seats);
    for (std::size_t i = seats; i > 0; --i) free_.push_back(static_cast<std::uint32_t>(i - 1));
}

std::size_t Roster::home_of(MemberId member) const {
    // The multiplicative hash is good in its high bits.
    return (std::uint64_t{std::hash<MemberId>{}(member)} >> 32) & (table_.size() - 1);
}

std::size_t Roster::slot_of(MemberId member) const {
    std::size_t slot = home_of(member);
    while (table_[slot].seat != kFree && table_[slot].member != member) {
        slot = (slot + 1) & (table_.size() - 1);
    }
    return slot;
}

std::optional<std::uint32_t> Roster::find(MemberId member) const {
    const Entry& entry = table_[slot_of(member)];
    if (entry.seat == kFree) return std::nullopt;
    return entry.seat;
}

std::optional<std::uint32_t> Roster::seat(MemberId member) {
    if (free_.empty()) return std::nullopt;
    Entry& entry = table_[slot_of(member)];
    CHECK(entry.seat == kFree);
    entry = {member, free_.back()};
    free_.pop_back();
    ++taken_;
    return entry.seat;
}

void Roster::leave(MemberId member) {
    std::size_t hole = slot_of(member);
    CHECK(table_[hole].seat != kFree);
    free_.push_back(table_[hole].seat);
    --taken_;
    // Entries that probed past the hole move back, so that no tombstone is needed.
    const std::size_t mask = table_.size() - 1;
    for (std::size_t next = (hole + 1) & mask; table_[next].seat != kFree;
         next = (next + 1) & mask) {
        const std::size_t home = home_of(table_[next].member);
        if (((next - home) & mask) >= ((next - hole) & mask)) {
            table_[hole] = table_[next];
            hole = next;
        }
    }
    table_[hole] = {};
}

}  // namespace vitrine::presence
