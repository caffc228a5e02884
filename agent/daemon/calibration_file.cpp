#include "agent/daemon/calibration_file.hpp"

namespace vitrine::daemon {

Result<presence::Calibration> read_calibration(const std::filesystem::path& file) {
    if (file.empty()) return presence::Calibration{};
    return unavailable(file.string() + ": calibrations are not read yet");
}

}  // namespace vitrine::daemon
