#pragma once

#include <chrono>
#include <string>

#include "agent/base/time.hpp"

namespace vitrine::daemon {

/// Makes `zone` ("Europe/Paris") the program's time zone. To be called once, before any other
/// thread runs.
void use_time_zone(const std::string& zone);

/// How far local time is ahead of UTC at that moment, summer time included.
std::chrono::minutes utc_offset(WallTime at);

}  // namespace vitrine::daemon
