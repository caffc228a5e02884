#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "agent/offers/features.hpp"
#include "agent/offers/learner.hpp"

namespace vitrine::offers {

/// Scores the rows of a shelf with what the learner knows now. What is about the moment and what is
/// about the member is collapsed once a decision; an offer then costs a few additions.
class Scorer {
  public:
    Scorer(const Shelf& shelf, const Learner& learner);

    /// Takes over what the learner learned since.
    void refresh();

    void begin(const MomentView& moment);
    /// After `begin`, for a member.
    void add_member(const profiles::Profile& profile, const Tastes& tastes,
                    const Exposure* exposure);

    float log_odds(std::size_t row) const {
        return base_ + by_bucket_[shelf_.bucket[row]] + discount_ * shelf_.discount[row] +
               popularity_ * shelf_.popularity[row] + by_season_[shelf_.season[row]] +
               by_weather_[shelf_.weather[row]] + by_category_[shelf_.category[row]] + extra_[row] +
               offsets_[row];
    }

    std::span<const float, layout::kWeights> weights() const { return weights_; }
    float offset(std::size_t row) const { return offsets_[row]; }

  private:
    const Shelf& shelf_;
    const Learner& learner_;
    std::uint64_t revision_ = 0;
    std::array<float, layout::kWeights> weights_{};
    std::vector<float> offsets_;  ///< By row.

    float base_ = 0;
    float discount_ = 0;
    float popularity_ = 0;
    std::array<float, layout::kBuckets> by_bucket_{};
    std::array<float, 13> by_season_{};
    std::array<float, 3> by_weather_{};
    std::vector<float> by_category_;
    std::vector<float> extra_;               ///< By row: products bought, times shown.
    std::vector<std::uint32_t> with_extra_;  ///< The rows whose extra is not 0.
};

}  // namespace vitrine::offers
