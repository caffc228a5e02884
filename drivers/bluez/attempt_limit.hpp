#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>

#include "agent/base/time.hpp"

namespace vitrine::bluez {

/// How often something may be tried within half a minute: by one link, and by all together. A try
/// that is refused does not count, so whoever waits is let in again.
class AttemptLimit {
  public:
    static constexpr std::chrono::seconds kWindow{30};

    AttemptLimit(std::size_t all_max, std::size_t link_max)
        : all_max_(all_max), link_max_(link_max) {}

    /// Whether one more try is allowed; if so it is counted.
    bool take(const std::string& link, Instant now);
    void clear() { tries_.clear(); }

  private:
    struct Try {
        Instant at{};
        std::string link;
    };
    std::size_t all_max_;
    std::size_t link_max_;
    std::deque<Try> tries_;  ///< Oldest first; never more than all_max_.
};

}  // namespace vitrine::bluez
