#pragma once

#include <string>
#include <string_view>

#include "agent/base/result.hpp"
#include "agent/base/time.hpp"

namespace vitrine::wire {

/// "2026-11-22T08:14:16.123Z", always in UTC and with milliseconds. `invalid` outside the years 0
/// to 9999.
Result<std::string> format_time(WallTime time);

/// Reads a date with a time and its offset ("Z", "+01:00") by RFC 3339; digits beyond milliseconds
/// are cut off. `invalid` for anything else, a leap second and a day that does not exist included.
Result<WallTime> parse_time(std::string_view text);

}  // namespace vitrine::wire
