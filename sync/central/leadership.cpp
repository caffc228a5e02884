#include "sync/central/leadership.hpp"

namespace vitrine::central {

Result<bool> Leadership::tick(Instant now) {
    if (now < next_) {
        if (away_) return *away_;
        return leads_;
    }
    next_ = now + kAskEvery;
    const auto alive = connection_.revive();
    const auto leads = alive ? connection_.try_to_lead() : Result<bool>(alive.error());
    leads_ = leads && *leads;
    away_.reset();
    if (leads) return leads_;
    away_ = leads.error();
    next_ = now + kReviveEvery;
    return *away_;
}

}  // namespace vitrine::central
