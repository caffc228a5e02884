#pragma once

#include "agent/offers/learner.hpp"
#include "agent/offers/posterior.hpp"

namespace vitrine::offers {

/// The unit of the fixed-point sums: 2^-24. A sum of 2^39 outcomes still fits.
inline constexpr double kFixedPoint = 16777216.0;

/// Empty statistics for a published model.
Statistics empty_statistics(const profiles::Model& published, std::size_t weights);

/// Adds one outcome: its gradient and curvature at the published weights, each number rounded on
/// its own before it is added, so that the sum does not depend on the order. `log_odds` is what the
/// published model says. Of the offsets each lies within the next one.
void add_outcome(Statistics& statistics, const Sparse& x,
                 std::span<const profiles::OffsetId> offsets, double log_odds, bool positive);

/// A failure that was added before was a success after all. The difference of the two gradients is
/// the features themselves, wherever they were taken, and the curvature is the same: so it may come
/// under a later model, too.
void add_correction(Statistics& statistics, const Sparse& x,
                    std::span<const profiles::OffsetId> offsets);

/// `invalid` where sizes or order are not those of `weights` weights.
Result<void> check_statistics(const Statistics& statistics, std::size_t weights);

Bytes encode_statistics(const Statistics& statistics);
/// `corrupt` on bytes that encode_statistics did not write.
Result<Statistics> decode_statistics(ByteView bytes);

/// The model that is best after one Newton step from the published one. `keep` is how much of what
/// was known counts on against the prior: 1 forgets nothing.
Result<profiles::Model> newton_step(const profiles::Model& published, const Statistics& total,
                                    double keep, Epoch next);

}  // namespace vitrine::offers
