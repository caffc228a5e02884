#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/host/loop.hpp"
#include "drivers/bluez/management.hpp"

namespace vitrine::bluez {

/// A bound socket of the kernel's Bluetooth management channel, of the calling process' leave, that
/// the caller closes. `denied` or `unavailable`.
Result<int> open_management_channel();

/// The kernel's Bluetooth management channel, read on the loop: every advert that the adapter hears
/// while the daemon listens, with its level. It only reads; the one command that it gives changes
/// nothing and asks whether this process may listen (CAP_NET_ADMIN).
class ManagementSocket {
  public:
    struct Calls {
        std::function<void(const FoundOnAir&)> found;
        /// It may listen.
        std::function<void()> answered;
        /// It may not listen, or the channel is gone. Nothing is called any more.
        std::function<void(const std::string& reason)> ended;
    };

    /// `adapter`: the number in hci0, hci1 …. `denied` or `unavailable` where this kind of socket
    /// cannot be had. `given`: one that somebody with leave has opened, which stays his; leave is
    /// the socket's, not the process'.
    static Result<std::unique_ptr<ManagementSocket>> open(host::Loop& loop,
                                                          std::optional<int> given,
                                                          std::uint16_t adapter, Calls calls);

    /// Takes over a socket that gives one packet a read: the kernel's, or a test's.
    ManagementSocket(host::Loop& loop, int fd, std::uint16_t adapter, Calls calls);
    ~ManagementSocket();
    ManagementSocket(const ManagementSocket&) = delete;
    ManagementSocket& operator=(const ManagementSocket&) = delete;

    /// Begins to watch and asks for leave.
    Result<void> start();

    /// The kernel has said that this process may listen.
    bool permitted() const { return permitted_; }

    std::uint16_t adapter() const { return adapter_; }

    /// A packet is being handled now: it may not be destroyed.
    bool in_turn() const { return in_turn_; }

  private:
    void forget_the_past();
    void turn();
    std::optional<std::string> read();
    std::optional<std::string> take(ByteView packet);
    void end(const std::string& reason);

    host::Loop& loop_;
    int fd_;
    std::uint16_t adapter_;
    Calls calls_;
    host::Watch watch_;
    bool permitted_ = false;
    bool in_turn_ = false;
};

}  // namespace vitrine::bluez
