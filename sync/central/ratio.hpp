#pragma once

#include <cstdint>

namespace vitrine::central {

/// So many of so many.
struct Share {
    std::uint64_t yes = 0;
    std::uint64_t all = 0;
    double rate() const {
        return all == 0 ? 0 : static_cast<double>(yes) / static_cast<double>(all);
    }
    friend bool operator==(const Share&, const Share&) = default;
};

/// A ratio of two shares with bounds that chance leaves open. `high` is infinite where nobody of
/// the second said yes.
struct RatioInterval {
    double ratio = 1;
    double low = 0;
    double high = 0;
};

/// The score interval of the ratio `one` ÷ `other` (Koopman 1984; Miettinen and Nurminen 1985): all
/// ratios that the data do not contradict at `z` standard errors. Right also for small numbers and
/// for shares near 0 or 1. Both must be of somebody; where nobody said yes at all, everything is
/// open.
RatioInterval ratio_interval(const Share& one, const Share& other, double z);

/// The z that a standard normal number exceeds, up or down, with this probability in all.
double two_sided_z(double probability);

}  // namespace vitrine::central
