#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "agent/base/result.hpp"

namespace vitrine::ctl {

/// One choice that was logged, and how likely another policy would have made it.
struct LoggedChoice {
    double propensity =
        1;              ///< Of what was shown, under the policy that showed it: over 0, up to 1.
    double target = 0;  ///< Of the same, under the policy that is judged: 0 to 1.
    double reward = 0;
    /// What a reward model expects of what was shown, and of the judged policy's own choice in the
    /// same place. Both or neither, and for all choices or none.
    std::optional<double> estimate;
    std::optional<double> expected;
    /// Choices of one unit (a member, a visit, a day) are not independent and count as one
    /// observation.
    std::uint64_t unit = 0;
};

/// A mean with its 95 % interval, from the variance between units.
struct Interval {
    double value = 0;
    double low = 0;
    double high = 0;
};

enum class Verdict : std::uint8_t { better, worse, none };

/// What a policy would have earned, from what another one logged. Methods: Horvitz and Thompson
/// (IPW), Hájek (self-normalised, SNIPW), and Dudík, Langford and Li 2011 (doubly robust).
struct PolicyValue {
    std::size_t choices = 0;
    std::size_t units = 0;
    /// Kish: (Σw)² / Σw². As many choices of the judged policy itself would say as much.
    double effective_sample_size = 0;
    /// Near 1 where the logged propensities are what really drew the choices.
    Interval mean_weight;
    Interval logged;
    Interval ipw;
    Interval snipw;
    std::optional<Interval> doubly_robust;
    /// Doubly robust where it is known, else self-normalised, less what the logged policy earned;
    /// paired, choice by choice.
    Interval difference;
    Verdict verdict = Verdict::none;
    std::string reason;  ///< Of the verdict, in a sentence.
};

/// Below this effective sample size nothing is said about better or worse.
inline constexpr double kEffectiveSampleSizeMin = 200;

/// `invalid` for no choice, a number that is out of its range, or a reward model's word that is
/// missing here and present there; it names the choice, from 1.
Result<PolicyValue> policy_value(std::span<const LoggedChoice> choices);

}  // namespace vitrine::ctl
