#include "drivers/replay/rows.hpp"

#include <algorithm>
#include <cmath>

namespace vitrine::replay {

/// The line without its end; the text shrinks by it.
std::string_view take_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

std::string place_of(std::string_view file, std::size_t line) {
    return std::string(file) + ":" + std::to_string(line);
}

Result<Rssi> rssi_from(double dbm) {
    const bool known = dbm >= -127 && dbm <= 20;
    if (!known && dbm != kRssiUnknown.value()) {
        return invalid("a level is from -127 to 20 dBm, or 127 for unknown");
    }
    return Rssi(static_cast<std::int8_t>(std::lround(dbm)));
}

std::optional<std::uint16_t> index_of(std::string_view name, std::span<const ScannerId> scanners) {
    const auto found = std::ranges::find(scanners, name, &ScannerId::view);
    if (found == scanners.end()) return std::nullopt;
    return static_cast<std::uint16_t>(found - scanners.begin());
}

Result<void> Collector::add(Result<Row> row, std::size_t line) {
    if (row) {
        if (rows_.size() == kHeardMax) {
            return exhausted(place_of(file_, line) + ": more than " + std::to_string(kHeardMax) +
                             " adverts");
        }
        rows_.push_back(*std::move(row));
        return {};
    }
    Error mistake = std::move(row).error().within(place_of(file_, line));
    if (on_mistake_ == OnMistake::stop) return mistake;
    ++recording_.skipped;
    if (recording_.mistakes.size() < kMistakesMax) {
        recording_.mistakes.push_back(std::move(mistake.message));
    }
    return {};
}

Result<void> Collector::add_mark(double time_s, KioskId kiosk, std::size_t line) {
    if (marks_.size() == kMarksMax) {
        return exhausted(place_of(file_, line) + ": more than " + std::to_string(kMarksMax) +
                         " marks");
    }
    marks_.emplace_back(time_s, kiosk);
    return {};
}

Result<Recording> Collector::finish() && {
    if (rows_.empty() && recording_.skipped > 0) {
        return invalid("no line can be read; " + recording_.mistakes.front());
    }
    if (rows_.empty()) return invalid(std::string(file_) + ": holds no advert");
    std::ranges::stable_sort(rows_, {}, &Row::time_s);
    const double first_s = rows_.front().time_s;
    if (rows_.back().time_s - first_s > kSpanMax_s) {
        return invalid(std::string(file_) + ": spans more than 31 days: are its times in seconds?");
    }
    const auto since_first = [&](double time_s) {
        return std::chrono::nanoseconds(std::llround((time_s - first_s) * 1e9));
    };
    recording_.heard.reserve(rows_.size());
    for (Row& row : rows_) {
        row.heard.at = since_first(row.time_s);
        recording_.heard.push_back(row.heard);
    }
    std::ranges::stable_sort(marks_, {}, &std::pair<double, KioskId>::first);
    for (const auto& [time_s, kiosk] : marks_) {
        recording_.marks.push_back({since_first(time_s), kiosk});
    }
    return std::move(recording_);
}

}  // namespace vitrine::replay
