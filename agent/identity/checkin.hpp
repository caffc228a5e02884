#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>

#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "agent/identity/eid.hpp"
#include "agent/identity/table.hpp"

namespace vitrine::identity {

/// Check-in: a member's app proves, to the kiosk before which it stands, that it holds this
/// period's key. The kiosk shows (QR) or sends (GATT) a fresh challenge; the app answers once.

/// 16 bytes from a cryptographic source of randomness: never from Rng.
using Nonce = std::array<std::uint8_t, 16>;
/// HMAC-SHA256(TK, nonce ‖ kiosk ‖ window): the kiosk's name as its 1 to 31 bytes, the window as
/// four bytes, most significant first. First and last part have fixed sizes, so no two inputs are
/// alike.
using Answer = std::array<std::uint8_t, 32>;

/// What the app sends back.
struct CheckIn {
    Nonce nonce{};
    /// Says whose key answered, as an advert would.
    radio::Eid eid{};
    std::uint32_t window = 0;
    Answer answer{};
};

/// What a good answer proves.
struct CheckedIn {
    MemberId member;
    KioskId kiosk;
    friend bool operator==(const CheckedIn&, const CheckedIn&) = default;
};

Answer answer_to(const TemporaryKey& key, const Nonce& nonce, const KioskId& kiosk,
                 std::uint32_t window);

/// In constant time.
bool answers(const Answer& answer, const TemporaryKey& key, const Nonce& nonce,
             const KioskId& kiosk, std::uint32_t window);

/// The challenges that are out. Each may be answered once, within five minutes, well or badly: a
/// second try needs a new challenge. At most `open_max` are open; the oldest of the kiosk that has
/// most gives way, so that one kiosk cannot starve another.
class ChallengeBook {
  public:
    static constexpr std::chrono::minutes kLifetime{5};
    static constexpr std::size_t kOpenMax = 256;

    /// `open_max` is at least 1.
    explicit ChallengeBook(std::size_t open_max = kOpenMax);

    /// `conflict` if the nonce is open already.
    Result<void> open(const Nonce& nonce, const KioskId& kiosk, Instant now);

    /// Takes the challenge out. `not_found` if it was never given, is used, or is older than
    /// kLifetime.
    Result<KioskId> take(const Nonce& nonce, Instant now);

    /// Where an open challenge was given; nothing if it is used, too old, or was never given.
    std::optional<KioskId> kiosk_of(const Nonce& nonce, Instant now) const;

    std::size_t size() const { return open_.size(); }

  private:
    struct Challenge {
        KioskId kiosk;
        Instant at{};
    };
    void drop_expired(Instant now);
    void make_room();

    std::size_t open_max_;
    std::map<Nonce, Challenge> open_;
};

/// Verifies one answer and uses its challenge up. `not_found` as `take`; `denied` for an EID of no
/// member, a window other than the current one and its neighbours, or a wrong answer.
Result<CheckedIn> check_in(ChallengeBook& book, const RecognitionTable& table, const CheckIn& claim,
                           Instant now);

}  // namespace vitrine::identity
