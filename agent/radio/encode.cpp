#include <algorithm>

#include "agent/radio/frame.hpp"

namespace vitrine::radio {
namespace {

// General discoverable, no classic Bluetooth; then the list of 16-bit services that holds
// Eddystone, without which iOS does not deliver its service data.
constexpr std::array<std::uint8_t, 3> kFlags{0x02, 0x01, 0x06};
constexpr std::array<std::uint8_t, 4> kEddystoneService{0x03, 0x03, 0xaa, 0xfe};

/// Puts a payload together; the sizes are known, so running over is a bug.
class Writer {
  public:
    template <class... Rest>
    Writer& put(std::uint8_t byte, Rest... rest) {
        CHECK(size_ < bytes_.size());
        bytes_[size_++] = byte;
        if constexpr (sizeof...(rest) > 0) put(static_cast<std::uint8_t>(rest)...);
        return *this;
    }
    Writer& put(ByteView bytes) {
        for (const std::uint8_t byte : bytes) put(byte);
        return *this;
    }
    Writer& big16(std::uint16_t value) {
        return put(static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value));
    }
    Writer& big32(std::uint32_t value) {
        big16(static_cast<std::uint16_t>(value >> 16));
        return big16(static_cast<std::uint16_t>(value));
    }

    /// Opens Eddystone service data; `size` counts from the frame type.
    Writer& eddystone(std::uint8_t size, std::uint8_t frame) {
        put(kFlags).put(kEddystoneService);
        return put(static_cast<std::uint8_t>(size + 3), 0x16, 0xaa, 0xfe, frame);
    }

    Payload done() const {
        const auto payload = Payload::from(ByteView(bytes_).first(size_));
        CHECK(payload.has_value());
        return *payload;
    }

  private:
    std::array<std::uint8_t, 31> bytes_{};
    std::size_t size_ = 0;
};

std::uint8_t unsigned8(std::int8_t value) { return static_cast<std::uint8_t>(value); }

}  // namespace

Payload encode(const EddystoneEid& frame) {
    return Writer()
        .eddystone(10, 0x30)
        .put(unsigned8(frame.tx_power_dbm))
        .put(frame.eid.bytes)
        .done();
}

Payload encode(const UuidEid& frame) {
    Writer writer;
    writer.put(kFlags).put(0x11, 0x07);
    std::array<std::uint8_t, 16> uuid{};
    std::reverse_copy(frame.eid.bytes.begin(), frame.eid.bytes.end(), uuid.begin());
    std::reverse_copy(kUuidPrefix.begin(), kUuidPrefix.end(), uuid.begin() + 8);
    return writer.put(uuid).done();
}

Payload encode(const EddystoneUid& frame) {
    return Writer()
        .eddystone(20, 0x00)
        .put(unsigned8(frame.tx_power_dbm))
        .put(frame.name_space)
        .put(frame.instance)
        .put(0, 0)
        .done();
}

Payload encode(const EddystoneTlm& frame) {
    return Writer()
        .eddystone(14, 0x20)
        .put(0x00)
        .big16(frame.battery_mv)
        .big16(static_cast<std::uint16_t>(frame.temperature_c_8_8))
        .big32(frame.adverts_sent)
        .big32(frame.uptime_ds)
        .done();
}

Payload encode(const EddystoneEncryptedTlm& frame) {
    return Writer()
        .eddystone(18, 0x20)
        .put(0x01)
        .put(frame.sealed)
        .big16(frame.salt)
        .big16(frame.check)
        .done();
}

Payload encode(const IBeacon& frame) {
    return Writer()
        .put(kFlags)
        .put(0x1a, 0xff, 0x4c, 0x00, 0x02, 0x15)
        .put(frame.uuid)
        .big16(frame.major)
        .big16(frame.minor)
        .put(unsigned8(frame.rssi_at_1m_dbm))
        .done();
}

Payload encode(const AltBeacon& frame) {
    return Writer()
        .put(kFlags)
        .put(0x1b, 0xff, static_cast<std::uint8_t>(frame.company),
             static_cast<std::uint8_t>(frame.company >> 8), 0xbe, 0xac)
        .put(frame.id)
        .put(unsigned8(frame.rssi_at_1m_dbm))
        .put(frame.reserved)
        .done();
}

}  // namespace vitrine::radio
