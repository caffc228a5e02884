#pragma once

#include <cstdint>
#include <vector>

#include "agent/base/ids.hpp"

namespace vitrine::profiles {

/// How much of a product the shop has.
enum class StockLevel : std::uint8_t { out, low, normal };

/// What the shop runs out of, as its own feed last said. A product of which it said nothing, or
/// `normal`, is there.
struct Stock {
    struct Item {
        ProductId product;
        StockLevel level = StockLevel::low;
        friend bool operator==(const Item&, const Item&) = default;
    };
    /// A feed that names more than this is not a list of what is scarce.
    static constexpr std::size_t kItemsMax = 20'000;

    std::vector<Item> scarce;  ///< In order of product, each once; at most kItemsMax.

    StockLevel of(ProductId product) const;
    friend bool operator==(const Stock&, const Stock&) = default;
};

}  // namespace vitrine::profiles
