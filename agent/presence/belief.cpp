#include "agent/presence/belief.hpp"

#include <algorithm>
#include <cmath>

#include "agent/base/check.hpp"

namespace vitrine::presence {
namespace {

/// People stand a little outside the outermost scanners.
constexpr double kMarginM = 1.0;
constexpr double kCellM = 0.5;
/// Nearer than this the path-loss curve means nothing.
constexpr double kNearestM = 0.5;
/// No cell is ever ruled out: a lost belief finds back. Share of the uniform belief added per step.
constexpr float kDoubt = 1e-6F;
constexpr int kQuarters = 4;
/// Beyond 64 dB from the expectation nothing gets less likely.
constexpr std::size_t kLikelihoods = std::size_t{64} * kQuarters;
/// One blur carries at most this variance, in cells².
constexpr double kBlurMax = 1.2;
constexpr int kBlursMax = 16;

double planar_m(const Point& a, double x_m, double y_m) {
    return std::sqrt((a.x_m - x_m) * (a.x_m - x_m) + (a.y_m - y_m) * (a.y_m - y_m));
}

/// Student's t with four degrees of freedom, to the power 0.8: adverts of one burst and of one
/// place share their fading, so that each counts for less than an independent one.
float likelihood_of(double departure_db, double sigma_db) {
    const double z = departure_db / sigma_db;
    const double u = 1 + z * z / 4;
    return static_cast<float>(1 / (u * u));
}

}  // namespace

Grid::Grid(const Layout& layout, const Calibration& calibration)
    : stroll_m2_per_s_(calibration.radio.stroll_m2_per_s) {
    CHECK(layout.locatable());
    measure(layout);
    expect(layout, calibration.radio);
    divide(layout);
    reach(layout);
    scratch_.resize(cells());
    padded_.resize(std::max(columns_, rows_) + 4);
}

void Grid::measure(const Layout& layout) {
    double high_x = -1e9, high_y = -1e9;
    low_x_m_ = low_y_m_ = 1e9;
    const auto cover = [&](const Point& point, double margin_m) {
        low_x_m_ = std::min(low_x_m_, point.x_m - margin_m);
        low_y_m_ = std::min(low_y_m_, point.y_m - margin_m);
        high_x = std::max(high_x, point.x_m + margin_m);
        high_y = std::max(high_y, point.y_m + margin_m);
    };
    for (const Scanner& scanner : layout.scanners) {
        if (scanner.at) cover(*scanner.at, kMarginM);
    }
    for (const Kiosk& kiosk : layout.kiosks) cover(kiosk.at, kMarginM);
    const double width = high_x - low_x_m_;
    const double height = high_y - low_y_m_;
    // One more cell than fits in each direction, hence a little less than the limit.
    cell_m_ = kCellM;
    const auto count = [&](double length) {
        return static_cast<std::size_t>(length / cell_m_ + 1e-9) + 1;
    };
    while (count(width) * count(height) > kCellsMax) cell_m_ *= 1.1;
    columns_ = count(width);
    rows_ = count(height);
}

double Grid::x_of(std::size_t cell) const {
    return low_x_m_ + static_cast<double>(cell % columns_) * cell_m_;
}

double Grid::y_of(std::size_t cell) const {
    const std::size_t row = cell / columns_;
    return low_y_m_ + static_cast<double>(row) * cell_m_;
}

void Grid::expect(const Layout& layout, const RadioModel& radio) {
    for (const Scanner& scanner : layout.scanners) {
        std::vector<std::int16_t>& expected = expected_.emplace_back();
        if (!scanner.at) continue;
        for (std::size_t cell = 0; cell < cells(); ++cell) {
            const double flat_m = planar_m(*scanner.at, x_of(cell), y_of(cell));
            const double up_m = scanner.at->z_m - radio.carried_at_m;
            const double away_m = std::max(kNearestM, std::sqrt(flat_m * flat_m + up_m * up_m));
            const double level = radio.rssi_at_1m_dbm - 10 * radio.exponent * std::log10(away_m) +
                                 radio.departure_db(scanner.id, x_of(cell), y_of(cell));
            expected.push_back(static_cast<std::int16_t>(std::lround(level * kQuarters)));
        }
    }
    for (std::size_t i = 0; i < kLikelihoods; ++i) {
        likelihood_.push_back(likelihood_of(static_cast<double>(i) / kQuarters, radio.sigma_db));
    }
}

void Grid::divide(const Layout& layout) {
    zone_of_.assign(cells(), kNowhere);
    for (std::size_t cell = 0; cell < cells(); ++cell) {
        double nearest_m = 1e9;
        for (const Scanner& scanner : layout.scanners) {
            if (!scanner.at || scanner.zone == kNowhere) continue;
            const double away_m = planar_m(*scanner.at, x_of(cell), y_of(cell));
            if (away_m >= nearest_m) continue;
            nearest_m = away_m;
            zone_of_[cell] = scanner.zone;
        }
    }
}

void Grid::reach(const Layout& layout) {
    for (const Kiosk& kiosk : layout.kiosks) {
        Reach& reach = reaches_.emplace_back();
        for (std::size_t cell = 0; cell < cells(); ++cell) {
            const double away_m = planar_m(kiosk.at, x_of(cell), y_of(cell));
            const auto index = static_cast<std::uint16_t>(cell);
            if (away_m <= std::max(kiosk.enter_m, cell_m_)) {
                reach.inner.push_back(index);
            } else if (away_m <= kiosk.exit_m) {
                reach.ring.push_back(index);
            }
        }
    }
}

void Grid::reset(Belief& belief) const {
    belief.assign(cells(), 1.0F / static_cast<float>(cells()));
}

void Grid::blur_rows(Belief& belief, float near, float far) {
    const float own = 1 - 2 * near - 2 * far;
    for (std::size_t row = 0; row < rows_; ++row) {
        float* cell = belief.data() + row * columns_;
        std::copy(cell, cell + columns_, padded_.begin() + 2);
        padded_[0] = padded_[1] = cell[0];
        padded_[columns_ + 2] = padded_[columns_ + 3] = cell[columns_ - 1];
        for (std::size_t i = 0; i < columns_; ++i) {
            cell[i] = own * padded_[i + 2] + near * (padded_[i + 1] + padded_[i + 3]) +
                      far * (padded_[i] + padded_[i + 4]);
        }
    }
}

void Grid::blur_columns(Belief& belief, float near, float far) {
    const float own = 1 - 2 * near - 2 * far;
    scratch_ = belief;
    const auto row_at = [&](std::size_t row, std::ptrdiff_t away) {
        const auto wanted = static_cast<std::ptrdiff_t>(row) + away;
        const auto last = static_cast<std::ptrdiff_t>(rows_) - 1;
        return scratch_.data() +
               static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(wanted, 0, last)) * columns_;
    };
    for (std::size_t row = 0; row < rows_; ++row) {
        const float* before2 = row_at(row, -2);
        const float* before = row_at(row, -1);
        const float* here = row_at(row, 0);
        const float* after = row_at(row, 1);
        const float* after2 = row_at(row, 2);
        float* into = belief.data() + row * columns_;
        for (std::size_t i = 0; i < columns_; ++i) {
            into[i] =
                own * here[i] + near * (before[i] + after[i]) + far * (before2[i] + after2[i]);
        }
    }
}

