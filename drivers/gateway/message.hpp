#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/bytes.hpp"
#include "agent/base/result.hpp"
#include "agent/base/units.hpp"
#include "agent/radio/advert.hpp"

namespace vitrine::gateway {

/// How a gateway writes what it heard; docs/gateways.md has the three formats with examples.
enum class Format : std::uint8_t {
    vitrine,  ///< An agent in the scanner's role: one flat JSON object a line.
    theengs,  ///< Theengs Gateway and OpenMQTTGateway: one object, data by kind.
    raw,      ///< One object with the whole advert in hexadecimal, as an ESPHome lambda sends it.
};

/// `invalid`, naming the known ones, for any other name.
Result<Format> format_from(std::string_view name);

/// One advert as a gateway tells it. Its address is not taken over: nothing further on needs it.
struct Overheard {
    Rssi rssi = kRssiUnknown;
    radio::Payload data;
    /// When it was heard by the gateway's own clock, of which only differences count.
    std::optional<std::chrono::milliseconds> heard_at;
    friend bool operator==(const Overheard&, const Overheard&) = default;
};

/// Limits of one message.
inline constexpr std::size_t kMessageBytesMax = 16 * 1024;
inline constexpr std::size_t kAdvertsInMessageMax = 64;

/// What one message says; any bytes are safe to give. An empty one is a sign of life. `invalid`,
/// naming the field (and in the vitrine format the line), for what the format does not allow, a
/// level outside -127 to 20 dBm among it; `exhausted` above the limits.
Result<std::vector<Overheard>> parse_message(Format format, ByteView payload);

/// The line, with its end, that the vitrine format reads back as `heard`; without `heard_at` it has
/// no time.
std::string to_line(const Overheard& heard);

}  // namespace vitrine::gateway
