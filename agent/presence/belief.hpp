#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "agent/base/units.hpp"
#include "agent/presence/calibration.hpp"
#include "agent/presence/layout.hpp"

namespace vitrine::presence {

/// Where one member may be: a probability for each cell of a Grid. Sums to one.
using Belief = std::vector<float>;

/// The shop's floor in square cells, with what each scanner is expected to hear of a member in each
/// of them. A Bayes filter over position: `spread` lets time pass, `weigh` takes in one level.
///
/// Multiplications, divisions and additions only once it is built, so that beliefs are the same
/// on every machine.
class Grid {
  public:
    /// Cells are half a metre wide, or as wide as this many need to cover the floor.
    static constexpr std::size_t kCellsMax = 8192;

    /// Both arguments must pass their `check`, and the layout must be locatable.
    Grid(const Layout& layout, const Calibration& calibration);

    std::size_t cells() const { return columns_ * rows_; }

    /// Anywhere alike.
    void reset(Belief& belief) const;
    /// `seconds` of strolling.
    void spread(Belief& belief, double seconds);
    /// One level heard by a scanner; a scanner without a place says nothing.
    void weigh(Belief& belief, std::uint16_t scanner, Rssi rssi) const;

    /// How likely the member is within the kiosk's enter_m, and within its exit_m.
    struct Nearness {
        double enter = 0;
        double exit = 0;
    };
    Nearness nearness(const Belief& belief, std::uint16_t kiosk) const;
    /// Adds up each zone's probability; `zones` has one entry a zone. A cell belongs to the zone of
    /// its nearest scanner that has one.
    void zones(const Belief& belief, std::span<double> zones) const;
    /// The mean place.
    Point centre(const Belief& belief) const;

  private:
    struct Reach {
        std::vector<std::uint16_t> inner;  ///< Cells within enter_m.
        std::vector<std::uint16_t> ring;   ///< Cells beyond it within exit_m.
    };
    void measure(const Layout& layout);
    void expect(const Layout& layout, const RadioModel& radio);
    void divide(const Layout& layout);
    void reach(const Layout& layout);
    void blur_rows(Belief& belief, float near, float far);
    void blur_columns(Belief& belief, float near, float far);
    double x_of(std::size_t cell) const;
    double y_of(std::size_t cell) const;

    std::size_t columns_ = 0;
    std::size_t rows_ = 0;
    double low_x_m_ = 0;
    double low_y_m_ = 0;
    double cell_m_ = 0.5;
    double stroll_m2_per_s_ = 0;
    /// Expected level by scanner and cell, in quarters of a dB; empty for scanners without a place.
    std::vector<std::vector<std::int16_t>> expected_;
    /// Likelihood by distance from the expected level, in quarters of a dB.
    std::vector<float> likelihood_;
    std::vector<std::uint16_t> zone_of_;
    std::vector<Reach> reaches_;
    Belief scratch_;
    std::vector<float> padded_;
};

}  // namespace vitrine::presence
