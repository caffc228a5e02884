#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"
#include "agent/base/units.hpp"
#include "agent/identity/eid.hpp"
#include "agent/radio/advert.hpp"

namespace vitrine::replay {

/// One advert of a recording.
struct Heard {
    /// Since the first advert of the recording.
    std::chrono::nanoseconds at{};
    /// Index in the configured list of scanners.
    std::uint16_t scanner = 0;
    Rssi rssi = kRssiUnknown;
    radio::Address address{};
    /// What was sent as it was; or whose phone it was, and then it is sent with the EID that is due
    /// while the recording plays, because one of that day would no longer be recognised.
    std::variant<radio::Payload, identity::IdentityKey> sent;

    friend bool operator==(const Heard&, const Heard&) = default;
};

/// What somebody with a phone said while a walk was recorded: "I stand at this kiosk now".
struct Mark {
    /// Since the first advert of the recording; negative before it.
    std::chrono::nanoseconds at{};
    KioskId kiosk;

    friend bool operator==(const Mark&, const Mark&) = default;
};

/// What to do with a line that cannot be read.
enum class OnMistake : std::uint8_t { stop, skip };

/// What was heard, in the order of time, over at most 31 days. drivers/replay/recording.md has the
/// formats.
struct Recording {
    std::vector<Heard> heard;
    std::vector<Mark> marks;
    /// Lines left out under OnMistake::skip, and the first kMistakesMax of them in words that name
    /// file and line.
    std::size_t skipped = 0;
    std::vector<std::string> mistakes;
};

/// Limits of one recording: bytes of its file, adverts in it, mistakes told, marks.
inline constexpr std::size_t kRecordingBytesMax = std::size_t{256} << 20;
inline constexpr std::size_t kHeardMax = 2'000'000;
inline constexpr std::size_t kMistakesMax = 20;
inline constexpr std::size_t kMarksMax = 10'000;

/// Reads recorded adverts, one JSON object a line. `scanners` are the configured ones, in order.
/// `invalid`, naming `file` and the line: at the first mistake under OnMistake::stop, and under
/// OnMistake::skip where not a single line can be read; `exhausted` above kHeardMax.
Result<Recording> parse_recording(std::string_view text, std::string_view file,
                                  std::span<const ScannerId> scanners, OnMistake on_mistake);

/// The line, with its end, that parse_recording reads back as `heard`.
std::string to_line(const Heard& heard, std::span<const ScannerId> scanners);
std::string to_line(const Mark& mark);

/// A fixed sensor of the labelled walks.
struct Sensor {
    std::string address;
    ScannerId id;
    Point at;
};

/// Reads a walk's `sensors.csv`: sensor_address,name,x_m,y_m,z_m under a heading. `invalid` with
/// file and line.
Result<std::vector<Sensor>> parse_sensors(std::string_view text, std::string_view file);

/// Reads a labelled walk, `time_s,sensor,beacon,rssi_dBm,…` without a heading, as if the beacon
/// were the phone that has `key`. Sensors are found by address in `sensors` and by name in
/// `scanners`; a row of a sensor that is not configured is left out, since a shop may have fewer.
/// Errors as above.
Result<Recording> parse_walk(std::string_view text, std::string_view file,
                             std::span<const Sensor> sensors, std::span<const ScannerId> scanners,
                             const identity::IdentityKey& key, OnMistake on_mistake);

/// A file's content; `not_found` or `exhausted` (above kRecordingBytesMax) naming it.
Result<std::string> load_text(const std::filesystem::path& file);

}  // namespace vitrine::replay
