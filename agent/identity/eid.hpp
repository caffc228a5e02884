#pragma once

#include <array>
#include <compare>
#include <cstdint>

#include "agent/base/time.hpp"
#include "agent/radio/frame.hpp"

namespace vitrine::identity {

/// Rolling identifiers as the Eddystone-EID specification computes them
/// (github.com/google/eddystone, eddystone-eid/eid-computation.md). The beacon clock is Unix time
/// in seconds, so that a phone and a store agree without ever having met.

/// A member's long-lived key. It lives at the centre and on the member's phone, never in a store.
struct IdentityKey {
    std::array<std::uint8_t, 16> bytes{};
    friend constexpr auto operator<=>(const IdentityKey&, const IdentityKey&) = default;
};

/// The key of one period of 65,536 s (18.2 hours): all that a store may hold of a member's
/// identity.
struct TemporaryKey {
    std::array<std::uint8_t, 16> bytes{};
    /// Unix seconds >> 16.
    std::uint32_t period = 0;
    friend constexpr auto operator<=>(const TemporaryKey&, const TemporaryKey&) = default;
};

/// K of the specification: an EID lives 2^9 s, which is 8.5 minutes.
inline constexpr unsigned kRotationExponent = 9;
/// The specification's largest K.
inline constexpr unsigned kRotationExponentMax = 15;

constexpr std::uint32_t period_of(std::uint32_t unix_s) { return unix_s >> 16; }
/// The number of the 512 s window in which an EID stays the same.
constexpr std::uint32_t window_of(std::uint32_t unix_s) { return unix_s >> kRotationExponent; }
constexpr std::uint32_t period_of_window(std::uint32_t window) {
    return window >> (16 - kRotationExponent);
}

/// Unix seconds of the beacon clock: 0 before 1970, and the last second of 32 bits after 2106.
constexpr std::uint32_t beacon_seconds(WallTime now) {
    const auto s = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    return s < 0 ? 0 : s > 0xffff'ffffLL ? 0xffff'ffffU : static_cast<std::uint32_t>(s);
}

/// The key of one period; only whoever holds the identity key can make it.
TemporaryKey temporary_key(const IdentityKey& key, std::uint32_t period);

/// The identifier at `unix_s`, which lies in the key's period, rotating every 2^k seconds, k at
/// most kRotationExponentMax.
radio::Eid eid(const TemporaryKey& key, std::uint32_t unix_s, unsigned k = kRotationExponent);

/// The identifier that the holder of an identity key sends at `now`: for phones, simulated ones
/// too.
radio::Eid current_eid(const IdentityKey& key, WallTime now);

}  // namespace vitrine::identity
