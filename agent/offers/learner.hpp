#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "agent/base/bytes.hpp"
#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"
#include "agent/consent/gate.hpp"
#include "agent/offers/context.hpp"
#include "agent/offers/decision.hpp"
#include "agent/profiles/model.hpp"
#include "agent/profiles/profile.hpp"

namespace vitrine::offers {

struct Offset;
class Posterior;

/// Additive sufficient statistics of the outcomes that one agent saw under one model epoch, in
/// fixed point so that any order of adding gives the same bits. Cumulative: the one with the higher
/// `outcomes`, or as many and more `positives`, contains the other.
struct Statistics {
    Epoch model;
    std::uint32_t layout = 0;
    std::uint64_t outcomes = 0;
    std::uint64_t positives = 0;
    std::vector<std::int64_t> gradient;   ///< One a weight, in 2^-24.
    std::vector<std::int64_t> curvature;  ///< Packed lower triangle, in 2^-24.
    struct PerOffset {
        profiles::OffsetId id;
        profiles::OffsetId within;  ///< The one above it that had the same outcomes; 0: none.
        std::int64_t gradient = 0;
        std::int64_t curvature = 0;
        friend bool operator==(const PerOffset&, const PerOffset&) = default;
    };
    std::vector<PerOffset> offsets;  ///< In order of id.
    friend bool operator==(const Statistics&, const Statistics&) = default;
};

/// One shown offer as the model saw it: the features of the moment, before the outcome is known.
/// Made by the Chooser; holds no ids but the offer's.
struct Example {
    static constexpr std::size_t kWeightsMax = 160;

    OfferId offer;
    CategoryId category;  ///< The offer's own; 0: none.
    CategoryId top;       ///< The top one above it; 0 where that is the category itself.
    std::uint16_t size = 0;
    std::array<float, kWeightsMax> features{};
};

/// What a model says of an example.
double log_odds(const profiles::Model& model, const Example& example);

/// The local posterior: the published model plus what this agent has seen since, and the statistics
/// to hand up. Owned by the engine.
class Learner {
  public:
    Learner();
    ~Learner();

    /// Starts again from a published model, unless it is the one adopted before. The statistics
    /// start at zero for its epoch; what was seen under the one before has been handed up as
    /// records. A model without weights is the prior at its base rate. A model of another layout is
    /// `conflict`, one that is no distribution is `invalid`; then the one before goes on.
    Result<void> adopt(const profiles::Model& model);

    /// Learns from a member's reaction, which takes their permission to measure.
    void learn(const consent::Permitted<consent::Purpose::measure>& permitted,
               const Example& example, bool positive);
    /// Learns from a reaction to the mass or group path: the example then has no personal feature.
    void learn_anonymous(const Example& example, bool positive);

    /// What was learned as a failure succeeded after all.
    void correct(const consent::Permitted<consent::Purpose::measure>& permitted,
                 const Example& example);

    const Statistics& statistics() const;
    /// What scores offers now: the posterior's mean, the offsets in order of id (0 for
    /// one not among them), and a number that changes whenever one of them did.
    std::span<const double> weights() const;
    std::span<const Offset> offsets() const;
    std::uint64_t revision() const;
    const Posterior& posterior() const;
    /// The posterior as it is now, of the adopted model's epoch.
    profiles::Model model() const;

    /// Keeps the statistics over a restart; the local posterior is then the one that they amount
    /// to. `restore` is `conflict` when they are of another epoch than the adopted model, `corrupt`
    /// on bytes that `encode` did not write.
    Bytes encode() const;
    Result<void> restore(ByteView bytes);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Adds two agents' statistics of the same model epoch and layout; `conflict` otherwise.
Result<Statistics> add(const Statistics& one, const Statistics& other);

/// One more model from the one the statistics were collected under: a Newton step with the prior,
/// discounted for drift. `conflict` when the statistics are of another epoch or layout.
Result<profiles::Model> refit(const profiles::Model& published, const Statistics& total,
                              Epoch next);

/// The weights nothing was learned for yet: the prior at the base rate.
profiles::Model prior_model(Epoch epoch, float base_rate);

}  // namespace vitrine::offers
