#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/replay/recording.hpp"

namespace vitrine::replay {

// What the two formats have in common; of no use outside this folder.

/// Until 2106, like the beacon clock.
inline constexpr double kTimeMax_s = 4'294'967'295.0;

inline constexpr double kSpanMax_s = 31 * 86'400.0;

/// One line's advert, still with the time that the file gives.
struct Row {
    double time_s = 0;
    Heard heard;
};

/// The first line of the text without its end; the text loses it.
std::string_view take_line(std::string_view& text);

/// "walk.csv:17".
std::string place_of(std::string_view file, std::size_t line);

/// `invalid` if it is neither from −127 to 20 nor 127, which is "unknown".
Result<Rssi> rssi_from(double dbm);

std::optional<std::uint16_t> index_of(std::string_view name, std::span<const ScannerId> scanners);

/// Puts rows together under the limits, in the order of time, and keeps account of mistakes.
class Collector {
  public:
    Collector(std::string_view file, OnMistake on_mistake) : file_(file), on_mistake_(on_mistake) {}

    /// Only a mistake that ends the reading is returned.
    Result<void> add(Result<Row> row, std::size_t line);
    Result<void> add_mark(double time_s, KioskId kiosk, std::size_t line);
    Result<Recording> finish() &&;

  private:
    std::string_view file_;
    OnMistake on_mistake_;
    std::vector<Row> rows_;
    std::vector<std::pair<double, KioskId>> marks_;
    Recording recording_;
};

}  // namespace vitrine::replay
