#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "drivers/replay/rows.hpp"

namespace vitrine::replay {
namespace {

Result<double> number_from(std::string_view text, double min, double max, const char* what) {
    double value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = code == std::errc{} && end == text.data() + text.size();
    if (!whole || !std::isfinite(value) || value < min || value > max) {
        return invalid("'" + std::string(text.substr(0, 40)) + "' is not " + what);
    }
    return value;
}

/// The first columns of a line of comma-separated values without quotes; `invalid` if there are
/// less.
template <std::size_t N>
Result<std::array<std::string_view, N>> columns(std::string_view line) {
    std::array<std::string_view, N> columns;
    for (std::size_t i = 0; i < N; ++i) {
        const std::size_t end = line.find(',');
        if (end == std::string_view::npos && i + 1 < N) {
            return invalid("expected at least " + std::to_string(N) + " columns");
        }
        columns[i] = line.substr(0, end);
        line.remove_prefix(std::min(end == std::string_view::npos ? end : end + 1, line.size()));
    }
    return columns;
}

Result<Sensor> sensor_row(std::string_view line) {
    const auto [address, name, x, y, z] = TRY(columns<5>(line));
    constexpr double kFar_m = 10'000;
    const auto coordinate = [&](std::string_view text) {
        return number_from(text, -kFar_m, kFar_m, "a coordinate in metres");
    };
    return Sensor{.address = std::string(address),
                  .id = TRY(ScannerId::parse(name)),
                  .at = {TRY(coordinate(x)), TRY(coordinate(y)), TRY(coordinate(z))}};
}

const Sensor* find(std::span<const Sensor> sensors, std::string_view address) {
    const auto found = std::ranges::find(sensors, address, &Sensor::address);
    return found != sensors.end() ? &*found : nullptr;
}

/// A row of the walk, or nothing if its sensor is not configured.
Result<std::optional<Row>> walk_row(std::string_view line, std::span<const Sensor> sensors,
                                    std::span<const ScannerId> scanners) {
    const auto [time, address, beacon, rssi] = TRY(columns<4>(line));
    const Sensor* sensor = find(sensors, address);
    if (sensor == nullptr) {
        return invalid("no sensor has the address '" + std::string(address.substr(0, 40)) + "'");
    }
    Row row;
    row.time_s = TRY(number_from(time, 0, kTimeMax_s, "a time in seconds"));
    row.heard.rssi = TRY(rssi_from(TRY(number_from(rssi, -127, 127, "a level in dBm"))));
    row.heard.address = TRY(radio::Address::parse(beacon));
    const auto index = index_of(sensor->id.view(), scanners);
    if (!index) return std::optional<Row>();
    row.heard.scanner = *index;
    return std::optional(row);
}

}  // namespace

Result<std::vector<Sensor>> parse_sensors(std::string_view text, std::string_view file) {
    std::vector<Sensor> sensors;
    take_line(text);  // The heading.
    for (std::size_t number = 2; !text.empty(); ++number) {
        const std::string_view line = take_line(text);
        if (line.empty()) continue;
        Sensor sensor = TRY(sensor_row(line).within(place_of(file, number)));
        if (find(sensors, sensor.address) != nullptr) {
            return invalid(place_of(file, number) + ": sensor '" + sensor.address +
                           "' is listed twice");
        }
        sensors.push_back(std::move(sensor));
    }
    if (sensors.empty()) return invalid(std::string(file) + ": holds no sensor");
    return sensors;
}

Result<Recording> parse_walk(std::string_view text, std::string_view file,
                             std::span<const Sensor> sensors, std::span<const ScannerId> scanners,
                             const identity::IdentityKey& key, OnMistake on_mistake) {
    Collector collector(file, on_mistake);
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::string_view line = take_line(text);
        if (line.empty()) continue;
        auto row = walk_row(line, sensors, scanners);
        if (row && !*row) continue;
        if (row) (**row).heard.sent = key;
        TRY(collector.add(row ? Result<Row>(**row) : Result<Row>(row.error()), number));
    }
    return std::move(collector).finish();
}

}  // namespace vitrine::replay
