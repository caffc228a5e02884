#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "sync/outbox/database.hpp"

namespace vitrine::outbox {

std::uint64_t dropped_total(const Counts& counts);

/// Decides what goes when there is no room: health first, then every second impression, then
/// actions, each from the oldest on. Walks the table with a cursor for each class, so that a long
/// backlog is read once and not at every append. Works inside its caller's transaction.
class Pressure {
  public:
    /// Drops until `records` fit into `bytes_max` or nothing is left that is worth no more than
    /// the most precious of them. Bounded work: what a call does not reach is reached by the next.
    Result<void> make_room(Database& database, std::span<const Entry> records,
                           std::uint64_t bytes_max, Counts& counts);

    /// Drops at most 200 records of the least precious class that is pending, down to `least`.
    /// False when there is none.
    Result<bool> drop_some(Database& database, Counts& counts, Priority least);

  private:
    struct Cursor {
        Sequence after;
        bool spare_next = true;  ///< Of two impressions the first stays.
    };
    std::array<Cursor, kPriorities> cursors_;
};

}  // namespace vitrine::outbox
