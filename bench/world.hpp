#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "agent/base/random.hpp"

namespace vitrine::bench {

inline double chance_of(double log_odds) { return 1 / (1 + std::exp(-log_odds)); }

/// A made-up shop to learn in, drawn from a seed: offers and contexts that the engine sees as
/// numbers, and a truth that it does not see. Response is logistic, in parts (`kShares`): the
/// engine can learn what is linear or bilinear in context and features, and each offer's own appeal
/// that no feature shows; it cannot learn how offers of a hidden kin take to a context, which is
/// not linear. What is seen is not in units of its own spread. How far appeals lie apart was set so
/// that LinUCB earns on worlds 1 to 24 what TARGETS says of it: 0.64 of the gap.
class World {
  public:
    static constexpr std::size_t kOffers = 100;
    static constexpr double kBaseRate = 0.03;  ///< Of an offer by chance in a context by chance.

    explicit World(std::uint64_t seed) : rng_(seed) {
        contexts_ = 5 + rng_.below(4);
        traits_ = 4 + rng_.below(5);
        draw_units();
        for (std::size_t i = 0; i < kOffers; ++i) {
            plain_.push_back(draw_offer());
            own_.push_back(rng_.normal());
            kin_.push_back(rng_.normal());
        }
        draw_taste();
        weigh_parts();
        meet_base_rate();
    }

    std::size_t context_size() const { return contexts_; }

    /// What is to be seen of the offers.
    std::vector<std::vector<double>> features() const {
        std::vector<std::vector<double>> rows = plain_;
        for (auto& row : rows) {
            for (std::size_t k = 0; k < traits_; ++k) row[k] = unit_[k] * row[k] + place_[k];
        }
        return rows;
    }

    /// The next visitor, whom `rates` and `seen` are about from now on.
    void next_visitor() { context_ = draw_context(); }

    std::vector<double> seen() const {
        std::vector<double> numbers = context_;
        for (std::size_t i = 0; i < contexts_; ++i) {
            numbers[i] = unit_[traits_ + i] * numbers[i] + place_[traits_ + i];
        }
        return numbers;
    }

    /// The true response rates to all offers.
    std::vector<double> rates() const {
        std::vector<double> rates;
        for (std::size_t i = 0; i < kOffers; ++i) {
            rates.push_back(chance_of(intercept_ + appeal(i, context_)));
        }
        return rates;
    }

  private:
    static constexpr int kSampled = 400;

    /// The parts that the log odds are made of, and what each is of their variance.
    enum Part : std::size_t { bilinear, of_features, of_offer, of_kin, of_context, kParts };
    static constexpr double kShares[kParts] = {0.35, 0.20, 0.20, 0.10, 0.15};

    void draw_units() {
        for (std::size_t i = 0; i < contexts_ + traits_; ++i) {
            unit_.push_back(std::exp(rng_.normal()));
            place_.push_back(rng_.normal());
        }
        for (std::size_t i = 0; i < contexts_; ++i) is_flag_.push_back(rng_.below(3) == 0);
        for (std::size_t k = 0; k < traits_; ++k) is_mark_.push_back(rng_.below(2) == 0);
    }

    std::vector<double> draw_context() {
        std::vector<double> context;
        for (std::size_t i = 0; i < contexts_; ++i) {
            context.push_back(is_flag_[i] ? (rng_.below(3) == 0 ? 1.4 : -0.7) : rng_.normal());
        }
        return context;
    }

    std::vector<double> draw_offer() {
        std::vector<double> offer;
        for (std::size_t k = 0; k < traits_; ++k) {
            offer.push_back(is_mark_[k] ? (rng_.below(3) == 0 ? 1.4 : -0.7) : rng_.normal());
        }
        return offer;
    }

    void draw_taste() {
        for (std::size_t i = 0; i < contexts_ * traits_; ++i) pairs_.push_back(rng_.normal());
        for (std::size_t k = 0; k < traits_; ++k) traits_liked_.push_back(rng_.normal());
        for (std::size_t i = 0; i < contexts_; ++i) {
            moods_.push_back(rng_.normal());
            kinship_.push_back(rng_.normal() / std::sqrt(static_cast<double>(contexts_)));
        }
    }

    double part(Part which, std::size_t offer, const std::vector<double>& context) const {
        double sum = 0;
        switch (which) {
            case bilinear:
                for (std::size_t i = 0; i < contexts_; ++i) {
                    for (std::size_t k = 0; k < traits_; ++k) {
                        sum += context[i] * plain_[offer][k] * pairs_[i * traits_ + k];
                    }
                }
                return sum;
            case of_features:
                for (std::size_t k = 0; k < traits_; ++k)
                    sum += plain_[offer][k] * traits_liked_[k];
                return sum;
            case of_offer:
                return own_[offer];
            case of_kin:
                for (std::size_t i = 0; i < contexts_; ++i) sum += context[i] * kinship_[i];
                return std::sin(2 * sum) * kin_[offer];
            default:
                for (std::size_t i = 0; i < contexts_; ++i) sum += context[i] * moods_[i];
                return sum;
        }
    }

    double appeal(std::size_t offer, const std::vector<double>& context) const {
        double sum = 0;
        for (std::size_t p = 0; p < kParts; ++p) {
            sum += scale_[p] * part(static_cast<Part>(p), offer, context);
        }
        return sum;
    }

    /// Brings the parts to their shares of a spread that differs from world to world.
    void weigh_parts() {
        const double spread = 1.1 + 0.4 * rng_.uniform();
        double squares[kParts] = {};
        for (int s = 0; s < kSampled; ++s) {
            const std::vector<double> context = draw_context();
            const std::size_t offer = rng_.below(kOffers);
            for (std::size_t p = 0; p < kParts; ++p) {
                const double value = part(static_cast<Part>(p), offer, context);
                squares[p] += value * value / kSampled;
            }
        }
        for (std::size_t p = 0; p < kParts; ++p) {
            scale_[p] = spread * std::sqrt(kShares[p] / squares[p]);
        }
    }

    void meet_base_rate() {
        std::vector<double> odds;
        for (int s = 0; s < kSampled; ++s) {
            const std::vector<double> context = draw_context();
            for (std::size_t i = 0; i < kOffers; ++i) odds.push_back(appeal(i, context));
        }
        double low = -12;
        double high = 0;
        for (int step = 0; step < 40; ++step) {
            intercept_ = (low + high) / 2;
            double mean = 0;
            for (const double each : odds) mean += chance_of(intercept_ + each);
            (mean > kBaseRate * static_cast<double>(odds.size()) ? high : low) = intercept_;
        }
    }

    Rng rng_;
    std::size_t contexts_ = 0;
    std::size_t traits_ = 0;
    std::vector<bool> is_flag_, is_mark_;
    std::vector<double> unit_, place_;        ///< Of the traits, then of the contexts.
    std::vector<std::vector<double>> plain_;  ///< The features, each of variance 1.
    std::vector<double> own_, kin_;           ///< By offer; hidden.
    std::vector<double> pairs_, traits_liked_, moods_, kinship_;
    double scale_[kParts] = {};
    double intercept_ = 0;
    std::vector<double> context_;
};

}  // namespace vitrine::bench
