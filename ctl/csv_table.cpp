#include "ctl/csv_table.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "sync/wire/rfc3339.hpp"

namespace vitrine::ctl {

namespace {

constexpr std::size_t kIdBytesMax = 64;
/// A message shows no more of a field.
constexpr std::size_t kShownMax = 40;

std::string joined(const auto& names, const char* between) {
    std::string text;
    for (const std::string_view name : names) {
        if (!text.empty()) text += between;
        text += name.substr(0, kShownMax);
    }
    return text;
}

}  // namespace

Result<std::int32_t> parse_day(std::string_view text) {
    constexpr std::size_t kDateSize = 10;
    std::string time(text);
    if (time.size() == kDateSize) time += "T00:00:00";
    if (time.size() > kDateSize && time[kDateSize] == ' ') time[kDateSize] = 'T';
    auto parsed = wire::parse_time(time);
    // Without an offset it is taken for UTC.
    if (!parsed) parsed = wire::parse_time(time + "Z");
    if (!parsed) return invalid("'" + std::string(text.substr(0, kShownMax)) + "' is not a date");
    return day_of(*parsed);
}

Result<CsvTable> CsvTable::open(const std::string& file, std::vector<Column> columns) {
    CsvTable table(TRY(CsvReader::open(file)), std::move(columns));
    table.left_out_.file = file;
    TRY(table.find_columns());
    return table;
}

Result<void> CsvTable::find_columns() {
    if (!TRY(reader_.next())) {
        return invalid(left_out_.file + ": is empty; the first line names the columns");
    }
    const auto header = reader_.fields();
    width_ = header.size();
    for (Column& column : columns_) {
        std::optional<std::size_t> found;
        // The names stand in the order in which they are preferred.
        for (const std::string_view name : column.names) {
            const auto at = std::ranges::find(header, name);
            if (at == header.end()) continue;
            found = static_cast<std::size_t>(at - header.begin());
            // Messages tell the file's own name of it.
            column.names = {name};
            break;
        }
        if (!found && column.required) {
            return invalid(reader_.place() + ": no column " + joined(column.names, " or ") +
                           "; there are " + joined(header, ", "));
        }
        at_.push_back(found);
    }
    return {};
}

Result<bool> CsvTable::next() {
    while (TRY(reader_.next())) {
        ++left_out_.rows;
        const std::size_t count = reader_.fields().size();
        if (count == width_) return true;
        count_bad("another number of fields than the header",
                  std::to_string(count) + " fields, the header has " + std::to_string(width_));
    }
    return false;
}

void CsvTable::count_bad(const std::string& reason, const std::string& named) {
    ++left_out_.bad;
    ++left_out_.reasons[reason];
    if (left_out_.named.size() < LeftOut::kNamedMax) {
        left_out_.named.push_back(reader_.place() + ": " + named);
    }
}

void CsvTable::reject(std::size_t column, std::string_view why) {
    const std::string name(columns_[column].names.front());
    const std::string reason = name + " " + std::string(why);
    count_bad(reason, name + " '" + std::string(get(column).substr(0, kShownMax)) + "' " +
                          std::string(why));
}

std::optional<std::string_view> CsvTable::id(std::size_t column) {
    const std::string_view text = get(column);
    if (text.empty()) {
        reject(column, "is empty");
        return std::nullopt;
    }
    if (text.size() > kIdBytesMax) {
        reject(column, "is longer than 64 bytes");
        return std::nullopt;
    }
    return text;
}

std::optional<std::int32_t> CsvTable::day(std::size_t column) {
    const auto day = parse_day(get(column));
    if (day) return *day;
    reject(column, "is not a date as in 2017-05-08");
    return std::nullopt;
}

std::optional<double> CsvTable::number(std::size_t column, double most) {
    const std::string_view text = get(column);
    double value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
        reject(column, "is not a number");
        return std::nullopt;
    }
    if (value < 0 || value > most) {
        reject(column, "is negative or too large");
        return std::nullopt;
    }
    return value;
}

Result<LeftOut> CsvTable::finish() && {
    const LeftOut& found = left_out_;
    const bool too_many =
        static_cast<double>(found.bad) > kBadShareMax * static_cast<double>(found.rows);
    if (found.rows == 0) return invalid(found.file + ": has no rows");
    if (too_many) {
        std::string message = found.file + ": " + std::to_string(found.bad) + " of " +
                              std::to_string(found.rows) + " rows are bad, over 5 %";
        for (std::size_t i = 0; i < std::min<std::size_t>(found.named.size(), 10); ++i) {
            message += "\n  " + found.named[i];
        }
        return invalid(message);
    }
    return std::move(left_out_);
}

}  // namespace vitrine::ctl
