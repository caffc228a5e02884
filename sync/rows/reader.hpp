#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/result.hpp"
#include "sync/rows/input.hpp"

namespace vitrine::rows {

enum class Format : std::uint8_t {
    automatic,  ///< By the file's name, else by its first character.
    csv,        ///< RFC 4180 with a header; delimited by comma, semicolon or tabulator.
    jsonl,      ///< One JSON object a line.
};

/// Behind a row: where the next one begins.
struct Position {
    std::uint64_t bytes = 0;  ///< Unpacked.
    std::uint64_t line = 1;
    friend bool operator==(const Position&, const Position&) = default;
};

/// One row of a file, as it stands there. Views live until the next one is read.
struct Row {
    std::uint64_t line = 0;                ///< On which it begins, from 1.
    std::string_view text;                 ///< Without the line's end.
    std::vector<std::string_view> fields;  ///< Of a CSV: as many as the header has.
    std::string trouble;                   ///< Not empty: it is no row, and why; has no fields.
};

/// Reads a file of rows one by one, in a memory that does not depend on the file, and goes on
/// behind whatever is no row: one that is too long, not UTF-8, has a NUL or another number of
/// fields than the header, or whose quote is never closed. Blank lines are passed over.
class Reader {
  public:
    static constexpr std::size_t kRowBytesMax = 64 * 1024;
    static constexpr std::size_t kColumnsMax = 256;

    /// `name` is the file's, for messages and for `automatic`. Reads the header; `invalid` where
    /// there is none, it names a column twice, or the file's beginning is not UTF-8: then nothing
    /// of it can be trusted.
    static Result<Reader> open(std::string name, std::unique_ptr<Input> input, Format format);

    Format format() const { return format_; }
    char delimiter() const { return delimiter_; }
    /// Of a CSV.
    const std::vector<std::string>& header() const { return header_; }
    /// As it stands in the file; empty for JSON lines.
    const std::string& header_text() const { return header_text_; }

    /// Goes on there; `again` is the same file, opened anew.
    Result<void> resume(std::unique_ptr<Input> again, Position at);

    /// False at the end. Errors are the input's.
    Result<bool> next(Row& row);
    Position position() const { return position_; }
    std::uint64_t passed() const { return input_->passed(); }

  private:
    /// Where a row's text ends, and the next one begins.
    struct Extent {
        std::size_t end = 0;
        std::size_t next = 0;
        bool found = false;
        bool open_quote = false;
    };

    Reader(std::string name, std::unique_ptr<Input> input)
        : name_(std::move(name)), input_(std::move(input)) {}
    Result<void> open(Format format);
    Result<void> read_header();
    Result<bool> fill();
    Result<Extent> find_row();
    Result<void> skip_line();
    void pass(std::size_t bytes);
    void split(Row& row);
    std::string_view rest() const { return std::string_view(buffer_).substr(begin_); }

    std::string name_;
    std::unique_ptr<Input> input_;
    Format format_ = Format::jsonl;
    char delimiter_ = ',';
    std::vector<std::string> header_;
    std::string header_text_;
    std::string buffer_;
    std::size_t begin_ = 0;  ///< Of the next row in buffer_.
    bool ended_ = false;
    Position position_;
    std::string unquoted_;  ///< Fields of the row that had quotes.
};

}  // namespace vitrine::rows
