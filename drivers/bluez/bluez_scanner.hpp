#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/base/bytes.hpp"
#include "agent/base/time.hpp"
#include "agent/host/log.hpp"
#include "agent/host/loop.hpp"
#include "drivers/bluez/recovery.hpp"
#include "drivers/scanner/scanner.hpp"

namespace vitrine::bluez {

class AdapterGuest;
class Ear;

/// What an AD structure of another kiosk's beacon begins with.
struct AdPrefix {
    std::uint8_t type = 0;
    Bytes bytes;
};

/// How long the scanner waits for what; tests are less patient.
struct Waits {
    /// The daemon may accept a monitor that the kernel refuses: only Activate says that it listens.
    std::chrono::nanoseconds activation = std::chrono::seconds(5);
    /// Between two attempts to leave the discovery fallback.
    std::chrono::nanoseconds passive_again = std::chrono::minutes(5);
    /// Between off and on.
    std::chrono::nanoseconds off = std::chrono::seconds(1);
    Recovery::Waits recovery;
};

struct Settings {
    /// "hci0"; empty: the first one there is.
    std::string adapter;
    /// As D-Bus writes addresses, "unix:path=/run/…"; empty: the system bus.
    std::string bus_address;
    /// Whether the scanner may discover where the Bluetooth daemon cannot listen passively. During
    /// discovery that daemon keeps bystanders' devices, so a shop may rather hear nothing.
    bool discovery_allowed = true;
    /// Index of this scanner in the configured list: its adverts carry it.
    std::uint16_t scanner = 0;
    /// Told when there is an adapter to live on and when there is none; outlives the scanner.
    AdapterGuest* guest = nullptr;
    /// Whether each advert's level is read from the kernel where the system permits it.
    bool kernel_allowed = true;
    /// A socket from `open_management_channel`, of a process with CAP_NET_ADMIN, that this one was
    /// given: then it needs no such leave itself. Stays the giver's; one for each scanner.
    std::optional<int> kernel_socket;
    /// Other kiosks' beacons: heard, they show that the radio lives. At most kHeartbeatsMax.
    std::vector<AdPrefix> heartbeats;
    Waits waits;
    /// Where the kernel shows its switches for radios, and where they are thrown.
    std::filesystem::path rfkill_folder = "/sys/class/rfkill";
    std::filesystem::path rfkill_device = "/dev/rfkill";

    static constexpr std::size_t kHeartbeatsMax = 8;
};

/// How the radio fares, for /metrics and `vitrinectl doctor`. Ages are since the sign in question;
/// nothing: there has been none since the start.
struct RadioHealth {
    scanner::ScannerMode mode = scanner::ScannerMode::stopped;
    std::string adapter;                 ///< "hci0"; empty: none at the moment.
    bool levels_from_kernel = false;     ///< Each advert's level; else the daemon's steps of 8 dB.
    bool someone_discovers = false;      ///< The privacy alarm: bystanders are being kept.
    std::uint64_t discovery_alarms = 0;  ///< How often it has begun.
    RecoveryStage stage = RecoveryStage::well;
    RecoveryCounts recoveries;
    std::uint64_t adverts = 0;  ///< Members' or alike, told to the sink.
    std::optional<std::chrono::nanoseconds> advert_age;
    std::optional<std::chrono::nanoseconds> life_age;  ///< Anything that came from the radio.
};

/// This machine's own Bluetooth adapter, through the BlueZ daemon and D-Bus (docs/bluetooth.md).
///
/// It listens passively: an AdvertisementMonitor that asks for members' frames only, so that
/// nothing of a bystander is kept anywhere. What is not there yet (bus, daemon, adapter, power) is
/// waited for, and what goes away is waited for again; state() says which. Several may live on
/// several adapters, each with its own connection.
class BluezScanner final : public scanner::Scanner {
  public:
    /// Loop, clock and log outlive the scanner.
    BluezScanner(host::Loop& loop, const Clock& clock, host::Log& log, Settings settings);
    ~BluezScanner() override;
    BluezScanner(const BluezScanner&) = delete;
    BluezScanner& operator=(const BluezScanner&) = delete;

    /// `invalid` if the adapter's name is not one that Linux gives ("hci" and a number), or a
    /// heartbeat is no AD structure's beginning.
    Result<void> start(scanner::AdvertSink& sink) override;
    void stop() override;
    scanner::ScannerState state() const override;

    RadioHealth health() const;

  private:
    std::string adapter_;
    bool heartbeats_are_well_;
    std::unique_ptr<Ear> ear_;
};

}  // namespace vitrine::bluez
