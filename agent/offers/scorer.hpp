#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "agent/offers/features.hpp"
#include "agent/offers/history.hpp"
#include "agent/offers/learner.hpp"

namespace vitrine::offers {

/// Scores the rows of a shelf with what the learner knows now. What is about the moment and what is
/// about the member is collapsed once a decision; an offer then costs a few additions.
class Scorer {
  public:
    Scorer(const Shelf& shelf, const Learner& learner);

    /// Takes over what the learner learned since.
    void refresh();
    /// Scores with these weights in place of the learner's, until it learns more; its offsets stay.
    void suppose(std::span<const float, layout::kWeights> weights);

    void begin(const MomentView& moment);
    /// After `begin`, for a member.
    void add_member(const profiles::Profile& profile, const Tastes& tastes, const History& history);

    float log_odds(std::size_t row) const {
        return by_kind_[shelf_.kind[row]] + discount_ * shelf_.discount[row] +
               popularity_ * shelf_.popularity[row] + by_category_[shelf_.category[row]] +
               own_[row];
    }

    /// How much better than believed a row may be, in log odds, because little is known of it.
    float optimism(std::size_t row) const { return optimism_[row]; }

    std::span<const float, layout::kWeights> weights() const { return weights_; }

  private:
    void add_breadth();
    float part_of(const Taste& taste) const;

    const Shelf& shelf_;
    const Learner& learner_;
    std::uint64_t revision_ = 0;
    std::array<float, layout::kWeights> weights_{};
    std::vector<float> learned_;   ///< By row: the offsets of the offer and of its categories.
    std::vector<float> offsets_;   ///< By row: that, and what the offer's breadth says.
    std::vector<float> optimism_;  ///< By row.

    float discount_ = 0;
    float popularity_ = 0;
    std::array<float, Shelf::kKinds> by_kind_{};
    std::vector<float> by_category_;
    std::vector<float> own_;              ///< By row: the offset, and a member's history with it.
    std::vector<std::uint32_t> changed_;  ///< The rows with a history.
};

}  // namespace vitrine::offers
