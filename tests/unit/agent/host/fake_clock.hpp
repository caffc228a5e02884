#pragma once

#include "agent/base/time.hpp"

namespace vitrine::host {

/// A clock that a test turns by hand.
struct FakeClock final : Clock {
    Instant monotonic() const override { return instant; }
    WallTime wall() const override { return time; }

    Instant instant{std::chrono::seconds(1000)};
    WallTime time{std::chrono::milliseconds(1'700'000'000'000)};
};

}  // namespace vitrine::host
