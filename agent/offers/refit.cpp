#include <algorithm>
#include <cmath>

#include "agent/offers/layout.hpp"
#include "agent/offers/statistics.hpp"
#include "agent/offers/symmetric.hpp"

namespace vitrine::offers {

using profiles::ModelOffset;

namespace {

/// A refit lets this much of what was known fade towards the prior, so that the model follows a
/// shop that changes: with one refit a night, half of an old lesson is gone after ten weeks.
constexpr double kKeep = 0.99;
/// No weight moves further than this in one refit, in log odds: far from the published weights the
/// statistics say where to go, but not how far.
constexpr double kStepMax = 1.5;
constexpr double kOffsetStepMax = 1.0;

double real(std::int64_t fixed) { return static_cast<double>(fixed) / kFixedPoint; }

double clip(double step, double limit) { return std::clamp(step, -limit, limit); }

/// The Gaussian that a refit starts from: the published one, faded towards the prior.
struct Faded {
    std::vector<double> precision;
    std::vector<double> pull;  ///< Of the prior, at the published mean.
};

Faded fade(const profiles::Model& published, const profiles::Model& prior, double keep) {
    Faded faded{.precision = {published.precision.begin(), published.precision.end()}};
    for (double& entry : faded.precision) entry *= keep;
    const std::size_t n = published.mean.size();
    faded.pull.resize(n);
    for (std::size_t i = 0; i < n; ++i) {
        const double precision = (1 - keep) * static_cast<double>(prior.precision[packed_at(i, i)]);
        faded.precision[packed_at(i, i)] += precision;
        faded.pull[i] = precision * (static_cast<double>(prior.mean[i]) -
                                     static_cast<double>(published.mean[i]));
    }
    return faded;
}

/// By how much the refit of the weights moved the log odds of the outcomes on average, weighed by
/// how much each outcome says: the row of the intercept, which is 1 in every outcome, knows.
double mean_shift(const std::vector<double>& curvature, const std::vector<double>& step) {
    const double weight = curvature[packed_at(layout::intercept, layout::intercept)];
    return weight > 0 ? multiply(curvature, step)[layout::intercept] / weight : 0;
}

ModelOffset refit_offset(const ModelOffset& known, const Statistics::PerOffset& seen, double shift,
                         double keep) {
    const double mean = static_cast<double>(known.mean);
    const double prior = (1 - keep) * static_cast<double>(layout::kOffsetPrecision);
    const double precision = keep * static_cast<double>(known.precision) + prior;
    const double curvature = std::max(0.0, real(seen.curvature));
    const double gradient = real(seen.gradient) - curvature * shift - prior * mean;
    const double step = clip(gradient / (precision + curvature), kOffsetStepMax);
    return {known.id, static_cast<float>(mean + step), static_cast<float>(precision + curvature)};
}

/// All that were published or seen, in order of id, as they stand before the refit.
std::vector<ModelOffset> before_refit(const profiles::Model& published, const Statistics& total) {
    std::vector<ModelOffset> offsets = published.offsets;
    for (const Statistics::PerOffset& seen : total.offsets) {
        const auto end = published.offsets.end();
        const auto known = std::lower_bound(
            published.offsets.begin(), end, seen.id,
            [](const ModelOffset& each, profiles::OffsetId id) { return each.id < id; });
        if (known == end || known->id != seen.id) {
            offsets.push_back({seen.id, 0, layout::kOffsetPrecision});
        }
    }
    std::ranges::sort(offsets, {}, &ModelOffset::id);
    return offsets;
}

/// Both are refitted one by one, those above first: by how much they moved is taken out of what
/// lies within them.
class OffsetRefit {
  public:
    OffsetRefit(const profiles::Model& published, const Statistics& total, double shift,
                double keep)
        : total_(total),
          shift_(shift),
          keep_(keep),
          before_(before_refit(published, total)),
          after_(before_) {}

    std::vector<ModelOffset> run() {
        // A top category, a category, an offer: nothing lies deeper.
        for (std::size_t depth = 0; depth < Posterior::kOffsetsOfOne; ++depth) {
            auto seen = total_.offsets.begin();
            for (std::size_t i = 0; i < before_.size(); ++i) {
                while (seen != total_.offsets.end() && seen->id < before_[i].id) ++seen;
                const bool heard = seen != total_.offsets.end() && seen->id == before_[i].id;
                const Statistics::PerOffset news =
                    heard ? *seen : Statistics::PerOffset{.id = before_[i].id};
                if (depth_of(news) != depth) continue;
                after_[i] = refit_offset(before_[i], news, shift_ + moved(news.within), keep_);
            }
        }
        return std::move(after_);
    }

