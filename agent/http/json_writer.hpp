#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

namespace vitrine::http {

/// Writes one line of JSON straight into a text: a screen goes out some twenty times faster than by
/// way of a document in memory. The caller sees to the order of calls; text is escaped, and what is
/// not UTF-8 in it becomes U+FFFD.
class JsonWriter {
  public:
    JsonWriter& begin_object() { return open('{'); }
    JsonWriter& end_object() { return close('}'); }
    JsonWriter& begin_array() { return open('['); }
    JsonWriter& end_array() { return close(']'); }

    /// Names come from the source: they need no escape.
    JsonWriter& key(std::string_view name) {
        separate();
        text_.append(1, '"').append(name).append("\":");
        first_ = true;
        return *this;
    }

    JsonWriter& value(std::string_view text);
    JsonWriter& value(const char* text) { return value(std::string_view(text)); }
    JsonWriter& value(std::same_as<bool> auto truth) { return raw(truth ? "true" : "false"); }
    template <std::integral Number>
    requires(!std::same_as<Number, bool>) JsonWriter& value(Number number) {
        std::array<char, 24> digits{};
        const char* end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
        return raw({digits.data(), static_cast<std::size_t>(end - digits.data())});
    }
    JsonWriter& null() { return raw("null"); }

    template <class Value>
    JsonWriter& field(std::string_view name, const Value& of) {
        return key(name).value(of);
    }

    std::string take() && { return std::move(text_); }

  private:
    void separate() {
        if (!first_) text_ += ',';
        first_ = false;
    }
    JsonWriter& raw(std::string_view token) {
        separate();
        text_ += token;
        return *this;
    }
    JsonWriter& open(char bracket) {
        separate();
        text_ += bracket;
        first_ = true;
        return *this;
    }
    JsonWriter& close(char bracket) {
        text_ += bracket;
        first_ = false;
        return *this;
    }

    std::string text_;
    bool first_ = true;
};

}  // namespace vitrine::http
