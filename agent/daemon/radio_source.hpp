#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "agent/daemon/config.hpp"
#include "agent/host/log.hpp"
#include "agent/host/loop.hpp"
#include "drivers/replay/recording.hpp"
#include "drivers/scanner/scanner.hpp"
#include "drivers/simulated/simulated_scanner.hpp"

namespace vitrine::daemon {

/// Where the adverts come from, as the configuration says.
struct Radio {
    std::unique_ptr<scanner::Scanner> scanner;  ///< Null for none.
    simulated::SimulatedScanner* simulated =
        nullptr;  ///< The same one, where its shoppers can be steered.
};

/// The recording that `radio.script` names: adverts, or with `radio.walk_key` a labelled walk.
Result<replay::Recording> read_recording(const Config& config);

/// `invalid` or `not_found` naming the file where the script cannot be read.
Result<Radio> make_radio(const Config& config, host::Loop& loop, const Clock& clock, host::Log& log,
                         std::uint64_t seed);

}  // namespace vitrine::daemon
