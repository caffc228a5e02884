#pragma once

#include <string>
#include <vector>

#include "agent/base/result.hpp"
#include "ctl/presence_evaluation.hpp"
#include "ctl/walk_csv.hpp"

namespace CLI {
class App;
}

namespace vitrine::ctl {

/// What `evaluate presence` and `calibrate presence` both read.
struct PresenceInputs {
    std::string sensors_file;
    std::vector<std::string> walk_files;
    Judging judging;

    std::vector<Sensor> sensors;
    std::vector<Walk> walks;

    /// Adds --sensors, --walks, --enter and --exit. Where the files are not `required`, something
    /// else may fill in sensors and walks.
    void add_options(CLI::App& app, bool required = true);
    /// Reads the files. Errors of the readers, and `invalid` where the distances make no sense.
    Result<void> read();
};

}  // namespace vitrine::ctl
