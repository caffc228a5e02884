#pragma once

#include <span>

#include "agent/offers/decision.hpp"
#include "agent/offers/layout.hpp"

namespace vitrine::offers {

/// What a reason is worded from.
struct Chosen {
    Path path = Path::mass;
    CategoryId category;
    bool campaign = false;  ///< The member met the campaign's conditions.
    bool explored = false;
};

/// Fills in at most two reasons: the largest parts of the score, from the very features and weights
/// that made it. Below a tenth of log odds nothing is a reason.
void give_reasons(const Chosen& chosen, std::span<const float, layout::kWeights> features,
                  std::span<const float, layout::kWeights> weights, Slot& slot);

}  // namespace vitrine::offers
