#include "sync/wire/stock_json.hpp"

#include <algorithm>

#include "sync/wire/json.hpp"

namespace vitrine::wire {

namespace {

using profiles::Stock;
using profiles::StockLevel;

constexpr JsonLimits kLimits{.bytes = 512U << 10, .depth = 3, .members = 8};

void read_level(ObjectReader& object, std::string_view name, StockLevel level, Stock& stock) {
    const Json* value = object.find(name);
    if (value == nullptr) return;
    const Place at = object.at(name);
    std::size_t index = 0;
    for (const Json& each : read_array(*value, at, object.report(), Stock::kItemsMax)) {
        const Place here(at, index++);
        const auto product = read_integer(each, here, object.report(), 1, 0xffffffff);
        if (!product) return;
        stock.scarce.push_back({ProductId(static_cast<std::uint32_t>(*product)), level});
    }
}

}  // namespace

Result<Stock> decode_stock(std::string_view text) {
    const Json json = TRY(parse_json(text, kLimits));
    Report report;
    const Place root;
    ObjectReader object(json, root, report);
    Stock stock;
    read_level(object, "out", StockLevel::out, stock);
    read_level(object, "low", StockLevel::low, stock);
    object.finish();
    std::ranges::sort(stock.scarce, {}, &Stock::Item::product);
    const auto twice = std::ranges::adjacent_find(stock.scarce, {}, &Stock::Item::product);
    if (twice != stock.scarce.end()) {
        report.add(root, "product " + std::to_string(twice->product.value()) + " stands twice");
    }
    if (stock.scarce.size() > Stock::kItemsMax) {
        report.add(root, "more than " + std::to_string(Stock::kItemsMax) + " products");
    }
    if (!report.clean()) return error_of(report.problems());
    return stock;
}

}  // namespace vitrine::wire
