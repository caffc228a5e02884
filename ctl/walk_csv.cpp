#include "ctl/walk_csv.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "agent/presence/layout.hpp"
#include "ctl/csv.hpp"

namespace vitrine::ctl {
namespace {

constexpr std::size_t kRowsMax = 10'000'000;

using Fields = std::span<const std::string_view>;

Result<double> number(std::string_view text, const char* column) {
    double value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
        return invalid(std::string(column) + " is '" + std::string(text.substr(0, 64)) +
                       "', which is not a number");
    }
    return value;
}

Result<Point> point_from(Fields fields, std::size_t first) {
    return Point{.x_m = TRY(number(fields[first], "x_m")),
                 .y_m = TRY(number(fields[first + 1], "y_m")),
                 .z_m = TRY(number(fields[first + 2], "z_m"))};
}

/// Calls `take` with each row's fields; its error is told with file and line.
Result<void> for_each_row(const std::filesystem::path& file,
                          const std::function<Result<void>(Fields, std::size_t)>& take) {
    CsvReader reader = TRY(CsvReader::open(file.string()));
    while (TRY(reader.next())) {
        if (reader.line() > kRowsMax) return invalid(reader.place() + ": too many rows");
        TRY(take(reader.fields(), reader.line()).within(reader.place()));
    }
    return {};
}

Result<Sensor> sensor_from(Fields fields) {
    if (fields.size() < 5) {
        return invalid("expected sensor_address,name,x_m,y_m,z_m, got " +
                       std::to_string(fields.size()) + " columns");
    }
    Sensor sensor{.address = std::string(fields[0]),
                  .name = TRY(ScannerId::parse(fields[1])),
                  .at = TRY(point_from(fields, 2))};
    if (sensor.address.empty()) return invalid("sensor_address is empty");
    return sensor;
}

std::optional<std::uint16_t> sensor_at(const std::vector<Sensor>& sensors,
                                       std::string_view address) {
    for (std::size_t i = 0; i < sensors.size(); ++i) {
        if (sensors[i].address == address) return static_cast<std::uint16_t>(i);
    }
    return std::nullopt;
}

Result<Reading> reading_from(Fields fields, const std::vector<Sensor>& sensors) {
    if (fields.size() < 7) {
        return invalid("expected time_s,sensor,beacon,rssi_dbm,x_m,y_m,z_m, got " +
                       std::to_string(fields.size()) +
                       " columns: without positions a walk cannot be judged");
    }
    const auto sensor = sensor_at(sensors, fields[1]);
    if (!sensor) {
        return invalid("no sensor has the address '" + std::string(fields[1].substr(0, 64)) + "'");
    }
    const double rssi_dbm = TRY(number(fields[3], "rssi_dbm"));
    if (rssi_dbm < -127 || rssi_dbm > 20) {
        return invalid("rssi_dbm is " + std::string(fields[3].substr(0, 64)) +
                       ", expected -127 to 20");
    }
    return Reading{.time_s = TRY(number(fields[0], "time_s")),
                   .sensor = *sensor,
                   .rssi = Rssi(static_cast<std::int8_t>(std::lround(rssi_dbm))),
                   .at = TRY(point_from(fields, 4))};
}

/// Two sensors of one name or address cannot be told apart.
bool repeats(const std::vector<Sensor>& sensors, const Sensor& sensor) {
    return std::any_of(sensors.begin(), sensors.end(), [&](const Sensor& other) {
        return other.address == sensor.address || other.name == sensor.name;
    });
}

}  // namespace

Result<std::vector<Sensor>> read_sensors(const std::filesystem::path& file) {
    std::vector<Sensor> sensors;
    const auto take = [&](Fields fields, std::size_t line) -> Result<void> {
        if (line == 1 && fields.front() == "sensor_address") return {};
        Sensor sensor = TRY(sensor_from(fields));
        if (repeats(sensors, sensor)) {
            return invalid("sensor '" + sensor.name.str() + "' (" + sensor.address +
                           ") repeats a name or an address");
        }
        if (sensors.size() == presence::kScannersMax) {
            return invalid("more than " + std::to_string(presence::kScannersMax) + " sensors");
        }
        sensors.push_back(std::move(sensor));
        return {};
    };
    TRY(for_each_row(file, take));
    if (sensors.empty()) return invalid(file.string() + ": no sensors");
    return sensors;
}

Result<Walk> read_walk(const std::filesystem::path& file, const std::vector<Sensor>& sensors) {
    Walk walk{.name = file.filename().string(), .readings = {}};
    const auto take = [&](Fields fields, std::size_t) -> Result<void> {
        walk.readings.push_back(TRY(reading_from(fields, sensors)));
        return {};
    };
    TRY(for_each_row(file, take));
    if (walk.readings.empty()) return invalid(file.string() + ": no readings");
    std::stable_sort(walk.readings.begin(), walk.readings.end(),
                     [](const Reading& a, const Reading& b) { return a.time_s < b.time_s; });
    const double start_s = walk.readings.front().time_s;
    for (Reading& reading : walk.readings) reading.time_s -= start_s;
    if (walk.readings.back().time_s > 24 * 3600) {
        return invalid(file.string() + ": longer than a day: is time_s in seconds?");
    }
    return walk;
}

}  // namespace vitrine::ctl
