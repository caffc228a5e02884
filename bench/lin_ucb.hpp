#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace vitrine::bench {

/// LinUCB (Li et al. 2010) over the same pairs of context and feature that the engine sees: ridge
/// regression on rewards of 0 and 1, and the offer with the highest upper bound. For comparison.
class LinUcb {
  public:
    LinUcb(std::vector<std::vector<double>> features, std::size_t context_size, double alpha)
        : alpha_(alpha), offers_(std::move(features)), seen_mean_(context_size, 0.0) {
        standardise();
        traits_ = offers_[0].size();
        size_ = (context_size + 1) * traits_;
        seen_square_.assign(context_size, kSeenBefore);
        inverse_.assign(size_ * size_, 0.0);
        for (std::size_t i = 0; i < size_; ++i) inverse_[i * size_ + i] = 1;
        weights_.assign(size_, 0.0);
    }

    std::size_t choose(const std::vector<double>& context) {
        see(context);
        std::vector<double> mean(traits_, 0.0);
        std::vector<double> spread(traits_ * traits_, 0.0);
        for (std::size_t i = 0; i < context_.size(); ++i) {
            for (std::size_t k = 0; k < traits_; ++k) {
                mean[k] += context_[i] * weights_[i * traits_ + k];
            }
            for (std::size_t j = 0; j < context_.size(); ++j) add(i, j, spread);
        }
        std::size_t best = 0;
        double most = -INFINITY;
        for (std::size_t offer = 0; offer < offers_.size(); ++offer) {
            double reward = 0;
            double variance = 0;
            for (std::size_t k = 0; k < traits_; ++k) {
                reward += mean[k] * offers_[offer][k];
                for (std::size_t l = 0; l < traits_; ++l) {
                    variance += offers_[offer][k] * offers_[offer][l] * spread[k * traits_ + l];
                }
            }
            const double bound = reward + alpha_ * std::sqrt(std::max(0.0, variance));
            if (bound <= most) continue;
            most = bound;
            best = offer;
        }
        return best;
    }

    /// What came of that offer in the last context.
    void learn(std::size_t offer, bool positive) {
        std::vector<double> x;
        for (const double moment : context_) {
            for (const double trait : offers_[offer]) x.push_back(moment * trait);
        }
        std::vector<double> along(size_, 0.0);
        double expected = 0;
        double variance = 1;
        for (std::size_t i = 0; i < size_; ++i) {
            for (std::size_t k = 0; k < size_; ++k) along[i] += inverse_[i * size_ + k] * x[k];
            expected += weights_[i] * x[i];
            variance += along[i] * x[i];
        }
        for (std::size_t i = 0; i < size_; ++i) {
            const double gain = along[i] / variance;
            weights_[i] += gain * ((positive ? 1 : 0) - expected);
            for (std::size_t k = 0; k < size_; ++k) inverse_[i * size_ + k] -= gain * along[k];
        }
    }

  private:
    static constexpr double kSeenBefore = 50;

    void standardise() {
        for (auto& row : offers_) row.insert(row.begin(), 1.0);
        const double count = static_cast<double>(offers_.size());
        for (std::size_t k = 1; k < offers_[0].size(); ++k) {
            double mean = 0;
            double square = 0;
            for (const auto& row : offers_) mean += row[k] / count;
            for (const auto& row : offers_) square += (row[k] - mean) * (row[k] - mean) / count;
            for (auto& row : offers_) row[k] = (row[k] - mean) / std::sqrt(square + 1e-12);
        }
    }

    void see(const std::vector<double>& context) {
        seen_ += 1;
        context_.assign(1, 1.0);
        for (std::size_t i = 0; i < context.size(); ++i) {
            const double away = context[i] - seen_mean_[i];
            seen_mean_[i] += away / seen_;
            seen_square_[i] += away * (context[i] - seen_mean_[i]);
            const double deviation = std::sqrt(seen_square_[i] / seen_);
            context_.push_back(std::clamp((context[i] - seen_mean_[i]) / deviation, -4.0, 4.0));
        }
    }

    /// One block of the collapsed covariance.
    void add(std::size_t i, std::size_t j, std::vector<double>& spread) const {
        const double both = context_[i] * context_[j];
        for (std::size_t k = 0; k < traits_; ++k) {
            const double* const row = &inverse_[(i * traits_ + k) * size_ + j * traits_];
            for (std::size_t l = 0; l < traits_; ++l) spread[k * traits_ + l] += both * row[l];
        }
    }

    double alpha_;
    std::vector<std::vector<double>> offers_;  ///< Standard, each with a 1 before it.
    std::vector<double> seen_mean_, seen_square_;
    double seen_ = kSeenBefore;
    std::vector<double> context_;
    std::size_t traits_ = 0;
    std::size_t size_ = 0;
    std::vector<double> inverse_;
    std::vector<double> weights_;
};

}  // namespace vitrine::bench
