#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "agent/presence/calibration.hpp"
#include "agent/presence/layout.hpp"
#include "ctl/walk_csv.hpp"

namespace vitrine::ctl {

/// How to judge.
struct Judging {
    double enter_m = 2.5;
    double exit_m = 3.5;
    /// Each sensor alone, as in a shop with one scanner.
    bool single = false;
};

/// Sums over walks and sensors, from which every figure follows; walks pool by adding.
struct Tally {
    std::size_t true_positives = 0;
    std::size_t false_positives = 0;
    std::size_t false_negatives = 0;
    std::size_t entries = 0;
    std::size_t true_entries = 0;
    std::size_t steps = 0;
    std::size_t zones_right = 0;
    std::size_t zone_switches = 0;
    std::size_t true_switches = 0;
    std::size_t conflicts = 0;
    std::size_t adverts = 0;
    double cpu_s = 0;
    std::vector<double> errors_m;

    void add(const Tally& other);
    double precision() const;
    double recall() const;
    double f1() const;
    double zone_accuracy() const;
    std::optional<double> median_error_m() const;
    double cpu_us_per_advert() const;
};

/// Every sensor a scanner, a kiosk and a zone.
presence::Layout layout_of(const std::vector<Sensor>& sensors, const Judging& judging);

/// Replays one walk through the production Tracker, as the agent would drive it, and compares at
/// every half-second from the second one on. At a step nothing later has been heard.
///
/// Truth: the beacon's place between the two nearest readings; at a sensor from `enter_m` in the
/// plane until beyond `exit_m`; in the zone of the nearest sensor in the plane. An entry is a step
/// at which one is there and was not at the judged step before.
Tally judge(const Walk& walk, const std::vector<Sensor>& sensors,
            const presence::Calibration& calibration, const Judging& judging);

}  // namespace vitrine::ctl
