#include "agent/presence/level_window.hpp"

#include <algorithm>

namespace vitrine::presence {
namespace {

constexpr auto kSliceCount = static_cast<std::int64_t>(LevelWindow::kSlices);

/// The shortest interval between two adverts that Bluetooth knows (Core Specification, volume 6,
/// part B, 4.4.2.2). What comes more often is not heard but made up.
constexpr std::int64_t kIntervalMinNs = 20'000'000;
/// 255 readings of −128 dBm still fit a sum of 16 bits.
constexpr std::int64_t kReadingsMax = 255;

/// How many readings a slice can hold; two more for what a gateway sends in one go.
std::int64_t readings_max(std::chrono::milliseconds window) {
    const std::int64_t width_ns = std::chrono::nanoseconds(window).count() / kSliceCount;
    return std::min(kReadingsMax, width_ns / kIntervalMinNs + 3);
}

std::int64_t slice_of(Instant at, std::chrono::milliseconds window) {
    const std::int64_t width_ns = std::chrono::nanoseconds(window).count() / kSliceCount;
    const std::int64_t ns = at.time_since_epoch().count();
    return ns >= 0 ? ns / width_ns : (ns - width_ns + 1) / width_ns;
}

std::size_t place_of(std::int64_t slice) {
    return static_cast<std::size_t>(((slice % kSliceCount) + kSliceCount) % kSliceCount);
}

}  // namespace

void LevelWindow::turn_to(std::int64_t slice) {
    if (slice - newest_ >= kSliceCount) {
        slices_.fill({});
    } else {
        for (std::int64_t each = newest_ + 1; each <= slice; ++each) slices_[place_of(each)] = {};
    }
    newest_ = slice;
}

bool LevelWindow::add(Rssi rssi, Instant at, std::chrono::milliseconds window) {
    const std::int64_t slice = slice_of(at, window);
    if (!heard_) {
        newest_ = slice;
        last_ = at;
        heard_ = true;
    }
    if (slice > newest_) turn_to(slice);
    if (newest_ - slice >= kSliceCount) return true;
    last_ = std::max(last_, at);
    Slice& into = slices_[place_of(slice)];
    if (into.readings >= readings_max(window)) return false;
    into.sum_dbm = static_cast<std::int16_t>(into.sum_dbm + rssi.value());
    ++into.readings;
    return true;
}

std::optional<double> LevelWindow::mean_dbm(Instant now, std::chrono::milliseconds window) const {
    if (!heard_) return std::nullopt;
    const std::int64_t oldest = slice_of(now, window) - kSliceCount + 1;
    int sum_dbm = 0;
    int readings = 0;
    for (std::int64_t each = newest_ - kSliceCount + 1; each <= newest_; ++each) {
        if (each < oldest) continue;
        sum_dbm += slices_[place_of(each)].sum_dbm;
        readings += slices_[place_of(each)].readings;
    }
    if (readings == 0) return std::nullopt;
    return static_cast<double>(sum_dbm) / readings;
}

}  // namespace vitrine::presence
