#include "agent/profiles/stock.hpp"

#include <algorithm>

namespace vitrine::profiles {

StockLevel Stock::of(ProductId product) const {
    const auto at =
        std::lower_bound(scarce.begin(), scarce.end(), product,
                         [](const Item& item, ProductId id) { return item.product < id; });
    return at != scarce.end() && at->product == product ? at->level : StockLevel::normal;
}

}  // namespace vitrine::profiles
