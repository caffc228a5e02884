#include "agent/radio/frame.hpp"

#include <algorithm>
#include <span>

namespace vitrine::radio {
namespace {

// AD types: Bluetooth Assigned Numbers, section 2.3.
constexpr std::uint8_t kIncompleteUuids128 = 0x06;
constexpr std::uint8_t kCompleteUuids128 = 0x07;
constexpr std::uint8_t kServiceData16 = 0x16;
constexpr std::uint8_t kManufacturerData = 0xff;

// Eddystone frame types: github.com/google/eddystone, protocol-specification.md.
constexpr std::uint8_t kUidFrame = 0x00;
constexpr std::uint8_t kTlmFrame = 0x20;
constexpr std::uint8_t kEidFrame = 0x30;

template <std::size_t N>
std::array<std::uint8_t, N> take(ByteView bytes, std::size_t at) {
    std::array<std::uint8_t, N> part;
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), N, part.begin());
    return part;
}

std::uint16_t big16(ByteView bytes, std::size_t at) {
    return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

std::uint32_t big32(ByteView bytes, std::size_t at) {
    return static_cast<std::uint32_t>(big16(bytes, at)) << 16 | big16(bytes, at + 2);
}

std::int8_t signed8(ByteView bytes, std::size_t at) { return static_cast<std::int8_t>(bytes[at]); }

Frame telemetry(ByteView data) {
    if (data.size() < 4) return Malformed{};
    if (data[3] == 0x00) {
        if (data.size() != 16) return Malformed{};
        return EddystoneTlm{.battery_mv = big16(data, 4),
                            .temperature_c_8_8 = static_cast<std::int16_t>(big16(data, 6)),
                            .adverts_sent = big32(data, 8),
                            .uptime_ds = big32(data, 12)};
    }
    if (data[3] == 0x01) {
        if (data.size() != 20) return Malformed{};
        return EddystoneEncryptedTlm{
            .sealed = take<12>(data, 4), .salt = big16(data, 16), .check = big16(data, 18)};
    }
    return Foreign{};
}

/// `data` begins with the service's UUID.
Frame eddystone(ByteView data) {
    if (data.size() < 3) return Malformed{};
    switch (data[2]) {
        case kEidFrame:
            if (data.size() != 12) return Malformed{};
            return EddystoneEid{.tx_power_dbm = signed8(data, 3), .eid = {take<8>(data, 4)}};
        case kUidFrame:
            // The last two bytes are reserved, and some beacons leave them out.
            if (data.size() != 20 && data.size() != 22) return Malformed{};
            return EddystoneUid{.tx_power_dbm = signed8(data, 3),
                                .name_space = take<10>(data, 4),
                                .instance = take<6>(data, 14)};
        case kTlmFrame:
            return telemetry(data);
        default:
            return Foreign{};
    }
}

Frame manufacturer(ByteView data) {
    if (data.size() >= 4 && data[0] == 0x4c && data[1] == 0x00 && data[2] == 0x02 &&
        data[3] == 0x15) {
        if (data.size() != 25) return Malformed{};
        return IBeacon{.uuid = take<16>(data, 4),
                       .major = big16(data, 20),
                       .minor = big16(data, 22),
                       .rssi_at_1m_dbm = signed8(data, 24)};
    }
    // Any company may send any two bytes: only code and size together make an AltBeacon.
    if (data.size() == 26 && data[2] == 0xbe && data[3] == 0xac) {
        return AltBeacon{.company = static_cast<std::uint16_t>(data[1] << 8 | data[0]),
                         .id = take<20>(data, 4),
                         .rssi_at_1m_dbm = signed8(data, 24),
                         .reserved = data[25]};
    }
    return Foreign{};
}

/// UUIDs are on the air in reverse: EID and prefix come last byte first, and the prefix last.
Frame uuids128(ByteView data) {
    for (; data.size() >= 16; data = data.subspan(16)) {
        if (!std::equal(kUuidPrefix.rbegin(), kUuidPrefix.rend(), data.begin() + 8)) continue;
        UuidEid frame;
        std::copy_n(data.begin(), 8, frame.eid.bytes.rbegin());
        return frame;
    }
    return data.empty() ? Frame{Foreign{}} : Frame{Malformed{}};
}

Frame classify(const AdStructure& structure) {
    switch (structure.type) {
        case kServiceData16:
            if (structure.data.size() < 2) return Malformed{};
            if (structure.data[0] != 0xaa || structure.data[1] != 0xfe) return Foreign{};
            return eddystone(structure.data);
        case kIncompleteUuids128:
        case kCompleteUuids128:
            return uuids128(structure.data);
        case kManufacturerData:
            return manufacturer(structure.data);
        default:
            return Foreign{};
    }
}

bool is_eid(const Frame& frame) {
    return std::holds_alternative<EddystoneEid>(frame) || std::holds_alternative<UuidEid>(frame);
}

/// Where a frame stands when two are in one advert.
int rank(const Frame& frame) {
    if (std::holds_alternative<Foreign>(frame)) return 0;
    return std::holds_alternative<Malformed>(frame) ? 1 : 2;
}

}  // namespace

std::optional<AdStructure> AdWalk::next() {
    if (rest_.empty() || rest_[0] == 0) return std::nullopt;
    const std::size_t length = rest_[0];
    if (length >= rest_.size()) {
        truncated_ = true;
        rest_ = {};
        return std::nullopt;
    }
    const AdStructure structure{rest_[1], rest_.subspan(2, length - 1)};
    rest_ = rest_.subspan(1 + length);
    return structure;
}

Frame classify(ByteView payload) {
    Frame best = Foreign{};
    AdWalk walk(payload);
    while (const auto structure = walk.next()) {
        const Frame frame = classify(*structure);
        if (is_eid(frame)) return frame;
        if (rank(frame) > rank(best)) best = frame;
    }
    return walk.truncated() && rank(best) == 0 ? Frame{Malformed{}} : best;
}

std::optional<Eid> eid_of(const Frame& frame) {
    if (const auto* eddystone_eid = std::get_if<EddystoneEid>(&frame)) return eddystone_eid->eid;
    if (const auto* uuid_eid = std::get_if<UuidEid>(&frame)) return uuid_eid->eid;
    return std::nullopt;
}

}  // namespace vitrine::radio
