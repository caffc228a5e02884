#include "agent/offers/reasons.hpp"

#include <algorithm>

namespace vitrine::offers {

namespace {

constexpr float kWorthSaying = 0.1F;

struct Part {
    ReasonCode code = ReasonCode::everyone;
    float size = 0;
};

using Weights = std::span<const float, layout::kWeights>;

float product(Weights features, Weights weights, std::size_t weight) {
    return features[weight] * weights[weight];
}

float moments_part(Weights features, Weights weights) {
    float sum = 0;
    for (const std::size_t moment : {layout::morning, layout::evening, layout::day_off}) {
        for (std::size_t trait = 0; trait < layout::kTraits; ++trait) {
            sum += product(features, weights, layout::bilinear(moment, trait));
        }
    }
    return sum;
}

float weather_part(Weights features, Weights weights) {
    float sum = product(features, weights, layout::weather_match);
    for (std::size_t trait = 0; trait < layout::kTraits; ++trait) {
        sum += product(features, weights, layout::bilinear(layout::weather, trait));
    }
    return sum;
}

std::array<Part, 9> parts_of(Weights features, Weights weights) {
    const auto part = [&](std::size_t weight) { return product(features, weights, weight); };
    return {{
        {ReasonCode::your_favourite, part(layout::favourite)},
        {ReasonCode::you_often_buy, part(layout::category_bought) + part(layout::product_bought) +
                                        part(layout::product_known) + part(layout::bought_popular) +
                                        part(layout::share)},
        {ReasonCode::running_out, part(layout::due)},
        {ReasonCode::goes_with, part(layout::related) + part(layout::goes_with)},
        {ReasonCode::in_your_basket, part(layout::basket)},
        {ReasonCode::popular_here, part(layout::popular)},
        {ReasonCode::in_season, part(layout::season)},
        {ReasonCode::weather, weather_part(features, weights)},
        {ReasonCode::time_of_day, moments_part(features, weights)},
    }};
}

void add(Slot& slot, ReasonCode code, CategoryId category) {
    if (slot.reason_count == slot.reasons.size()) return;
    slot.reasons[slot.reason_count++] = {code, is_personal(code) ? category : CategoryId{}};
}

}  // namespace

void give_reasons(const Chosen& chosen, Weights features, Weights weights, Slot& slot) {
    slot.reason_count = 0;
    if (chosen.path == Path::group) add(slot, ReasonCode::suits_everyone_here, {});
    std::array<Part, 9> parts = parts_of(features, weights);
    // Not a stable sort, which allocates.
    std::sort(parts.begin(), parts.end(), [](const Part& one, const Part& other) {
        return one.size != other.size ? one.size > other.size : one.code < other.code;
    });
    const bool about_member = parts[0].size >= kWorthSaying && is_personal(parts[0].code);
    if (chosen.path == Path::personal && chosen.explored && !about_member) {
        add(slot, ReasonCode::new_to_you, {});
    }
    if (chosen.campaign && !about_member) add(slot, ReasonCode::campaign, chosen.category);
    for (const Part& part : parts) {
        if (part.size >= kWorthSaying) add(slot, part.code, chosen.category);
    }
    if (slot.reason_count == 0) add(slot, ReasonCode::everyone, {});
}

}  // namespace vitrine::offers
