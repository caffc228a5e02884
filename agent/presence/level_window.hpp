#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "agent/base/time.hpp"
#include "agent/base/units.hpp"

namespace vitrine::presence {

/// The mean level of one member at one scanner over a sliding window, kept as sixteen sums: its
/// size does not depend on how often a phone advertises.
class LevelWindow {
  public:
    static constexpr std::size_t kSlices = 16;

    /// Adds one reading. `window` must be the same in every call. A reading older than the window
    /// is ignored; one out of order is put where it belongs. False for one more than a phone can
    /// send: it does not count.
    bool add(Rssi rssi, Instant at, std::chrono::milliseconds window);

    /// Mean of what was heard in the window that ends at `now`; nothing when it is empty.
    std::optional<double> mean_dbm(Instant now, std::chrono::milliseconds window) const;

    Instant last_heard() const { return last_; }
    bool ever_heard() const { return heard_; }

  private:
    struct Slice {
        std::int16_t sum_dbm = 0;
        std::uint8_t readings = 0;
    };
    void turn_to(std::int64_t slice);

    std::array<Slice, kSlices> slices_{};
    /// The slice that holds the newest reading, counted from boot.
    std::int64_t newest_ = 0;
    Instant last_{};
    bool heard_ = false;
};

}  // namespace vitrine::presence
