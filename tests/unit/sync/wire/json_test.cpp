#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <nlohmann/json.hpp>

#include "sync/wire/json_fast.hpp"

namespace vitrine::wire {
namespace {

constexpr JsonLimits kLimits{.bytes = 1U << 20, .depth = 4, .members = 5};

/// What the library alone makes of a text that it accepts, with each number's kind.
void expect_read_alike(const std::string& text) {
    const auto fast = parse_fast(text, kLimits);
    if (!fast) return;  // Then the other one decides.
    ASSERT_EQ(failing_line(text, kLimits), 0U) << "only the fast one accepts " << text;
    const Json slow = Json::parse(text);
    EXPECT_EQ(*fast, slow) << text;
    EXPECT_EQ(fast->dump(), slow.dump()) << text;
    EXPECT_EQ(fast->type(), slow.type()) << text;
}

TEST(JsonFast, ReadsWhatAnEventIsMadeOf) {
    const std::string text =
        R"({"a":"h\u00e9\n","b":[0,-1,18446744073709551615,1.5,-2e3],"c":{"d":true,"e":null}})";
    ASSERT_TRUE(parse_fast(text, kLimits).has_value());
    expect_read_alike(text);
}

TEST(JsonFast, LeavesTheUnusualToTheOneThatExplains) {
    for (const char* text :
         {"", " ", "{", "[1,]", "{\"a\":1,\"a\":2}", "[-0]", "[ -0 ]", "-0", "[[[[[1]]]]]",
          "[1e999]", "[\"\xff\"]", "[\"\\ud800\"]", "[18446744073709551616]", "[1] 2", "nul",
          "[\"\n\"]", R"({"a":1,"b":1,"c":1,"d":1,"e":1,"f":1})"}) {
        EXPECT_FALSE(parse_fast(text, kLimits).has_value()) << text;
    }
    EXPECT_EQ(parse_json("[1,]", kLimits).error().code, ErrorCode::invalid);
    EXPECT_NE(parse_json("[\n1,]", kLimits).error().message.find("line 2"), std::string::npos);
}

// Any text of pieces that mean something to a parser: what the fast one takes is what the other one
// reads.
RC_GTEST_PROP(JsonFastLaws, NothingIsReadInTwoWays, ()) {
    static const std::vector<std::string> pieces{"{",
                                                 "}",
                                                 "[",
                                                 "]",
                                                 ",",
                                                 ":",
                                                 "\"a\"",
                                                 "\"b\"",
                                                 "0",
                                                 "-0",
                                                 "-",
                                                 "1",
                                                 "12",
                                                 "01",
                                                 "1.0",
                                                 "1e2",
                                                 "1E+2",
                                                 ".5",
                                                 "true",
                                                 "null",
                                                 " ",
                                                 "\n",
                                                 "\"\"",
                                                 "\"\\",
                                                 "\"",
                                                 "\xef\xbb\xbf",
                                                 "\"\\u0000\"",
                                                 "9007199254740993",
                                                 "-9223372036854775808",
                                                 "-9223372036854775809",
                                                 "18446744073709551615",
                                                 "1e-400",
                                                 "0.1",
                                                 "\"\xc3\xa9\"",
                                                 "\"\xc3\""};
    std::string text;
    const auto count = *rc::gen::inRange<std::size_t>(1, 14);
    for (std::size_t i = 0; i < count; ++i) text += *rc::gen::elementOf(pieces);
    expect_read_alike(text);
    expect_read_alike("[" + text + "]");
    expect_read_alike("{\"k\":" + text + "}");
}

}  // namespace
}  // namespace vitrine::wire
