#include "ctl/bandit.hpp"

#include <algorithm>
#include <cmath>

#include "agent/offers/logistic.hpp"
#include "agent/offers/symmetric.hpp"
#include "agent/offers/thompson.hpp"

namespace vitrine::ctl {

namespace {

using offers::Posterior;

/// Contexts are taken to be standard already until about this many were seen.
constexpr double kSeenBefore = 50;
constexpr double kFarthest = 4;
/// What the pairs may move the log odds by together, before anything was seen: variances.
constexpr double kFeaturesVariance = 0.5;
constexpr double kContextVariance = 0.25;
constexpr double kPairsVariance = 1.0;
constexpr double kInterceptVariance = 0.5;

profiles::OffsetId id_of(std::size_t offer) { return profiles::OffsetId(offer + 1); }

bool all_finite(std::span<const double> numbers) {
    return std::ranges::all_of(numbers, [](double each) { return std::isfinite(each); });
}

/// Brings each column to mean 0 and variance 1, and puts a 1 before each row.
std::vector<std::vector<double>> standardised(const std::vector<std::vector<double>>& rows) {
    const std::size_t columns = rows[0].size();
    std::vector<std::vector<double>> out(rows.size(), std::vector<double>(columns + 1, 1.0));
    for (std::size_t column = 0; column < columns; ++column) {
        double sum = 0;
        double squares = 0;
        for (const auto& row : rows) sum += row[column];
        const double mean = sum / static_cast<double>(rows.size());
        for (const auto& row : rows) squares += (row[column] - mean) * (row[column] - mean);
        const double deviation = std::sqrt(squares / static_cast<double>(rows.size()));
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const double scaled = deviation > 0 ? (rows[i][column] - mean) / deviation : 0;
            out[i][column + 1] = std::clamp(scaled, -kFarthest, kFarthest);
        }
    }
    return out;
}

profiles::Model prior(std::size_t contexts, std::size_t features, double base_rate) {
    const std::size_t weights = (contexts + 1) * (features + 1);
    profiles::Model model{.base_rate = static_cast<float>(base_rate)};
    model.mean.assign(weights, 0.0F);
    model.mean[0] = static_cast<float>(std::log(base_rate / (1 - base_rate)));
    model.precision.assign(offers::packed_size(weights), 0.0F);
    for (std::size_t i = 0; i < weights; ++i) {
        const bool about_context = i / (features + 1) != 0;
        const bool about_offer = i % (features + 1) != 0;
        const double variance = about_context && about_offer
                                    ? kPairsVariance / static_cast<double>(contexts * features)
                                : about_context ? kContextVariance / static_cast<double>(contexts)
                                : about_offer   ? kFeaturesVariance / static_cast<double>(features)
                                                : kInterceptVariance;
        model.precision[offers::packed_at(i, i)] = static_cast<float>(1 / variance);
    }
    return model;
}

Result<void> check(const std::vector<std::vector<double>>& features, std::size_t context_size,
                   const Bandit::Settings& settings) {
    if (features.empty() || features.size() > Bandit::kOffersMax) {
        return invalid("1 to " + std::to_string(Bandit::kOffersMax) + " offers, not " +
                       std::to_string(features.size()));
    }
    if (settings.slots == 0 || settings.slots > std::min(Bandit::kSlotsMax, features.size())) {
        return invalid("1 to " + std::to_string(std::min(Bandit::kSlotsMax, features.size())) +
                       " slots, not " + std::to_string(settings.slots));
    }
    if (!(settings.base_rate > 0 && settings.base_rate < 1)) {
        return invalid("the base rate is between 0 and 1");
    }
    for (std::size_t i = 0; i < features.size(); ++i) {
        const std::string place = "offer " + std::to_string(i + 1) + ": ";
        if (features[i].size() != features[0].size()) {
            return invalid(place + std::to_string(features[i].size()) + " features, where the " +
                           "first has " + std::to_string(features[0].size()));
        }
        if (!all_finite(features[i])) return invalid(place + "a feature is not a finite number");
    }
    if ((context_size + 1) * (features[0].size() + 1) > Posterior::kWeightsMax) {
        return invalid(std::to_string(context_size) + " context numbers and " +
                       std::to_string(features[0].size()) + " features: their pairs, each with 1 " +
                       "more, are over " + std::to_string(Posterior::kWeightsMax));
    }
    return {};
}

}  // namespace

Result<Bandit> Bandit::open(const std::vector<std::vector<double>>& features,
                            std::size_t context_size, const Settings& settings) {
    TRY(check(features, context_size, settings));
    auto posterior =
        TRY(Posterior::from(prior(context_size, features[0].size(), settings.base_rate)));
    Bandit bandit(std::move(posterior), settings);
    bandit.features_ = standardised(features);
    bandit.drawn_.assign(features[0].size() + 1, 0.0);
    for (auto* each : {&bandit.log_odds_, &bandit.own_, &bandit.spread_}) {
        each->assign(features.size(), 0.0);
    }
    bandit.context_.assign(context_size + 1, 1.0);
    bandit.seen_mean_.assign(context_size, 0.0);
    bandit.seen_square_.assign(context_size, kSeenBefore);
    bandit.seen_ = kSeenBefore;
    return bandit;
}

