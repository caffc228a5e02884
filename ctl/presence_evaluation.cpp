#include "ctl/presence_evaluation.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <ctime>

#include "agent/base/check.hpp"
#include "agent/presence/tracker.hpp"

namespace vitrine::ctl {
namespace {

constexpr double kStepS = 0.5;
constexpr double kIgnoredS = 2.0;
/// As often as the agent's loop ticks while somebody is present.
constexpr std::chrono::milliseconds kTick{100};
constexpr int kTicksPerStep = 5;
constexpr MemberId kWalker{1};

double planar_m(const Point& a, const Point& b) { return std::hypot(a.x_m - b.x_m, a.y_m - b.y_m); }

double ratio(std::size_t part, std::size_t whole) {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

/// Processor time of this program so far.
double cpu_s() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// Not zero, so that nothing rests on a walk's beginning with the machine.
Instant instant_of(double time_s) {
    return instant_at(std::chrono::nanoseconds(std::llround((1000 + time_s) * 1e9)));
}

std::size_t steps_of(const Walk& walk) {
    return static_cast<std::size_t>(walk.readings.back().time_s / kStepS) + 1;
}

bool judged(std::size_t step) { return static_cast<double>(step) * kStepS >= kIgnoredS; }

/// What was, or was said to be, at each step.
struct Account {
    /// By step, then by sensor.
    std::vector<std::vector<bool>> at;
    std::vector<std::uint16_t> zone;
    std::vector<std::optional<Point>> place;
};

Point place_at(const Walk& walk, double time_s) {
    const auto after = std::lower_bound(walk.readings.begin(), walk.readings.end(), time_s,
                                        [](const Reading& r, double t) { return r.time_s < t; });
    if (after == walk.readings.begin()) return after->at;
    if (after == walk.readings.end()) return walk.readings.back().at;
    const Reading& before = *std::prev(after);
    const double share = (time_s - before.time_s) / (after->time_s - before.time_s);
    return {.x_m = std::lerp(before.at.x_m, after->at.x_m, share),
            .y_m = std::lerp(before.at.y_m, after->at.y_m, share),
            .z_m = std::lerp(before.at.z_m, after->at.z_m, share)};
}

Account truth_of(const Walk& walk, const std::vector<Sensor>& sensors, const Judging& judging) {
    Account truth;
    std::vector<bool> at(sensors.size(), false);
    for (std::size_t step = 0; step < steps_of(walk); ++step) {
        const Point place = place_at(walk, static_cast<double>(step) * kStepS);
        std::size_t nearest = 0;
        for (std::size_t i = 0; i < sensors.size(); ++i) {
            const double away_m = planar_m(place, sensors[i].at);
            at[i] = away_m <= (at[i] ? judging.exit_m : judging.enter_m);
            if (away_m < planar_m(place, sensors[nearest].at)) nearest = i;
        }
        truth.at.push_back(at);
        truth.zone.push_back(static_cast<std::uint16_t>(nearest));
        truth.place.push_back(place);
    }
    return truth;
}

/// Drives one tracker through one walk.
class Replay {
  public:
    Replay(const Walk& walk, presence::Tracker tracker, std::optional<std::uint16_t> only)
        : walk_(walk), tracker_(std::move(tracker)), only_(only) {}

    /// Everything up to the step's time, and nothing later.
    void advance_to(std::size_t step) {
        const double begin_s = cpu_s();
        const Instant end = instant_of(static_cast<double>(step) * kStepS);
        for (int i = kTicksPerStep - 1; i >= 0; --i) {
            const Instant tick = end - i * kTick;
            while (next_ < walk_.readings.size() &&
                   instant_of(walk_.readings[next_].time_s) <= tick) {
                hear(walk_.readings[next_++]);
            }
            tracker_.tick(tick, changes_);
        }
        for (const presence::Change& change : changes_) {
            if (change.kind == presence::Change::Kind::conflicted) ++conflicts;
        }
        changes_.clear();
        cpu_spent_s += cpu_s() - begin_s;
    }

    bool at(std::uint16_t kiosk) const { return tracker_.audience(kiosk).total > 0; }
    std::optional<presence::Whereabouts> whereabouts() const {
        return tracker_.whereabouts(kWalker);
    }

    double cpu_spent_s = 0;
    std::size_t adverts = 0;
    std::size_t conflicts = 0;

  private:
    void hear(const Reading& reading) {
        if (only_ && reading.sensor != *only_) return;
        const Instant at = instant_of(reading.time_s);
        tracker_.hear(kWalker, only_ ? std::uint16_t{0} : reading.sensor, reading.rssi, at);
        tracker_.tick(at, changes_);
        ++adverts;
    }

    const Walk& walk_;
    presence::Tracker tracker_;
    std::optional<std::uint16_t> only_;
    std::size_t next_ = 0;
    std::vector<presence::Change> changes_;
};

void spend(Tally& tally, const Replay& replay) {
    tally.cpu_s += replay.cpu_spent_s;
    tally.adverts += replay.adverts;
    tally.conflicts += replay.conflicts;
}

Account fused_account(const Walk& walk, const std::vector<Sensor>& sensors,
                      const presence::Calibration& calibration, const Judging& judging,
                      Tally& tally) {
    Replay replay(walk, presence::Tracker(layout_of(sensors, judging), calibration), std::nullopt);
    Account account;
    for (std::size_t step = 0; step < steps_of(walk); ++step) {
        replay.advance_to(step);
        std::vector<bool>& at = account.at.emplace_back();
        for (std::size_t i = 0; i < sensors.size(); ++i) {
            at.push_back(replay.at(static_cast<std::uint16_t>(i)));
        }
        const auto where = replay.whereabouts();
        account.zone.push_back(where ? where->zone : presence::kNowhere);
        account.place.push_back(where ? where->at : std::nullopt);
    }
    spend(tally, replay);
    return account;
}

Account single_account(const Walk& walk, const std::vector<Sensor>& sensors,
                       const presence::Calibration& calibration, const Judging& judging,
                       Tally& tally) {
    Account account;
    account.at.assign(steps_of(walk), std::vector<bool>(sensors.size(), false));
    for (std::uint16_t i = 0; i < sensors.size(); ++i) {
        Replay replay(walk, presence::Tracker(layout_of({sensors[i]}, judging), calibration), i);
        for (std::size_t step = 0; step < steps_of(walk); ++step) {
            replay.advance_to(step);
            account.at[step][i] = replay.at(0);
        }
        spend(tally, replay);
    }
    return account;
}

void compare_kiosks(const Account& truth, const Account& said, Tally& tally) {
    for (std::size_t i = 0; i < truth.at.front().size(); ++i) {
        bool was = false;
        bool was_said = false;
        for (std::size_t step = 0; step < truth.at.size(); ++step) {
            if (!judged(step)) continue;
            const bool is = truth.at[step][i];
            const bool is_said = said.at[step][i];
            tally.true_positives += is && is_said;
            tally.false_positives += !is && is_said;
            tally.false_negatives += is && !is_said;
            tally.true_entries += is && !was;
            tally.entries += is_said && !was_said;
            was = is;
            was_said = is_said;
        }
    }
}

void compare_zones(const Account& truth, const Account& said, Tally& tally) {
    for (std::size_t step = 0; step < said.zone.size(); ++step) {
        if (!judged(step)) continue;
        tally.zones_right += truth.zone[step] == said.zone[step];
        if (judged(step - 1)) {
            tally.true_switches += truth.zone[step] != truth.zone[step - 1];
            tally.zone_switches += said.zone[step] != said.zone[step - 1];
        }
        if (said.place[step]) {
            tally.errors_m.push_back(planar_m(*truth.place[step], *said.place[step]));
        }
    }
}

}  // namespace

void Tally::add(const Tally& other) {
    true_positives += other.true_positives;
    false_positives += other.false_positives;
    false_negatives += other.false_negatives;
    entries += other.entries;
    true_entries += other.true_entries;
    steps += other.steps;
    zones_right += other.zones_right;
    zone_switches += other.zone_switches;
    true_switches += other.true_switches;
    conflicts += other.conflicts;
    adverts += other.adverts;
    cpu_s += other.cpu_s;
    errors_m.insert(errors_m.end(), other.errors_m.begin(), other.errors_m.end());
}

double Tally::precision() const { return ratio(true_positives, true_positives + false_positives); }

double Tally::recall() const { return ratio(true_positives, true_positives + false_negatives); }

double Tally::f1() const {
    return ratio(2 * true_positives, 2 * true_positives + false_positives + false_negatives);
}

double Tally::zone_accuracy() const { return ratio(zones_right, steps); }

std::optional<double> Tally::median_error_m() const {
    if (errors_m.empty()) return std::nullopt;
    std::vector<double> sorted = errors_m;
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
    std::nth_element(sorted.begin(), middle, sorted.end());
    return *middle;
}

double Tally::cpu_us_per_advert() const {
    return adverts == 0 ? 0 : cpu_s * 1e6 / static_cast<double>(adverts);
}

presence::Layout layout_of(const std::vector<Sensor>& sensors, const Judging& judging) {
    presence::Layout layout;
    for (std::size_t i = 0; i < sensors.size(); ++i) {
        const auto index = static_cast<std::uint16_t>(i);
        const auto zone = ZoneId::parse(sensors[i].name.view());
        const auto kiosk = KioskId::parse(sensors[i].name.view());
        CHECK(zone && kiosk);
        layout.zones.push_back(*zone);
        layout.scanners.push_back(
            {.id = sensors[i].name, .at = sensors[i].at, .zone = index, .kiosk = index});
        layout.kiosks.push_back({.id = *kiosk,
                                 .at = sensors[i].at,
                                 .enter_m = judging.enter_m,
                                 .exit_m = judging.exit_m});
    }
    return layout;
}

Tally judge(const Walk& walk, const std::vector<Sensor>& sensors,
            const presence::Calibration& calibration, const Judging& judging) {
    Tally tally;
    const Account truth = truth_of(walk, sensors, judging);
    const Account said = judging.single ? single_account(walk, sensors, calibration, judging, tally)
                                        : fused_account(walk, sensors, calibration, judging, tally);
    for (std::size_t step = 0; step < truth.at.size(); ++step) tally.steps += judged(step);
    compare_kiosks(truth, said, tally);
    compare_zones(truth, said, tally);
    return tally;
}

}  // namespace vitrine::ctl
