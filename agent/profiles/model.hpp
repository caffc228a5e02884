#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "agent/base/ids.hpp"

namespace vitrine::profiles {

/// Whose offset: an offer's, or a category's, which those in it share.
using OffsetId = Number<struct OffsetTag, std::uint64_t>;
constexpr OffsetId offset_id(OfferId offer) { return OffsetId(offer.value()); }
constexpr OffsetId offset_id(CategoryId category) {
    return OffsetId(std::uint64_t{1} << 32 | category.value());
}
inline constexpr OffsetId kLastOffsetId = offset_id(CategoryId(0xffff));

/// A shrunken offset: how much better or worse an offer or a category does than its features say.
struct ModelOffset {
    OffsetId id;
    float mean = 0;
    float precision = 1;
    friend bool operator==(const ModelOffset&, const ModelOffset&) = default;
};

/// Where a category stands among others by what is bought together: the closer two directions, the
/// more often. Trained at the centre; all 0 where nothing is known.
struct ItemVector {
    static constexpr std::size_t kSize = 16;
    CategoryId category;
    std::array<std::int8_t, kSize> direction{};
    friend bool operator==(const ItemVector&, const ItemVector&) = default;
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
    std::vector<ModelOffset> offsets;  ///< In order of id.
    std::vector<ItemVector> vectors;   ///< In order of category; at most kVectorsMax.

    static constexpr std::size_t kVectorsMax = 4096;
    friend bool operator==(const Model&, const Model&) = default;
};

}  // namespace vitrine::profiles
