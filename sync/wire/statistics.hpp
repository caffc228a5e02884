#pragma once

#include "agent/base/bytes.hpp"
#include "agent/base/result.hpp"
#include "agent/offers/learner.hpp"

namespace vitrine::wire {

inline constexpr std::size_t kStatisticsOffsetsMax = 24'000;
inline constexpr std::size_t kStatisticsPairsMax =
    offers::Example::kWeightsMax * (offers::Example::kWeightsMax + 1) / 2;

/// How many numbers each part of a statistics has.
struct StatisticsShape {
    std::size_t weights = 0;
    std::size_t pairs = 0;
    std::size_t offsets = 0;
};

/// The numbers of a statistics, packed: gradient, curvature, then the offsets' ids, what they lie
/// within, their gradients and their curvatures, totals as zigzag 64-bit numbers; of all of them
/// first every lowest byte, then every next one, and so on, under zstd. The high bytes of totals
/// are nearly all zero, and lying together they pack to almost nothing.
Bytes pack_totals(const offers::Statistics& statistics);

/// Fills in the numbers. `invalid` where the packed bytes do not have that shape.
Result<void> unpack_totals(ByteView packed, const StatisticsShape& shape,
                           offers::Statistics& statistics);

}  // namespace vitrine::wire
