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
#include "agent/host/metrics.hpp"
#include "drivers/bluez/beacon.hpp"
#include "drivers/bluez/bluez_scanner.hpp"
#include "drivers/gateway/gateway_scanner.hpp"
#include "drivers/replay/recording.hpp"
#include "drivers/scanner/check_in_desk.hpp"
#include "drivers/scanner/scanner.hpp"
#include "drivers/simulated/simulated_scanner.hpp"

namespace vitrine::daemon {

/// Where the adverts come from, as the configuration says.
struct Radio {
    std::unique_ptr<bluez::Beacon> beacon;      ///< Null for none. Outlives the scanner.
    std::unique_ptr<scanner::Scanner> scanner;  ///< Null for none; several are one group.
    // Those in it that can do more than be heard; none or null where there is none.
    struct Adapter {
        ScannerId id;
        const bluez::BluezScanner* scanner = nullptr;
    };
    std::vector<Adapter> adapters;                     ///< Have their health.
    simulated::SimulatedScanner* simulated = nullptr;  ///< Its shoppers can be steered.
    gateway::GatewayScanner* gateways = nullptr;       ///< Has counters.
};

/// The recording that `radio.script` names: adverts, a capture of a sniffer, or with
/// `radio.walk_key` a labelled walk.
Result<replay::Recording> read_recording(const Config& config);

/// All that the configuration names: what `radio.source` says, and the gateways beside it. Where
/// `desk` is not null, phones can check in at it. `invalid` or `not_found` naming the file that
/// cannot be read.
Result<Radio> make_radio(const Config& config, host::Loop& loop, const Clock& clock, host::Log& log,
                         std::uint64_t seed, scanner::CheckInDesk* desk = nullptr);

/// What came of each gateway's adverts, and how each adapter fares, by scanner. The radio outlives
/// the metrics' use.
void add_radio_metrics(host::Metrics& metrics, const Radio& radio);

/// The state of it in a few words, with what somebody ought to look at: "passive", "passive
/// (another program discovers: bystanders are being kept)".
std::string state_of(const Radio& radio);

}  // namespace vitrine::daemon
