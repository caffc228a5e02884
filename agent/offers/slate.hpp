#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "agent/base/random.hpp"
#include "agent/offers/shelf.hpp"

namespace vitrine::offers {

/// The offers that are left after all removals, column by column.
struct Candidates {
    std::vector<std::uint32_t> rows;  ///< In the shelf.
    std::vector<float> scores;        ///< Expected response rates, above 0.

    std::size_t size() const { return rows.size(); }
    /// Fills `rows`, and makes room for as many scores. Counts the others by what removed them.
    void keep_those_that_stay(std::span<const std::uint8_t> removals,
                              std::array<std::uint16_t, 256>& removed);
    /// Turns scores that were log odds into rates.
    void rate();
};

/// One draw.
struct Draw {
    std::uint32_t row = 0;
    float score = 0;
    float probability = 1;  ///< Of this draw among the candidates that were left.
    bool explored = false;  ///< Not the best that was left.
};

/// Where little is known of an offer, inverse-gap weighting takes it to be this many standard
/// deviations of its own offset better than believed: otherwise what looked poor after a few
/// outcomes would be left to the floor. Found in made-up worlds (bench/worlds.cpp) on seeds that
/// are not reported on. The logged probabilities are those of the scores with it.
inline constexpr double kOptimism = 2;

/// Inverse-gap weighting (Abe and Long 1999; Foster and Rakhlin 2020) with a floor. Of K candidates
/// each but the best one has weight 1 / (1 + sharpness · g) / K, where g is by how much of the best
/// score it falls behind, 0 to 1; the best one has the rest. Of the whole, the part `floor` is then
/// spread evenly. Scores only count in proportion, so the same sharpness serves any base rate.
struct Exploration {
    float sharpness = 120;
    float floor = 0.01F;
    double optimism = kOptimism;  ///< Counted by who makes the scores.
};

/// What a slate may hold.
struct SlateLimits {
    std::size_t size = 3;
    std::size_t per_root = 1;      ///< Offers of one top category.
    std::size_t per_category = 0;  ///< Offers of one category that a member may still see today; 0:
                                   ///< no limit.
};

/// Draws slates, one slot after the other, without replacement. Keeps its memory.
class Slate {
  public:
    void lay_out(const Shelf& shelf);

    /// Room to fill in before a draw.
    Candidates& candidates() { return candidates_; }
    /// How often each category was shown today to whom the slate is for; all 0 for nobody.
    std::vector<std::uint8_t>& shown_in_category() { return shown_in_category_; }

    /// Draws from the candidates until the slate is full or nothing fits. The draws are in `drawn`,
    /// in order; the return value is how many. What is left of the candidates has no meaning.
    std::size_t draw(const Exploration& exploration, const SlateLimits& limits, Rng& rng,
                     std::span<Draw> drawn);

    /// The same step by step, for who chooses in another way: an empty slate, then one offer after
    /// the other, of which each takes out of the candidates what no longer fits beside it.
    void start();
    void take(std::uint32_t row, const SlateLimits& limits);

    /// The probabilities of the next slot as `draw` uses them, one a score; gives the best one's
    /// place.
    static std::size_t weigh(std::span<const float> scores, const Exploration& exploration,
                             std::vector<float>& probabilities);

  private:
    const Shelf* shelf_ = nullptr;
    Candidates candidates_;
    std::vector<float> probabilities_;
    std::vector<std::uint8_t> shown_in_category_;
    std::vector<std::uint8_t> on_slate_of_root_;
};

}  // namespace vitrine::offers
