#pragma once

#include <optional>

#include "agent/base/random.hpp"
#include "agent/base/time.hpp"
#include "agent/profiles/policy.hpp"
#include "agent/session/screen.hpp"

namespace vitrine::session {

/// What a kiosk should be doing, from who is there.
struct Want {
    Mode mode = Mode::ambient;
    MemberId member;  ///< Only where mode is tailored.
    friend bool operator==(const Want&, const Want&) = default;
};

/// Decides when a kiosk may change, so that nobody can tell whom a screen reacted to: at the end of
/// a loop step, after a minimum dwell, with jitter, and never under the finger of somebody who is
/// using it. One a kiosk.
class Pacer {
  public:
    /// Whether to change to `want` now. What is shown already is never due. A wish that ends before
    /// its time leaves no trace.
    bool due(const Want& want, Instant now, const profiles::Policy& policy, Rng& rng);

    /// The kiosk shows this from `now` on.
    void shows(const Want& want, Instant now);

    /// Somebody uses the screen: it stays as it is until `until`, or until `release`.
    void engage(Instant until) { engaged_until_ = std::max(engaged_until_, until); }
    void release() { engaged_until_ = Instant::min(); }
    bool engaged(Instant now) const { return now < engaged_until_; }

    const std::optional<Want>& current() const { return current_; }
    Instant since() const { return since_; }

  private:
    Instant next_change(Instant now, const profiles::Policy& policy, Rng& rng) const;

    std::optional<Want> current_;
    Instant since_ = Instant::min();
    std::optional<Instant> pending_;
    Instant engaged_until_ = Instant::min();
};

}  // namespace vitrine::session
