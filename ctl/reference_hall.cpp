#include "ctl/reference_hall.hpp"

#include <algorithm>

#include "agent/base/check.hpp"
#include "ctl/calibration_json.hpp"

namespace vitrine::ctl {
namespace {

constexpr const char kReferenceHall[] =
#include "reference_hall.inc"
    ;

}  // namespace

std::optional<presence::Calibration> reference_hall(const std::vector<Sensor>& sensors) {
    auto calibration = calibration_from_json(kReferenceHall);
    CHECK(calibration.has_value());
    const std::vector<presence::ScannerOffset>& known = calibration->radio.offsets;
    const bool same = known.size() == sensors.size() &&
                      std::all_of(sensors.begin(), sensors.end(), [&](const Sensor& sensor) {
                          return std::any_of(known.begin(), known.end(), [&](const auto& each) {
                              return each.scanner == sensor.name;
                          });
                      });
    if (!same) return std::nullopt;
    return std::move(calibration).value();
}

}  // namespace vitrine::ctl
