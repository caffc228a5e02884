#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <sdbus-c++/sdbus-c++.h>

#include "agent/base/result.hpp"
#include "agent/host/loop.hpp"

namespace vitrine::bluez {

/// One connection to a bus, driven by the loop: no thread of its own. Opening it and adding a match
/// wait for the bus itself, on this machine, for at most two seconds; calls of others do not wait.
class Bus {
  public:
    /// Called after each turn in which messages were handled; with a reason, once, if the bus is
    /// lost. It may destroy the Bus, which nothing that a message calls may do.
    using AfterTurn = std::function<void(const std::optional<std::string>& lost)>;

    /// Empty address: the system bus. `unavailable` if it cannot be reached.
    static Result<std::unique_ptr<Bus>> open(host::Loop& loop, const std::string& address,
                                             AfterTurn after_turn);

    Bus(host::Loop& loop, std::unique_ptr<sdbus::IConnection> connection, AfterTurn after_turn);
    Bus(const Bus&) = delete;
    Bus& operator=(const Bus&) = delete;

    sdbus::IConnection& connection() { return *connection_; }

    /// To be called after calls that were not made from within a message.
    void wake();

    /// A message is being handled now.
    bool in_turn() const { return in_turn_; }

  private:
    void turn();
    std::optional<std::string> handle();
    std::optional<std::string> arm();

    host::Loop& loop_;
    std::unique_ptr<sdbus::IConnection> connection_;
    AfterTurn after_turn_;
    host::Watch watch_;
    host::Timer timer_;
    int watched_fd_ = -1;
    bool watching_writes_ = false;
    bool in_turn_ = false;
};

}  // namespace vitrine::bluez
