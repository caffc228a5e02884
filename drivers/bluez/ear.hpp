#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
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
#include "drivers/bluez/management_socket.hpp"
#include "drivers/bluez/monitor.hpp"
#include "drivers/bluez/properties.hpp"
#include "drivers/bluez/recovery.hpp"

namespace vitrine::bluez {

/// What listens behind a BluezScanner: finds bus, daemon and adapter, registers the monitor, falls
/// back to discovery, and begins again when any of them goes. docs/bluetooth.md has the states.
///
/// Adverts come from the kernel where this process may read them (each with its level), else from
/// the daemon. Answers of the daemon come later, when the world may have changed: each carries the
/// number of the attempt that asked, and one of an earlier attempt is ignored.
class Ear {
  public:
    Ear(host::Loop& loop, const Clock& clock, host::Log& log, Settings settings);
    ~Ear();
    Ear(const Ear&) = delete;
    Ear& operator=(const Ear&) = delete;

    void start(scanner::AdvertSink& sink);
    void stop();
    const scanner::ScannerState& state() const { return state_; }
    RadioHealth health() const;

  private:
    // The way to hearing: bus, then daemon and adapter, then monitor or discovery.
    void open();
    void connect_signals();
    void look();
    void on_objects(const sdbus::Error* error, const Objects& objects);
    void use(const std::string& path, const Interfaces& adapter);
    void make_monitor(bool sampled);
    void register_monitor();
    void on_activated();
    void on_released();
    void fall_back(const std::string& reason, bool radio_may_be_to_blame);
    void filter_discovery();
    void start_discovery();
    void stop_discovery();
    void discovers();

    // What the daemon tells.
    void on_signal(sdbus::Message& message);
    void on_owner(sdbus::Message& message);
    void on_added(sdbus::Message& message);
    void on_removed(sdbus::Message& message);
    void on_changed(sdbus::Message& message);
    void on_adapter(const Properties& changed);
    void on_discovering(bool discovering);
    void on_device(const std::string& path, const DeviceNews& news);
    void on_found(const std::string& path);
    void tell_from_daemon(const std::optional<Devices::Heard>& heard);
    void tell(const Devices::Heard& heard);

    // What the kernel tells, where it may.
    void listen_to_kernel();
    void on_air(const FoundOnAir& found);
    bool levels_from_kernel() const;
    bool kernel_tells() const;

    // When nothing comes: ear_recovery.cpp.
    void life();
    void listening();
    void watch();
    void act(RecoveryStage stage);
    void power_cycle();
    void reset();
    void power_on();
    void set_powered(bool on, std::function<void(const sdbus::Error*)> done);
    void unblock();
    void release_radio();
    bool life_expected() const;
    std::string what_was_tried() const;

    void after_turn(const std::optional<std::string>& lost);
    void close();
    void begin_anew();
    void welcome_guest();
    void dismiss_guest();
    void retry(scanner::ScannerMode mode, std::string sentence);
    void absent(scanner::ScannerMode mode, std::string sentence);
    void fail(std::string sentence, bool radio_may_be_to_blame);
    void become(scanner::ScannerMode mode, std::string sentence);
    void say_how();
    std::string how_passive() const;
    template <class Function>
    void guarded(Function function);
    /// Listening by the monitor.
    bool passive() const { return listening_ && !discovering_; }
    bool is_our_device(const std::string& path) const;
    std::string adapter_name() const;

    host::Loop& loop_;
    const Clock& clock_;
    host::Log& log_;
    Settings settings_;
    scanner::AdvertSink* sink_ = nullptr;
    scanner::ScannerState state_{scanner::ScannerMode::stopped, "Not listening."};

    // Destroyed from below: timers, then what lives on the connection, then the connection.
    std::unique_ptr<ManagementSocket> kernel_;
    std::unique_ptr<Bus> bus_;
    std::unique_ptr<Monitor> monitor_;
    std::unique_ptr<sdbus::IProxy> daemon_;
    std::unique_ptr<sdbus::IProxy> adapter_;
    std::string adapter_path_;
    std::string guest_path_;  ///< The adapter that the guest was told of; empty: none.
    std::uint64_t attempt_ = 0;
    bool bus_is_bad_ = false;  ///< The next attempt begins with a new connection.
    bool registered_ = false;
    bool listening_ = false;    ///< Activated, or discovering.
    bool discovering_ = false;  ///< On our own behalf.
    bool adapter_discovers_ = false;
    bool someone_discovers_ = false;
    std::string why_discovery_;
    std::string why_not_kernel_;
    Devices devices_;
    unsigned failures_ = 0;

    Recovery recovery_;
    bool cycling_ = false;                         ///< Between off and on, on our own behalf.
    bool owes_power_ = false;                      ///< We switched it off; it is to come on again.
    std::optional<std::uint32_t> blocked_switch_;  ///< Thrown by us, to be thrown back.
    std::string why_no_reset_;

    std::uint64_t adverts_ = 0;
    std::uint64_t alarms_ = 0;
    std::optional<Instant> last_advert_;
    std::optional<Instant> last_life_;
    std::optional<Instant> last_from_kernel_;
    std::optional<Devices::Heard> told_by_monitor_;

    host::Timer retry_timer_;
    host::Timer activation_timer_;
    host::Timer passive_again_timer_;
    host::Timer watchdog_timer_;
    host::Timer power_timer_;
    host::Timer unblock_timer_;
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
