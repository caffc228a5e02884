#pragma once

#include <vector>

#include "agent/presence/calibration.hpp"
#include "ctl/walk_csv.hpp"

namespace vitrine::ctl {

/// Path loss, offsets and noise by iteratively reweighted least squares with Student-t weights. A
/// ridge keeps scanners with few readings near the common curve.
presence::RadioModel fit_path_loss(const std::vector<Walk>& walks,
                                   const std::vector<Sensor>& sensors);

/// Adds frame and maps: for each scanner the residuals' Gaussian-process mean, which falls back to
/// nothing where nobody walked.
void fit_maps(presence::RadioModel& radio, const std::vector<Walk>& walks,
              const std::vector<Sensor>& sensors);

}  // namespace vitrine::ctl
