#pragma once

#include <cstdint>
#include <vector>

#include "agent/base/ids.hpp"

namespace vitrine::profiles {

/// The shrunken offset of one offer: how much better or worse it does than its features say.
struct OfferOffset {
    OfferId offer;
    float mean = 0;
    float precision = 1;
    friend bool operator==(const OfferOffset&, const OfferOffset&) = default;
};

/// The learned response model as the centre publishes it: a Gaussian posterior over one flat vector
/// of weights. What each weight means (context × offer products, then explainable scalars) is
/// agent/offers' business and is fixed by `layout`.
struct Model {
    Epoch epoch;
    std::uint32_t layout =
        0;  ///< agent/offers' version of the weight layout; another one is not usable.
    float base_rate = 0.03F;       ///< Prior click rate: the intercept's prior mean.
    std::vector<float> mean;       ///< One a weight. Empty: nothing was learned yet, use the prior.
    std::vector<float> precision;  ///< Packed lower triangle of the precision matrix, row by row.
    std::vector<OfferOffset> offsets;  ///< In order of offer.
    friend bool operator==(const Model&, const Model&) = default;
};

}  // namespace vitrine::profiles
