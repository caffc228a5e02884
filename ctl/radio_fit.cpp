#include "ctl/radio_fit.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "ctl/cholesky.hpp"

namespace vitrine::ctl {
namespace {

/// Nearer than this the curve means nothing (as in the locator).
constexpr double kNearestM = 0.5;
constexpr double kDegreesOfFreedom = 4;
constexpr int kRounds = 12;
/// As if each offset had been seen to be zero five times: nothing against hundreds of readings.
constexpr double kOffsetRidge = 5;

/// Residuals' spatial structure in the labelled walks, by leave-one-walk-out likelihood: 2.5 to 3 m
/// wide, 2.8 dB deep, under 4.5 to 5 dB of noise (docs/presence.md).
constexpr double kDepartureM = 3.0;
constexpr double kDepartureDb = 2.8;
constexpr double kNoiseDb = 4.5;
/// Beyond this a residual tells of a body in the way, not of the place.
constexpr double kResidualMaxDb = 15;
constexpr double kBinM = 0.5;
constexpr double kFrameMarginM = 1.0;

double away_m(const Reading& reading, const Sensor& sensor, double carried_at_m) {
    const double flat = std::hypot(reading.at.x_m - sensor.at.x_m, reading.at.y_m - sensor.at.y_m);
    return std::max(kNearestM, std::hypot(flat, sensor.at.z_m - carried_at_m));
}

double curve_dbm(const presence::RadioModel& radio, const Reading& reading, const Sensor& sensor) {
    return radio.rssi_at_1m_dbm + radio.offset_db(sensor.name) -
           10 * radio.exponent * std::log10(away_m(reading, sensor, radio.carried_at_m));
}

/// Normal equations of rssi = p0 − 10 n log10(d) + offset of the sensor.
class Equations {
  public:
    explicit Equations(std::size_t sensors) : size_(sensors + 2), a_(size_ * size_), b_(size_) {
        // A hair on the first two, for walks that never leave one distance.
        a_[0] = a_[size_ + 1] = 1e-6;
        for (std::size_t i = 2; i < size_; ++i) a_[i * size_ + i] = kOffsetRidge;
    }

    void add(double decades, std::size_t sensor, double rssi_dbm, double weight) {
        const std::pair<std::size_t, double> terms[] = {
            {0, 1}, {1, -10 * decades}, {sensor + 2, 1}};
        for (const auto& [row, x] : terms) {
            b_[row] += weight * x * rssi_dbm;
            for (const auto& [column, y] : terms) a_[row * size_ + column] += weight * x * y;
        }
    }

    std::vector<double> solve() const { return Cholesky(a_, size_).solve(b_); }

