#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "agent/base/bytes.hpp"
#include "agent/radio/advert.hpp"

namespace vitrine::bluez {

/// What one message of the Bluetooth daemon says of a device. What it does not mention is as it
/// was; an empty payload means that the device sends no such frame of a member (any more).
struct DeviceNews {
    /// kRssiUnknown: the daemon no longer has a level.
    std::optional<Rssi> rssi;
    std::optional<radio::Payload> service_data;
    std::optional<radio::Payload> service_uuid;
};

/// The AD structure of Eddystone service data (0xFEAA) if it is a member's frame, else nothing.
radio::Payload service_data_frame(ByteView data);

/// The AD structure of a 128-bit service UUID, "56495452-494e-4531-…", if it is a member's, else
/// nothing.
radio::Payload service_uuid_frame(std::string_view uuid);

/// The daemon's level in dBm; what no radio measures becomes kRssiUnknown.
Rssi rssi_from(int dbm);

/// The devices, by D-Bus object path, that send members' frames. The daemon tells only what has
/// changed, so the rest is remembered here, and nothing at all of any other device.
class Devices {
  public:
    /// Phones change their address, and the daemon keeps each for 30 s: a thousand members at once
    /// stay far below. At the limit another one is forgotten.
    static constexpr std::size_t kMax = 4096;

    struct Heard {
        radio::Address address;
        Rssi rssi = kRssiUnknown;
        radio::Payload data;
        friend bool operator==(const Heard&, const Heard&) = default;
    };

    /// Takes note without anything having been heard: what the daemon knew when it was asked.
    void learn(std::string_view path, const DeviceNews& news);

    /// Takes note of a change, which is an advert if it has a level or another frame.
    std::optional<Heard> change(std::string_view path, const DeviceNews& news);

    /// The monitor reports each advert, after the change if there was one: an advert at the level
    /// that did not change, or nothing if `change` has just told it.
    std::optional<Heard> found(std::string_view path);

    void forget(std::string_view path);
    void clear() { devices_.clear(); }
    std::size_t size() const { return devices_.size(); }

  private:
    struct Device {
        radio::Address address;
        Rssi rssi = kRssiUnknown;
        radio::Payload service_data;
        radio::Payload service_uuid;
        bool told = false;

        std::optional<Heard> heard() const;
    };

    Device* known_after(std::string_view path, const DeviceNews& news);

    std::map<std::string, Device, std::less<>> devices_;
};

}  // namespace vitrine::bluez
