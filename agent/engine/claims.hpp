#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "agent/base/ids.hpp"
#include "agent/base/time.hpp"

namespace vitrine::engine {

/// Bytes that nobody can guess, from the system's source of randomness, fresh for each touch: the
/// first 16 become a claim's token or a challenge's nonce, the last 5 a claim's code for the till.
using Secret = std::array<std::uint8_t, 21>;

/// What happened to a claim.
enum class ClaimState : std::uint8_t { ready, used, expired, unknown };
std::string_view name_of(ClaimState state);

/// The one-time codes by which phones take saved offers along: each valid for some minutes and used
/// once. Kept in memory only: after a restart a code is unknown and the kiosk gives a new one.
class Claims {
  public:
    static constexpr std::size_t kOpenMax = 1024;  ///< The oldest gives way.
    static constexpr std::chrono::minutes kRememberedFor{
        10};  ///< So that a late phone reads "expired" and not "unknown".

    struct Claim {
        std::string token;  ///< 32 hexadecimal digits.
        std::string code;   ///< What a person reads to the till: eight letters and digits, of
                            ///< which the token says nothing.
        OfferId offer;
        std::uint64_t visit = 0;
        MemberId member;  ///< 0 on the mass path. Never leaves the agent by a claim.
        WallTime valid_until;
        bool used = false;
    };

    /// Opens a claim.
    const Claim& open(const Secret& secret, OfferId offer, std::uint64_t visit, MemberId member,
                      WallTime valid_until);
    ClaimState state(std::string_view token, WallTime now) const;
    const Claim* find(std::string_view token) const;
    /// By what a person reads to the till, in capitals; null where it is not known (any more).
    const Claim* with_code(std::string_view code) const;
    /// Claims of that offer that may still be used.
    std::size_t open_of(OfferId offer, WallTime now) const;
    /// Uses it up; null unless it was ready.
    const Claim* use(std::string_view token, WallTime now);
    void forget(MemberId member);
    /// Drops what expired more than kRememberedFor ago.
    void expire(WallTime now);

  private:
    std::deque<Claim> claims_;
};

}  // namespace vitrine::engine
