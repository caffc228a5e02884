#include "sync/rows/reader.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <sstream>

namespace vitrine::rows {
namespace {

/// Every row as its fields, or "!" and what is wrong with it.
struct Read {
    std::vector<std::vector<std::string>> rows;
    std::vector<std::uint64_t> lines;
};

Read read_all(const std::string& text, Format format = Format::csv) {
    std::istringstream stream(text);
    Reader reader = Reader::open("f", over_stream(stream), format).value();
    Read read;
    for (Row row; reader.next(row).value();) {
        read.lines.push_back(row.line);
        if (!row.trouble.empty()) {
            read.rows.push_back({"!", row.trouble});
        } else if (format == Format::jsonl) {
            read.rows.push_back({std::string(row.text)});
        } else {
            read.rows.emplace_back(row.fields.begin(), row.fields.end());
        }
    }
    return read;
}

std::string refusal(const std::string& text) {
    std::istringstream stream(text);
    const auto opened = Reader::open("f", over_stream(stream), Format::automatic);
    return opened ? "opened" : opened.error().message;
}

using Rows = std::vector<std::vector<std::string>>;

TEST(Reader, UnderstandsWhatSpreadsheetsWrite) {
    EXPECT_EQ(read_all("a,b\r\n1,\"x, \"\"y\"\"\"\r\n\r\n2,\"two\nlines\"\r\n3,").rows,
              (Rows{{"1", "x, \"y\""}, {"2", "two\nlines"}, {"3", ""}}));
    EXPECT_EQ(read_all("\xef\xbb\xbf"
                       "A ;B\n1;2,5\n")
                  .rows,
              (Rows{{"1", "2,5"}}));
    EXPECT_EQ(read_all("a\tb\n1\t2\n").rows, (Rows{{"1", "2"}}));
    EXPECT_EQ(read_all("a,b\nsay \"\"hi\"\",1\n2,3\n").rows,
              (Rows{{"say \"\"hi\"\"", "1"}, {"2", "3"}}));
    EXPECT_EQ(read_all("a,b\n1,\"x\"").rows, (Rows{{"1", "x"}}));
    EXPECT_EQ(read_all("{\"a\":1}\n\n{}\r\n", Format::jsonl).rows, (Rows{{"{\"a\":1}"}, {"{}"}}));
}

TEST(Reader, GoesOnBehindWhatIsNoRow) {
    const Read read =
        read_all("a,b\n1\n\"open,2\n3,4\n5,\"x\"y\n" + std::string(3'000'000, 'z') + "\n6," +
                 std::string(1, '\0') + "\n7,8\n9,\xe9\n\"never closed\n10,11\n");
    ASSERT_EQ(read.rows.size(), 10U);
    EXPECT_EQ(read.rows[0][1], "has 1 fields, the header has 2");
    EXPECT_EQ(read.rows[1][1], "has text behind a closing quote");
    EXPECT_EQ(read.rows[2], (std::vector<std::string>{"3", "4"}));
    EXPECT_EQ(read.rows[3][1], "has text behind a closing quote");
    EXPECT_EQ(read.rows[4][1], "is longer than 64 KiB");
    EXPECT_EQ(read.rows[5][1], "has a NUL byte");
    EXPECT_EQ(read.rows[6], (std::vector<std::string>{"7", "8"}));
    EXPECT_EQ(read.rows[7][1], "is not UTF-8: byte 0xE9 at 3");
    EXPECT_EQ(read.rows[8][1], "opens a quote that is not closed");
    EXPECT_EQ(read.rows[9], (std::vector<std::string>{"10", "11"}));
    EXPECT_EQ(read.lines, (std::vector<std::uint64_t>{2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
}

TEST(Reader, AFileThatIsSomethingElseIsRefusedWhole) {
    EXPECT_EQ(refusal(""), "f: is empty; the first line names the columns");
    EXPECT_NE(refusal("nom\nJos\xe9 caf\xe9 et plus\n").find("f:2: is not UTF-8 (byte 0xE9)"),
              std::string::npos);
    EXPECT_NE(refusal(std::string("\xff\xfe"
                                  "a\0b\0",
                                  6))
                  .find("UTF-16"),
              std::string::npos);
    EXPECT_EQ(refusal("a,b,A\n"), "f:1: column 'a' stands twice");
    std::string columns;
    for (int i = 0; i < 1'000'000; ++i) columns += "c,";
    EXPECT_EQ(refusal(columns), "f:1: the header is longer than 64 KiB");
    EXPECT_EQ(refusal(columns.substr(0, 600)), "f:1: the header has more than 256 fields");
    EXPECT_EQ(refusal("{\"a\":1}"), "opened");
}

TEST(Reader, TenMegabytesInOneLineTakeNoMemoryAndOneRow) {
    const Read read =
        read_all("{\"a\":\"" + std::string(10U << 20, 'x') + "\"}\n{}\n", Format::jsonl);
    ASSERT_EQ(read.rows.size(), 2U);
    EXPECT_EQ(read.rows[0][1], "is longer than 64 KiB");
    EXPECT_EQ(read.lines, (std::vector<std::uint64_t>{1, 2}));
}

std::string in_quotes(const std::string& field) {
    std::string text = "\"";
    for (const char c : field) text += c == '"' ? "\"\"" : std::string(1, c);
    return text + "\"";
}

RC_GTEST_PROP(Reader, ReadsWhatWasWrittenAndGoesOnAtAnyRow, ()) {
    const auto width = *rc::gen::inRange<std::size_t>(2, 5);
    const auto field =
        rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab\",;\n\r ")));
    Rows written =
        *rc::gen::container<Rows>(rc::gen::container<std::vector<std::string>>(width, field));
    std::string text = "c0";
    for (std::size_t i = 1; i < width; ++i) text += ",c" + std::to_string(i);
    for (auto& row : written) {
        text += "\n";
        for (std::size_t i = 0; i < width; ++i) text += (i == 0 ? "" : ",") + in_quotes(row[i]);
    }
    RC_ASSERT(read_all(text).rows == written);
    const auto skipped = *rc::gen::inRange<std::size_t>(0, written.size() + 1);
    std::istringstream stream(text);
    Reader reader = Reader::open("f", over_stream(stream), Format::csv).value();
    Row row;
    for (std::size_t i = 0; i < skipped; ++i) RC_ASSERT(reader.next(row).value());
    const Position position = reader.position();
    std::istringstream again(text);
    Reader resumed = Reader::open("f", over_stream(again), Format::csv).value();
    std::istringstream third(text);
    RC_ASSERT(resumed.resume(over_stream(third), position).has_value());
    for (std::size_t i = skipped; i < written.size(); ++i) {
        RC_ASSERT(resumed.next(row).value());
        RC_ASSERT(std::vector<std::string>(row.fields.begin(), row.fields.end()) == written[i]);
    }
    RC_ASSERT(!resumed.next(row).value());
}

}  // namespace
}  // namespace vitrine::rows
