#include "sync/wire/till_json.hpp"

#include <algorithm>
#include <map>

#include "sync/wire/json.hpp"

namespace vitrine::wire {

namespace {

using session::OrderCompleted;
using session::Receipt;

constexpr JsonLimits kLimits{.bytes = kReceiptBytesMax, .depth = 5, .members = 16};
constexpr std::string_view kType = "vitrine.order.completed.v1";
constexpr std::size_t kNameBytesMax = 256;
/// A line beyond these is a slip of the scanner or of whoever typed.
constexpr std::int64_t kQuantityMax = 10'000;
constexpr std::int64_t kCentsMax = 100'000'000;
constexpr std::size_t kCodeBytesMax = 8;

OrderCompleted::Line read_line(const Json& value, const Place& place, Report& report) {
    ObjectReader object(value, place, report);
    OrderCompleted::Line line{
        .product =
            ProductId(static_cast<std::uint32_t>(object.integer("product_id", 1, 0xffffffff))),
        .category =
            CategoryId(static_cast<std::uint16_t>(object.integer("category_id", 1, 0xffff))),
        .quantity = static_cast<std::uint32_t>(object.integer_or("quantity", 1, kQuantityMax, 1)),
        .cents = static_cast<std::uint32_t>(object.integer("cents", 0, kCentsMax))};
    object.finish();
    return line;
}

/// Tills write a line a scan; a record has one a product.
void read_lines(ObjectReader& data, Receipt& receipt) {
    const Json* lines = data.require("lines");
    if (lines == nullptr) return;
    const Place at = data.at("lines");
    std::map<ProductId, OrderCompleted::Line> by_product;
    std::size_t index = 0;
    for (const Json& each : read_array(*lines, at, data.report(), OrderCompleted::kLinesMax)) {
        const OrderCompleted::Line line = read_line(each, Place(at, index++), data.report());
        const auto [known, fresh] = by_product.emplace(line.product, line);
        if (fresh) continue;
        // 500 lines of the most stay below 2^32 in number, and are held below it in money.
        known->second.quantity += line.quantity;
        known->second.cents = static_cast<std::uint32_t>(
            std::min<std::uint64_t>(std::uint64_t{known->second.cents} + line.cents, 0xffffffff));
    }
    if (index == 0) data.report().add(at, "is empty");
    for (const auto& [product, line] : by_product) receipt.lines.push_back(line);
}

template <class Item>
void put_in_order(std::vector<Item>& items) {
    std::ranges::sort(items);
    items.erase(std::unique(items.begin(), items.end()), items.end());
}

void read_promotions(ObjectReader& data, Receipt& receipt) {
    const Json* promotions = data.find("promotions");
    if (promotions == nullptr) return;
    const Place at = data.at("promotions");
    std::size_t index = 0;
    for (const Json& each : read_array(*promotions, at, data.report(), Receipt::kPromotionsMax)) {
        const Place here(at, index++);
        ObjectReader object(each, here, data.report());
        const bool by_code = object.find("claim_code") != nullptr;
        if (by_code) {
            receipt.claim_codes.push_back(object.text("claim_code", kCodeBytesMax));
        } else {
            receipt.promotions.emplace_back(
                static_cast<std::uint32_t>(object.integer("promotion_id", 1, 0xffffffff)));
        }
        object.finish();
    }
    put_in_order(receipt.promotions);
    put_in_order(receipt.claim_codes);
}

void read_data(ObjectReader& event, Receipt& receipt) {
    const Json* value = event.require("data");
    if (value == nullptr) return;
    const Place place = event.at("data");
    ObjectReader data(*value, place, event.report());
    receipt.order = data.text("order_id", OrderCompleted::kOrderBytesMax);
    if (!receipt.order.empty() && !session::is_order_number(receipt.order)) {
        event.report().add(data.at("order_id"), "expected 1 to 64 of A-Z a-z 0-9 . _ : / -");
    } else if (receipt.order.empty() && event.report().clean()) {
        event.report().add(data.at("order_id"), "is empty");
    }
    read_lines(data, receipt);
    read_promotions(data, receipt);
    data.finish();
}

void expect_text(ObjectReader& event, std::string_view name, std::string_view wanted) {
    const std::string text = event.text(name, kNameBytesMax);
    if (event.report().clean() && text != wanted) {
        event.report().add(event.at(name), "expected \"" + std::string(wanted) + "\"");
    }
}

}  // namespace

Result<Receipt> decode_receipt(std::string_view json) {
    const Json document = TRY(parse_json(json, kLimits));
    Report report;
    const Place root;
    ObjectReader event(document, root, report);
    expect_text(event, "specversion", "1.0");
    expect_text(event, "type", kType);
    // Who says so is the topic's business; CloudEvents asks for both.
    (void)event.text("id", kNameBytesMax);
    (void)event.text("source", kNameBytesMax);
    if (event.find("datacontenttype") != nullptr) {
        expect_text(event, "datacontenttype", "application/json");
    }
    Receipt receipt{.ordered = event.time("time")};
    if (event.find("subject") != nullptr) receipt.member = MemberId(event.hex64("subject"));
    if (receipt.member == MemberId{}) report.add(event.at("subject"), "0 is nobody");
    read_data(event, receipt);
    if (!report.clean()) return error_of(report.problems());
    return receipt;
}

}  // namespace vitrine::wire
