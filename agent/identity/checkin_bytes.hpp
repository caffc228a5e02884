#pragma once

#include "agent/base/bytes.hpp"
#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"
#include "agent/identity/checkin.hpp"

namespace vitrine::identity {

/// What kiosk and phone say to each other at a check-in, byte by byte. The same bytes go over GATT,
/// in a QR code and over HTTPS, the last two as base64url without padding
/// (docs/app-integration.md):
///
///     challenge = version:1  nonce:16  kiosk:1..31
///     check-in  = version:1  nonce:16  eid:8  window:4  answer:32
///
/// Numbers are most significant byte first. The phone takes the window from its own clock: a false
/// kiosk must not get to choose it, or it would learn identifiers of days to come.
inline constexpr std::uint8_t kCheckInVersion = 1;
inline constexpr std::size_t kChallengeBytesMax = 1 + 16 + 31;
inline constexpr std::size_t kCheckInBytes = 1 + 16 + 8 + 4 + 32;

/// What a kiosk asks.
struct Challenge {
    Nonce nonce{};
    KioskId kiosk;
    friend bool operator==(const Challenge&, const Challenge&) = default;
};

Bytes bytes_of(const Challenge& challenge);
Bytes bytes_of(const CheckIn& claim);

/// Both: `invalid` on another version, another size, or a kiosk that is not a name.
Result<Challenge> read_challenge(ByteView bytes);
Result<CheckIn> read_check_in(ByteView bytes);

/// What the phone hears back: one byte over GATT, a word over HTTPS.
enum class CheckInOutcome : std::uint8_t {
    welcome = 0,    ///< The visitor is verified at this kiosk.
    malformed = 1,  ///< Not a check-in, or of another version.
    over = 2,       ///< The challenge was used, is too old, or was never given: ask for a new one.
    refused = 3,    ///< The answer fits no member of this shop.
    later = 4,      ///< Too many tries at this kiosk: wait half a minute.
};
std::string_view name_of(CheckInOutcome outcome);

}  // namespace vitrine::identity
