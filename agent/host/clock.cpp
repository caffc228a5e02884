#include "agent/host/clock.hpp"

#include <time.h>

namespace vitrine::host {
namespace {

std::chrono::nanoseconds read_clock(clockid_t id) {
    timespec now{};
    CHECK(clock_gettime(id, &now) == 0);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace

Instant SystemClock::monotonic() const { return instant_at(read_clock(CLOCK_BOOTTIME)); }

WallTime SystemClock::wall() const {
    return wall_at(std::chrono::floor<std::chrono::milliseconds>(read_clock(CLOCK_REALTIME)));
}

}  // namespace vitrine::host
