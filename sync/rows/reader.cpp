#include "sync/rows/reader.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include "agent/base/utf8.hpp"

namespace vitrine::rows {

namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
/// Room for a row of the most, and to read on behind it.
constexpr std::size_t kBufferBytes = 4 * Reader::kRowBytesMax;

std::string hex_byte(char c) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    const auto byte = static_cast<std::uint8_t>(c);
    return {'0', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
}

Format by_name(std::string_view name) {
    for (const std::string_view packed : {".gz", ".GZ"}) {
        if (name.ends_with(packed)) name.remove_suffix(packed.size());
    }
    if (name.ends_with(".csv") || name.ends_with(".tsv") || name.ends_with(".CSV")) {
        return Format::csv;
    }
    if (name.ends_with(".jsonl") || name.ends_with(".ndjson")) return Format::jsonl;
    return Format::automatic;
}

/// The one that stands most often in the header, outside of quotes.
char delimiter_of(std::string_view header) {
    std::array<std::size_t, 3> counts{};
    constexpr std::string_view kDelimiters = ",;\t";
    bool quoted = false;
    for (const char c : header) {
        quoted = quoted != (c == '"');
        const std::size_t at = kDelimiters.find(c);
        if (!quoted && at != kDelimiters.npos) ++counts[at];
    }
    const auto most = std::max_element(counts.begin(), counts.end());
    return kDelimiters[static_cast<std::size_t>(most - counts.begin())];
}

/// What of a text is no row's, or nothing.
std::string trouble_in(std::string_view text) {
    if (text.find('\0') != text.npos) return "has a NUL byte";
    const std::size_t wrong = first_not_utf8(text);
    if (wrong == text.size()) return {};
    return "is not UTF-8: byte " + hex_byte(text[wrong]) + " at " + std::to_string(wrong + 1);
}

}  // namespace

Result<Reader> Reader::open(std::string name, std::unique_ptr<Input> input, Format format) {
    Reader reader(std::move(name), std::move(input));
    TRY(reader.open(format));
    return reader;
}

Result<void> Reader::open(Format format) {
    while (rest().size() < kRowBytesMax && TRY(fill())) {
    }
    if (rest().starts_with("\xff\xfe") || rest().starts_with("\xfe\xff")) {
        return invalid(name_ + ": is UTF-16; save it as UTF-8 (iconv -f UTF-16 -t UTF-8)");
    }
    if (rest().starts_with(kByteOrderMark)) pass(kByteOrderMark.size());
    const std::size_t wrong = first_not_utf8(rest());
    // The last character may only be cut by the end of what was read.
    if (wrong + 4 < rest().size()) {
        const auto line = 1 + std::ranges::count(rest().substr(0, wrong), '\n');
        return invalid(name_ + ":" + std::to_string(line) + ": is not UTF-8 (byte " +
                       hex_byte(rest()[wrong]) +
                       "), it may be Latin-1; iconv -f WINDOWS-1252 -t UTF-8 makes it readable");
    }
    format_ = format == Format::automatic ? by_name(name_) : format;
    if (format_ == Format::automatic) {
        const std::size_t first = rest().find_first_not_of(" \t\r\n");
        format_ =
            first != std::string_view::npos && rest()[first] == '{' ? Format::jsonl : Format::csv;
    }
    return format_ == Format::csv ? read_header() : Result<void>();
}

Result<void> Reader::read_header() {
    // Until its delimiter is known, the header's first line is all there is.
    delimiter_ = delimiter_of(rest().substr(0, rest().find('\n')));
    Row row;
    const auto at_line = [&] { return name_ + ":" + std::to_string(row.line) + ": "; };
    if (!TRY(next(row))) return invalid(name_ + ": is empty; the first line names the columns");
    if (!row.trouble.empty()) return invalid(at_line() + "the header " + row.trouble);
    if (row.text.starts_with('{')) {
        return invalid(at_line() + "is no header; for JSON lines say --format jsonl");
    }
    for (const std::string_view field : row.fields) {
        const std::size_t first = field.find_first_not_of(' ');
        const std::size_t last = field.find_last_not_of(' ');
        std::string column(first == field.npos ? "" : field.substr(first, last - first + 1));
        for (char& c : column) {
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        }
        if (std::ranges::find(header_, column) != header_.end()) {
            return invalid(at_line() + "column '" + column.substr(0, 64) + "' stands twice");
        }
        header_.push_back(std::move(column));
    }
    header_text_ = std::string(row.text);
    return {};
}

Result<void> Reader::resume(std::unique_ptr<Input> again, Position at) {
    TRY(again->seek(at.bytes));
    input_ = std::move(again);
    buffer_.clear();
    begin_ = 0;
    ended_ = false;
    position_ = at;
    return {};
}

