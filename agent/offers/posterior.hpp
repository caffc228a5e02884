#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"
#include "agent/offers/layout.hpp"
#include "agent/profiles/model.hpp"

namespace vitrine::offers {

/// One offset, as a Gaussian of its own: what it shares with the weights and with others is left
/// out of its covariance, which makes it less sure than it could be, never more.
struct Offset {
    profiles::OffsetId id;
    double mean = 0;
    double variance = 0;
};

struct Sparse;

/// A Gaussian over the weights of a logistic model, with full covariance, and one over each
/// offset. Knows nothing of what the weights mean; at most kWeightsMax of them.
class Posterior {
  public:
    static constexpr std::size_t kWeightsMax = 512;
    static constexpr std::size_t kOffsetsMax = 24'000;
    static constexpr std::size_t kOffsetsOfOne = 3;  ///< An offer's, its category's, its top one's.
    /// Of an offset that nothing was seen of.
    static constexpr double kOffsetVariance = 1.0 / static_cast<double>(layout::kOffsetPrecision);

    /// `invalid` where the sizes do not belong together, a number is not finite, the precision is
    /// not positive definite, or the offsets are not in order.
    static Result<Posterior> from(const profiles::Model& model);

    std::size_t size() const { return mean_.size(); }
    std::span<const double> mean() const { return mean_; }
    std::span<const Offset> offsets() const { return offsets_; }
    /// As the prior has it where nothing was seen of it.
    Offset offset(profiles::OffsetId id) const;
    /// Of the features' part of the log odds.
    double variance(std::span<const float> features) const;
    /// Of the weights, in full, row by row.
    std::span<const double> covariance() const { return covariance_; }

    /// Takes in one outcome: a Laplace step along the features, which are mostly zeros, and the
    /// offsets that count in it; at most kOffsetsOfOne of them, different ones.
    void update(std::span<const float> features, std::span<const profiles::OffsetId> offsets,
                bool positive);

    /// One outcome that was taken in as a failure was a success after all.
    void correct(std::span<const float> features, std::span<const profiles::OffsetId> offsets);

    /// As a model of the given epoch and layout.
    profiles::Model publish(Epoch epoch, std::uint32_t layout, float base_rate) const;

  private:
    Posterior() = default;
    std::size_t place_for(profiles::OffsetId id);
    void look_along(const Sparse& x);

    std::vector<double> mean_;
    std::vector<double> covariance_;  ///< In full, size() by size().
    std::vector<Offset> offsets_;     ///< In order of id.
    std::vector<double> along_;       ///< Covariance times features: kept to save an allocation.
};

/// The features that are not zero.
struct Sparse {
    std::uint16_t size = 0;
    std::uint16_t index[Posterior::kWeightsMax];
    double value[Posterior::kWeightsMax];

    explicit Sparse(std::span<const float> features);
    double dot(std::span<const double> weights) const {
        double sum = 0;
        for (std::uint16_t i = 0; i < size; ++i) sum += weights[index[i]] * value[i];
        return sum;
    }
};

}  // namespace vitrine::offers
