#pragma once

#include <chrono>
#include <cstdint>

#include "agent/base/ids.hpp"

namespace vitrine {

/// Time since this machine booted: only for durations and deadlines inside one process.
struct BootClock {
    using rep = std::int64_t;
    using period = std::nano;
    using duration = std::chrono::nanoseconds;
    using time_point = std::chrono::time_point<BootClock, duration>;
    static constexpr bool is_steady = true;
};
using Instant = BootClock::time_point;

/// Milliseconds of Unix time as this machine believes it: it may be wrong, and it may step.
struct UnixClock {
    using rep = std::int64_t;
    using period = std::milli;
    using duration = std::chrono::milliseconds;
    using time_point = std::chrono::time_point<UnixClock, duration>;
    static constexpr bool is_steady = false;
};
using WallTime = UnixClock::time_point;

constexpr Instant instant_at(std::chrono::nanoseconds since_boot) { return Instant(since_boot); }
constexpr WallTime wall_at(std::chrono::milliseconds since_1970) { return WallTime(since_1970); }

/// Whole days since 1970-01-01 in UTC: the grain in which purchase history is kept.
constexpr std::int32_t day_of(WallTime time) {
    return static_cast<std::int32_t>(
        std::chrono::floor<std::chrono::days>(time).time_since_epoch().count());
}

/// Hybrid logical clock: 48 bits of Unix milliseconds above a 16-bit counter. Orders what one store
/// did even when its clock steps.
using Hlc = Number<struct HlcTag, std::uint64_t>;

constexpr WallTime wall_of(Hlc hlc) {
    return wall_at(std::chrono::milliseconds(static_cast<std::int64_t>(hlc.value() >> 16)));
}

/// The next stamp of a clock that last gave `last`, at wall time `now`: never smaller than either,
/// and always new.
constexpr Hlc advance(Hlc last, WallTime now) {
    const auto ms = now.time_since_epoch().count();
    const Hlc physical(ms <= 0 ? 0 : static_cast<std::uint64_t>(ms) << 16);
    return physical > last ? physical : last.next();
}

/// Where time comes from. Pure code is handed times; only the shell owns a Clock.
class Clock {
  public:
    virtual ~Clock() = default;
    virtual Instant monotonic() const = 0;
    virtual WallTime wall() const = 0;
};

}  // namespace vitrine
