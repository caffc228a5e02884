#include "ctl/policy_value.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <vector>

namespace vitrine::ctl {

namespace {

constexpr double kNormal95 = 1.959963984540054;

double weight_of(const LoggedChoice& choice) { return choice.target / choice.propensity; }

Result<void> check_choice(const LoggedChoice& choice, bool modelled) {
    if (!(choice.propensity > 0 && choice.propensity <= 1)) {
        return invalid("`p` is a probability over 0 and up to 1");
    }
    if (!(choice.target >= 0 && choice.target <= 1)) {
        return invalid("`target` is a probability from 0 to 1");
    }
    if (!std::isfinite(choice.reward)) return invalid("`reward` is not a finite number");
    if (choice.estimate.has_value() != modelled || choice.expected.has_value() != modelled) {
        return invalid("`estimate` and `expected` belong together, to every choice or to none");
    }
    if (modelled && !(std::isfinite(*choice.estimate) && std::isfinite(*choice.expected))) {
        return invalid("`estimate` or `expected` is not a finite number");
    }
    return {};
}

/// The number of each choice's unit, counted from 0 in order of appearance.
class Units {
  public:
    explicit Units(std::span<const LoggedChoice> choices) {
        std::unordered_map<std::uint64_t, std::size_t> seen;
        of_.reserve(choices.size());
        for (const LoggedChoice& each : choices) {
            of_.push_back(seen.emplace(each.unit, seen.size()).first->second);
        }
        count_ = seen.size();
    }

    std::size_t count() const { return count_; }

    /// The half-width of an estimate's interval. `influence(i)` is how far choice i moves it: these
    /// sum to about 0, and what one unit's choices do together is one observation.
    template <class Influence>
    double half_width(Influence influence) const {
        std::vector<double> sums(count_);
        for (std::size_t i = 0; i < of_.size(); ++i) sums[of_[i]] += influence(i);
        double squares = 0;
        for (const double each : sums) squares += each * each;
        if (count_ < 2) return INFINITY;
        const auto units = static_cast<double>(count_);
        return kNormal95 * std::sqrt(squares * units / (units - 1)) /
               static_cast<double>(of_.size());
    }

  private:
    std::vector<std::size_t> of_;
    std::size_t count_ = 0;
};

Interval interval(double value, double half_width) {
    return {value, value - half_width, value + half_width};
}

/// The plain mean of `value(i)`.
template <class Value>
Interval mean_of(std::size_t count, const Units& units, Value value) {
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += value(i);
    const double mean = sum / static_cast<double>(count);
    return interval(mean, units.half_width([&](std::size_t i) { return value(i) - mean; }));
}

std::string rounded(double number) { return std::to_string(std::llround(number)); }

void decide(PolicyValue& value) {
    const Interval& weight = value.mean_weight;
    if (weight.low > 1 || weight.high < 1) {
        value.reason =
            "the weights do not average 1: the logged probabilities are not those that drew the "
            "choices, or the judged policy makes choices that were never logged";
    } else if (value.effective_sample_size < kEffectiveSampleSizeMin) {
        value.reason = "an effective sample of " + rounded(value.effective_sample_size) +
                       " is too small: at least " + rounded(kEffectiveSampleSizeMin) +
                       " are needed";
    } else if (value.difference.low <= 0 && value.difference.high >= 0) {
        value.reason = "the interval of the difference holds 0: it may be chance";
    } else {
        value.verdict = value.difference.low > 0 ? Verdict::better : Verdict::worse;
        value.reason = "the whole interval of the difference is on one side of 0";
    }
}

}  // namespace

Result<PolicyValue> policy_value(std::span<const LoggedChoice> choices) {
    if (choices.empty()) return invalid("no choice was logged");
    const bool modelled = choices[0].estimate.has_value() || choices[0].expected.has_value();
    double weights = 0;
    double squares = 0;
    double rewarded = 0;
    for (std::size_t i = 0; i < choices.size(); ++i) {
        if (const auto checked = check_choice(choices[i], modelled); !checked) {
            return invalid("choice " + std::to_string(i + 1) + ": " + checked.error().message);
        }
        const double weight = weight_of(choices[i]);
        weights += weight;
        squares += weight * weight;
        rewarded += weight * choices[i].reward;
    }
    if (weights == 0) return invalid("the judged policy would have made none of these choices");

    const Units units(choices);
    const std::size_t count = choices.size();
    const auto weight = [&](std::size_t i) { return weight_of(choices[i]); };
    const auto reward = [&](std::size_t i) { return choices[i].reward; };
    const auto robust = [&](std::size_t i) {
        const LoggedChoice& each = choices[i];
        return *each.expected + weight(i) * (each.reward - *each.estimate);
    };
    PolicyValue value{.choices = count,
                      .units = units.count(),
                      .effective_sample_size = weights * weights / squares};
    value.mean_weight = mean_of(count, units, weight);
    value.logged = mean_of(count, units, reward);
    value.ipw = mean_of(count, units, [&](std::size_t i) { return weight(i) * reward(i); });

    const double mean_weight = weights / static_cast<double>(count);
    const double own = rewarded / weights;
    const auto pull = [&](std::size_t i) { return weight(i) * (reward(i) - own) / mean_weight; };
    value.snipw = interval(own, units.half_width(pull));
    if (modelled) {
        value.doubly_robust = mean_of(count, units, robust);
        value.difference =
            mean_of(count, units, [&](std::size_t i) { return robust(i) - reward(i); });
    } else {
        value.difference = interval(own - value.logged.value, units.half_width([&](std::size_t i) {
            return pull(i) - (reward(i) - value.logged.value);
        }));
    }
    decide(value);
    return value;
}

}  // namespace vitrine::ctl
