#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ctl/csv.hpp"

namespace vitrine::ctl {

/// What was left out of one file, and why.
struct LeftOut {
    static constexpr std::size_t kNamedMax = 100;

    std::string file;
    std::size_t rows = 0;
    std::size_t bad = 0;
    std::map<std::string, std::size_t> reasons;  ///< Rows by column and reason.
    std::vector<std::string> named;  ///< "file:line: column: reason"; the first kNamedMax.
    std::size_t repeated = 0;        ///< Said the same as an earlier row; counted once, not bad.
};

/// A CSV file with a header: columns are found by name, whatever their order; others are ignored.
class CsvTable {
  public:
    /// Over this share of bad rows the file is refused: it is not what it is taken for.
    static constexpr double kBadShareMax = 0.05;

    struct Column {
        std::vector<std::string_view> names;  ///< The first one is told in messages.
        bool required = true;
    };

    /// `invalid` where there is no header, or a required column is not in it; the message says
    /// which one, and what is there. Columns are asked for by their index in `columns`.
    static Result<CsvTable> open(const std::string& file, std::vector<Column> columns);

    /// The next row that has as many fields as the header. Errors are CsvReader's.
    Result<bool> next();

    bool has(std::size_t column) const { return at_[column].has_value(); }
    /// Empty where the file does not have the column. Valid until the next row.
    std::string_view get(std::size_t column) const {
        return at_[column] ? reader_.fields()[*at_[column]] : std::string_view();
    }

    // A field as a value. Where it is none the row is rejected, and nothing comes back.

    /// Not empty, at most 64 bytes.
    std::optional<std::string_view> id(std::size_t column);
    /// "2017-05-08", alone or before a time; the day as in day_of, in UTC.
    std::optional<std::int32_t> day(std::size_t column);
    /// Not negative, and at most `most`.
    std::optional<double> number(std::size_t column, double most);

    /// Counts the row as bad, and names it.
    void reject(std::size_t column, std::string_view why);
    void repeated() { ++left_out_.repeated; }

    /// After the last row. `invalid` where too many rows were bad, or there was none.
    Result<LeftOut> finish() &&;

  private:
    CsvTable(CsvReader reader, std::vector<Column> columns)
        : reader_(std::move(reader)), columns_(std::move(columns)) {}
    Result<void> find_columns();
    void count_bad(const std::string& reason, const std::string& named);

    CsvReader reader_;
    std::vector<Column> columns_;
    std::vector<std::optional<std::size_t>> at_;
    std::size_t width_ = 0;
    LeftOut left_out_;
};

/// "2017-05-08", alone or with a time after it, as in day_of; `invalid` for anything else.
Result<std::int32_t> parse_day(std::string_view text);

}  // namespace vitrine::ctl
