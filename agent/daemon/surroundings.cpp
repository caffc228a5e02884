#include "agent/daemon/surroundings.hpp"

#include <cstdlib>
#include <ctime>

namespace vitrine::daemon {

void use_time_zone(const std::string& zone) {
    ::setenv("TZ", zone.c_str(), 1);
    ::tzset();
}

std::chrono::minutes utc_offset(WallTime at) {
    const std::time_t seconds =
        std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
    std::tm local{};
    ::localtime_r(&seconds, &local);
    return std::chrono::duration_cast<std::chrono::minutes>(std::chrono::seconds(local.tm_gmtoff));
}

}  // namespace vitrine::daemon
