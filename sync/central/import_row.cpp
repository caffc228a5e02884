#include "sync/central/import_row.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace vitrine::central {

namespace {

using nlohmann::json;

constexpr std::size_t kLineBytesMax = 16U << 10;

std::optional<std::int64_t> integer_of(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// As spreadsheets in both languages write it.
std::optional<bool> flag_of(std::string_view text) {
    for (const std::string_view yes : {"true", "TRUE", "1", "yes", "oui", "VRAI", "vrai"}) {
        if (text == yes) return true;
    }
    for (const std::string_view no : {"false", "FALSE", "0", "no", "non", "FAUX", "faux"}) {
        if (text == no) return false;
    }
    return std::nullopt;
}

/// "3 4", "3|4" or "[3,4]" as a list of texts.
json list_of(std::string_view text) {
    constexpr std::string_view kBetween = " |,;[]";
    json list = json::array();
    for (std::size_t at = text.find_first_not_of(kBetween); at != text.npos;
         at = text.find_first_not_of(kBetween, at)) {
        const std::size_t end = std::min(text.find_first_of(kBetween, at), text.size());
        list.push_back(text.substr(at, end - at));
        at = end;
    }
    return list;
}

}  // namespace

Result<ImportRow> ImportRow::parse(std::string_view line) {
    if (line.size() > kLineBytesMax) return invalid("longer than 16 KiB");
    json value = json::parse(line, nullptr, false);
    if (!value.is_object()) return invalid("not a JSON object");
    return ImportRow(std::move(value), false);
}

ImportRow ImportRow::of_fields(std::span<const std::string> names,
                               std::span<const std::string_view> fields) {
    json value = json::object();
    for (std::size_t i = 0; i < std::min(names.size(), fields.size()); ++i) {
        if (!fields[i].empty()) value.emplace(names[i], fields[i]);
    }
    return ImportRow(std::move(value), true);
}

bool ImportRow::gives(std::string_view key) const {
    const auto at = value_.find(key);
    if (at == value_.end() || at->is_null()) return false;
    const auto* text = at->get_ptr<const std::string*>();
    return text == nullptr || !text->empty();
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
    if (is_text_) {
        const auto given = flag_of(value->get_ref<const std::string&>());
        if (!given) fail(key, "expected true or false");
        return given.value_or(false);
    }
    if (!value->is_boolean()) fail(key, "expected true or false");
    return value->is_boolean() && value->get<bool>();
}

std::vector<std::int64_t> ImportRow::integers(const char* key, std::size_t count_max,
                                              std::int64_t max) {
    const json* value = find(key, false);
    std::vector<std::int64_t> numbers;
    if (value == nullptr) return numbers;
    const json list = is_text_ ? list_of(value->get_ref<const std::string&>()) : json();
    if (is_text_) value = &list;
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

void ImportRow::fail(std::string_view key, std::string_view reason, Flaw flaw) {
    if (!failure_) failure_ = Failure{flaw, std::string(key), std::string(reason)};
}

Result<void> ImportRow::finish() {
    for (const auto& [key, value] : value_.items()) {
        if (!asked_.contains(key)) fail(key.substr(0, 64), "is not known");
    }
    if (failure_) return invalid(failure_->column + ": " + failure_->reason);
    return {};
}

const json* ImportRow::find(const char* key, bool required) {
    asked_.emplace(key);
    const auto at = value_.find(key);
    if (at != value_.end() && !at->is_null()) return &*at;
    if (required) fail(key, "is missing", Flaw::missing);
    return nullptr;
}

std::int64_t ImportRow::integer_in(const json& value, const char* key, std::int64_t min,
                                   std::int64_t max) {
    std::optional<std::int64_t> number;
    if (value.is_number_integer()) number = value.get<std::int64_t>();
    if (is_text_ && value.is_string()) number = integer_of(value.get_ref<const std::string&>());
    // 64 bits without a sign would read as negative, which is out of bounds as well.
    if (number && *number >= min && *number <= max) return *number;
    fail(key, "expected a whole number from " + std::to_string(min) + " to " + std::to_string(max),
         number ? Flaw::impossible : Flaw::malformed);
    return min;
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

}  // namespace vitrine::central
