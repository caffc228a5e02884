#pragma once

#include <string_view>

#include "agent/base/result.hpp"
#include "agent/profiles/stock.hpp"

namespace vitrine::wire {

/// What a shop's stock feed says, retained on context/stock: {"out": [4012], "low": [4013, 4020]},
/// the whole list each time. What it does not name is there. `invalid`, naming the field, for
/// anything else, for a product that stands in it twice, and beyond profiles::Stock::kItemsMax.
Result<profiles::Stock> decode_stock(std::string_view json);

}  // namespace vitrine::wire
