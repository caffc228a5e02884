#include "ctl/presence_fit.hpp"

#include "ctl/radio_fit.hpp"

namespace vitrine::ctl {
namespace {

/// The built-in thresholds were chosen on walks left out of their fit. Others must be better by
/// more than chance makes them on a handful of walks.
constexpr double kWorthwhile = 0.02;
constexpr double kEntriesMax = 1.25;
constexpr std::size_t kWalksForThresholds = 3;

std::vector<Walk> all_but(const std::vector<Walk>& walks, std::size_t left_out) {
    std::vector<Walk> others;
    for (std::size_t i = 0; i < walks.size(); ++i) {
        if (i != left_out) others.push_back(walks[i]);
    }
    return others;
}

presence::RadioModel radio_of(const std::vector<Walk>& walks, const std::vector<Sensor>& sensors,
                              bool maps) {
    presence::RadioModel radio = fit_path_loss(walks, sensors);
    if (maps) fit_maps(radio, walks, sensors);
    return radio;
}

/// Thresholds on trial: each is judged on every walk with the radio fitted to the others.
class Trial {
  public:
    Trial(const std::vector<Walk>& walks, const std::vector<Sensor>& sensors, Judging judging,
          bool maps)
        : walks_(walks), sensors_(sensors), judging_(judging) {
        for (std::size_t i = 0; i < walks.size(); ++i) {
            radios_.push_back(radio_of(all_but(walks, i), sensors, maps));
        }
    }

    Tally judge_all(presence::Calibration calibration, bool single) {
        judging_.single = single;
        Tally tally;
        for (std::size_t i = 0; i < walks_.size(); ++i) {
            calibration.radio = radios_[i];
            tally.add(judge(walks_[i], sensors_, calibration, judging_));
        }
        return tally;
    }

  private:
    const std::vector<Walk>& walks_;
    const std::vector<Sensor>& sensors_;
    Judging judging_;
    std::vector<presence::RadioModel> radios_;
};

bool calm(const Tally& tally) {
    return static_cast<double>(tally.entries) <=
           kEntriesMax * static_cast<double>(tally.true_entries);
}

void choose_locator(presence::Calibration& calibration, Trial& trial) {
    double best_f1 = trial.judge_all(calibration, false).f1() + kWorthwhile;
    for (const double enter : {0.3, 0.4, 0.5, 0.6}) {
        for (const double exit : {0.25, 0.35, 0.45}) {
            presence::Calibration other = calibration;
            other.locator.enter_probability = enter;
            other.locator.exit_probability = exit;
            const Tally tally = trial.judge_all(other, false);
            if (tally.f1() <= best_f1 || !calm(tally)) continue;
            best_f1 = tally.f1();
            calibration.locator = other.locator;
        }
    }
}

void choose_level(presence::Calibration& calibration, Trial& trial) {
    double best_f1 = trial.judge_all(calibration, true).f1() + kWorthwhile;
    for (const double enter_dbm : {-66.0, -65.0, -64.0, -63.0, -62.0, -61.0, -60.0}) {
        for (const double below_db : {6.0, 8.0, 10.0}) {
            presence::Calibration other = calibration;
            other.level.enter_dbm = enter_dbm;
            other.level.exit_dbm = enter_dbm - below_db;
            const Tally tally = trial.judge_all(other, true);
            if (tally.f1() <= best_f1 || !calm(tally)) continue;
            best_f1 = tally.f1();
            calibration.level = other.level;
        }
    }
}

}  // namespace

presence::Calibration fit(const std::vector<Walk>& walks, const std::vector<Sensor>& sensors,
                          const Judging& judging, const Fitting& fitting) {
    presence::Calibration calibration;
    if (fitting.thresholds && walks.size() >= kWalksForThresholds) {
        Trial trial(walks, sensors, judging, fitting.maps);
        choose_locator(calibration, trial);
        choose_level(calibration, trial);
    }
    calibration.radio = radio_of(walks, sensors, fitting.maps);
    return calibration;
}

Tally leave_one_out(const std::vector<Walk>& walks, const std::vector<Sensor>& sensors,
                    const Judging& judging, const Fitting& fitting) {
    Tally tally;
    for (std::size_t i = 0; i < walks.size(); ++i) {
        const presence::Calibration fitted = fit(all_but(walks, i), sensors, judging, fitting);
        tally.add(judge(walks[i], sensors, fitted, judging));
    }
    return tally;
}

}  // namespace vitrine::ctl
