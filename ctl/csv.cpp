#include "ctl/csv.hpp"

#include <array>

#include "sync/rows/input.hpp"

namespace vitrine::ctl {

namespace {

constexpr int kEnd = -1;
constexpr unsigned kReadBytes = 64 * 1024;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

}  // namespace

struct CsvReader::Input {
    explicit Input(std::unique_ptr<rows::Input> opened) : file(std::move(opened)) {}

    /// Reads on when all is used. False at the end.
    Result<bool> fill() {
        used = 0;
        size = TRY(file->read(bytes));
        return size > 0;
    }

    std::unique_ptr<rows::Input> file;
    std::array<char, kReadBytes> bytes{};
    std::size_t used = 0;
    std::size_t size = 0;
    int back = kEnd;  ///< One character that was read too far.
};

CsvReader::CsvReader(std::string file, std::unique_ptr<Input> input)
    : file_(std::move(file)), input_(std::move(input)) {}
CsvReader::CsvReader(CsvReader&&) noexcept = default;
CsvReader& CsvReader::operator=(CsvReader&&) noexcept = default;
CsvReader::~CsvReader() = default;

Result<CsvReader> CsvReader::open(const std::string& file) {
    return CsvReader(file, std::make_unique<Input>(TRY(rows::open_file(file))));
}

std::string CsvReader::place() const { return file_ + ":" + std::to_string(row_line_); }

Error CsvReader::too_much(const char* what) const { return invalid(place() + ": " + what); }

/// The next character, or kEnd.
Result<int> CsvReader::get() {
    Input& input = *input_;
    if (input.back != kEnd) return std::exchange(input.back, kEnd);
    if (input.used == input.size && !TRY(input.fill())) return kEnd;
    const char c = input.bytes[input.used++];
    if (c == '\n') ++line_;
    return static_cast<unsigned char>(c);
}

void CsvReader::end_field() { ends_.push_back(row_.size()); }

/// The rest of a field after its opening quote. False where text follows the closing one.
Result<bool> CsvReader::take_quoted() {
    while (true) {
        const int c = TRY(get());
        if (c == kEnd) return too_much("a quote is never closed");
        if (row_.size() >= kRowBytesMax) return too_much("the row is too long: an open quote?");
        if (c != '"') {
            row_ += static_cast<char>(c);
            continue;
        }
        const int after = TRY(get());
        if (after == '"') {
            row_ += '"';
            continue;
        }
        input_->back = after;
        return after == ',' || after == '\n' || after == '\r' || after == kEnd;
    }
}

/// One row into `row_` and `ends_`; false at the end of the file.
Result<bool> CsvReader::read_row() {
    row_.clear();
    ends_.clear();
    row_line_ = line_;
    std::size_t start = 0;
    while (true) {
        const int c = TRY(get());
        if (c == kEnd && row_.empty() && ends_.empty()) return false;
        if (c == '\n' || c == kEnd) {
            if (row_.size() > start && row_.back() == '\r') row_.pop_back();
            end_field();
            return true;
        }
        if (row_.size() >= kRowBytesMax) return too_much("the row is too long");
        if (c == ',') {
            end_field();
            if (ends_.size() == kFieldsMax) return too_much("the row has too many fields");
            start = row_.size();
        } else if (c == '"' && row_.size() == start) {
            if (!TRY(take_quoted())) return too_much("text follows a closing quote");
        } else {
            row_ += static_cast<char>(c);
        }
    }
}

Result<bool> CsvReader::next() {
    do {
        if (!TRY(read_row())) return false;
        if (row_line_ == 1 && row_.starts_with(kByteOrderMark)) {
            row_.erase(0, kByteOrderMark.size());
            for (std::size_t& end : ends_) end -= kByteOrderMark.size();
        }
    } while (ends_.size() == 1 && row_.empty());
    fields_.clear();
    std::size_t start = 0;
    for (const std::size_t end : ends_) {
        fields_.push_back(std::string_view(row_).substr(start, end - start));
        start = end;
    }
    return true;
}

}  // namespace vitrine::ctl
