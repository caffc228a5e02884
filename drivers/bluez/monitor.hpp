#pragma once

#include <functional>
#include <memory>
#include <string>

#include <sdbus-c++/sdbus-c++.h>

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

    /// What RegisterMonitor wants to be given.
    static constexpr const char* kRoot = "/org/vitrine/scanner";

    /// The library's exceptions pass through: the caller has one place for them.
    Monitor(sdbus::IConnection& connection, Calls calls);

  private:
    Calls calls_;
    std::unique_ptr<sdbus::IObject> root_;
    std::unique_ptr<sdbus::IObject> monitor_;
};

}  // namespace vitrine::bluez
