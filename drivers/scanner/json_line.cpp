#include "drivers/scanner/json_line.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>

namespace vitrine::scanner {
namespace {

constexpr std::string_view kBlanks = " \t\r";

/// Reads one line from the left.
class Cursor {
  public:
    explicit Cursor(std::string_view rest) : rest_(rest) {}

    /// Takes the character, after blanks, if it is there.
    bool take(char expected) {
        skip_blanks();
        if (rest_.empty() || rest_.front() != expected) return false;
        rest_.remove_prefix(1);
        return true;
    }

    Result<std::string_view> text() {
        if (!take('"')) return invalid("expected a text in double quotes");
        const auto end = rest_.find('"');
        if (end == std::string_view::npos) return invalid("a text does not end");
        const std::string_view text = rest_.substr(0, end);
        if (text.find('\\') != std::string_view::npos) {
            return invalid("escapes are not part of this format");
        }
        rest_.remove_prefix(end + 1);
        return text;
    }

    Result<std::string_view> number() {
        skip_blanks();
        const auto end = std::min(rest_.find_first_not_of("+-.0123456789eE"), rest_.size());
        const std::string_view digits = rest_.substr(0, end);
        double value = 0;
        const auto [stop, code] = std::from_chars(digits.data(), digits.data() + end, value);
        if (end == 0 || code != std::errc{} || stop != digits.data() + end) {
            return invalid("expected a text or a number");
        }
        rest_.remove_prefix(end);
        return digits;
    }

    bool at_text() {
        skip_blanks();
        return rest_.starts_with('"');
    }

    bool at_end() {
        skip_blanks();
        return rest_.empty();
    }

  private:
    void skip_blanks() {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(kBlanks), rest_.size()));
    }

    std::string_view rest_;
};

std::string quoted(std::string_view key) { return "'" + std::string(key.substr(0, 40)) + "'"; }

std::string written(double value) {
    std::string text = std::to_string(value);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
    return text;
}

}  // namespace

Result<JsonLine> JsonLine::parse(std::string_view line) {
    JsonLine parsed;
    Cursor cursor(line);
    if (!cursor.take('{')) return invalid("expected an object in braces");
    bool more = !cursor.take('}');
    while (more) {
        if (parsed.fields_.size() == kFieldsMax) return invalid("too many fields");
        const std::string_view key = TRY(cursor.text());
        if (parsed.has(key)) return invalid(quoted(key) + " appears twice");
        if (!cursor.take(':')) return invalid("expected ':' behind " + quoted(key));
        const bool is_text = cursor.at_text();
        auto value = is_text ? cursor.text() : cursor.number();
        parsed.fields_.push_back({key, TRY(std::move(value).within(quoted(key))), is_text});
        more = cursor.take(',');
        if (!more && !cursor.take('}')) {
            return invalid("expected ',' or '}' behind " + quoted(key));
        }
    }
    if (!cursor.at_end()) return invalid("there is more behind the object");
    return parsed;
}

const JsonLine::Field* JsonLine::find(std::string_view key) const {
    const auto found = std::ranges::find(fields_, key, &Field::key);
    return found != fields_.end() ? &*found : nullptr;
}

Result<std::string_view> JsonLine::text(std::string_view key) const {
    const Field* field = find(key);
    if (field == nullptr) return invalid(quoted(key) + " is missing");
    if (!field->is_text) return invalid(quoted(key) + " is not a text");
    return field->value;
}

Result<double> JsonLine::number(std::string_view key, double min, double max) const {
    const Field* field = find(key);
    if (field == nullptr) return invalid(quoted(key) + " is missing");
    if (field->is_text) return invalid(quoted(key) + " is not a number");
    double value = 0;
    std::from_chars(field->value.data(), field->value.data() + field->value.size(), value);
    if (!std::isfinite(value) || value < min || value > max) {
        return invalid(quoted(key) + " is not from " + written(min) + " to " + written(max));
    }
    return value;
}

Result<void> JsonLine::has_only(std::initializer_list<std::string_view> keys) const {
    for (const Field& field : fields_) {
        if (std::ranges::find(keys, field.key) == keys.end()) {
            return invalid(quoted(field.key) + " is not a field of this line");
        }
    }
    return {};
}

}  // namespace vitrine::scanner
