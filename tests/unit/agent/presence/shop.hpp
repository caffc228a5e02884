#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <vector>

#include "agent/base/random.hpp"
#include "agent/presence/tracker.hpp"

/// A shop for tests: scanners on a lattice, each with a kiosk and a zone, and the levels that the
/// calibration's own curve expects.
namespace vitrine::presence::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline constexpr MemberId kAna{0xa1};
inline constexpr MemberId kBen{0xb2};

inline Instant at_s(double time_s) {
    return instant_at(std::chrono::nanoseconds(std::llround((1000 + time_s) * 1e9)));
}

inline Layout shop(int columns, int rows, double spacing_m) {
    Layout layout;
    for (int i = 0; i < columns * rows; ++i) {
        const auto index = static_cast<std::uint16_t>(i);
        const std::string name = "place-" + std::to_string(i);
        const Point at{(i % columns) * spacing_m, (i / columns) * spacing_m, 2.0};
        layout.zones.push_back(*ZoneId::parse(name));
        layout.kiosks.push_back({.id = *KioskId::parse(name), .at = at});
        layout.scanners.push_back(
            {.id = *ScannerId::parse(name), .at = at, .zone = index, .kiosk = index});
    }
    return layout;
}

inline Layout hall() { return shop(3, 3, 8); }

inline Layout one_scanner() { return shop(1, 1, 1); }

inline Rssi expected_rssi(const Scanner& scanner, const Point& place, double noise_db = 0) {
    const RadioModel radio;
    const double away_m =
        std::max(0.5, std::hypot(scanner.at->x_m - place.x_m, scanner.at->y_m - place.y_m,
                                 scanner.at->z_m - radio.carried_at_m));
    const double level = radio.rssi_at_1m_dbm - 10 * radio.exponent * std::log10(away_m) + noise_db;
    return Rssi(static_cast<std::int8_t>(std::lround(std::max(-127.0, level))));
}

/// One advert that every scanner hears.
inline void advert(Tracker& tracker, MemberId member, const Point& place, double time_s,
                   Rng* noise = nullptr, double sigma_db = 5) {
    for (std::uint16_t i = 0; i < tracker.layout().scanners.size(); ++i) {
        const double noise_db = noise == nullptr ? 0 : sigma_db * noise->normal();
        tracker.hear(member, i, expected_rssi(tracker.layout().scanners[i], place, noise_db),
                     at_s(time_s));
    }
}

inline std::vector<Change> tick(Tracker& tracker, double time_s) {
    std::vector<Change> changes;
    tracker.tick(at_s(time_s), changes);
    return changes;
}

/// Adverts twice a second at one place, and ticks every 100 ms, from `from_s` to before `to_s`.
inline std::vector<Change> stay(Tracker& tracker, MemberId member, const Point& place,
                                double from_s, double to_s, Rng* noise = nullptr) {
    std::vector<Change> changes;
    for (int i = 0; from_s + i * 0.1 < to_s - 1e-9; ++i) {
        const double time_s = from_s + i * 0.1;
        if (i % 5 == 0) advert(tracker, member, place, time_s, noise);
        tracker.tick(at_s(time_s), changes);
    }
    return changes;
}

inline std::vector<Change> silence(Tracker& tracker, double from_s, double to_s) {
    std::vector<Change> changes;
    for (double time_s = from_s; time_s < to_s; time_s += 0.5) {
        tracker.tick(at_s(time_s), changes);
    }
    return changes;
}

inline std::size_t count(const std::vector<Change>& changes, Change::Kind kind) {
    std::size_t found = 0;
    for (const Change& change : changes) found += change.kind == kind;
    return found;
}

}  // namespace vitrine::presence::test
