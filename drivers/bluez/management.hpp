#pragma once

#include <array>
#include <cstdint>
#include <variant>

#include "agent/base/bytes.hpp"
#include "agent/radio/advert.hpp"

namespace vitrine::bluez {

/// An advert as the kernel's management interface tells it (BlueZ, doc/mgmt-api.txt: Device Found,
/// 0x0012, and Advertisement Monitor Device Found, 0x002f), from any device within reach. The bytes
/// belong to the packet.
struct FoundOnAir {
    std::uint16_t adapter = 0;
    /// Of which monitor; 0: of none in particular. A kernel that leaves matching to the controller
    /// tells a device that it finds for the first time both ways during a discovery.
    std::uint16_t monitor = 0;
    bool by_monitor = false;
    radio::Address address;
    Rssi rssi = kRssiUnknown;
    ByteView structures;
};

/// The kernel's answer to a command: Command Complete (0x0001) or Command Status (0x0002).
struct ManagementAnswer {
    std::uint16_t adapter = 0;
    std::uint16_t command = 0;
    std::uint8_t status = 0;  ///< 0: done; 0x14: not permitted.
};

struct OtherEvent {};       ///< Well-formed as far as it matters, and of no interest here.
struct MalformedPacket {};  ///< Shorter or longer than it says.

using ManagementEvent = std::variant<OtherEvent, MalformedPacket, FoundOnAir, ManagementAnswer>;

/// One packet of the management channel. Any bytes are safe to give. Classic Bluetooth is of no
/// interest.
ManagementEvent parse_management(ByteView packet);

/// The adapter features that monitors have: a command that changes nothing and that only a process
/// with CAP_NET_ADMIN may give, so the answer tells whether events will come.
inline constexpr std::uint16_t kReadMonitorFeatures = 0x0051;
inline constexpr std::uint8_t kNotPermitted = 0x14;

/// A command without parameters.
std::array<std::uint8_t, 6> management_command(std::uint16_t command, std::uint16_t adapter);

}  // namespace vitrine::bluez
