#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/base/time.hpp"
#include "agent/identity/checkin.hpp"
#include "agent/identity/checkin_bytes.hpp"

namespace vitrine::engine {

/// The challenges of one shop's kiosks, and how often phones may try. Whichever way a challenge
/// goes out (QR code or GATT) and its answer comes back (HTTPS or GATT), it is one book and one
/// verification.
class CheckIns {
  public:
    /// So many refused answers at one kiosk within kRefusedWithin, and the next has to wait. An
    /// answer has 256 bits: this saves work, it is not what keeps guesses out.
    static constexpr std::size_t kRefusedMax = 5;
    static constexpr std::chrono::seconds kRefusedWithin{30};
    /// Whoever asks again sooner gets the same challenge: nobody can crowd out the one on the
    /// screen by asking often.
    static constexpr std::chrono::seconds kFreshEvery{2};

    struct Verdict {
        identity::CheckInOutcome outcome = identity::CheckInOutcome::over;
        /// Whom a `welcome` is for.
        MemberId member;
        /// Of the challenge; empty where it is not open.
        KioskId kiosk;
    };
    /// By outcome, since the start.
    using Counts = std::array<std::uint64_t, 5>;

    explicit CheckIns(const std::vector<KioskId>& kiosks);

    /// A challenge for this kiosk, good for one answer: `fresh`, which is from a cryptographic
    /// source of randomness, or the last one if it is not kFreshEvery old and still open.
    /// `not_found` for a kiosk that is not there.
    Result<identity::Challenge> challenge(const KioskId& kiosk, const identity::Nonce& fresh,
                                          Instant now);

    /// Verifies an answer. All but `later` use the challenge up.
    Verdict answer(const identity::RecognitionTable& table, const identity::CheckIn& claim,
                   Instant now);

    const Counts& counts() const { return counts_; }

  private:
    struct Kiosk {
        KioskId id;
        std::optional<identity::Nonce> last;
        Instant last_at{};
        std::array<Instant, kRefusedMax> refused_at{};
        std::size_t refused = 0;  ///< So far; `refused_at` is a ring.
    };
    Kiosk* kiosk_named(const KioskId& id);
    static bool held_off(const Kiosk& kiosk, Instant now);
    Verdict counted(Verdict verdict);

    identity::ChallengeBook book_;
    std::vector<Kiosk> kiosks_;
    Counts counts_{};
};

}  // namespace vitrine::engine
