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
        /// To set RSSISamplingPeriod to 0. A controller that looks for the patterns itself then
        /// reports each advert and not each device once. A daemon that looks for them itself
        /// (BlueZ 5.66, src/adv_monitor.c: with any RSSI property set it tracks devices) then calls
        /// `found` every ten seconds and not for each advert, which is all the better where the
        /// kernel tells each advert.
        bool sampled = false;
    };

    /// What RegisterMonitor wants to be given.
    static constexpr const char* kRoot = "/org/vitrine/scanner";

    /// The library's exceptions pass through: the caller has one place for them.
    Monitor(sdbus::IConnection& connection, Wants wants, Calls calls);

    bool sampled() const { return wants_.sampled; }

  private:
    Wants wants_;
    Calls calls_;
    std::unique_ptr<sdbus::IObject> root_;
    std::unique_ptr<sdbus::IObject> monitor_;
};

}  // namespace vitrine::bluez
