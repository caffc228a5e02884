#include "agent/presence/calibration.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace vitrine::presence {
namespace {

constexpr std::size_t kMapPointsMax = 65'536;

/// Written so that a NaN fails.
bool within(double value, double low, double high) { return value >= low && value <= high; }

struct Bound {
    const char* field;
    double value;
    double low;
    double high;
};

Result<void> check_bounds(std::initializer_list<Bound> bounds) {
    for (const Bound& bound : bounds) {
        if (within(bound.value, bound.low, bound.high)) continue;
        return invalid(std::string(bound.field) + " is " + std::to_string(bound.value) +
                       ", expected " + std::to_string(bound.low) + " to " +
                       std::to_string(bound.high));
    }
    return {};
}

double ms(std::chrono::milliseconds duration) { return static_cast<double>(duration.count()); }

Result<void> check_maps(const RadioModel& radio) {
    const MapFrame& frame = radio.frame;
    if (radio.maps.empty()) return {};
    TRY(check_bounds({{"radio.frame.origin_x_m", frame.origin_x_m, -1e6, 1e6},
                      {"radio.frame.origin_y_m", frame.origin_y_m, -1e6, 1e6},
                      {"radio.frame.spacing_m", frame.spacing_m, 0.1, 100}}));
    const std::size_t points = std::size_t{frame.columns} * frame.rows;
    if (points == 0 || points > kMapPointsMax) {
        return invalid("radio.frame has " + std::to_string(points) + " points, expected 1 to " +
                       std::to_string(kMapPointsMax));
    }
    for (const LevelMap& map : radio.maps) {
        const std::string name = "radio.maps of '" + map.scanner.str() + "'";
        if (map.departure_db.size() != points) {
            return invalid(name + " has " + std::to_string(map.departure_db.size()) +
                           " points, its frame " + std::to_string(points));
        }
        for (const float db : map.departure_db) {
            if (!within(double{db}, -60, 60)) return invalid(name + " is beyond 60 dB");
        }
    }
    return {};
}

/// Where a coordinate lies on one axis of the lattice: the point before it and the share of the
/// next.
struct Step {
    std::size_t before = 0;
    double share = 0;
};

Step step_along(double offset_m, double spacing_m, std::size_t points) {
    const double last = static_cast<double>(points - 1);
    const double place = std::clamp(offset_m / spacing_m, 0.0, last);
    const double before = std::min(std::floor(place), std::max(last - 1, 0.0));
    return {static_cast<std::size_t>(before), place - before};
}

double interpolate(const MapFrame& frame, const LevelMap& map, double x_m, double y_m) {
    const Step x = step_along(x_m - frame.origin_x_m, frame.spacing_m, frame.columns);
    const Step y = step_along(y_m - frame.origin_y_m, frame.spacing_m, frame.rows);
    const auto at = [&](std::size_t column, std::size_t row) {
        column = std::min<std::size_t>(column, frame.columns - 1u);
        row = std::min<std::size_t>(row, frame.rows - 1u);
        return double{map.departure_db[row * frame.columns + column]};
    };
    const double near_row =
        at(x.before, y.before) * (1 - x.share) + at(x.before + 1, y.before) * x.share;
    const double far_row =
        at(x.before, y.before + 1) * (1 - x.share) + at(x.before + 1, y.before + 1) * x.share;
    return near_row * (1 - y.share) + far_row * y.share;
}

}  // namespace

double RadioModel::offset_db(const ScannerId& scanner) const {
    for (const ScannerOffset& each : offsets) {
        if (each.scanner == scanner) return each.offset_db;
    }
    return 0;
}

double RadioModel::departure_db(const ScannerId& scanner, double x_m, double y_m) const {
    double departure = offset_db(scanner);
    for (const LevelMap& map : maps) {
        if (map.scanner == scanner) departure += interpolate(frame, map, x_m, y_m);
    }
    return departure;
}

Result<void> Calibration::check() const {
    TRY(check_bounds({
        {"radio.rssi_at_1m_dbm", radio.rssi_at_1m_dbm, -110, 0},
        {"radio.exponent", radio.exponent, 0.5, 6},
        {"radio.sigma_db", radio.sigma_db, 0.5, 30},
        {"radio.stroll_m2_per_s", radio.stroll_m2_per_s, 0.001, 25},
        {"radio.carried_at_m", radio.carried_at_m, -100, 100},
        {"level.enter_dbm", level.enter_dbm, -120, 20},
        {"level.exit_dbm", level.exit_dbm, -127, level.enter_dbm},
        {"level.window", ms(level.window), 100, 60'000},
        {"level.zone_margin_db", level.zone_margin_db, 0, 40},
        {"locator.enter_probability", locator.enter_probability, 0.01, 1},
        {"locator.exit_probability", locator.exit_probability, 0.01, 1},
        {"locator.enter_dwell", ms(locator.enter_dwell), 0, 60'000},
        {"locator.exit_dwell", ms(locator.exit_dwell), 0, 60'000},
        {"locator.zone_margin", locator.zone_margin, 0, 1},
        {"locator.zone_dwell", ms(locator.zone_dwell), 0, 60'000},
    }));
    for (const ScannerOffset& each : radio.offsets) {
        if (each.scanner.empty()) return invalid("radio.offsets has an entry without a scanner");
        if (!within(each.offset_db, -60, 60)) {
            return invalid("radio.offsets of '" + each.scanner.str() + "' is beyond 60 dB");
        }
    }
    return check_maps(radio);
}

}  // namespace vitrine::presence
