#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "agent/base/random.hpp"
#include "agent/base/result.hpp"
#include "agent/offers/normal.hpp"
#include "agent/offers/posterior.hpp"
#include "agent/offers/slate.hpp"

namespace vitrine::ctl {

/// How the engine chooses among offers that it knows by numbers alone: the posterior, exploration
/// and learning of a shop, in somebody else's world (`vitrinectl evaluate policy`).
///
/// Log odds are bilinear in (1, context) and (1, features), plus an offset of each offer. Features
/// are brought to mean 0 and variance 1 over the offers, contexts over what was seen of them.
class Bandit {
  public:
    static constexpr std::size_t kOffersMax = 5'000;
    static constexpr std::size_t kSlotsMax = 10;

    enum class Arm : std::uint8_t { inverse_gap, thompson };

    struct Settings {
        Arm arm = Arm::inverse_gap;
        std::size_t slots = 1;
        /// Of rewards, as believed before anything was seen.
        double base_rate = 0.03;
        offers::Exploration exploration;
        /// Of the thompson arm: whether to say how probable a choice was, which takes many draws.
        bool estimates = true;
        std::uint64_t seed = 1;
    };

    struct Choice {
        std::size_t offer = 0;   ///< Index in the list of offers.
        double probability = 1;  ///< Of this slot, given the ones before; 0: not estimated.
    };

    /// `invalid` for no offer or too many, features of different lengths or not finite, fewer
    /// offers than slots, or more pairs of context and feature than Posterior::kWeightsMax.
    static Result<Bandit> open(const std::vector<std::vector<double>>& features,
                               std::size_t context_size, const Settings& settings);

    /// Different offers, one a slot. `invalid` where the context's size is not the first one's or a
    /// number is not finite.
    Result<std::vector<Choice>> choose(std::span<const double> context);

    /// What came of each slot of the last choice.
    void learn(std::span<const bool> rewards);

  private:
    Bandit(offers::Posterior posterior, Settings settings)
        : settings_(settings),
          posterior_(std::move(posterior)),
          rng_(settings.seed),
          redraws_(~settings.seed) {}

    void see(std::span<const double> context);
    std::vector<float> example(std::size_t offer) const;
    void collapse();
    void score();
    Choice weigh(const std::vector<std::size_t>& left);
    std::size_t draw_model(const std::vector<std::size_t>& left, offers::Normals& normals);
    Choice sample(const std::vector<std::size_t>& left);

    Settings settings_;
    offers::Posterior posterior_;
    Rng rng_;
    Rng redraws_;                                ///< Apart, so that estimating changes no choice.
    std::vector<std::vector<double>> features_;  ///< Each begins with 1.
    std::vector<double> context_;                ///< Begins with 1.
    std::vector<double> seen_mean_, seen_square_;
    double seen_ = 0;
    // Of the present context: what is believed of each trait, and of each offer's own offset.
    offers::JointNormal per_trait_;
    std::vector<double> drawn_;
    std::vector<double> log_odds_, own_, spread_;  ///< By offer; `own_` is part of the log odds.
    std::vector<float> rates_, probabilities_;
    std::vector<Choice> shown_;
};

}  // namespace vitrine::ctl
