#pragma once

#include <functional>
#include <string_view>

#include "agent/host/loop.hpp"

namespace vitrine::host {

/// What the service manager is told (sd_notify(3)). Without a service manager every call does
/// nothing. The watchdog's interval comes from the environment (WATCHDOG_USEC); the loop itself
/// answers it twice an interval, so a stuck loop is restarted.
class Notify {
  public:
    /// `healthy` is asked before each answer to the watchdog; while it says no, none is sent.
    explicit Notify(Loop& loop, std::function<bool()> healthy = {});

    void ready(std::string_view status);
    void status(std::string_view text);
    void reloading();
    void stopping();

    /// Zero when the service manager keeps no watchdog on us.
    std::chrono::microseconds watchdog_interval() const { return watchdog_interval_; }

  private:
    std::function<bool()> healthy_;
    std::chrono::microseconds watchdog_interval_{0};
    Timer watchdog_;
};

}  // namespace vitrine::host
