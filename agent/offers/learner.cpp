#include "agent/offers/learner.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "agent/base/check.hpp"
#include "agent/offers/layout.hpp"
#include "agent/offers/posterior.hpp"
#include "agent/offers/statistics.hpp"

namespace vitrine::offers {

using profiles::OffsetId;

namespace {

constexpr float kBaseRate = 0.03F;

Posterior posterior_of(const profiles::Model& model) {
    Result<Posterior> posterior = Posterior::from(model);
    CHECK(posterior.has_value());
    return std::move(posterior).value();
}

/// Those that count in one example, each within the next.
struct OffsetIds {
    std::array<OffsetId, Posterior::kOffsetsOfOne> ids{};
    std::size_t count = 0;

    explicit OffsetIds(const Example& example) {
        ids[count++] = profiles::offset_id(example.offer);
        if (example.category != CategoryId{}) ids[count++] = profiles::offset_id(example.category);
        if (example.top != CategoryId{}) ids[count++] = profiles::offset_id(example.top);
    }
    std::span<const OffsetId> all() const { return std::span(ids).first(count); }
};

}  // namespace

double log_odds(const profiles::Model& model, const Example& example) {
    double sum = 0;
    for (std::size_t i = 0; i < std::min<std::size_t>(example.size, model.mean.size()); ++i) {
        sum += static_cast<double>(model.mean[i]) * static_cast<double>(example.features[i]);
    }
    const OffsetIds offsets(example);
    for (const OffsetId id : offsets.all()) {
        const auto place =
            std::ranges::lower_bound(model.offsets, id, {}, &profiles::ModelOffset::id);
        const bool known = place != model.offsets.end() && place->id == id;
        sum += known ? static_cast<double>(place->mean) : 0;
    }
    return sum;
}

struct Learner::State {
    explicit State(profiles::Model model)
        : published(std::move(model)),
          local(posterior_of(published)),
          statistics(empty_statistics(published, published.mean.size())) {}

    profiles::Model published;  ///< What the statistics are collected at.
    Posterior local;            ///< The same and what was seen since.
    Statistics statistics;
    std::uint64_t revision = 1;
};

Learner::Learner() : state_(std::make_unique<State>(prior_model(Epoch(0), kBaseRate))) {}
Learner::~Learner() = default;

Result<void> Learner::adopt(const profiles::Model& model) {
    const bool learned = !model.mean.empty();
    if (learned && (model.layout != layout::kVersion || model.mean.size() != layout::kWeights)) {
        return conflict("the model is of layout " + std::to_string(model.layout) +
                        ", this agent knows layout " + std::to_string(layout::kVersion));
    }
    if (learned) TRY(Posterior::from(model));
    if (learned && model == state_->published) return {};
    const std::uint64_t revision = state_->revision + 1;
    state_ = std::make_unique<State>(learned ? model : prior_model(model.epoch, model.base_rate));
    state_->revision = revision;
    return {};
}

void Learner::learn(const consent::Permitted<consent::Purpose::measure>&, const Example& example,
                    bool positive) {
    learn_anonymous(example, positive);
}

void Learner::learn_anonymous(const Example& example, bool positive) {
    State& state = *state_;
    if (example.size != state.local.size()) return;
    const std::span<const float> features(example.features.data(), example.size);
    const Sparse x(features);
    const OffsetIds offsets(example);
    add_outcome(state.statistics, x, offsets.all(), log_odds(state.published, example), positive);
    state.local.update(features, offsets.all(), positive);
    ++state.revision;
}

void Learner::correct(const consent::Permitted<consent::Purpose::measure>&,
                      const Example& example) {
    State& state = *state_;
    if (example.size != state.local.size()) return;
    const std::span<const float> features(example.features.data(), example.size);
    const OffsetIds offsets(example);
    add_correction(state.statistics, Sparse(features), offsets.all());
    state.local.correct(features, offsets.all());
    ++state.revision;
}

const Statistics& Learner::statistics() const { return state_->statistics; }

profiles::Model Learner::model() const {
    const profiles::Model& published = state_->published;
    return state_->local.publish(published.epoch, published.layout, published.base_rate);
}

std::span<const double> Learner::weights() const { return state_->local.mean(); }
std::span<const Offset> Learner::offsets() const { return state_->local.offsets(); }
std::uint64_t Learner::revision() const { return state_->revision; }
const Posterior& Learner::posterior() const { return state_->local; }

Bytes Learner::encode() const { return encode_statistics(state_->statistics); }

Result<void> Learner::restore(ByteView bytes) {
    Statistics statistics = TRY(decode_statistics(bytes));
    State& state = *state_;
    const profiles::Model& published = state.published;
    if (statistics.model != published.epoch || statistics.layout != published.layout) {
        return conflict("the statistics are of another model than the adopted one");
    }
    const profiles::Model model = TRY(newton_step(published, statistics, 1.0, published.epoch));
    state.local = TRY(Posterior::from(model));
    state.statistics = std::move(statistics);
    ++state.revision;
    return {};
}

}  // namespace vitrine::offers
