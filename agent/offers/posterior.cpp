#include "agent/offers/posterior.hpp"

#include <algorithm>
#include <cmath>

#include "agent/offers/layout.hpp"
#include "agent/offers/logistic.hpp"
#include "agent/offers/symmetric.hpp"

namespace vitrine::offers {

using profiles::OffsetId;

namespace {

/// By how much one correction moves its own log odds at most.
constexpr double kCorrectionMax = 2;

auto place_of(auto& offsets, OffsetId id) {
    return std::lower_bound(offsets.begin(), offsets.end(), id,
                            [](const auto& offset, OffsetId wanted) { return offset.id < wanted; });
}

bool all_finite(std::span<const float> numbers) {
    return std::all_of(numbers.begin(), numbers.end(), [](float x) { return std::isfinite(x); });
}

Result<void> check_offsets(const std::vector<profiles::ModelOffset>& offsets) {
    if (offsets.size() > Posterior::kOffsetsMax) return invalid("the model has too many offsets");
    for (std::size_t i = 0; i < offsets.size(); ++i) {
        const profiles::ModelOffset& offset = offsets[i];
        if (i > 0 && !(offsets[i - 1].id < offset.id)) {
            return invalid("the model's offsets are not in order");
        }
        if (!std::isfinite(offset.mean) || !(offset.precision > 0) ||
            !std::isfinite(offset.precision)) {
            return invalid("the model's offset " + std::to_string(offset.id.value()) +
                           " is not a distribution");
        }
    }
    return {};
}

/// Where the log odds settle when one outcome pulls at a Gaussian of this mean and variance.
double settle(double prior_mean, double variance, double outcome) {
    constexpr int kStepsMax = 20;
    double odds = prior_mean;
    for (int i = 0; i < kStepsMax; ++i) {
        const double rate = logistic_exactly(odds);
        const double error = odds - prior_mean - variance * (outcome - rate);
        const double step = error / (1 + variance * rate * (1 - rate));
        odds -= step;
        if (std::abs(step) < 1e-9) break;
    }
    return odds;
}

}  // namespace

Sparse::Sparse(std::span<const float> features) {
    for (std::size_t i = 0; i < features.size() && i < Posterior::kWeightsMax; ++i) {
        if (features[i] == 0) continue;
        index[size] = static_cast<std::uint16_t>(i);
        value[size] = static_cast<double>(features[i]);
        ++size;
    }
}

Result<Posterior> Posterior::from(const profiles::Model& model) {
    const std::size_t n = model.mean.size();
    if (n == 0 || n > kWeightsMax) return invalid("the model has no weights, or too many");
    if (model.precision.size() != packed_size(n)) {
        return invalid("the model's precision does not belong to its mean");
    }
    if (!all_finite(model.mean) || !all_finite(model.precision)) {
        return invalid("the model has a weight that is not finite");
    }
    TRY(check_offsets(model.offsets));
    std::vector<double> factor(model.precision.begin(), model.precision.end());
    if (!cholesky(factor, n)) return invalid("the model's precision is not positive definite");

    Posterior posterior;
    posterior.mean_.assign(model.mean.begin(), model.mean.end());
    posterior.covariance_ = inverse(factor, n);
    posterior.along_.resize(n);
    posterior.offsets_.reserve(model.offsets.size());
    for (const profiles::ModelOffset& offset : model.offsets) {
        posterior.offsets_.push_back({offset.id, static_cast<double>(offset.mean),
                                      1.0 / static_cast<double>(offset.precision)});
    }
    return posterior;
}

/// Makes room for one that is not there yet.
std::size_t Posterior::place_for(OffsetId id) {
    // A full table means thousands of forgotten offers: the first one gives way.
    if (offsets_.size() >= kOffsetsMax) offsets_.erase(offsets_.begin());
    auto place = place_of(offsets_, id);
    if (place == offsets_.end() || place->id != id) {
        place = offsets_.insert(place, {id, 0, kOffsetVariance});
    }
    return static_cast<std::size_t>(place - offsets_.begin());
}

Offset Posterior::offset(OffsetId id) const {
    const auto place = place_of(offsets_, id);
    if (place != offsets_.end() && place->id == id) return *place;
    return {id, 0, kOffsetVariance};
}

double Posterior::variance(std::span<const float> features) const {
    const Sparse x(features.first(std::min(features.size(), size())));
    double sum = 0;
    for (std::uint16_t i = 0; i < x.size; ++i) {
        const double* const column = &covariance_[x.index[i] * size()];
        for (std::uint16_t k = 0; k < x.size; ++k) {
            sum += x.value[i] * x.value[k] * column[x.index[k]];
        }
    }
    return sum;
}

void Posterior::update(std::span<const float> features, std::span<const OffsetId> offsets,
                       bool positive) {
    CHECK(offsets.size() <= kOffsetsOfOne);
    const std::size_t n = size();
    const Sparse x(features.first(std::min(features.size(), n)));
    for (const OffsetId id : offsets) place_for(id);
    std::array<Offset*, kOffsetsOfOne> counted{};
    double offset_mean = 0;
    double offset_variance = 0;
    for (std::size_t i = 0; i < offsets.size(); ++i) {
        counted[i] = &offsets_[place_for(offsets[i])];
        offset_mean += counted[i]->mean;
        offset_variance += counted[i]->variance;
    }

    look_along(x);
    const double variance = x.dot(along_) + offset_variance;
    const double before = x.dot(mean_) + offset_mean;
    const double after = settle(before, variance, positive ? 1.0 : 0.0);
    const double rate = logistic_exactly(after);
    const double pull = (positive ? 1.0 : 0.0) - rate;
    const double curvature = rate * (1 - rate);
    const double gain = curvature / (1 + curvature * variance);

    for (std::size_t k = 0; k < n; ++k) mean_[k] += along_[k] * pull;
    for (std::size_t row = 0; row < n; ++row) {
        double* const mine = &covariance_[row * n];
        const double scaled = gain * along_[row];
        if (scaled == 0) continue;
        for (std::size_t k = 0; k < n; ++k) mine[k] -= scaled * along_[k];
    }
    for (std::size_t i = 0; i < offsets.size(); ++i) {
        Offset& offset = *counted[i];
        offset.mean += offset.variance * pull;
        offset.variance -= gain * offset.variance * offset.variance;
    }
}

/// Covariance times features.
void Posterior::look_along(const Sparse& x) {
    const std::size_t n = size();
    std::fill(along_.begin(), along_.end(), 0.0);
    for (std::uint16_t i = 0; i < x.size; ++i) {
        const double* const column = &covariance_[x.index[i] * n];
        const double value = x.value[i];
        for (std::size_t k = 0; k < n; ++k) along_[k] += value * column[k];
    }
}

void Posterior::correct(std::span<const float> features, std::span<const OffsetId> offsets) {
    CHECK(offsets.size() <= kOffsetsOfOne);
    const Sparse x(features.first(std::min(features.size(), size())));
    look_along(x);
    double variance = x.dot(along_);
    for (const OffsetId id : offsets) variance += offset(id).variance;
    // The gradient is short of the features once; far from the mode a whole step may be too long.
    const double pull = variance > kCorrectionMax ? kCorrectionMax / variance : 1;
    for (std::size_t k = 0; k < size(); ++k) mean_[k] += along_[k] * pull;
    for (const OffsetId id : offsets) {
        Offset& each = offsets_[place_for(id)];
        each.mean += each.variance * pull;
    }
}

profiles::Model Posterior::publish(Epoch epoch, std::uint32_t layout, float base_rate) const {
    const std::size_t n = size();
    std::vector<double> packed(packed_size(n));
    for (std::size_t row = 0; row < n; ++row) {
        for (std::size_t column = 0; column <= row; ++column) {
            packed[packed_at(row, column)] = covariance_[row * n + column];
        }
    }
    CHECK(cholesky(packed, n));
    const std::vector<double> precision = inverse(packed, n);
    profiles::Model model{.epoch = epoch, .layout = layout, .base_rate = base_rate};
    model.mean.assign(mean_.begin(), mean_.end());
    model.precision.resize(packed_size(n));
    for (std::size_t row = 0; row < n; ++row) {
        for (std::size_t column = 0; column <= row; ++column) {
            model.precision[packed_at(row, column)] =
                static_cast<float>(precision[row * n + column]);
        }
    }
    for (const Offset& offset : offsets_) {
        model.offsets.push_back({offset.id, static_cast<float>(offset.mean),
                                 static_cast<float>(1.0 / offset.variance)});
    }
    return model;
}

}  // namespace vitrine::offers
