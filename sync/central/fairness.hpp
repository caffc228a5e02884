#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/ids.hpp"
#include "sync/central/ratio.hpp"

namespace vitrine::central {

/// What is compared between groups of members (docs/fairness.md). Each is a share of the members
/// who saw any offer, tailored or not: people are counted, not screens, because one person's
/// screens are not independent.
enum class FairMeasure : std::uint8_t {
    shown,   ///< Were shown a tailored offer: the exposure.
    opened,  ///< Opened one.
    taken    ///< Saved or claimed one: the benefit.
};
inline constexpr std::array kFairMeasures{FairMeasure::shown, FairMeasure::opened,
                                          FairMeasure::taken};
std::string_view name_of(FairMeasure measure);

/// One group of a dimension, and what happened to it with one offer, or with all.
struct AuditGroup {
    std::string dimension;
    std::string value;
    OfferId offer;  ///< 0: all offers together.
    std::uint64_t members = 0;
    std::array<std::uint64_t, kFairMeasures.size()> yes{};  ///< Members, by measure.
    // How much it was, for people to look at; nothing is decided by it.
    std::uint64_t exposures = 0;
    std::uint64_t claims = 0;
    std::int64_t benefit_cents = 0;        ///< Of claims of offers whose value is known in money.
    std::uint64_t claims_of_no_value = 0;  ///< The other claims.
    friend bool operator==(const AuditGroup&, const AuditGroup&) = default;
};

enum class FairVerdict : std::uint8_t {
    best,     ///< The group that the others are compared with.
    fair,     ///< Surely at least four fifths of the best.
    unclear,  ///< The data cannot carry a verdict.
    alarm     ///< Surely less than four fifths of the best.
};
std::string_view name_of(FairVerdict verdict);

/// A group's share against the best group's of the same dimension, offer and measure.
struct FairComparison {
    std::string dimension;
    std::string value;
    OfferId offer;
    FairMeasure measure = FairMeasure::shown;
    Share share;
    std::string best;
    RatioInterval ratio;
    FairVerdict verdict = FairVerdict::unclear;
};

struct FairLimits {
    std::uint64_t members_min = 20;  ///< A smaller group is neither shown nor compared.
    double ratio_min = 0.8;          ///< The four-fifths rule.
    /// How often at most a report may raise any alarm where every ratio is exactly ratio_min; where
    /// groups are treated alike it is far less. Shared out among all comparisons that could be
    /// made, the choice of the best group included (Bonferroni).
    double false_alarms = 0.01;
};

/// Compares the groups of each dimension and offer. Small ones are left out; a dimension with fewer
/// than two others has no comparison. `groups` of one dimension and offer follow each other.
std::vector<FairComparison> compare(const std::vector<AuditGroup>& groups,
                                    const FairLimits& limits = {});

}  // namespace vitrine::central
