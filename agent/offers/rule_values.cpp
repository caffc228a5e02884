#include "agent/offers/rule_values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace vitrine::offers {

namespace {

using Kind = RuleValue::Kind;
using State = RuleScratch::State;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kJoinDepthMax = 32;

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

/// A number at the start of a text, and how much of the text it takes; 0 where there is none.
struct Prefix {
    double value = kNaN;
    std::size_t size = 0;
};

Prefix decimal_prefix(std::string_view text) {
    constexpr std::string_view kWord = "Infinity";
    const bool negative = text.starts_with('-');
    const std::size_t sign = negative || text.starts_with('+') ? 1 : 0;
    const std::string_view digits = text.substr(sign);
    if (digits.starts_with(kWord)) {
        return {negative ? -kInfinity : kInfinity, sign + kWord.size()};
    }
    const bool starts_well =
        !digits.empty() &&
        (is_digit(digits[0]) || (digits[0] == '.' && digits.size() > 1 && is_digit(digits[1])));
    if (!starts_well) return {};
    double value = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    const auto size = static_cast<std::size_t>(end - digits.data());
    if (code == std::errc::result_out_of_range) {
        const bool tiny = digits.substr(0, size).find("e-") != std::string_view::npos ||
                          digits.substr(0, size).find("E-") != std::string_view::npos;
        value = tiny ? 0 : kInfinity;
    }
    return {negative ? -value : value, sign + size};
}

/// "0x1f", "0o17", "0b101".
double radix_number(std::string_view text) {
    const char mark = static_cast<char>(text[1] | 0x20);
    const int base = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 0;
    if (base == 0 || text.size() == 2) return kNaN;
    double value = 0;
    for (const char c : text.substr(2)) {
        const int letter = (c | 0x20) - 'a' + 10;
        const int digit = is_digit(c) ? c - '0' : letter >= 10 ? letter : base;
        if (digit >= base) return kNaN;
        value = value * base + digit;
    }
    return value;
}

double text_to_number(std::string_view text) {
    text = trim(text);
    if (text.empty()) return 0;
    if (text.size() > 1 && text[0] == '0' && !is_digit(text[1]) && text[1] != '.' &&
        (text[1] | 0x20) != 'e') {
        return radix_number(text);
    }
    const Prefix prefix = decimal_prefix(text);
    return prefix.size == text.size() ? prefix.value : kNaN;
}

/// Grows a text at the end of the scratch.
class TextBuilder {
  public:
    explicit TextBuilder(State& scratch) : scratch_(scratch) {}

    void append(std::string_view piece) {
        if (size_ + piece.size() > room_.size()) {
            const auto larger =
                scratch_.text(std::max<std::size_t>(64, 2 * (size_ + piece.size())));
            if (larger.empty()) return;
            std::copy_n(room_.begin(), size_, larger.begin());
            room_ = larger;
        }
        std::copy(piece.begin(), piece.end(), room_.begin() + static_cast<std::ptrdiff_t>(size_));
        size_ += piece.size();
    }
    std::string_view text() const { return {room_.data(), size_}; }

  private:
    State& scratch_;
    std::span<char> room_{};
    std::size_t size_ = 0;
};

/// "1.5e+17" without its point and exponent, filled up with zeros: JavaScript writes no more digits
/// of a large number than tell it from its neighbours.
std::string_view written_out(std::string_view scientific, std::span<char, 40> room) {
    const std::size_t mark = scientific.find('e');
    std::size_t zeros_and_digits = 0;
    std::from_chars(scientific.data() + mark + 2, scientific.data() + scientific.size(),
                    zeros_and_digits);
    std::size_t size = 0;
    std::size_t digits = 0;
    for (const char c : scientific.substr(0, mark)) {
        if (c == '.') continue;
        room[size++] = c;
        if (is_digit(c)) ++digits;
    }
    for (; digits < zeros_and_digits + 1; ++digits) room[size++] = '0';
    return {room.data(), size};
}

/// The digits of a number as JavaScript writes them: in full from 1e-6 up to 1e21.
std::string_view number_text(double value, std::span<char, 40> room) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
    if (value == 0) return "0";
    const double size = std::abs(value);
    constexpr double kExactMax = 9007199254740992.0;  // 2^53
    const auto format =
        size >= kExactMax || size < 1e-6 ? std::chars_format::scientific : std::chars_format::fixed;
    const auto [end, code] = std::to_chars(room.data(), room.data() + room.size(), value, format);
    if (code != std::errc{}) return "NaN";
    std::string_view text(room.data(), static_cast<std::size_t>(end - room.data()));
    if (size >= kExactMax && size < 1e21) {
        std::array<char, 40> scientific{};
        std::copy(text.begin(), text.end(), scientific.begin());
        return written_out({scientific.data(), text.size()}, room);
    }
    // Scientific: JavaScript writes 1e-7 where C++ writes 1e-07.
    const std::size_t exponent = text.find('e');
    if (exponent == std::string_view::npos || text[exponent + 2] != '0') return text;
    std::copy(room.data() + exponent + 3, end, room.data() + exponent + 2);
    return text.substr(0, text.size() - 1);
}