/// Reads on behind what is there; false at the end.
Result<bool> Reader::fill() {
    if (ended_) return false;
    if (begin_ > 0) buffer_.erase(0, begin_);
    begin_ = 0;
    const std::size_t before = buffer_.size();
    buffer_.resize(before + kBufferBytes);
    const auto count = input_->read(std::span(buffer_).subspan(before));
    buffer_.resize(before + (count ? *count : 0));
    if (!count) return count.error();
    ended_ = *count == 0;
    return !ended_;
}

void Reader::pass(std::size_t bytes) {
    const auto passed = rest().substr(0, bytes);
    position_.bytes += bytes;
    position_.line += static_cast<std::uint64_t>(std::count(passed.begin(), passed.end(), '\n'));
    begin_ += bytes;
}

/// Where the row that begins at begin_ ends; not found where it is too long.
Result<Reader::Extent> Reader::find_row() {
    bool quoted = false;
    bool closed = false;  ///< The character before was a closing quote.
    bool at_start = true;
    std::size_t at = 0;
    while (true) {
        const std::string_view text = rest();
        if (format_ == Format::jsonl) {
            at = std::min(text.find('\n', at), text.size());
        } else {
            for (; at < text.size() && (quoted || text[at] != '\n'); ++at) {
                // A doubled quote closes and opens again, which comes to the same.
                if (text[at] == '"' && (quoted || at_start || closed)) {
                    closed = std::exchange(quoted, !quoted);
                    at_start = false;
                } else {
                    closed = false;
                    at_start = !quoted && text[at] == delimiter_;
                }
            }
        }
        if (at > kRowBytesMax) return Extent{.open_quote = quoted};
        if (at < text.size()) return Extent{.end = at, .next = at + 1, .found = true};
        if (!TRY(fill())) {
            return Extent{.end = at, .next = at, .found = !quoted, .open_quote = quoted};
        }
    }
}

/// Passes what is left of a line, of whatever length.
Result<void> Reader::skip_line() {
    while (true) {
        const std::size_t end = rest().find('\n');
        if (end != std::string_view::npos) {
            pass(end + 1);
            return {};
        }
        pass(rest().size());
        if (!TRY(fill())) return {};
    }
}

Result<bool> Reader::next(Row& row) {
    while (true) {
        row.line = position_.line;
        row.fields.clear();
        row.trouble.clear();
        row.text = {};
        const Extent extent = TRY(find_row());
        if (!extent.found) {
            row.trouble = extent.open_quote
                              ? "opens a quote that is not closed"
                              : "is longer than " + std::to_string(kRowBytesMax / 1024) + " KiB";
            // What follows the line may be good rows again.
            TRY(skip_line());
            return true;
        }
        if (extent.next == 0) return false;
        std::string_view text = rest().substr(0, extent.end);
        const Position before = position_;
        pass(extent.next);
        if (text.ends_with('\r')) text.remove_suffix(1);
        if (text.find_first_not_of(" \t\r") == text.npos) continue;
        row.text = text;
        row.trouble = trouble_in(text);
        if (row.trouble.empty() && format_ == Format::csv) split(row);
        if (!row.trouble.empty() && text.find('\n') != text.npos) {
            // A stray quote took in the lines that follow: they are read for themselves.
            begin_ -= extent.next;
            position_ = before;
            row.text = text.substr(0, text.find('\n'));
            TRY(skip_line());
        }
        return true;
    }
}

void Reader::split(Row& row) {
    unquoted_.clear();
    // Views of it must stay: it holds no more than the row.
    unquoted_.reserve(row.text.size());
    std::string_view text = row.text;
    while (true) {
        if (row.fields.size() == kColumnsMax) {
            row.trouble = "has more than " + std::to_string(kColumnsMax) + " fields";
            break;
        }
        std::size_t end = 0;
        if (text.starts_with('"')) {
            const std::size_t start = unquoted_.size();
            for (end = 1; end < text.size(); ++end) {
                if (text[end] == '"' && (end + 1 == text.size() || text[++end] != '"')) break;
                unquoted_ += text[end];
            }
            // The loop leaves `end` on what follows the closing quote, or on that quote at the end.
            if (end < text.size() && text[end] == '"') ++end;
            row.fields.push_back(std::string_view(unquoted_).substr(start));
            if (end < text.size() && text[end] != delimiter_) {
                row.trouble = "has text behind a closing quote";
                break;
            }
        } else {
            end = std::min(text.find(delimiter_), text.size());
            row.fields.push_back(text.substr(0, end));
        }
        if (end >= text.size()) break;
        text.remove_prefix(end + 1);
    }
    const bool header_is_known = !header_.empty();
    if (row.trouble.empty() && header_is_known && row.fields.size() != header_.size()) {
        row.trouble = "has " + std::to_string(row.fields.size()) + " fields, the header has " +
                      std::to_string(header_.size());
    }
    if (!row.trouble.empty()) row.fields.clear();
}

}  // namespace vitrine::rows
