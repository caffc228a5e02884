#pragma once

#include <chrono>
#include <optional>

#include "agent/base/time.hpp"

namespace vitrine::gateway {

/// So many a second in the long run, and `burst` at once after a pause. A token bucket; pure.
class Rate {
  public:
    Rate(double per_second, double burst)
        : per_second_(per_second), burst_(burst), tokens_(burst) {}

    /// Takes one if there is one.
    bool take(Instant now);

  private:
    double per_second_;
    double burst_;
    double tokens_;
    std::optional<Instant> filled_;
};

/// Says which of a gateway's adverts were held up on the way, from the gateway's own clock.
///
/// The clock is never set against ours: only its differences count. The smallest difference between
/// arrival and stamp over the last one to two minutes is the way without a hold-up; an advert that
/// took `kLateMax` longer is late. That is asked for only once the clock has run evenly with ours
/// for `kProof` and kProofAdverts adverts; before, and after it steps back, nothing is late. A
/// clock that lies can hide or drop its own gateway's adverts, and no other's.
class Punctuality {
  public:
    static constexpr std::chrono::milliseconds kLateMax{2'000};
    static constexpr std::chrono::seconds kWindow{60};
    static constexpr std::chrono::seconds kProof{10};
    static constexpr int kProofAdverts = 8;

    /// Whether an advert stamped `heard_at` that arrives at `now` was held up.
    bool late(std::chrono::milliseconds heard_at, Instant now);

  private:
    void begin(std::chrono::milliseconds heard_at, Instant now);

    bool begun_ = false;
    int adverts_ = 0;
    Instant since_{};
    Instant window_since_{};
    std::chrono::milliseconds newest_{};
    /// Smallest differences of this window and of the one before.
    std::chrono::milliseconds least_{};
    std::chrono::milliseconds least_before_{};
};

}  // namespace vitrine::gateway
