#pragma once

#include <string>
#include <string_view>

#include "agent/base/result.hpp"
#include "agent/base/time.hpp"

namespace vitrine::wire {

/// What an agent says of itself on its status topic, retained: that it is there, and, as its last
/// will, that it is not.
struct Status {
    bool online = false;
    WallTime at;  ///< When the agent connected; its own clock.
    std::string version;
    friend bool operator==(const Status&, const Status&) = default;
};

/// A last will is fixed when the connection begins, so its time is that of the beginning.
std::string encode_status(const Status& status);
/// `invalid`, naming the field.
Result<Status> decode_status(std::string_view json);

/// What a shop's context feed says, on context/weather: −1 cold or rain, 0 mild or unknown, 1 hot
/// or sunny.
Result<int> decode_weather(std::string_view json);

}  // namespace vitrine::wire
