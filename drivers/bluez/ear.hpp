#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "agent/base/time.hpp"
#include "agent/host/log.hpp"
#include "agent/host/loop.hpp"
#include "drivers/bluez/adapter_guest.hpp"
#include "drivers/bluez/bluez_scanner.hpp"
#include "drivers/bluez/bus.hpp"
#include "drivers/bluez/devices.hpp"
#include "drivers/bluez/monitor.hpp"
#include "drivers/bluez/properties.hpp"

namespace vitrine::bluez {

/// What listens behind a BluezScanner: finds bus, daemon and adapter, registers the monitor, falls
/// back to discovery, and begins again when any of them goes. docs/bluetooth.md has the states.
///
/// Answers of the daemon come later, when the world may have changed: each carries the number of
/// the attempt that asked, and one of an earlier attempt is ignored.
class Ear {
  public:
    Ear(host::Loop& loop, const Clock& clock, host::Log& log, Settings settings);
    ~Ear();
    Ear(const Ear&) = delete;
    Ear& operator=(const Ear&) = delete;

    void start(scanner::AdvertSink& sink);
    void stop();
    const scanner::ScannerState& state() const { return state_; }

  private:
    // The way to hearing: bus, then daemon and adapter, then monitor or discovery.
    void open();
    void connect_signals();
    void look();
    void on_objects(const sdbus::Error* error, const Objects& objects);
    void use(const std::string& path, const Interfaces& adapter);
    void register_monitor();
    void on_activated();
    void on_released();
    void fall_back(const std::string& reason);
    void filter_discovery(const std::string& reason);
    void start_discovery(const std::string& reason);

    // What the daemon tells.
    void on_signal(sdbus::Message& message);
    void on_owner(sdbus::Message& message);
    void on_added(sdbus::Message& message);
    void on_removed(sdbus::Message& message);
    void on_changed(sdbus::Message& message);
    void on_adapter(const Properties& changed);
    void tell(const std::optional<Devices::Heard>& heard);

    void after_turn(const std::optional<std::string>& lost);
    void close();
    void begin_anew();
    void welcome_guest();
    void dismiss_guest();
    void retry(scanner::ScannerMode mode, std::string sentence);
    void become(scanner::ScannerMode mode, std::string sentence);
    void become_passive();
    template <class Function>
    void guarded(Function function);
    bool is_our_device(const std::string& path) const;
    std::string adapter_name() const;

    host::Loop& loop_;
    const Clock& clock_;
    host::Log& log_;
    Settings settings_;
    scanner::AdvertSink* sink_ = nullptr;
    scanner::ScannerState state_{scanner::ScannerMode::stopped, "Not listening."};

    // Destroyed from below: timers, then what lives on the connection, then the connection.
    std::unique_ptr<Bus> bus_;
    std::unique_ptr<Monitor> monitor_;
    std::unique_ptr<sdbus::IProxy> daemon_;
    std::unique_ptr<sdbus::IProxy> adapter_;
    std::string adapter_path_;
    std::string guest_path_;  ///< The adapter that the guest was told of; empty: none.
    std::uint64_t attempt_ = 0;
    bool bus_is_bad_ = false;  ///< The next attempt begins with a new connection.
    bool registered_ = false;
    bool discovering_ = false;  ///< On our own behalf.
    bool someone_discovers_ = false;
    Devices devices_;
    unsigned failures_ = 0;
    host::Timer retry_timer_;
    host::Timer activation_timer_;
};

/// Asks the daemon for something: a call that cannot even be sent means a bus that is no use.
template <class Function>
void Ear::guarded(Function function) {
    try {
        function();
    } catch (const sdbus::Error& error) {
        bus_is_bad_ = true;
        retry(scanner::ScannerMode::failed,
              "D-Bus does not take our calls (" + error.getName() + "); connecting again.");
    }
}

}  // namespace vitrine::bluez
