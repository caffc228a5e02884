#include "sync/central/fairness.hpp"

#include <algorithm>
#include <span>

namespace vitrine::central {

namespace {

/// Groups that are compared with each other.
using Family = std::vector<const AuditGroup*>;

std::vector<Family> families_of(const std::vector<AuditGroup>& groups, std::uint64_t members_min) {
    std::vector<Family> families;
    const AuditGroup* before = nullptr;
    for (const AuditGroup& group : groups) {
        const bool same = before != nullptr && before->dimension == group.dimension &&
                          before->offer == group.offer;
        if (!same) families.emplace_back();
        before = &group;
        if (group.members >= members_min) families.back().push_back(&group);
    }
    std::erase_if(families, [](const Family& family) { return family.size() < 2; });
    return families;
}

Share share_of(const AuditGroup& group, FairMeasure measure) {
    return {.yes = group.yes[static_cast<std::size_t>(measure)], .all = group.members};
}

FairVerdict verdict_on(const RatioInterval& ratio, double ratio_min) {
    if (ratio.high < ratio_min) return FairVerdict::alarm;
    return ratio.low >= ratio_min ? FairVerdict::fair : FairVerdict::unclear;
}

void compare_family(const Family& family, FairMeasure measure, double z, double ratio_min,
                    std::vector<FairComparison>& comparisons) {
    const AuditGroup& best =
        **std::max_element(family.begin(), family.end(), [&](const auto* a, const auto* b) {
            return share_of(*a, measure).rate() < share_of(*b, measure).rate();
        });
    for (const AuditGroup* group : family) {
        FairComparison comparison{.dimension = group->dimension,
                                  .value = group->value,
                                  .offer = group->offer,
                                  .measure = measure,
                                  .share = share_of(*group, measure),
                                  .best = best.value,
                                  .ratio = {.ratio = 1, .low = 1, .high = 1},
                                  .verdict = FairVerdict::best};
        if (group != &best) {
            comparison.ratio = ratio_interval(comparison.share, share_of(best, measure), z);
            comparison.verdict = verdict_on(comparison.ratio, ratio_min);
        }
        comparisons.push_back(std::move(comparison));
    }
}

}  // namespace

std::string_view name_of(FairMeasure measure) {
    constexpr std::array<std::string_view, kFairMeasures.size()> names{"shown", "opened", "taken"};
    return names[static_cast<std::size_t>(measure)];
}

std::string_view name_of(FairVerdict verdict) {
    constexpr std::array<std::string_view, 4> names{"best", "fair", "unclear", "alarm"};
    return names[static_cast<std::size_t>(verdict)];
}

std::vector<FairComparison> compare(const std::vector<AuditGroup>& groups,
                                    const FairLimits& limits) {
    const std::vector<Family> families = families_of(groups, limits.members_min);
    // Any of a family's groups could have been the best, and any other far behind it.
    std::size_t comparable = 0;
    for (const Family& family : families) comparable += family.size() * (family.size() - 1);
    std::vector<FairComparison> comparisons;
    if (comparable == 0) return comparisons;
    const auto made = static_cast<double>(comparable * kFairMeasures.size());
    const double z = two_sided_z(limits.false_alarms / made);
    for (const Family& family : families) {
        for (const FairMeasure measure : kFairMeasures) {
            compare_family(family, measure, z, limits.ratio_min, comparisons);
        }
    }
    return comparisons;
}

}  // namespace vitrine::central
