#include "drivers/gateway/admission.hpp"

#include <algorithm>

namespace vitrine::gateway {

using std::chrono::milliseconds;

bool Rate::take(Instant now) {
    if (filled_ && now > *filled_) {
        const std::chrono::duration<double> passed = now - *filled_;
        tokens_ = std::min(burst_, tokens_ + passed.count() * per_second_);
    }
    filled_ = filled_ ? std::max(*filled_, now) : now;
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
}

void Punctuality::begin(milliseconds heard_at, Instant now) {
    begun_ = true;
    adverts_ = 0;
    since_ = window_since_ = now;
    newest_ = heard_at;
    least_ = least_before_ = milliseconds::max();
}

bool Punctuality::late(milliseconds heard_at, Instant now) {
    // Out of order by less than this is the way's doing; by more, the clock was set back.
    if (!begun_ || heard_at + kLateMax < newest_) begin(heard_at, now);
    if (now >= window_since_ + kWindow) {
        least_before_ = now < window_since_ + 2 * kWindow ? least_ : milliseconds::max();
        least_ = milliseconds::max();
        window_since_ = now;
    }
    newest_ = std::max(newest_, heard_at);
    const auto arrived = std::chrono::floor<milliseconds>(now.time_since_epoch());
    const milliseconds way = arrived - heard_at;
    least_ = std::min(least_, way);
    adverts_ = std::min(adverts_ + 1, kProofAdverts);
    if (adverts_ < kProofAdverts || now < since_ + kProof) return false;
    return way - std::min(least_, least_before_) > kLateMax;
}

}  // namespace vitrine::gateway
