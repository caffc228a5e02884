#include "agent/http/json_writer.hpp"

#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agent/base/random.hpp"

namespace vitrine::http {
namespace {

using nlohmann::json;

std::string written(std::string_view text) {
    JsonWriter writer;
    writer.value(text);
    return std::move(writer).take();
}

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
    JsonWriter writer;
    writer.begin_object().field("a", 1).key("b").begin_array().value("x").value(false).null();
    writer.begin_object().end_object().begin_array().end_array().end_array();
    writer.field("c", std::numeric_limits<std::int64_t>::min());
    writer.field("d", std::numeric_limits<std::uint64_t>::max()).end_object();
    EXPECT_EQ(std::move(writer).take(),
              R"({"a":1,"b":["x",false,null,{},[]],"c":-9223372036854775808,)"
              R"("d":18446744073709551615})");
}

// Law: what is UTF-8 reads back as it was, whatever it is; anything else reads back as UTF-8.
TEST(JsonWriter, WritesAnyTextSoThatAnotherParserReadsIt) {
    Rng rng(11);
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (std::uint64_t left = rng.below(12); left > 0; --left) {
            // Bytes near the borders of well-formedness come up often.
            constexpr std::string_view kBorders =
                "\x80\xbf\xc0\xc2\xe0\xa0\x9f\xed\xf0\x90\xf4\x8f\"\\";
            text += rng.below(2) == 0 ? kBorders[rng.below(kBorders.size())]
                                      : static_cast<char>(rng.below(256));
        }
        const json plain(text);
        std::string theirs;
        bool valid = true;
        try {
            theirs = plain.dump();
        } catch (const json::type_error&) {
            valid = false;
        }
        const std::string ours = written(text);
        const json parsed = json::parse(ours, nullptr, false);
        ASSERT_FALSE(parsed.is_discarded()) << ours;
        EXPECT_EQ(parsed.get<std::string>() == text, valid) << ours;
        EXPECT_EQ(ours.find('\n'), std::string::npos);
    }
}

}  // namespace
}  // namespace vitrine::http
