#pragma once

#include "agent/base/time.hpp"

namespace vitrine::host {

/// The machine's own clocks. Its source file is the only one that reads a clock.
class SystemClock final : public Clock {
  public:
    /// CLOCK_BOOTTIME: goes on while the machine is suspended, never steps.
    Instant monotonic() const override;
    /// CLOCK_REALTIME: may be wrong and may step.
    WallTime wall() const override;
};

}  // namespace vitrine::host
