#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <variant>

#include "agent/base/bytes.hpp"
#include "agent/radio/advert.hpp"

namespace vitrine::radio {

/// An ephemeral identifier: eight bytes that mean nothing without the key that made them.
struct Eid {
    std::array<std::uint8_t, 8> bytes{};
    friend constexpr auto operator<=>(const Eid&, const Eid&) = default;
};

/// A 128-bit UUID, most significant byte first as people write it.
using Uuid = std::array<std::uint8_t, 16>;

/// The first half of the service UUID that members' phones advertise where they can send nothing
/// but UUIDs (iOS in the foreground); the second half is the EID. "VITRINE1" in ASCII, which makes
/// 56495452-494e-4531-…
inline constexpr std::array<std::uint8_t, 8> kUuidPrefix{0x56, 0x49, 0x54, 0x52,
                                                         0x49, 0x4e, 0x45, 0x31};

/// Eddystone-EID, frame 0x30 of service data 0xFEAA: how members' phones and fobs are heard. The
/// transmit power is what a receiver at no distance would see, in dBm.
struct EddystoneEid {
    std::int8_t tx_power_dbm = 0;
    Eid eid{};
    friend bool operator==(const EddystoneEid&, const EddystoneEid&) = default;
};

/// Eddystone-UID, frame 0x00: a fixed beacon.
struct EddystoneUid {
    std::int8_t tx_power_dbm = 0;
    std::array<std::uint8_t, 10> name_space{};
    std::array<std::uint8_t, 6> instance{};
    friend bool operator==(const EddystoneUid&, const EddystoneUid&) = default;
};

/// Eddystone-TLM, frame 0x20 version 0: how a beacon fares.
struct EddystoneTlm {
    std::uint16_t battery_mv = 0;
    /// Signed 8.8 fixed point, in degrees Celsius; 0x8000 is "not known".
    std::int16_t temperature_c_8_8 = 0;
    std::uint32_t adverts_sent = 0;
    /// Tenths of a second since power-on.
    std::uint32_t uptime_ds = 0;
    friend bool operator==(const EddystoneTlm&, const EddystoneTlm&) = default;
};

/// Eddystone-TLM version 1: the same under the beacon's identity key.
struct EddystoneEncryptedTlm {
    std::array<std::uint8_t, 12> sealed{};
    std::uint16_t salt = 0;
    std::uint16_t check = 0;
    friend bool operator==(const EddystoneEncryptedTlm&, const EddystoneEncryptedTlm&) = default;
};

/// Apple's iBeacon: manufacturer data of company 0x004C, type 0x02, length 0x15. The agent sends
/// one itself to wake the app on iOS.
struct IBeacon {
    Uuid uuid{};
    std::uint16_t major = 0;
    std::uint16_t minor = 0;
    /// The level at one metre.
    std::int8_t rssi_at_1m_dbm = 0;
    friend bool operator==(const IBeacon&, const IBeacon&) = default;
};

/// AltBeacon 1.0: manufacturer data of any company, code 0xBEAC.
struct AltBeacon {
    std::uint16_t company = 0;
    std::array<std::uint8_t, 20> id{};
    std::int8_t rssi_at_1m_dbm = 0;
    std::uint8_t reserved = 0;
    friend bool operator==(const AltBeacon&, const AltBeacon&) = default;
};

/// A member's EID inside a service UUID that starts with kUuidPrefix.
struct UuidEid {
    Eid eid{};
    friend bool operator==(const UuidEid&, const UuidEid&) = default;
};

/// Well-formed, and none of the above.
struct Foreign {
    friend bool operator==(const Foreign&, const Foreign&) = default;
};

/// An AD structure runs past the end, or an Eddystone frame, an iBeacon or a list of UUIDs has the
/// wrong size, and no other structure is a frame.
struct Malformed {
    friend bool operator==(const Malformed&, const Malformed&) = default;
};

using Frame = std::variant<Foreign, Malformed, EddystoneEid, UuidEid, EddystoneUid, EddystoneTlm,
                           EddystoneEncryptedTlm, IBeacon, AltBeacon>;

/// What one advert is. An EID wins over any other frame beside it (a fob may be a beacon too, in
/// its scan response); of two others, and of two EIDs, the first wins. Any bytes are safe to give.
Frame classify(ByteView payload);

/// The identifier that a member might have sent, if the frame is of such a kind.
std::optional<Eid> eid_of(const Frame& frame);

/// One AD structure: Core Specification Supplement, part A. The view lasts as long as the payload.
struct AdStructure {
    std::uint8_t type = 0;
    ByteView data;
};

/// Walks the AD structures of a payload without copying. It ends at the end of the bytes, at a zero
/// length (which the specification makes the start of padding) or at a structure that runs past the
/// end, and then `truncated` is true.
class AdWalk {
  public:
    explicit AdWalk(ByteView payload) : rest_(payload) {}
    std::optional<AdStructure> next();
    bool truncated() const { return truncated_; }

  private:
    ByteView rest_;
    bool truncated_ = false;
};

// The payload that a transmitter of such a frame sends, flags included: classify(encode(x)) is x.
Payload encode(const EddystoneEid& frame);
Payload encode(const UuidEid& frame);
Payload encode(const EddystoneUid& frame);
Payload encode(const EddystoneTlm& frame);
Payload encode(const EddystoneEncryptedTlm& frame);
Payload encode(const IBeacon& frame);
Payload encode(const AltBeacon& frame);

}  // namespace vitrine::radio
