#include <algorithm>
#include <charconv>
#include <cmath>

#include "sync/wire/json.hpp"
#include "sync/wire/rfc3339.hpp"

namespace vitrine::wire {

namespace {

/// How many single-letter changes lead from one name to the other; large for long names.
std::size_t distance(std::string_view one, std::string_view other) {
    constexpr std::size_t length_max = 32;
    if (one.size() > length_max || other.size() > length_max) return length_max;
    std::array<std::size_t, length_max + 1> row{};
    for (std::size_t j = 0; j <= other.size(); ++j) row[j] = j;
    for (std::size_t i = 0; i < one.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < other.size(); ++j) {
            const std::size_t replaced = diagonal + (one[i] == other[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
        }
    }
    return row[other.size()];
}

std::string bounds(std::int64_t min, std::int64_t max) {
    return " from " + std::to_string(min) + " to " + std::to_string(max);
}

}  // namespace

std::string Place::text() const {
    if (parent_ == nullptr) return {};
    std::string before = parent_->text();
    if (name_.empty()) return before + "[" + std::to_string(index_) + "]";
    if (!before.empty()) before += '.';
    return before.append(name_.substr(0, 64));
}

void Report::add(const Place& place, std::string message) {
    if (!full()) problems_.push_back({.path = place.text(), .message = std::move(message)});
}

ObjectReader::ObjectReader(const Json& value, const Place& place, Report& report)
    : place_(place), report_(report) {
    if (value.is_object() && value.size() <= 64) {
        value_ = &value;
    } else {
        report_.add(place, "expected an object, got " + shown(value));
    }
}

const Json* ObjectReader::find(std::string_view name) {
    if (value_ == nullptr) return nullptr;
    asked_.push_back(name);
    std::uint64_t bit = 1;
    for (const auto& [key, member] : value_->get_ref<const Json::object_t&>()) {
        if (key == name) {
            known_ |= bit;
            return &member;
        }
        bit <<= 1;
    }
    return nullptr;
}

const Json* ObjectReader::require(std::string_view name) {
    const Json* member = find(name);
    if (member == nullptr && value_ != nullptr) report_.add(at(name), "is missing");
    return member;
}

std::int64_t ObjectReader::integer(std::string_view name, std::int64_t min, std::int64_t max) {
    const Json* member = require(name);
    if (member == nullptr) return min;
    return read_integer(*member, at(name), report_, min, max).value_or(min);
}

std::int64_t ObjectReader::integer_or(std::string_view name, std::int64_t min, std::int64_t max,
                                      std::int64_t otherwise) {
    const Json* member = find(name);
    if (member == nullptr) return otherwise;
    return read_integer(*member, at(name), report_, min, max).value_or(otherwise);
}

std::uint64_t ObjectReader::counter(std::string_view name) {
    const Json* member = require(name);
    return member == nullptr ? 0 : read_counter(*member, at(name), report_);
}

std::uint64_t ObjectReader::hex64(std::string_view name) {
    return parsed<MemberId>(name, &id_from_text<MemberId>).value();
}

float ObjectReader::real(std::string_view name, double min, double max) {
    const Json* member = require(name);
    if (member == nullptr) return static_cast<float>(min);
    return static_cast<float>(read_real(*member, at(name), report_, min, max).value_or(min));
}

float ObjectReader::real_or(std::string_view name, double min, double max, float otherwise) {
    const Json* member = find(name);
    if (member == nullptr) return otherwise;
    return static_cast<float>(read_real(*member, at(name), report_, min, max).value_or(otherwise));
}

bool ObjectReader::boolean_or(std::string_view name, bool otherwise) {
    const Json* member = find(name);
    if (member == nullptr) return otherwise;
    if (member->is_boolean()) return member->get<bool>();
    report_.add(at(name), "expected true or false, got " + shown(*member));
    return otherwise;
}

const std::string* ObjectReader::text_in(const Json& value, std::string_view name) {
    return read_text(value, at(name), report_, std::numeric_limits<std::size_t>::max());
}

std::string ObjectReader::text(std::string_view name, std::size_t bytes_max) {
    const Json* member = require(name);
    if (member == nullptr) return {};
    const std::string* text = read_text(*member, at(name), report_, bytes_max);
    return text == nullptr ? std::string() : *text;
}

std::string ObjectReader::text_or_empty(std::string_view name, std::size_t bytes_max) {
    const Json* member = find(name);
    if (member == nullptr) return {};
    const std::string* text = read_text(*member, at(name), report_, bytes_max);
    return text == nullptr ? std::string() : *text;
}

WallTime ObjectReader::time(std::string_view name) { return parsed<WallTime>(name, &parse_time); }

WallTime ObjectReader::time_or(std::string_view name, WallTime otherwise) {
    return find(name) == nullptr ? otherwise : time(name);
}

void ObjectReader::finish() {
    if (value_ == nullptr) return;
    std::uint64_t bit = 1;
    for (const auto& [key, member] : value_->get_ref<const Json::object_t&>()) {
        const bool known = (known_ & bit) != 0;
        bit <<= 1;
        if (known) continue;
        const auto nearest = std::min_element(
            asked_.begin(), asked_.end(), [&name = key](std::string_view a, std::string_view b) {
                return distance(a, name) < distance(b, name);
            });
        std::string message = "unknown field";
        if (nearest != asked_.end() && distance(*nearest, key) <= 2) {
            message += "; is '" + std::string(*nearest) + "' meant?";
        }
        report_.add(at(key), std::move(message));
    }
}

std::optional<std::int64_t> read_integer(const Json& value, const Place& place, Report& report,
                                         std::int64_t min, std::int64_t max) {
    const bool fits = value.is_number_integer() &&
                      (!value.is_number_unsigned() ||
                       value.get<std::uint64_t>() <=
                           static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
    if (fits) {
        const auto number = value.get<std::int64_t>();
        if (number >= min && number <= max) return number;
    }
    report.add(place, "expected a whole number" + bounds(min, max) + ", got " + shown(value));
    return std::nullopt;
}

std::uint64_t read_counter(const Json& value, const Place& place, Report& report) {
    if (value.is_number_unsigned()) {
        const auto number = value.get<std::uint64_t>();
        if (counter_json(number).is_number()) return number;
    } else if (value.is_string()) {
        const auto& digits = value.get_ref<const std::string&>();
        std::uint64_t number = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (counter_json(number) == value) return number;
    }
    report.add(place, "expected a count (beyond 2^53 - 1 as decimal digits in quotes), got " +
                          shown(value));
    return 0;
}

std::optional<double> read_real(const Json& value, const Place& place, Report& report, double min,
                                double max) {
    if (value.is_number()) {
        const auto number = value.get<double>();
        if (number >= min && number <= max) return number;
    }
    report.add(place, "expected a number from " + shown(Json(min)) + " to " + shown(Json(max)) +
                          ", got " + shown(value));
    return std::nullopt;
}

const std::string* read_text(const Json& value, const Place& place, Report& report,
                             std::size_t bytes_max) {
    if (!value.is_string()) {
        report.add(place, "expected a text, got " + shown(value));
        return nullptr;
    }
    const auto& text = value.get_ref<const std::string&>();
    if (text.size() > bytes_max) {
        report.add(place, "longer than " + std::to_string(bytes_max) + " bytes");
        return nullptr;
    }
    const bool controls = std::any_of(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f;
    });
    if (controls) {
        report.add(place, "contains a control character");
        return nullptr;
    }
    return &text;
}

const Json& read_array(const Json& value, const Place& place, Report& report,
                       std::size_t elements_max) {
    static const Json empty = Json::array();
    if (!value.is_array()) {
        report.add(place, "expected an array, got " + shown(value));
        return empty;
    }
    if (value.size() > elements_max) {
        report.add(place, "has " + std::to_string(value.size()) + " elements; at most " +
                              std::to_string(elements_max));
        return empty;
    }
    return value;
}

}  // namespace vitrine::wire
