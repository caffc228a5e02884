#pragma once

#include <cstdint>

#include "agent/base/ids.hpp"
#include "agent/base/time.hpp"
#include "agent/profiles/catalogue.hpp"

namespace vitrine::offers {

/// What set the decision off (REQUIREMENTS T4). What a member's own history sets off (a return, a
/// birthday month, a basket left behind, something running out) is asked of the profile by a
/// campaign's rule, with the member's permission.
enum class Trigger : std::uint8_t {
    none,
    arrival,        ///< The member came near.
    dwell,          ///< The member stays: a further choice of the same visit.
    weather_change  ///< The weather turned since the last choice.
};

/// Where and when an offer would be seen. Says nothing about a person.
struct Context {
    WallTime now;
    StoreId store;
    profiles::Placement placement = profiles::Placement::kiosk;
    std::uint8_t hour = 12;    ///< 0 to 23, in the shop's time zone.
    std::uint8_t weekday = 0;  ///< 0 Monday to 6 Sunday.
    std::uint8_t month = 1;    ///< 1 to 12.
    std::int8_t weather = 0;   ///< −1 cold or rain, 0 unknown or mild, 1 hot or sunny.
    bool holiday = false;
    Trigger trigger = Trigger::none;
};

}  // namespace vitrine::offers
