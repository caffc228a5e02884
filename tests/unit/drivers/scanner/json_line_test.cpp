#include "drivers/scanner/json_line.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace vitrine::scanner {
namespace {

TEST(JsonLine, ReadsTextsAndNumbers) {
    const auto line = JsonLine::parse(R"( { "t":-1.5e1 , "scanner" : "Zoé, \b" } )");
    EXPECT_FALSE(line);  // The escape.
    const auto good = JsonLine::parse(R"( { "t":-1.5e1 , "scanner" : "Zoé, {b}" } )");
    ASSERT_TRUE(good);
    EXPECT_EQ(*good->number("t", -20, 0), -15.0);
    EXPECT_EQ(*good->text("scanner"), "Zoé, {b}");
    EXPECT_TRUE(good->has_only({"scanner", "t"}));
    EXPECT_TRUE(JsonLine::parse("{}"));
}

TEST(JsonLine, SaysWhatIsWrong) {
    const auto message = [](std::string_view line) {
        const auto parsed = JsonLine::parse(line);
        return parsed ? std::string() : parsed.error().message;
    };
    EXPECT_EQ(message(""), "expected an object in braces");
    EXPECT_EQ(message("[1]"), "expected an object in braces");
    EXPECT_EQ(message("{t: 1}"), "expected a text in double quotes");
    EXPECT_EQ(message(R"({"t)"), "a text does not end");
    EXPECT_EQ(message(R"({"t" 1})"), "expected ':' behind 't'");
    EXPECT_EQ(message(R"({"t": })"), "'t': expected a text or a number");
    EXPECT_EQ(message(R"({"t": nan})"), "'t': expected a text or a number");
    EXPECT_EQ(message(R"({"t": 1-2})"), "'t': expected a text or a number");
    EXPECT_EQ(message(R"({"t": {}})"), "'t': expected a text or a number");
    EXPECT_EQ(message(R"({"t": 1e999})"), "'t': expected a text or a number");
    EXPECT_EQ(message(R"({"t": 1 "u": 2})"), "expected ',' or '}' behind 't'");
    EXPECT_EQ(message(R"({"t": 1, "t": 2})"), "'t' appears twice");
    EXPECT_EQ(message(R"({"t": 1,})"), "expected a text in double quotes");
    EXPECT_EQ(message(R"({"t": 1} {"t": 1})"), "there is more behind the object");
}

TEST(JsonLine, NamesTheFieldThatDoesNotFit) {
    const auto line = JsonLine::parse(R"({"t": 5, "name": "a"})");
    ASSERT_TRUE(line);
    EXPECT_EQ(line->text("t").error().message, "'t' is not a text");
    EXPECT_EQ(line->number("name", 0, 1).error().message, "'name' is not a number");
    EXPECT_EQ(line->number("t", 0, 4.5).error().message, "'t' is not from 0 to 4.5");
    EXPECT_EQ(line->number("u", 0, 1).error().message, "'u' is missing");
    EXPECT_EQ(line->has_only({"t"}).error().message, "'name' is not a field of this line");
}

TEST(JsonLine, HasALimitOfFields) {
    std::string line = "{\"a0\": 0";
    for (std::size_t i = 1; i < JsonLine::kFieldsMax; ++i) {
        line += ", \"a" + std::to_string(i) + "\": 0";
    }
    EXPECT_TRUE(JsonLine::parse(line + "}"));
    EXPECT_FALSE(JsonLine::parse(line + ", \"more\": 0}"));
}

RC_GTEST_PROP(JsonLine, AnyTextIsSafe, ()) {
    const auto text = *rc::gen::container<std::string>(
        rc::gen::elementOf(std::string("{}\":,\\ \t0123456789.eE+-abc\x80\xff")));
    const auto line = JsonLine::parse(text);
    if (!line) RC_ASSERT(!line.error().message.empty());
}

}  // namespace
}  // namespace vitrine::scanner
