#pragma once

#include <chrono>
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

/// How levels fall with distance, and how much noise is on them. Defaults are the fit of all
/// labelled walks of the Position-Annotated BLE RSSI Dataset (docs/presence.md).
struct RadioModel {
    /// Level at one metre, and path-loss exponent: rssi = rssi_at_1m − 10 n log10(d).
    double rssi_at_1m_dbm = -62;
    double exponent = 1.4;
    /// Scale of the Student-t noise of a moving person's adverts around that curve.
    double sigma_db = 5;
    /// Its degrees of freedom: small is heavy-tailed. Bodies and shelves swallow 6 to 21 dB.
    double degrees_of_freedom = 4;
    /// Scanners without an entry have none.
    std::vector<ScannerOffset> offsets;
    friend bool operator==(const RadioModel&, const RadioModel&) = default;
};

/// Deciding from one scanner's smoothed level.
struct LevelRule {
    double enter_dbm = -62;
    double exit_dbm = -70;
    /// Levels are averaged over this long.
    std::chrono::milliseconds window{2000};
    friend bool operator==(const LevelRule&, const LevelRule&) = default;
};

/// Deciding from the locator's P(at kiosk).
struct LocatorRule {
    double enter_probability = 0.6;
    double exit_probability = 0.3;
    /// A probability must hold this long before an entry, or an exit, counts.
    std::chrono::milliseconds enter_dwell{500};
    std::chrono::milliseconds exit_dwell{500};
    /// Another zone must be this much likelier than the present one, and for this long.
    double zone_margin = 0.1;
    std::chrono::milliseconds zone_dwell{500};
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
