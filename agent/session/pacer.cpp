#include "agent/session/pacer.hpp"

#include <algorithm>

namespace vitrine::session {

bool Pacer::due(const Want& want, Instant now, const profiles::Policy& policy, Rng& rng) {
    if (!current_) return true;
    if (want == *current_) {
        pending_.reset();
        return false;
    }
    if (engaged(now)) return false;
    if (!pending_) pending_ = next_change(now, policy, rng);
    return now >= *pending_;
}

void Pacer::shows(const Want& want, Instant now) {
    current_ = want;
    since_ = now;
    pending_.reset();
}

Instant Pacer::next_change(Instant now, const profiles::Policy& policy, Rng& rng) const {
    Instant at = std::max(now, since_ + policy.minimum_dwell);
    if (policy.loop_step.count() > 0) {
        const auto into_step = (at - since_) % policy.loop_step;
        if (into_step.count() > 0) at += policy.loop_step - into_step;
    }
    if (policy.change_jitter.count() > 0) {
        at += std::chrono::milliseconds(static_cast<std::int64_t>(
            rng.below(static_cast<std::uint64_t>(policy.change_jitter.count()))));
    }
    return at;
}

}  // namespace vitrine::session
