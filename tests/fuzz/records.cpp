// What arrives from an agent's topic is whatever anybody with a certificate sends: reading it must
// survive any bytes, and what was accepted must mean exactly one thing.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "agent/base/check.hpp"
#include "sync/wire/ack.hpp"
#include "sync/wire/batch.hpp"
#include "sync/wire/catalogue_json.hpp"
#include "sync/wire/policy_json.hpp"
#include "sync/wire/record_json.hpp"
#include "sync/wire/rule_json.hpp"
#include "sync/wire/status_json.hpp"
#include "sync/wire/stock_json.hpp"
#include "sync/wire/till_json.hpp"

using namespace vitrine;
using namespace vitrine::wire;

namespace {

void read_event(std::string_view event) {
    const auto decoded = decode_record(event);
    if (!decoded) {
        CHECK(!decoded.error().message.empty() && decoded.error().message.size() < 1024);
        return;
    }
    CHECK(decode_identity(event).value() == decoded->identity);
    if (!decoded->record) return;
    const auto again = encode_record(*decoded->record, decoded->identity);
    // Spelled anew it may be longer than what may be sent.
    if (!again) {
        CHECK(again.error().code == ErrorCode::exhausted);
        return;
    }
    CHECK(decode_record(*again)->record == decoded->record);
}

void read_catalogue(std::string_view json) {
    const auto catalogue = decode_catalogue(json);
    CHECK(catalogue.has_value() == check_catalogue(json).empty());
    if (catalogue)
        CHECK(decode_catalogue(encode_catalogue(*catalogue).value()).value() == *catalogue);
}

void read_policy(std::string_view json) {
    const auto policy = decode_policy(json);
    CHECK(policy.has_value() == check_policy(json).empty());
    if (policy) CHECK(decode_policy(encode_policy(*policy).value()).value() == *policy);
}

void read_context(std::string_view json) {
    if (const auto weather = decode_weather(json)) CHECK(*weather >= -1 && *weather <= 1);
    const auto stock = decode_stock(json);
    if (!stock) return;
    CHECK(stock->scarce.size() <= profiles::Stock::kItemsMax);
    CHECK(std::ranges::is_sorted(stock->scarce, {}, &profiles::Stock::Item::product));
}

/// What a till said can be recorded as it is.
void read_receipt(std::string_view json) {
    const auto receipt = decode_receipt(json);
    if (!receipt) return;
    CHECK(receipt->promotions.size() + receipt->claim_codes.size() <=
          session::Receipt::kPromotionsMax);
    session::Record record{.subject = receipt->member};
    record.body = session::OrderCompleted{
        .order = receipt->order, .ordered = receipt->ordered, .lines = receipt->lines};
    const RecordIdentity identity{StoreId("s"), AgentId("a"), 1, Sequence(1)};
    CHECK(decode_record(encode_record(record, identity).value())->record == record);
}

void read_rule(std::string_view json) {
    const auto rule = parse_rule(json, RuleScope::open);
    if (!rule) return;
    const auto again = parse_rule(format_rule(*rule), RuleScope::open);
    CHECK(again ? *again == *rule : again.error().code == ErrorCode::exhausted);
    CHECK(eval_rule_json(json, R"({"a":[1,{"b":"c"}],"d":null})").has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const ByteView body(data + 1, size - 1);
    const std::string_view text = text_of(body);
    switch (data[0] % 9) {
        case 0:
            read_event(text);
            break;
        case 1:
            if (const auto events = decode_batch(body, kBatchContentType, "")) {
                for (const std::string& event : *events) read_event(event);
            }
            break;
        case 2:
            if (const auto events = decode_batch(body, kBatchContentType, kZstd)) {
                CHECK(events->size() <= kBatchEventsMax);
            }
            break;
        case 3:
            if (const auto ack = decode_ack(text))
                CHECK(decode_ack(encode_ack(*ack)).value() == *ack);
            break;
        case 4:
            read_catalogue(text);
            break;
        case 5:
            read_policy(text);
            break;
        case 7:
            read_context(text);
            break;
        case 8:
            read_receipt(text);
            break;
        default:
            read_rule(text);
    }
    return 0;
}
