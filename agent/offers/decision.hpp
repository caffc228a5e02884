#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"
#include "agent/profiles/snapshot.hpp"

namespace vitrine::offers {

/// Why an offer is shown, from the numbers that chose it. The screens word these in the member's
/// language.
enum class ReasonCode : std::uint8_t {
    popular_here,        ///< Sells well in this shop.
    in_season,           ///< It is the month for it.
    weather,             ///< It suits today's weather.
    time_of_day,         ///< It suits this hour.
    new_to_you,          ///< Something different, shown to learn what people like.
    everyone,            ///< The shop shows it to everyone.
    your_favourite,      ///< A category that the member named as a favourite.
    you_often_buy,       ///< A category that the member buys often.
    running_out,         ///< The member's own rhythm says that it is time.
    goes_with,           ///< Goes with what the member buys.
    in_your_basket,      ///< The member left it in the web shop's basket.
    campaign,            ///< The member meets the campaign's conditions.
    suits_everyone_here  ///< Several people are near: chosen without anyone's profile.
};
inline constexpr std::size_t kReasonCodes = 13;
std::string_view name_of(ReasonCode code);
Result<ReasonCode> reason_from(std::string_view name);

/// Whether the reason says something about the person and not only about the shop. Such a reason is
/// worded in general terms on a public screen until its member has checked in.
constexpr bool is_personal(ReasonCode code) {
    return code >= ReasonCode::your_favourite && code <= ReasonCode::campaign;
}

struct Reason {
    ReasonCode code = ReasonCode::everyone;
    CategoryId category;  ///< What it is about; 0 where that says nothing.
    friend bool operator==(const Reason&, const Reason&) = default;
};

/// What took an offer out before scoring: the first of these that applies. Each decision counts
/// them; with the eligible ones they add up to all candidates. On the mass path `day_cap` and
/// `quiet` count on top what a member would have seen of tailored offers.
enum class Removal : std::uint8_t {
    not_valid_now,
    other_store,
    other_placement,
    out_of_stock,
    sensitive,
    age,
    segment,
    experiment,
    budget,
    exclusion_group,
    just_bought,
    dismissed,
    cool_down,
    fatigue,
    offer_cap,
    category_cap,
    day_cap,
    quiet,
};
inline constexpr std::size_t kRemovals = 18;
std::string_view name_of(Removal removal);

/// How the slate was chosen.
enum class Path : std::uint8_t {
    mass,      ///< Without any profile: no consent, holdout, or nothing known.
    group,     ///< Several people near: suitable for all, without any profile.
    personal,  ///< For one member who permitted it.
};
std::string_view name_of(Path path);
Result<Path> path_from(std::string_view name);

/// A member's arm in one of the policy's experiments.
struct Assignment {
    std::uint8_t experiment = 0;  ///< Index in the policy of the decision's epoch.
    std::uint8_t arm = 0;         ///< From 1, in the experiment's order.
    /// Whether the arm could make a difference here: an offer of the experiment stood to be chosen,
    /// or the arm decides how offers are drawn. What was not exposed says nothing about the arm.
    bool exposed = false;
    friend bool operator==(const Assignment&, const Assignment&) = default;
};

struct Slot {
    OfferId offer;
    /// With which this offer came to this position, given the ones before it: exact after masking.
    /// Of a Thompson draw it is estimated, after the choice was made (Chooser::estimate).
    float probability = 1;
    float score = 0;        ///< Expected response rate, 0 to 1.
    bool explored = false;  ///< Not the best-scored one that was left.
    std::uint8_t reason_count = 0;
    std::array<Reason, 2> reasons{};
    friend bool operator==(const Slot&, const Slot&) = default;
};

/// One choice of offers for one screen, with all that is needed to explain it, to learn from it and
/// to evaluate another policy on it.
struct Decision {
    static constexpr std::size_t kSlotsMax = 8;

    DecisionId id;
    profiles::Epochs epochs;
    Path path = Path::mass;
    bool holdout = false;  ///< The member would have been personal but is kept on mass content to
                           ///< measure uplift.
    profiles::Exploration exploration = profiles::Exploration::inverse_gap;
    std::uint8_t assignment_count = 0;
    std::array<Assignment, profiles::Policy::kExperimentsMax> assignments{};  ///< Of nobody: none.
    std::uint8_t slot_count = 0;
    std::uint16_t candidate_count = 0;  ///< Offers in the catalogue.
    std::uint16_t eligible_count = 0;   ///< Left after all removals.
    std::uint64_t eligible_hash = 0;    ///< Order-free hash of the eligible ids.
    std::array<std::uint16_t, kRemovals> removals{};
    std::array<Slot, kSlotsMax> slots{};

    friend bool operator==(const Decision&, const Decision&) = default;
};

}  // namespace vitrine::offers