  private:
    std::size_t size_;
    std::vector<double> a_;
    std::vector<double> b_;
};

template <class Take>
void for_each_reading(const std::vector<Walk>& walks, Take take) {
    for (const Walk& walk : walks) {
        for (const Reading& reading : walk.readings) take(reading);
    }
}

/// 1.48 times the median of the absolute residuals: sigma, unmoved by outliers.
double robust_sigma_db(std::vector<double> residuals_db) {
    for (double& residual : residuals_db) residual = std::abs(residual);
    const auto middle = residuals_db.begin() + static_cast<std::ptrdiff_t>(residuals_db.size() / 2);
    std::nth_element(residuals_db.begin(), middle, residuals_db.end());
    return 1.4826 * *middle;
}

void take_over(presence::RadioModel& radio, const std::vector<double>& solution,
               const std::vector<Sensor>& sensors) {
    radio.rssi_at_1m_dbm = std::clamp(solution[0], -110.0, 0.0);
    radio.exponent = std::clamp(solution[1], 0.5, 6.0);
    radio.offsets.clear();
    for (std::size_t i = 0; i < sensors.size(); ++i) {
        radio.offsets.push_back({sensors[i].name, std::clamp(solution[i + 2], -60.0, 60.0)});
    }
}

std::vector<double> residuals_of(const presence::RadioModel& radio, const std::vector<Walk>& walks,
                                 const std::vector<Sensor>& sensors) {
    std::vector<double> residuals_db;
    for_each_reading(walks, [&](const Reading& reading) {
        residuals_db.push_back(reading.rssi.value() -
                               curve_dbm(radio, reading, sensors[reading.sensor]));
    });
    return residuals_db;
}

/// Residuals of one scanner that fell into one square of the floor.
struct Bin {
    double x_m = 0;
    double y_m = 0;
    double sum_db = 0;
    double count = 0;
};
using Bins = std::vector<Bin>;

Bins bins_of(std::uint16_t sensor, const presence::RadioModel& radio,
             const std::vector<Walk>& walks, const std::vector<Sensor>& sensors) {
    std::map<std::pair<long, long>, Bin> bins;
    for_each_reading(walks, [&](const Reading& reading) {
        if (reading.sensor != sensor) return;
        Bin& bin = bins[{std::lround(reading.at.x_m / kBinM), std::lround(reading.at.y_m / kBinM)}];
        const double residual = reading.rssi.value() - curve_dbm(radio, reading, sensors[sensor]);
        bin.x_m += reading.at.x_m;
        bin.y_m += reading.at.y_m;
        bin.sum_db += std::clamp(residual, -kResidualMaxDb, kResidualMaxDb);
        bin.count += 1;
    });
    Bins means;
    for (const auto& [square, bin] : bins) {
        means.push_back({bin.x_m / bin.count, bin.y_m / bin.count, bin.sum_db, bin.count});
    }
    return means;
}

double kernel(double dx_m, double dy_m) {
    const double squared = (dx_m * dx_m + dy_m * dy_m) / (kDepartureM * kDepartureM);
    return kDepartureDb * kDepartureDb * std::exp(-0.5 * squared);
}

/// Weights of the bins in the regression: the mean at a place is the sum of weight × kernel.
std::vector<double> weights_of(const Bins& bins) {
    std::vector<double> a(bins.size() * bins.size());
    std::vector<double> b;
    for (std::size_t i = 0; i < bins.size(); ++i) {
        for (std::size_t j = 0; j < bins.size(); ++j) {
            a[i * bins.size() + j] = kernel(bins[i].x_m - bins[j].x_m, bins[i].y_m - bins[j].y_m);
        }
        a[i * bins.size() + i] += kNoiseDb * kNoiseDb / bins[i].count;
        b.push_back(bins[i].sum_db / bins[i].count);
    }
    return Cholesky(std::move(a), bins.size()).solve(std::move(b));
}

presence::MapFrame frame_around(const std::vector<Walk>& walks,
                                const std::vector<Sensor>& sensors) {
    double low_x = 1e9, low_y = 1e9, high_x = -1e9, high_y = -1e9;
    const auto cover = [&](const Point& point) {
        low_x = std::min(low_x, point.x_m);
        low_y = std::min(low_y, point.y_m);
        high_x = std::max(high_x, point.x_m);
        high_y = std::max(high_y, point.y_m);
    };
    for (const Sensor& sensor : sensors) cover(sensor.at);
    for_each_reading(walks, [&](const Reading& reading) { cover(reading.at); });
    presence::MapFrame frame;
    frame.origin_x_m = std::floor(low_x - kFrameMarginM);
    frame.origin_y_m = std::floor(low_y - kFrameMarginM);
    const double width = high_x + kFrameMarginM - frame.origin_x_m;
    const double height = high_y + kFrameMarginM - frame.origin_y_m;
    while (width * height > 10'000 * frame.spacing_m * frame.spacing_m) frame.spacing_m *= 2;
    frame.columns = static_cast<std::uint16_t>(std::ceil(width / frame.spacing_m) + 1);
    frame.rows = static_cast<std::uint16_t>(std::ceil(height / frame.spacing_m) + 1);
    return frame;
}

/// Kept to a tenth of a dB: more would be noise.
float departure_at(double x_m, double y_m, const Bins& bins, const std::vector<double>& weights) {
    double departure_db = 0;
    for (std::size_t i = 0; i < bins.size(); ++i) {
        departure_db += weights[i] * kernel(x_m - bins[i].x_m, y_m - bins[i].y_m);
    }
    return static_cast<float>(std::round(departure_db * 10) / 10);
}

}  // namespace

presence::RadioModel fit_path_loss(const std::vector<Walk>& walks,
                                   const std::vector<Sensor>& sensors) {
    presence::RadioModel radio;
    std::vector<double> residuals_db;
    double sigma_db = 0;
    for (int round = 0; round < kRounds; ++round) {
        Equations equations(sensors.size());
        std::size_t i = 0;
        for_each_reading(walks, [&](const Reading& reading) {
            const double z = residuals_db.empty() ? 0 : residuals_db[i++] / sigma_db;
            const double weight = (kDegreesOfFreedom + 1) / (kDegreesOfFreedom + z * z);
            const double away = away_m(reading, sensors[reading.sensor], radio.carried_at_m);
            equations.add(std::log10(away), reading.sensor, reading.rssi.value(), weight);
        });
        take_over(radio, equations.solve(), sensors);
        residuals_db = residuals_of(radio, walks, sensors);
        sigma_db = std::max(0.5, robust_sigma_db(residuals_db));
    }
    radio.sigma_db = std::min(30.0, sigma_db);
    return radio;
}

void fit_maps(presence::RadioModel& radio, const std::vector<Walk>& walks,
              const std::vector<Sensor>& sensors) {
    radio.frame = frame_around(walks, sensors);
    for (std::uint16_t i = 0; i < sensors.size(); ++i) {
        const Bins bins = bins_of(i, radio, walks, sensors);
        if (bins.empty()) continue;
        const std::vector<double> weights = weights_of(bins);
        presence::LevelMap map{.scanner = sensors[i].name, .departure_db = {}};
        for (std::uint16_t row = 0; row < radio.frame.rows; ++row) {
            for (std::uint16_t column = 0; column < radio.frame.columns; ++column) {
                const double x_m = radio.frame.origin_x_m + column * radio.frame.spacing_m;
                const double y_m = radio.frame.origin_y_m + row * radio.frame.spacing_m;
                map.departure_db.push_back(departure_at(x_m, y_m, bins, weights));
            }
        }
        radio.maps.push_back(std::move(map));
    }
}

}  // namespace vitrine::ctl
