#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/base/bytes.hpp"
#include "agent/base/ids.hpp"
#include "agent/base/units.hpp"

namespace vitrine::profiles {

/// How an offer is drawn from its scores.
enum class Exploration : std::uint8_t {
    inverse_gap,  ///< Inverse-gap weighting: exact probabilities at once.
    thompson      ///< Drawn from the posterior: probabilities are estimated after display.
};

/// An A/B test: members are spread over its arms by hashing, the same in every shop and offline.
struct Experiment {
    std::string id;  ///< A Name-like key; also the salt of the hash.
    std::vector<std::string> arms;
    std::vector<std::uint16_t> weights;  ///< One an arm; their sum is the whole.
    /// One an arm, or empty: an arm may draw offers in its own way.
    std::vector<std::optional<Exploration>> explorations;
    /// Experiments of one layer exclude each other: a member is in at most one of them. Each takes
    /// `permille` of the layer, in the order of the policy. Different layers are independent.
    std::string layer;
    std::uint16_t permille = 1000;
    friend bool operator==(const Experiment&, const Experiment&) = default;
};

/// How one chain wants its shops to behave. Every number has a safe default; the bundle may change
/// them, within stated bounds.
struct Policy {
    Epoch epoch;

    // Choice
    std::uint8_t slate_size = 3;    ///< Tailored offers on a screen; at most 3 (REQUIREMENTS T7).
    std::uint8_t ambient_size = 8;  ///< Offers in the ambient loop.
    std::uint8_t per_category_max = 1;  ///< Offers of one top category on a slate.
    std::uint8_t decisions_per_member_day = 40;
    std::uint8_t category_per_member_day = 6;
    std::uint16_t quiet_minutes_after_dismissals = 30;
    std::uint8_t dismissals_before_quiet = 3;
    /// Fatigue: an offer that a member was shown so often without opening it is not shown to them
    /// for rest_days. 0: never.
    std::uint8_t rest_after_unopened = 6;
    std::uint8_t rest_days = 7;
    Exploration exploration = Exploration::inverse_gap;
    float exploration_floor = 0.05F;   ///< ε of the ε/K floor.
    float exploration_gamma = 120.0F;  ///< Sharpness of inverse-gap weighting.
    std::uint16_t holdout_permille =
        50;  ///< Members that always see mass content, to measure uplift.

    // Screens
    std::chrono::milliseconds loop_step{8000};  ///< A tailored change waits for the end of a step.
    std::chrono::milliseconds change_jitter{4000};  ///< … and then up to this long, at random (P4).
    std::chrono::milliseconds minimum_dwell{6000};
    std::chrono::milliseconds idle_after{30000};  ///< Then "still there?" (A4).
    std::chrono::milliseconds idle_grace{20000};
    std::chrono::milliseconds claim_valid{300000};  ///< A QR code's life; at most 5 minutes (P5).
    std::chrono::milliseconds touch_grace{
        15000};  ///< A touch on the screen before this one still counts so long.
    std::chrono::milliseconds verified_for{180000};  ///< A check-in's life after the last touch.

    std::vector<Experiment> experiments;  ///< At most kExperimentsMax.
    static constexpr std::size_t kExperimentsMax = 8;
    friend bool operator==(const Policy&, const Policy&) = default;
};

}  // namespace vitrine::profiles
