#include "sync/sql/postgres_text.hpp"

#include <gtest/gtest.h>

namespace vitrine::sql {
namespace {

using namespace std::literals;

std::string array_of_texts(std::initializer_list<std::string_view> texts) {
    Rows rows({Rows::Type::text});
    for (const std::string_view text : texts) rows.add(text);
    return array_of(rows, 0);
}

TEST(PostgresText, AnArrayQuotesWhatWouldEndAText) {
    EXPECT_EQ(array_of_texts({}), "{}");
    EXPECT_EQ(array_of_texts({"", R"({"a":"b\n"})"}), R"({"","{\"a\":\"b\\n\"}"})");
    Rows rows({Rows::Type::integer, Rows::Type::bytes});
    const Bytes two{0, 0xff};
    const Bytes none;
    rows.add(std::int64_t{-1}, two);
    rows.add(std::int64_t{2}, none);
    EXPECT_EQ(array_of(rows, 0), "{-1,2}");
    EXPECT_EQ(array_of(rows, 1), R"({"\\x00ff","\\x"})");
}

TEST(PostgresText, WhatNoTextMayHaveBecomesTheReplacementCharacter) {
    EXPECT_EQ(clean_text("d\u00e9j\u00e0 \"vu\" \\ \U0001F600"),
              "d\u00e9j\u00e0 \"vu\" \\ \U0001F600");
    EXPECT_EQ(clean_text("a\0b"sv), "a\uFFFDb");
    EXPECT_EQ(clean_text("\xff\xc3"), "\uFFFD\uFFFD") << "each byte, also of a cut character";
    EXPECT_EQ(clean_text("\xed\xa0\x80"), "\uFFFD\uFFFD\uFFFD") << "a surrogate";
    EXPECT_EQ(array_of_texts({"\xff\""}), "{\"\uFFFD\\\"\"}");
}

TEST(PostgresText, LongTextsComeThroughWhole) {
    for (const std::size_t size : {1020u, 1021u, 1022u, 1023u, 1024u, 1025u, 5000u}) {
        for (const std::string_view each : {"x"sv, "\""sv, "\u00e9"sv, "\U0001F600"sv, "\xff"sv}) {
            std::string text(size % 7, 'a');
            std::string escaped = text;
            while (text.size() < size) {
                text += each;
                escaped += each == "\"" ? "\\\"" : each == "\xff" ? "\uFFFD" : each;
            }
            EXPECT_EQ(array_of_texts({text}), "{\"" + escaped + "\"}");
        }
    }
}

TEST(PostgresText, BytesComeBackAsTheyWere) {
    const Bytes bytes{0, 1, 0x7f, 0x80, 0xff};
    EXPECT_EQ(bytes_of_hex(hex_of(bytes)), bytes);
    EXPECT_EQ(bytes_of_hex("\\x0"), Bytes{}) << "half a byte";
    EXPECT_EQ(bytes_of_hex("00"), Bytes{}) << "no bytes at all";
}

}  // namespace
}  // namespace vitrine::sql
