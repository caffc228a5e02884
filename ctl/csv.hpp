#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/result.hpp"

namespace vitrine::ctl {

/// The rows of a comma-separated file, one after the other: RFC 4180 with `\n` or `\r\n`. Reads
/// plain or gzip, from a file or a pipe, in a bounded memory. Blank lines are passed over.
class CsvReader {
  public:
    static constexpr std::size_t kRowBytesMax = 64 * 1024;
    static constexpr std::size_t kFieldsMax = 256;

    /// `not_found` where it cannot be opened; `name` is the file's name in messages.
    static Result<CsvReader> open(const std::string& file);

    CsvReader(CsvReader&&) noexcept;
    CsvReader& operator=(CsvReader&&) noexcept;
    ~CsvReader();

    /// Reads the next row; false at the end. `invalid`, naming file and line: a row that is too
    /// long or has too many fields, a quote that never ends, text after a closing quote.
    /// `unavailable`: the file cannot be read on, or its gzip is cut short or damaged.
    Result<bool> next();

    /// Of the last row read; valid until the next one is.
    std::span<const std::string_view> fields() const { return fields_; }
    /// The line on which it starts, from 1.
    std::size_t line() const { return row_line_; }
    /// "file:line".
    std::string place() const;
    const std::string& file() const { return file_; }

  private:
    struct Input;
    CsvReader(std::string file, std::unique_ptr<Input> input);

    Result<int> get();
    Result<bool> take_quoted();
    Result<bool> read_row();
    void end_field();
    Error too_much(const char* what) const;

    std::string file_;
    std::unique_ptr<Input> input_;
    std::string row_;                ///< All fields of the row, one after the other.
    std::vector<std::size_t> ends_;  ///< Of each field in `row_`.
    std::vector<std::string_view> fields_;
    std::size_t line_ = 1;
    std::size_t row_line_ = 0;
};

}  // namespace vitrine::ctl