void join(TextBuilder& builder, const RuleValue& value, int depth) {
    std::array<char, 40> room{};
    switch (value.kind) {
        case Kind::null:
        case Kind::absent:
            return;
        case Kind::boolean:
            return builder.append(value.number != 0 ? "true" : "false");
        case Kind::number:
            return builder.append(number_text(value.number, room));
        case Kind::text:
            return builder.append(value.text);
        case Kind::object:
            return builder.append("[object Object]");
        case Kind::list:
            break;
    }
    if (depth >= kJoinDepthMax) return;
    for (std::size_t i = 0; i < value.list.size(); ++i) {
        if (i > 0) builder.append(",");
        join(builder, value.list[i], depth + 1);
    }
}

bool is_primitive(const RuleValue& value) {
    return value.kind != Kind::list && value.kind != Kind::object;
}

RuleValue to_primitive(const RuleValue& value, State& scratch) {
    return is_primitive(value) ? value : rule_text(to_text(value, scratch));
}

}  // namespace

bool is_truthy(const RuleValue& value) {
    switch (value.kind) {
        case Kind::null:
        case Kind::absent:
            return false;
        case Kind::boolean:
        case Kind::number:
            return value.number != 0 && !std::isnan(value.number);
        case Kind::text:
            return !value.text.empty();
        case Kind::list:
            return !value.list.empty();
        case Kind::object:
            return true;
    }
    return false;
}

double to_number(const RuleValue& value, State& scratch) {
    switch (value.kind) {
        case Kind::null:
            return 0;
        case Kind::absent:
            return kNaN;
        case Kind::boolean:
        case Kind::number:
            return value.number;
        case Kind::text:
            return text_to_number(value.text);
        case Kind::list:
        case Kind::object:
            return text_to_number(to_text(value, scratch));
    }
    return kNaN;
}

std::string_view to_text(const RuleValue& value, State& scratch) {
    switch (value.kind) {
        case Kind::null:
            return "null";
        case Kind::absent:
            return "undefined";
        case Kind::text:
            return value.text;
        default:
            break;
    }
    TextBuilder builder(scratch);
    join(builder, value, 0);
    return builder.text();
}

std::string_view join_text(std::span<const RuleValue> pieces, State& scratch) {
    TextBuilder builder(scratch);
    for (const RuleValue& piece : pieces) join(builder, piece, 0);
    return builder.text();
}

double parse_float(const RuleValue& value, State& scratch) {
    if (value.kind == Kind::number) return value.number;
    return decimal_prefix(trim(to_text(value, scratch))).value;
}

bool strictly_equal(const RuleValue& one, const RuleValue& other) {
    if (one.kind != other.kind) return false;
    switch (one.kind) {
        case Kind::null:
        case Kind::absent:
            return true;
        case Kind::boolean:
        case Kind::number:
            return one.number == other.number;
        case Kind::text:
            return one.text == other.text;
        // Lists and objects are equal only to themselves.
        case Kind::list:
            return !one.list.empty() && one.list.data() == other.list.data() &&
                   one.list.size() == other.list.size();
        case Kind::object:
            return one.number == other.number && one.text.data() == other.text.data();
    }
    return false;
}

bool loosely_equal(const RuleValue& one, const RuleValue& other, State& scratch) {
    const bool one_is_nothing = is_nothing(one);
    if (one_is_nothing || is_nothing(other)) return one_is_nothing && is_nothing(other);
    if (one.kind == other.kind) return strictly_equal(one, other);
    if (!is_primitive(one) && !is_primitive(other)) return false;
    const RuleValue left = to_primitive(one, scratch);
    const RuleValue right = to_primitive(other, scratch);
    if (left.kind == right.kind) return strictly_equal(left, right);
    return to_number(left, scratch) == to_number(right, scratch);
}

bool less(const RuleValue& one, const RuleValue& other, State& scratch) {
    if (one.kind == Kind::number && other.kind == Kind::number) return one.number < other.number;
    const RuleValue left = to_primitive(one, scratch);
    const RuleValue right = to_primitive(other, scratch);
    if (left.kind == Kind::text && right.kind == Kind::text) return left.text < right.text;
    return to_number(left, scratch) < to_number(right, scratch);
}

bool less_or_equal(const RuleValue& one, const RuleValue& other, State& scratch) {
    if (one.kind == Kind::number && other.kind == Kind::number) return one.number <= other.number;
    const RuleValue left = to_primitive(one, scratch);
    const RuleValue right = to_primitive(other, scratch);
    if (left.kind == Kind::text && right.kind == Kind::text) return left.text <= right.text;
    return to_number(left, scratch) <= to_number(right, scratch);
}

}  // namespace vitrine::offers