  private:
    const Statistics::PerOffset* find(profiles::OffsetId id) const {
        const auto at =
            std::ranges::lower_bound(total_.offsets, id, {}, &Statistics::PerOffset::id);
        return at != total_.offsets.end() && at->id == id ? &*at : nullptr;
    }
    std::size_t depth_of(const Statistics::PerOffset& each) const {
        std::size_t depth = 0;
        for (const auto* at = find(each.within); at != nullptr; at = find(at->within)) {
            if (++depth == Posterior::kOffsetsOfOne - 1) break;
        }
        return depth;
    }
    /// By how much those above moved the log odds.
    double moved(profiles::OffsetId above) const {
        double sum = 0;
        std::size_t depth = 0;
        for (const auto* at = find(above); at != nullptr; at = find(at->within)) {
            const auto index = static_cast<std::size_t>(
                std::ranges::lower_bound(before_, at->id, {}, &ModelOffset::id) - before_.begin());
            sum += static_cast<double>(after_[index].mean - before_[index].mean);
            if (++depth == Posterior::kOffsetsOfOne - 1) break;
        }
        return sum;
    }

    const Statistics& total_;
    double shift_;
    double keep_;
    std::vector<ModelOffset> before_;
    std::vector<ModelOffset> after_;
};

}  // namespace

Result<profiles::Model> newton_step(const profiles::Model& published, const Statistics& total,
                                    double keep, Epoch next) {
    const std::size_t n = published.mean.size();
    TRY(check_statistics(total, n));
    TRY(Posterior::from(published));
    const Faded faded = fade(published, prior_model(published.epoch, published.base_rate), keep);

    std::vector<double> curvature(total.curvature.size());
    std::transform(total.curvature.begin(), total.curvature.end(), curvature.begin(), real);
    std::vector<double> factor(faded.precision);
    for (std::size_t i = 0; i < factor.size(); ++i) factor[i] += curvature[i];

    profiles::Model model{
        .epoch = next, .layout = published.layout, .base_rate = published.base_rate};
    model.precision.assign(factor.begin(), factor.end());
    if (!cholesky(factor, n)) return invalid("the statistics are not those of any outcomes");
    std::vector<double> step(n);
    for (std::size_t i = 0; i < n; ++i) step[i] = real(total.gradient[i]) + faded.pull[i];
    solve(factor, step);
    double largest = 0;
    for (const double each : step) largest = std::max(largest, std::abs(each));
    const double scale = largest > kStepMax ? kStepMax / largest : 1;
    model.mean = published.mean;
    for (std::size_t i = 0; i < n; ++i) {
        step[i] *= scale;
        model.mean[i] = static_cast<float>(static_cast<double>(model.mean[i]) + step[i]);
    }
    model.offsets = OffsetRefit(published, total, mean_shift(curvature, step), keep).run();
    return model;
}

Result<profiles::Model> refit(const profiles::Model& published, const Statistics& total,
                              Epoch next) {
    if (total.model != published.epoch || total.layout != layout::kVersion ||
        (!published.mean.empty() && published.layout != layout::kVersion)) {
        return conflict("the statistics are of model epoch " + std::to_string(total.model.value()) +
                        " layout " + std::to_string(total.layout) + ", the model of epoch " +
                        std::to_string(published.epoch.value()) + " layout " +
                        std::to_string(published.layout));
    }
    if (published.mean.empty()) {
        return newton_step(prior_model(published.epoch, published.base_rate), total, kKeep, next);
    }
    return newton_step(published, total, kKeep, next);
}

profiles::Model prior_model(Epoch epoch, float base_rate) {
    const float rate = std::clamp(base_rate, 1e-4F, 0.5F);
    const layout::Prior prior = layout::prior();
    profiles::Model model{.epoch = epoch, .layout = layout::kVersion, .base_rate = rate};
    model.mean.assign(prior.mean.begin(), prior.mean.end());
    model.mean[layout::intercept] = std::log(rate / (1 - rate));
    model.precision.resize(packed_size(layout::kWeights));
    for (std::size_t i = 0; i < layout::kWeights; ++i) {
        model.precision[packed_at(i, i)] = prior.precision[i];
    }
    return model;
}

}  // namespace vitrine::offers
