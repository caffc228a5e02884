#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/base/time.hpp"
#include "agent/profiles/profile.hpp"

namespace vitrine::central {

/// One line of a receipt.
struct Purchase {
    std::int32_t day = 0;  ///< day_of its time.
    ProductId product;
    CategoryId category;
    std::uint32_t quantity = 1;
    std::int64_t cents = 0;
    friend bool operator==(const Purchase&, const Purchase&) = default;
};

/// Days after which a purchase counts half.
inline constexpr double kHalfLifeDays = 60;

/// Fills the part of a profile that purchases say: habits, products, visits and spending.
/// `purchases` is in any order; those after `today` are left out, because they cannot be. Level and
/// what the member said stay as they are.
void summarise(std::span<const Purchase> purchases, std::int32_t today, profiles::Profile& profile);

}  // namespace vitrine::central
