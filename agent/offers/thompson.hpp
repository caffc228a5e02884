#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "agent/offers/normal.hpp"
#include "agent/offers/scorer.hpp"
#include "agent/offers/slate.hpp"

namespace vitrine::offers {

/// How far a Thompson draw lies from the mean, as a part of the posterior's own spread. A whole one
/// tries offers for longer than 20,000 rounds pay back; found in made-up worlds (bench/worlds.cpp)
/// on seeds that are not reported on.
inline constexpr double kThompsonSpread = 0.5;

/// Thompson sampling: each slot goes to the best offer of a model that is drawn anew from what is
/// believed. The draw is joint: what weights say together moves together, and so do the offers of
/// one category. Of the bilinear part only what it amounts to at this moment is drawn, which is
/// exact and leaves some forty numbers. Keeps its memory: nothing is allocated while drawing.
class Thompson {
  public:
    /// By so many redraws a probability is estimated.
    static constexpr std::size_t kRedraws = 255;

    /// The parameters must outlive it.
    Thompson(const Shelf& shelf, const Learner& learner);

    /// What one decision is about, as the Scorer sees it. For a member `profile` is set; then it,
    /// tastes and history stay as they are until the estimate.
    struct Subject {
        const MomentView& moment;
        const profiles::Profile* profile;
        const Tastes& tastes;
        const History& history;
    };
    void begin(const Subject& subject);

    /// Draws from the slate's candidates until it is full or nothing fits; the return value is how
    /// many. The probabilities are left at 0: not known.
    std::size_t draw(const SlateLimits& limits, Slate& slate, Rng& rng, std::span<Draw> drawn);

    /// The probability of each slot of the last draw, given the ones before: how often it wins when
    /// the draw is repeated, (wins + 1) / (redraws + 1). The draw that chose it counts as one of
    /// them, which makes it never 0, and its inverse, that which evaluation uses, right on average:
    /// E[1 / estimate] = (1 − (1 − p)^256) / p.
    void estimate(Rng& rng, std::span<float> probabilities);

  private:
    /// One number to be drawn: a sum of weights.
    struct Term {
        std::size_t weight = 0;
        double factor = 1;
    };
    struct Sum {
        std::array<Term, layout::kMoments> terms{};
        std::size_t count = 0;
    };

    void refresh();
    void list_sums(const MomentView& moment, bool member);
    double covariance_of(const Sum& one, const Sum& other) const;
    void draw_model(Normals& normals);
    double draw_score(std::uint32_t row, Normals& normals) const;

    const Shelf& shelf_;
    const Learner& learner_;
    Scorer scorer_;  ///< Of the drawn models.
    std::uint64_t revision_ = 0;
    std::vector<double> row_spread_;         ///< By row: of its own offset.
    std::vector<double> category_spread_;    ///< By category.
    std::vector<std::uint16_t> categories_;  ///< Those that an offer is in or below.

    MomentView moment_;
    const profiles::Profile* profile_ = nullptr;
    const Tastes* tastes_ = nullptr;
    const History* history_ = nullptr;
    std::vector<Sum> sums_;
    JointNormal joint_;
    std::vector<double> drawn_;
    std::array<float, layout::kWeights> weights_{};
    std::vector<double> category_drawn_;

    // The last draw.
    std::vector<std::uint32_t> rows_;
    std::vector<std::uint8_t> until_;  ///< By place in rows_: the last slot that it stood for.
    std::array<std::uint32_t, Decision::kSlotsMax> winners_{};
    std::size_t slots_ = 0;
};

}  // namespace vitrine::offers