void Bandit::see(std::span<const double> context) {
    seen_ += 1;
    for (std::size_t i = 0; i < context.size(); ++i) {
        const double away = context[i] - seen_mean_[i];
        seen_mean_[i] += away / seen_;
        seen_square_[i] += away * (context[i] - seen_mean_[i]);
        const double deviation = std::sqrt(seen_square_[i] / seen_);
        const double scaled = deviation > 0 ? (context[i] - seen_mean_[i]) / deviation : 0;
        context_[i + 1] = std::clamp(scaled, -kFarthest, kFarthest);
    }
}

std::vector<float> Bandit::example(std::size_t offer) const {
    std::vector<float> pairs;
    pairs.reserve(posterior_.size());
    for (const double moment : context_) {
        for (const double trait : features_[offer]) {
            pairs.push_back(static_cast<float>(moment * trait));
        }
    }
    return pairs;
}

/// The bilinear part amounts to one short vector in this context.
void Bandit::collapse() {
    const std::size_t traits = features_[0].size();
    const std::span<const double> mean = posterior_.mean();
    per_trait_.mean.assign(traits, 0.0);
    for (std::size_t i = 0; i < context_.size(); ++i) {
        for (std::size_t k = 0; k < traits; ++k) {
            per_trait_.mean[k] += context_[i] * mean[i * traits + k];
        }
    }
    if (settings_.arm == Arm::inverse_gap) return;
    const std::span<const double> covariance = posterior_.covariance();
    per_trait_.covariance.assign(offers::packed_size(traits), 0.0);
    for (std::size_t i = 0; i < context_.size(); ++i) {
        for (std::size_t j = 0; j < context_.size(); ++j) {
            const double both = context_[i] * context_[j];
            for (std::size_t k = 0; k < traits; ++k) {
                const double* const row = &covariance[(i * traits + k) * mean.size() + j * traits];
                double* const to = &per_trait_.covariance[offers::packed_at(k, 0)];
                for (std::size_t l = 0; l <= k; ++l) to[l] += both * row[l];
            }
        }
    }
    per_trait_.factor();
}

void Bandit::score() {
    collapse();
    for (std::size_t offer = 0; offer < features_.size(); ++offer) {
        const offers::Offset offset = posterior_.offset(id_of(offer));
        own_[offer] = offset.mean;
        spread_[offer] = std::sqrt(std::max(0.0, offset.variance));
        log_odds_[offer] = offset.mean;
        for (std::size_t k = 0; k < features_[0].size(); ++k) {
            log_odds_[offer] += per_trait_.mean[k] * features_[offer][k];
        }
    }
}

Bandit::Choice Bandit::weigh(const std::vector<std::size_t>& left) {
    rates_.clear();
    for (const std::size_t offer : left) {
        rates_.push_back(offers::logistic(static_cast<float>(
            log_odds_[offer] + settings_.exploration.optimism * spread_[offer])));
    }
    offers::Slate::weigh(rates_, settings_.exploration, probabilities_);
    double chance = rng_.uniform();
    std::size_t drawn = 0;
    // What rounding leaves over falls to the last one that can be drawn at all.
    for (std::size_t i = 0; i < left.size() && chance >= 0; ++i) {
        if (probabilities_[i] <= 0) continue;
        drawn = i;
        chance -= static_cast<double>(probabilities_[i]);
    }
    return {left[drawn], static_cast<double>(probabilities_[drawn])};
}

/// The best offer of a model drawn from what is believed.
std::size_t Bandit::draw_model(const std::vector<std::size_t>& left, offers::Normals& normals) {
    per_trait_.draw(offers::kThompsonSpread, normals, drawn_);
    std::size_t best = left[0];
    double most = -INFINITY;
    for (const std::size_t offer : left) {
        double score = own_[offer] + offers::kThompsonSpread * spread_[offer] * normals.next();
        for (std::size_t k = 0; k < drawn_.size(); ++k) score += drawn_[k] * features_[offer][k];
        if (score > most) {
            most = score;
            best = offer;
        }
    }
    return best;
}

Bandit::Choice Bandit::sample(const std::vector<std::size_t>& left) {
    offers::Normals normals(rng_);
    const std::size_t chosen = draw_model(left, normals);
    if (!settings_.estimates) return {chosen, 0};
    offers::Normals again(redraws_);
    std::size_t wins = 0;
    for (std::size_t i = 0; i < offers::Thompson::kRedraws; ++i) {
        wins += draw_model(left, again) == chosen ? 1U : 0U;
    }
    return {chosen, static_cast<double>(wins + 1) / (offers::Thompson::kRedraws + 1)};
}

Result<std::vector<Bandit::Choice>> Bandit::choose(std::span<const double> context) {
    if (context.size() + 1 != context_.size()) {
        return invalid(std::to_string(context.size()) + " context numbers, where the first had " +
                       std::to_string(context_.size() - 1));
    }
    if (!all_finite(context)) return invalid("a context number is not finite");
    see(context);
    score();
    std::vector<std::size_t> left(features_.size());
    for (std::size_t i = 0; i < left.size(); ++i) left[i] = i;
    shown_.clear();
    while (shown_.size() < settings_.slots) {
        const Choice choice = settings_.arm == Arm::inverse_gap ? weigh(left) : sample(left);
        shown_.push_back(choice);
        left.erase(std::ranges::lower_bound(left, choice.offer));
    }
    return shown_;
}

void Bandit::learn(std::span<const bool> rewards) {
    for (std::size_t i = 0; i < std::min(rewards.size(), shown_.size()); ++i) {
        const profiles::OffsetId offset = id_of(shown_[i].offer);
        posterior_.update(example(shown_[i].offer), std::span(&offset, 1), rewards[i]);
    }
    shown_.clear();
}

}  // namespace vitrine::ctl
