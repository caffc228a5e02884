#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "agent/base/time.hpp"
#include "agent/host/log.hpp"
#include "agent/host/loop.hpp"
#include "drivers/scanner/scanner.hpp"

namespace vitrine::bluez {

class AdapterGuest;
class Ear;

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

    /// `invalid` if the adapter's name is not one that Linux gives ("hci" and a number).
    Result<void> start(scanner::AdvertSink& sink) override;
    void stop() override;
    scanner::ScannerState state() const override;

  private:
    std::string adapter_;
    std::unique_ptr<Ear> ear_;
};

}  // namespace vitrine::bluez
