#include "sync/wire/till_json.hpp"

#include <gtest/gtest.h>

namespace vitrine::wire {
namespace {

using session::Receipt;

/// A receipt with one member replaced.
std::string receipt(std::string_view data, std::string_view more = "") {
    return R"({"specversion":"1.0","id":"T3-1","source":"/stores/lyon-1/tills/3",)"
           R"("type":"vitrine.order.completed.v1","time":"2026-11-22T08:14:16Z")" +
           std::string(more) + R"(,"data":)" + std::string(data) + "}";
}

constexpr std::string_view kData =
    R"({"order_id":"lyon-1/3/8841","lines":[)"
    R"({"product_id":4012,"category_id":12,"quantity":2,"cents":398},)"
    R"({"product_id":17,"category_id":5,"cents":150},)"
    R"({"product_id":4012,"category_id":12,"cents":199}],)"
    R"("promotions":[{"promotion_id":9},{"claim_code":"ABCD1234"},{"promotion_id":9}]})";

std::string mistake(const std::string& json) {
    const auto decoded = decode_receipt(json);
    return decoded ? "accepted" : decoded.error().message;
}

TEST(TillJson, LinesOfOneProductBecomeOne) {
    const Receipt read = decode_receipt(receipt(kData, R"(,"subject":"00000000000000a1")")).value();
    EXPECT_EQ(read.order, "lyon-1/3/8841");
    EXPECT_EQ(read.member, MemberId(0xa1));
    EXPECT_EQ(read.lines, (std::vector<session::OrderCompleted::Line>{
                              {ProductId(17), CategoryId(5), 1, 150},
                              {ProductId(4012), CategoryId(12), 3, 597}}));
    EXPECT_EQ(read.promotions, std::vector<OfferId>{OfferId(9)});
    EXPECT_EQ(read.claim_codes, std::vector<std::string>{"ABCD1234"});
    EXPECT_FALSE(decode_receipt(receipt(kData)).value().member.has_value());
}

TEST(TillJson, EachMistakeNamesItsField) {
    EXPECT_EQ(mistake(receipt(kData)), "accepted");
    const auto lines = [](std::string_view text) {
        return receipt(R"({"order_id":"1","lines":)" + std::string(text) + "}");
    };
    EXPECT_NE(mistake(lines("[]")).find("data.lines"), std::string::npos);
    EXPECT_NE(mistake(lines(R"([{"product_id":0,"category_id":1,"cents":1}])"))
                  .find("data.lines[0].product_id"),
              std::string::npos);
    EXPECT_NE(mistake(lines(R"([{"product_id":1,"category_id":1,"cents":-1}])"))
                  .find("data.lines[0].cents"),
              std::string::npos);
    EXPECT_NE(
        mistake(lines(R"([{"product_id":1,"category_id":1,"cents":1,"name":"x"}])")).find("name"),
        std::string::npos);
    EXPECT_NE(mistake(receipt(R"({"order_id":"no blanks","lines":[]})")).find("data.order_id"),
              std::string::npos);
    EXPECT_NE(mistake(receipt(R"({"order_id":"","lines":[]})")).find("data.order_id"),
              std::string::npos);
    EXPECT_NE(mistake(receipt(kData, R"(,"subject":"0000000000000000")")).find("subject"),
              std::string::npos);
    EXPECT_NE(mistake(receipt(kData, R"(,"time":"2026-11-22T08:14:16Z")")), "accepted")
        << "a member twice";
    std::string other = receipt(kData);
    other.replace(other.find("order.completed"), 15, "order.cancelled");
    EXPECT_NE(mistake(other).find("type"), std::string::npos);
}

TEST(TillJson, NoReasonQuotesWhoWasMeant) {
    const std::string good = receipt(kData, R"(,"subject":"00000000000000a1")");
    const std::size_t at = good.find("00a1");
    for (const std::string& json :
         {good.substr(0, at + 4), good.substr(0, at + 4) + "\n" + good.substr(at + 4),
          good.substr(0, at + 4) + "\xff", good.substr(0, at) + "\\q00a1"}) {
        EXPECT_NE(mistake(json).find("parse error at line "), std::string::npos);
        EXPECT_EQ(mistake(json).find("000000"), std::string::npos) << mistake(json);
    }
}

TEST(TillJson, AReceiptIsBounded) {
    std::string lines = "[";
    for (std::size_t i = 0; i <= session::OrderCompleted::kLinesMax; ++i) {
        lines += (i == 0 ? "" : ",") + std::string(R"({"product_id":1,"category_id":1,"cents":1})");
    }
    EXPECT_NE(mistake(receipt(R"({"order_id":"1","lines":)" + lines + "]}")), "accepted");
    EXPECT_NE(mistake(receipt(kData) + std::string(kReceiptBytesMax, ' ')), "accepted");
    EXPECT_NE(mistake(std::string(100'000, '[')), "accepted");
}

}  // namespace
}  // namespace vitrine::wire
