#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "agent/base/result.hpp"
#include "agent/presence/calibration.hpp"

namespace vitrine::daemon {

/// The file format of docs/presence.md: `{"format": "vitrine-presence-1", "radio": …}`.
std::string calibration_to_json(const presence::Calibration& calibration);

/// Absent fields keep their built-in value. `invalid`, naming the field, on another format, an
/// unknown field, a wrong type, or a value that `Calibration::check` refuses.
Result<presence::Calibration> calibration_from_json(std::string_view text);

/// Adds the file's name to every error; `not_found` where there is none.
Result<presence::Calibration> load_calibration(const std::filesystem::path& file);

}  // namespace vitrine::daemon
