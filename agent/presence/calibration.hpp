#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"

namespace vitrine::presence {

/// How one scanner departs from the shop's common curve, in dB: positive hears louder.
struct ScannerOffset {
    ScannerId scanner;
    double offset_db = 0;
    friend bool operator==(const ScannerOffset&, const ScannerOffset&) = default;
};

/// The lattice on which the measured departures of a shop's radio from the curve are kept.
struct MapFrame {
    double origin_x_m = 0;
    double origin_y_m = 0;
    double spacing_m = 1;
    std::uint16_t columns = 0;
    std::uint16_t rows = 0;
    friend bool operator==(const MapFrame&, const MapFrame&) = default;
};

/// What walls, shelves and pillars do to one scanner, in dB on the frame's points, row by row from
/// the origin. Between points it is interpolated; outside the border's value holds.
struct LevelMap {
    ScannerId scanner;
    std::vector<float> departure_db;
    friend bool operator==(const LevelMap&, const LevelMap&) = default;
};

/// How levels fall with distance, and how much noise is on them. Defaults are the fit of all
/// labelled walks of the Position-Annotated BLE RSSI Dataset (docs/presence.md).
struct RadioModel {
    /// Level at one metre, and path-loss exponent: rssi = rssi_at_1m − 10 n log10(d).
    double rssi_at_1m_dbm = -59.9;
    double exponent = 1.62;
    /// Scale of a moving person's adverts around that curve. The noise is heavy-tailed: bodies and
    /// shelves swallow 6 to 21 dB.
    double sigma_db = 5;
    /// How fast a belief spreads: variance per second of a person who strolls, in each direction.
    double stroll_m2_per_s = 0.35;
    /// Height at which members carry their phones.
    double carried_at_m = 1.6;
    /// Scanners without an entry have none.
    std::vector<ScannerOffset> offsets;
    /// Measured departures, where somebody walked the shop; empty elsewhere.
    MapFrame frame;
    std::vector<LevelMap> maps;

    /// The offset of one scanner, 0 without an entry.
    double offset_db(const ScannerId& scanner) const;
    /// The expected departure of `scanner`'s level from the curve at a place on the floor, offset
    /// included.
    double departure_db(const ScannerId& scanner, double x_m, double y_m) const;

    friend bool operator==(const RadioModel&, const RadioModel&) = default;
};

/// Deciding from one scanner's smoothed level.
struct LevelRule {
    double enter_dbm = -63;
    double exit_dbm = -71;
    /// Levels are averaged over this long, after taking the scanner's offset away.
    std::chrono::milliseconds window{3000};
    /// Another zone's scanner must be this much louder than the present one's.
    double zone_margin_db = 4;
    friend bool operator==(const LevelRule&, const LevelRule&) = default;
};

/// Deciding from the locator's probabilities.
struct LocatorRule {
    /// A visit begins when P(within enter_m) reaches this, and ends when P(within exit_m) falls
    /// below the other.
    double enter_probability = 0.4;
    double exit_probability = 0.35;
    /// How long a probability must hold before an entry, or an exit, counts.
    std::chrono::milliseconds enter_dwell{0};
    std::chrono::milliseconds exit_dwell{0};
    /// Another zone must be this much likelier than the present one, and for this long.
    double zone_margin = 0.3;
    std::chrono::milliseconds zone_dwell{400};
    friend bool operator==(const LocatorRule&, const LocatorRule&) = default;
};

/// What is tuned to one shop. `vitrinectl calibrate presence` fits it to labelled walks.
struct Calibration {
    RadioModel radio;
    LevelRule level;
    LocatorRule locator;

    /// `invalid`, naming the field, on a value outside what makes sense (docs/presence.md).
    Result<void> check() const;

    friend bool operator==(const Calibration&, const Calibration&) = default;
};

}  // namespace vitrine::presence
