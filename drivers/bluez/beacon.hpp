#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/base/time.hpp"
#include "agent/host/log.hpp"
#include "agent/host/loop.hpp"
#include "agent/identity/eid.hpp"
#include "agent/radio/frame.hpp"
#include "drivers/bluez/adapter_guest.hpp"
#include "drivers/scanner/check_in_desk.hpp"

namespace sdbus {
class Error;
class IProxy;
}  // namespace sdbus

namespace vitrine::bluez {

class AdvertObject;
class CheckInService;
struct AdvertContent;

/// What a kiosk says of itself to phones.
struct BeaconSettings {
    /// The iBeacon's UUID, one a chain: an app's region. The Eddystone namespace is made of it.
    radio::Uuid region{};
    std::uint16_t store = 0;  ///< Major.
    std::uint16_t kiosk = 0;  ///< Minor.
    /// Measured at one metre from the kiosk; -59 is common for a stick.
    std::int8_t rssi_at_1m_dbm = -59;
    /// Eddystone sends a rolling identifier made with this key instead of a fixed one: then only
    /// apps that were given the key know where they are. The iBeacon stays as it is.
    std::optional<identity::IdentityKey> rotating;
};

/// The adverts of a kiosk, the most needed first: check-in (if `check_in`), iBeacon, Eddystone.
/// Each is within kAdvertBytesMax; docs/app-integration.md has their bytes.
std::vector<AdvertContent> adverts_of(const BeaconSettings& settings, bool check_in, WallTime now);

/// The agent as a beacon, beside the scanner and on its connection: adverts that wake an app and
/// tell it where it is, and the service by which it checks in. It answers and never calls: it
/// connects to nobody, registers no pairing agent, and makes the adapter refuse to pair.
///
/// What the daemon refuses is a sentence and asked for again after 30 s to 10 min; hearing goes on
/// without it.
class Beacon final : public AdapterGuest {
  public:
    /// All outlive the beacon, and the beacon outlives the scanner. Without a desk nobody can check
    /// in by radio.
    Beacon(host::Loop& loop, const Clock& clock, host::Log& log, BeaconSettings settings,
           scanner::CheckInDesk* desk);
    ~Beacon() override;
    Beacon(const Beacon&) = delete;
    Beacon& operator=(const Beacon&) = delete;

    void adapter_ready(Bus& bus, const std::string& adapter_path) override;
    void adapter_gone() override;

    struct State {
        /// Everything that was wanted is on the air.
        bool well = false;
        /// For people: what is sent and, if something is missing, what to do.
        std::string sentence = "The beacon is off: no adapter.";
        friend bool operator==(const State&, const State&) = default;
    };
    const State& state() const { return state_; }

  private:
    void begin();
    void ask_for_room();
    void register_adverts(std::size_t room);
    void register_service();
    void forbid_pairing();
    void refused(std::string what, const sdbus::Error& error);
    void tick();
    void retry_later();
    void take_back() noexcept;
    void tell();

    host::Loop& loop_;
    const Clock& clock_;
    host::Log& log_;
    BeaconSettings settings_;
    scanner::CheckInDesk* desk_;
    State state_;

    Bus* bus_ = nullptr;
    std::string adapter_path_;
    std::uint64_t generation_ = 0;  ///< In the paths: an old registration never answers for a new.
    std::size_t wanted_ = 0;
    std::size_t on_air_ = 0;
    bool serving_ = false;
    std::string trouble_;
    unsigned failures_ = 0;
    // Destroyed from below: timers, then the proxy and the objects.
    std::vector<std::unique_ptr<AdvertObject>> adverts_;
    std::unique_ptr<CheckInService> service_;
    std::unique_ptr<sdbus::IProxy> adapter_;
    host::Timer tick_timer_;
    host::Timer retry_timer_;
};

}  // namespace vitrine::bluez