void Grid::spread(Belief& belief, double seconds) {
    double variance = std::max(0.0, seconds) * stroll_m2_per_s_ / (cell_m_ * cell_m_);
    if (variance <= 0) return;
    // After so long a silence a member may be anywhere.
    if (variance > kBlurMax * kBlursMax) return reset(belief);
    while (variance > 0) {
        const double part = std::min(variance, kBlurMax);
        variance -= part;
        // (a, 1 − 2a, a) twice: five weights with a variance of 4a.
        const double a = part / 4;
        const auto near = static_cast<float>(2 * a * (1 - 2 * a));
        const auto far = static_cast<float>(a * a);
        blur_rows(belief, near, far);
        blur_columns(belief, near, far);
    }
}

void Grid::weigh(Belief& belief, std::uint16_t scanner, Rssi rssi) const {
    const std::vector<std::int16_t>& expected = expected_[scanner];
    if (expected.empty()) return;
    const int heard = rssi.value() * kQuarters;
    const float doubt = kDoubt / static_cast<float>(cells());
    float total = 0;
    for (std::size_t cell = 0; cell < belief.size(); ++cell) {
        const int away = std::min<int>(std::abs(heard - expected[cell]), kLikelihoods - 1);
        belief[cell] = (belief[cell] + doubt) * likelihood_[static_cast<std::size_t>(away)];
        total += belief[cell];
    }
    const float scale = 1 / total;
    for (float& cell : belief) cell *= scale;
}

Grid::Nearness Grid::nearness(const Belief& belief, std::uint16_t kiosk) const {
    const Reach& reach = reaches_[kiosk];
    Nearness near;
    for (const std::uint16_t cell : reach.inner) near.enter += double{belief[cell]};
    near.exit = near.enter;
    for (const std::uint16_t cell : reach.ring) near.exit += double{belief[cell]};
    return near;
}

void Grid::zones(const Belief& belief, std::span<double> zones) const {
    std::fill(zones.begin(), zones.end(), 0.0);
    for (std::size_t cell = 0; cell < belief.size(); ++cell) {
        if (zone_of_[cell] < zones.size()) zones[zone_of_[cell]] += double{belief[cell]};
    }
}

Point Grid::centre(const Belief& belief) const {
    Point centre;
    for (std::size_t cell = 0; cell < belief.size(); ++cell) {
        centre.x_m += double{belief[cell]} * x_of(cell);
        centre.y_m += double{belief[cell]} * y_of(cell);
    }
    return centre;
}

}  // namespace vitrine::presence
