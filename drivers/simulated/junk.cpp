#include "drivers/simulated/junk.hpp"

#include "agent/base/check.hpp"
#include "agent/radio/frame.hpp"

namespace vitrine::simulated {
namespace {

template <std::size_t N>
std::array<std::uint8_t, N> random_bytes(Rng& rng) {
    std::array<std::uint8_t, N> bytes;
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(rng.below(256));
    return bytes;
}

radio::Payload payload_from(const Bytes& bytes) {
    const auto payload = radio::Payload::from(bytes);
    CHECK(payload.has_value());
    return *payload;
}

/// Flags and manufacturer data of Apple's type "nearby".
radio::Payload apple_nearby(Rng& rng) {
    Bytes bytes{0x02, 0x01, 0x1a, 0x0a, 0xff, 0x4c, 0x00, 0x10, 0x05};
    for (const auto byte : random_bytes<5>(rng)) bytes.push_back(byte);
    return payload_from(bytes);
}

radio::Payload garbage(Rng& rng) {
    Bytes bytes(rng.below(32));
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(rng.below(256));
    return payload_from(bytes);
}

}  // namespace

radio::Payload junk_payload(Rng& rng) {
    switch (rng.below(10)) {
        case 0:
            return encode(radio::EddystoneEid{-21, {random_bytes<8>(rng)}});
        case 1:
            return encode(radio::UuidEid{{random_bytes<8>(rng)}});
        case 2:
            return encode(radio::IBeacon{random_bytes<16>(rng), 1, 2, -59});
        case 3:
            return garbage(rng);
        default:
            return apple_nearby(rng);
    }
}

radio::Address private_address(Rng& rng) {
    radio::Address address{random_bytes<6>(rng)};
    address.bytes[0] = static_cast<std::uint8_t>(0x40 | (address.bytes[0] & 0x3f));
    return address;
}

}  // namespace vitrine::simulated
