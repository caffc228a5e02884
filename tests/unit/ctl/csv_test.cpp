#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <sys/stat.h>
#include <zlib.h>

#include "ctl/csv.hpp"
#include "ctl/csv_table.hpp"

namespace vitrine::ctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Csv : public testing::Test {
  protected:
    void SetUp() override {
        folder_ = std::filesystem::path(testing::TempDir()) /
                  testing::UnitTest::GetInstance()->current_test_info()->name();
        std::filesystem::create_directories(folder_);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string path(const char* name = "rows.csv") const { return folder_ / name; }
    std::string file(const std::string& text) const {
        std::ofstream(path(), std::ios::binary) << text;
        return path();
    }

    std::filesystem::path folder_;
};

using Rows = std::vector<std::vector<std::string>>;

/// All rows, or the error's message alone.
Rows rows_of(const std::string& file) {
    auto reader = CsvReader::open(file);
    if (!reader) return {{reader.error().message}};
    Rows rows;
    while (true) {
        const auto more = reader->next();
        if (!more) return {{more.error().message}};
        if (!*more) return rows;
        rows.emplace_back(reader->fields().begin(), reader->fields().end());
    }
}

std::string error_of(const std::string& file) {
    const Rows rows = rows_of(file);
    return rows.size() == 1 && rows[0].size() == 1 ? rows[0][0] : "no error";
}

TEST_F(Csv, ReadsQuotesCommasAndLinesInsideThem) {
    EXPECT_THAT(rows_of(file("\xef\xbb\xbf"
                             "a,b\r\n\"1,5\",\"say \"\"hi\"\"\"\n\n\"two\nlines\",\n,x")),
                ElementsAre(ElementsAre("a", "b"), ElementsAre("1,5", "say \"hi\""),
                            ElementsAre("two\nlines", ""), ElementsAre("", "x")));
}

TEST_F(Csv, NamesTheLineOnWhichARowStarts) {
    auto reader = *CsvReader::open(file("a\n\"two\nlines\"\nlast\n"));
    std::vector<std::size_t> lines;
    while (*reader.next()) lines.push_back(reader.line());
    EXPECT_THAT(lines, ElementsAre(1, 2, 4));
    EXPECT_EQ(reader.place(), path() + ":5");
}

TEST_F(Csv, RefusesWhatIsNoCsv) {
    EXPECT_THAT(error_of(path("nowhere")), HasSubstr("nowhere: cannot be opened"));
    EXPECT_THAT(error_of(file("a\n\"never closed\n")), HasSubstr(":2: a quote is never closed"));
    EXPECT_THAT(error_of(file("a\n\"b\"c\n")), HasSubstr(":2: text follows a closing quote"));
    EXPECT_THAT(error_of(file("a\n" + std::string(70'000, 'x'))), HasSubstr(":2: the row is too"));
    EXPECT_THAT(error_of(file("\"" + std::string(70'000, 'x'))), HasSubstr("an open quote?"));
    EXPECT_THAT(error_of(file(std::string(300, ','))),
                HasSubstr(":1: the row has too many fields"));
    EXPECT_THAT(error_of(folder_), HasSubstr("directory"));
}

TEST_F(Csv, ReadsGzipAndSaysWhereItWasCutShort) {
    const std::string packed = path("rows.csv.gz");
    const gzFile out = gzopen(packed.c_str(), "wb");
    std::string text = "a,b\n";
    for (int i = 0; i < 50'000; ++i) text += std::to_string(i * 7919) + ",x\n";
    gzwrite(out, text.data(), static_cast<unsigned>(text.size()));
    gzclose(out);
    const Rows rows = rows_of(packed);
    ASSERT_EQ(rows.size(), 50'001U);
    EXPECT_THAT(rows.back(), ElementsAre(std::to_string(49'999 * 7919), "x"));

    std::filesystem::resize_file(packed, std::filesystem::file_size(packed) / 2);
    EXPECT_THAT(error_of(packed), HasSubstr("the gzip is damaged or cut short"));
}

TEST_F(Csv, ReadsFromAPipe) {
    const std::string pipe = path("pipe");
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    std::thread writer([&] { std::ofstream(pipe) << "a,b\n1,2\n"; });
    const Rows rows = rows_of(pipe);
    writer.join();
    EXPECT_THAT(rows, ElementsAre(ElementsAre("a", "b"), ElementsAre("1", "2")));
}

TEST_F(Csv, FindsColumnsByAnyOfTheirNames) {
    auto table = *CsvTable::open(file("day,other,household_id\n2017-05-08,x,7\n"),
                                 {{{"member_id", "household_id"}}, {{"day"}}, {{"note"}, false}});
    ASSERT_TRUE(*table.next());
    EXPECT_EQ(table.get(0), "7");
    EXPECT_EQ(table.day(1), 17'294);
    EXPECT_FALSE(table.has(2));
    EXPECT_EQ(table.get(2), "");
    EXPECT_FALSE(*table.next());
    EXPECT_EQ(std::move(table).finish()->bad, 0U);

    const auto without = CsvTable::open(file("a,b\n"), {{{"member_id", "household_id"}}});
    ASSERT_FALSE(without.has_value());
    EXPECT_THAT(without.error().message,
                HasSubstr(":1: no column member_id or household_id; there are a, b"));
    EXPECT_THAT(CsvTable::open(file(""), {}).error().message, HasSubstr("is empty"));
}

TEST_F(Csv, NamesBadRowsUntilTheyAreTooMany) {
    std::string text = "id,day,amount\n";
    for (int i = 0; i < 97; ++i) text += "x,2017-05-08T10:00:00+02:00,1.5\n";
    text += "x,2017-02-30,1\nx,2017-05-08,-1\nx,2017-05-08\n";
    const auto read = [&](const std::string& rows) {
        auto table = *CsvTable::open(file(rows), {{{"id"}}, {{"day"}}, {{"amount"}}});
        while (*table.next()) {
            if (table.id(0) && table.day(1)) static_cast<void>(table.number(2, 100));
        }
        return std::move(table).finish();
    };
    const auto left_out = read(text);
    ASSERT_TRUE(left_out.has_value());
    EXPECT_EQ(left_out->rows, 100U);
    EXPECT_THAT(left_out->named,
                ElementsAre(HasSubstr(":99: day '2017-02-30' is not a date"),
                            HasSubstr(":100: amount '-1' is negative or too large"),
                            HasSubstr(":101: 2 fields, the header has 3")));
    EXPECT_EQ(left_out->reasons.at("day is not a date as in 2017-05-08"), 1U);

    const auto refused = read(text + ",,\n,,\n,,\n");
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error().message, HasSubstr("6 of 103 rows are bad, over 5 %"));
    EXPECT_THAT(refused.error().message, HasSubstr(":102: id '' is empty"));
}

TEST(ParseDay, TakesADateWithOrWithoutATime) {
    for (const char* text : {"2017-05-08", "2017-05-08 23:59:59", "2017-05-08T01:02:03Z"}) {
        EXPECT_EQ(parse_day(text).value_or(0), 17'294) << text;
    }
    EXPECT_EQ(parse_day("2017-05-08T01:00:00+02:00").value_or(0), 17'293);
    for (const char* text : {"", "2017-5-8", "08/05/2017", "2017-05-08x", "2017-13-01"}) {
        EXPECT_FALSE(parse_day(text).has_value()) << text;
    }
}

}  // namespace
}  // namespace vitrine::ctl
