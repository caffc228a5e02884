#include "sync/central/import_row.hpp"

#include <charconv>
#include <chrono>

namespace vitrine::central {

namespace {

using nlohmann::json;

constexpr std::size_t kLineBytesMax = 16U << 10;

}  // namespace

Result<ImportRow> ImportRow::parse(std::string_view line) {
    if (line.size() > kLineBytesMax) return invalid("longer than 16 KiB");
    json value = json::parse(line, nullptr, false);
    if (!value.is_object()) return invalid("not a JSON object");
    return ImportRow(std::move(value));
}

std::string ImportRow::text(const char* key, std::size_t bytes_max, bool required) {
    const json* value = find(key, required);
    return value == nullptr ? std::string() : text_in(*value, key, bytes_max);
}

std::int64_t ImportRow::integer(const char* key, std::int64_t min, std::int64_t max,
                                std::optional<std::int64_t> otherwise) {
    const json* value = find(key, !otherwise);
    if (value == nullptr) return otherwise.value_or(min);
    return integer_in(*value, key, min, max);
}

bool ImportRow::flag(const char* key) {
    const json* value = find(key, false);
    if (value == nullptr) return false;
    if (!value->is_boolean()) fail(key, "expected true or false");
    return value->is_boolean() && value->get<bool>();
}

std::vector<std::int64_t> ImportRow::integers(const char* key, std::size_t count_max,
                                              std::int64_t max) {
    const json* value = find(key, false);
    std::vector<std::int64_t> numbers;
    if (value == nullptr) return numbers;
    if (!value->is_array() || value->size() > count_max) {
        fail(key, "expected at most " + std::to_string(count_max) + " numbers");
        return numbers;
    }
    for (const json& each : *value) numbers.push_back(integer_in(each, key, 1, max));
    return numbers;
}

std::vector<std::string> ImportRow::texts(const char* key, std::size_t count_max,
                                          std::size_t bytes_max) {
    const json* value = find(key, true);
    std::vector<std::string> all;
    if (value == nullptr) return all;
    if (!value->is_array() || value->empty() || value->size() > count_max) {
        fail(key, "expected 1 to " + std::to_string(count_max) + " texts");
        return all;
    }
    for (const json& each : *value) all.push_back(text_in(each, key, bytes_max));
    return all;
}

std::vector<std::pair<std::string, std::string>> ImportRow::pairs(const char* key,
                                                                  std::size_t count_max,
                                                                  std::size_t bytes_max) {
    const json* value = find(key, true);
    std::vector<std::pair<std::string, std::string>> all;
    if (value == nullptr) return all;
    if (!value->is_object() || value->size() > count_max) {
        fail(key, "expected an object of at most " + std::to_string(count_max) + " texts");
        return all;
    }
    for (const auto& [name, each] : value->items()) {
        all.emplace_back(name, text_in(each, key, bytes_max));
    }
    return all;
}

void ImportRow::fail(std::string_view key, std::string_view reason) {
    if (failure_.empty()) failure_ = std::string(key) + ": " + std::string(reason);
}

Result<void> ImportRow::finish() {
    for (const auto& [key, value] : value_.items()) {
        if (!asked_.contains(key)) fail(key.substr(0, 64), "is not known");
    }
    if (!failure_.empty()) return invalid(failure_);
    return {};
}

const json* ImportRow::find(const char* key, bool required) {
    asked_.emplace(key);
    const auto at = value_.find(key);
    if (at != value_.end() && !at->is_null()) return &*at;
    if (required) fail(key, "is missing");
    return nullptr;
}

std::int64_t ImportRow::integer_in(const json& value, const char* key, std::int64_t min,
                                   std::int64_t max) {
    const bool fits = value.is_number_integer() && value.get<std::int64_t>() >= min &&
                      value.get<std::int64_t>() <= max;
    if (!fits) {
        fail(key,
             "expected a whole number from " + std::to_string(min) + " to " + std::to_string(max));
    }
    return fits ? value.get<std::int64_t>() : min;
}

std::string ImportRow::text_in(const json& value, const char* key, std::size_t bytes_max) {
    const auto* text = value.get_ptr<const std::string*>();
    if (text == nullptr || text->size() > bytes_max) {
        fail(key, "expected a text of at most " + std::to_string(bytes_max) + " bytes");
        return {};
    }
    return *text;
}

Result<std::int32_t> day_from(std::string_view text) {
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    const auto number = [&](std::size_t at, std::size_t size, auto& value) {
        if (text.size() != 10) return false;
        const auto [end, code] = std::from_chars(text.data() + at, text.data() + at + size, value);
        return code == std::errc{} && end == text.data() + at + size;
    };
    const bool read = number(0, 4, year) && number(5, 2, month) && number(8, 2, day) &&
                      text[4] == '-' && text[7] == '-';
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                           std::chrono::day(day)};
    if (!read || !date.ok()) return invalid("expected a date such as 2026-11-22");
    return static_cast<std::int32_t>(std::chrono::sys_days(date).time_since_epoch().count());
}

Result<ImportReport> import_rows(sql::Connection& connection, std::istream& rows,
                                 const std::function<Result<void>(std::string_view)>& take) {
    ImportReport report;
    auto transaction = TRY(sql::Transaction::begin(connection));
    std::string line;
    for (std::uint64_t number = 1; std::getline(rows, line); ++number) {
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        ++report.rows;
        auto taken = take(line);
        if (taken) {
            ++report.taken;
            continue;
        }
        const ErrorCode code = taken.error().code;
        if (code == ErrorCode::unavailable || code == ErrorCode::exhausted ||
            code == ErrorCode::corrupt) {
            return std::move(taken).error().within("line " + std::to_string(number));
        }
        ++report.refused;
        if (report.refusals.size() < ImportReport::kRefusalsMax) {
            report.refusals.push_back({number, taken.error().message});
        }
    }
    TRY(transaction.commit());
    return report;
}

}  // namespace vitrine::central
