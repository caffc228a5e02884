#include "drivers/bluez/management.hpp"

#include <algorithm>
#include <array>

#include "drivers/bluez/devices.hpp"

namespace vitrine::bluez {
namespace {

constexpr std::size_t kHeaderSize = 6;
constexpr std::uint16_t kCommandComplete = 0x0001;
constexpr std::uint16_t kCommandStatus = 0x0002;
constexpr std::uint16_t kDeviceFound = 0x0012;
constexpr std::uint16_t kMonitorDeviceFound = 0x002f;

// Of Device Found: address 6, its type 1, level 1, flags 4, length 2, and then the AD structures.
constexpr std::size_t kFoundSize = 14;
constexpr std::uint8_t kLePublic = 1;
constexpr std::uint8_t kLeRandom = 2;

std::uint16_t u16(ByteView bytes, std::size_t at) {
    return static_cast<std::uint16_t>(bytes[at] | (bytes[at + 1] << 8));
}

ManagementEvent found(std::uint16_t adapter, ByteView body) {
    if (body.size() < kFoundSize) return MalformedPacket{};
    const std::size_t length = u16(body, 12);
    if (body.size() != kFoundSize + length) return MalformedPacket{};
    if (body[6] != kLePublic && body[6] != kLeRandom) return OtherEvent{};
    FoundOnAir event{.adapter = adapter,
                     .rssi = rssi_from(static_cast<std::int8_t>(body[7])),
                     .structures = body.subspan(kFoundSize)};
    // Little-endian on the wire.
    std::reverse_copy(body.begin(), body.begin() + 6, event.address.bytes.begin());
    return event;
}

ManagementEvent found_by_monitor(std::uint16_t adapter, ByteView body) {
    if (body.size() < 2) return MalformedPacket{};
    ManagementEvent event = found(adapter, body.subspan(2));
    if (auto* told = std::get_if<FoundOnAir>(&event)) {
        told->by_monitor = true;
        told->monitor = u16(body, 0);
    }
    return event;
}

ManagementEvent answer(std::uint16_t adapter, ByteView body) {
    if (body.size() < 3) return MalformedPacket{};
    return ManagementAnswer{.adapter = adapter, .command = u16(body, 0), .status = body[2]};
}

}  // namespace

ManagementEvent parse_management(ByteView packet) {
    if (packet.size() < kHeaderSize) return MalformedPacket{};
    const std::uint16_t code = u16(packet, 0);
    const std::uint16_t adapter = u16(packet, 2);
    const ByteView body = packet.subspan(kHeaderSize);
    if (body.size() != u16(packet, 4)) return MalformedPacket{};
    switch (code) {
        case kCommandComplete:
        case kCommandStatus:
            return answer(adapter, body);
        case kDeviceFound:
            return found(adapter, body);
        case kMonitorDeviceFound:
            return found_by_monitor(adapter, body);
        default:
            return OtherEvent{};
    }
}

std::array<std::uint8_t, 6> management_command(std::uint16_t command, std::uint16_t adapter) {
    return {static_cast<std::uint8_t>(command),
            static_cast<std::uint8_t>(command >> 8),
            static_cast<std::uint8_t>(adapter),
            static_cast<std::uint8_t>(adapter >> 8),
            0,
            0};
}

}  // namespace vitrine::bluez
