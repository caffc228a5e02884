#include "tests/simulation/context.hpp"

#include <algorithm>
#include <cmath>

namespace vitrine::simulation {

std::chrono::nanoseconds Context::until_next(double an_hour) {
    const double hours = -std::log(1 - rng.uniform()) / an_hour;
    return std::chrono::nanoseconds(
        static_cast<std::int64_t>(std::clamp(3600e9 * hours, 1e6, 1e6 * 3600e9)));
}

void Context::fail(std::string reason) {
    if (failure) return;
    const double s = std::chrono::duration<double>(agenda.instant() - Instant{}).count();
    failure = "after " + std::to_string(s) + " s: " + std::move(reason);
}

}  // namespace vitrine::simulation
