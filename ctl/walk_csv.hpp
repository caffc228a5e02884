#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"
#include "agent/base/units.hpp"

namespace vitrine::ctl {

/// One fixed receiver of a labelled recording.
struct Sensor {
    std::string address;
    ScannerId name;
    Point at;
};

/// One advert heard by one sensor, and where the beacon was.
struct Reading {
    /// Since the walk's first reading.
    double time_s = 0;
    std::uint16_t sensor = 0;
    Rssi rssi;
    Point at;
};

/// A recording of one beacon carried through the shop; at least one reading, in order of time.
struct Walk {
    std::string name;
    std::vector<Reading> readings;
};

/// `sensor_address,name,x_m,y_m,z_m` under that header. Every error names file and line: not there,
/// a number that is none, a name that is none, a repeated sensor, none at all.
Result<std::vector<Sensor>> read_sensors(const std::filesystem::path& file);

/// `time_s,sensor,beacon,rssi_dbm,x_m,y_m,z_m` without a header; further columns are ignored, and
/// rows may be out of order. Every error names file and line, also a row without a position, which
/// cannot be judged.
Result<Walk> read_walk(const std::filesystem::path& file, const std::vector<Sensor>& sensors);

}  // namespace vitrine::ctl
