#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <sdbus-c++/sdbus-c++.h>

#include "drivers/bluez/bluez_scanner.hpp"

namespace vitrine::bluez {

/// The object that the Bluetooth daemon reads to know what we want to hear (AdvertisementMonitor1)
/// and calls when it hears it. It asks for members' frames only: what else is on the air never
/// becomes an object of the daemon's. Exported as long as it lives.
class Monitor {
  public:
    struct Calls {
        std::function<void()> activated;
        std::function<void()> released;
        std::function<void(const std::string& device_path)> found;
    };

    /// Beside the members' frames, and how the controller is to tell them.
    struct Wants {
        std::vector<AdPrefix> heartbeats;
        /// The controller itself looks for the patterns. It reports each device once unless told
        /// to report each advert; and a daemon that looks for them itself and is told so calls
        /// `found` every ten seconds only (BlueZ 5.66, src/adv_monitor.c: with any RSSI property
        /// set it tracks devices instead of reporting adverts).
        bool controller_filters = false;
    };

    /// What RegisterMonitor wants to be given.
    static constexpr const char* kRoot = "/org/vitrine/scanner";

    /// The library's exceptions pass through: the caller has one place for them.
    Monitor(sdbus::IConnection& connection, Wants wants, Calls calls);

    bool controller_filters() const { return wants_.controller_filters; }

  private:
    Wants wants_;
    Calls calls_;
    std::unique_ptr<sdbus::IObject> root_;
    std::unique_ptr<sdbus::IObject> monitor_;
};

}  // namespace vitrine::bluez
