#include "sync/wire/stock_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vitrine::wire {
namespace {

using profiles::StockLevel;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(StockJson, NamesWhatIsOutAndWhatIsLow) {
    const auto stock = decode_stock(R"({"low": [20, 3], "out": [7]})");
    ASSERT_TRUE(stock) << stock.error().message;
    EXPECT_EQ(stock->of(ProductId(3)), StockLevel::low);
    EXPECT_EQ(stock->of(ProductId(7)), StockLevel::out);
    EXPECT_EQ(stock->of(ProductId(20)), StockLevel::low);
    EXPECT_EQ(stock->of(ProductId(8)), StockLevel::normal);
    EXPECT_EQ(decode_stock("{}").value(), profiles::Stock{});
}

TEST(StockJson, RefusesAnythingElse) {
    const auto refusal = [](std::string_view text) { return decode_stock(text).error().message; };
    EXPECT_THAT(refusal(R"({"out": ["7"]})"), StartsWith("out[0]: expected a whole number"));
    EXPECT_THAT(refusal(R"({"out": [0]})"), StartsWith("out[0]: "));
    EXPECT_THAT(refusal(R"({"out": 7})"), StartsWith("out: expected an array"));
    EXPECT_THAT(refusal(R"({"gone": [7]})"), StartsWith("gone: unknown field"));
    EXPECT_THAT(refusal(R"({"out": [7], "low": [7]})"), HasSubstr("product 7 stands twice"));
    std::string many = R"({"out": [1)";
    for (int i = 2; i <= 20'001; ++i) many += "," + std::to_string(i);
    EXPECT_THAT(refusal(many + "]}"), HasSubstr("at most 20000"));
}

}  // namespace
}  // namespace vitrine::wire
