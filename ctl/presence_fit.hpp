#pragma once

#include <functional>
#include <vector>

#include "agent/presence/calibration.hpp"
#include "ctl/presence_evaluation.hpp"
#include "ctl/walk_csv.hpp"

namespace vitrine::ctl {

/// What of a calibration comes from the walks; the rest keeps its built-in value.
struct Fitting {
    /// Measure what shelves and walls do to each scanner along the walked paths.
    bool maps = true;
    /// Choose thresholds; needs three walks, because they are chosen on walks left out of the fit.
    bool thresholds = true;
};

/// Path loss, offsets and noise by robust least squares; departures by Gaussian-process regression
/// on the residuals (docs/presence.md). `walks` is not empty.
presence::Calibration fit(const std::vector<Walk>& walks, const std::vector<Sensor>& sensors,
                          const Judging& judging, const Fitting& fitting);

/// Fits to all walks but one and judges that one, for each in turn.
Tally leave_one_out(const std::vector<Walk>& walks, const std::vector<Sensor>& sensors,
                    const Judging& judging, const Fitting& fitting);

}  // namespace vitrine::ctl
