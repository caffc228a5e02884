#pragma once

#include <optional>
#include <vector>

#include "agent/presence/calibration.hpp"
#include "ctl/walk_csv.hpp"

namespace vitrine::ctl {

/// The calibration of the labelled hall on whose walks the built-in values were tuned, if these
/// are its sensors by name; nothing for every other place. Made by `vitrinectl calibrate presence`
/// from the five labelled walks; ctl/reference_hall.json.
std::optional<presence::Calibration> reference_hall(const std::vector<Sensor>& sensors);

}  // namespace vitrine::ctl
