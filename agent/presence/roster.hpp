#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "agent/base/ids.hpp"

namespace vitrine::presence {

/// Gives each member present one of a fixed number of seats. Open addressing with linear probing
/// over a table at most half full; nothing is allocated after construction.
class Roster {
  public:
    explicit Roster(std::size_t seats);

    /// The member's seat, if they have one.
    std::optional<std::uint32_t> find(MemberId member) const;
    /// A free seat for a member who has none; nothing when all are taken. The lowest seats are
    /// given first.
    std::optional<std::uint32_t> seat(MemberId member);
    /// Frees the seat of a member who has one.
    void leave(MemberId member);
    std::size_t taken() const { return taken_; }

  private:
    static constexpr std::uint32_t kFree = 0xffffffff;
    struct Entry {
        MemberId member;
        std::uint32_t seat = kFree;
    };
    std::size_t home_of(MemberId member) const;
    std::size_t slot_of(MemberId member) const;

    std::vector<Entry> table_;
    std::vector<std::uint32_t> free_;
    std::size_t taken_ = 0;
};

}  // namespace vitrine::presence
