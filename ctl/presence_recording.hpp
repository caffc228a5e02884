#pragma once

#include <string>
#include <vector>

#include "agent/base/result.hpp"
#include "agent/presence/layout.hpp"
#include "ctl/walk_csv.hpp"
#include "drivers/replay/recording.hpp"

namespace vitrine::ctl {

/// The scanners of a shop that have a place, as sensors of a walk.
std::vector<Sensor> sensors_of(const presence::Layout& layout);

/// A staff walk recorded by the shop's own scanners, as a labelled walk: the adverts of the phone
/// that was carried, between the first mark and the last. Between two marks one walked straight and
/// evenly from kiosk to kiosk, and between two of the same kiosk one stood there.
///
/// `invalid`, naming `file` and what to do: fewer than three placed scanners, marks of fewer than
/// two kiosks, a mark of a kiosk that is not in the layout, adverts of no own phone or of several,
/// or of fewer than kWalkReadingsMin readings.
inline constexpr std::size_t kWalkReadingsMin = 100;
Result<Walk> walk_of(const replay::Recording& recording, const std::string& file,
                     const presence::Layout& layout);

/// The scanners that heard little or nothing of the walks: their fit is worth as little.
std::vector<ScannerId> hard_of_hearing(const std::vector<Walk>& walks,
                                       const std::vector<Sensor>& sensors);

}  // namespace vitrine::ctl
