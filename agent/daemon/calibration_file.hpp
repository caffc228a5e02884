#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "agent/base/result.hpp"
#include "agent/presence/calibration.hpp"

namespace vitrine::daemon {

/// What `vitrinectl calibrate presence` found out about a shop; the built-in values for an empty
/// path. `not_found`, or `invalid` naming file and field.
Result<presence::Calibration> read_calibration(const std::filesystem::path& file);

}  // namespace vitrine::daemon
