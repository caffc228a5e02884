#include "sync/wire/json.hpp"

#include <charconv>
#include <cmath>
#include <iterator>

#include "sync/wire/json_fast.hpp"

namespace vitrine::wire {

namespace {

/// Builds a document within its limits. The library calls it token by token.
class Builder final : public nlohmann::json_sax<Json> {
  public:
    explicit Builder(const JsonLimits& limits) : limits_(limits) {}

    bool null() override { return put(Json(nullptr)); }
    bool boolean(bool value) override { return put(Json(value)); }
    bool number_integer(number_integer_t value) override { return put(Json(value)); }
    bool number_unsigned(number_unsigned_t value) override { return put(Json(value)); }
    bool number_float(number_float_t value, const string_t&) override { return put(Json(value)); }
    bool string(string_t& value) override { return put(Json(std::move(value))); }
    bool binary(binary_t&) override { return fail(invalid("binary values are not JSON")); }

    bool start_object(std::size_t) override { return open(Json(Json::value_t::object)); }
    bool start_array(std::size_t) override { return open(Json(Json::value_t::array)); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }

    bool key(string_t& name) override {
        const Json& object = *open_.back();
        if (object.size() >= limits_.members) {
            return fail(exhausted("an object has more than " + std::to_string(limits_.members) +
                                  " members"));
        }
        if (object.contains(name)) {
            return fail(invalid("'" + name.substr(0, 64) + "' stands twice in one object"));
        }
        key_ = std::move(name);
        return true;
    }

    bool parse_error(std::size_t, const std::string&,
                     const nlohmann::detail::exception& exception) override {
        // "[json.exception.parse_error.101] parse error at line 1, column 2: …; last read: '…'"
        std::string_view what = exception.what();
        const std::size_t end = what.find("] ");
        if (end != what.npos) what.remove_prefix(end + 2);
        // What was read may name a member, and reasons are logged and kept; the place says enough.
        return fail(invalid(std::string(what.substr(0, what.find("; last read: ")))));
    }

    Json root;
    std::optional<Error> error;

  private:
    bool fail(Error why) {
        error = std::move(why);
        return false;
    }

    Json* place(Json value) {
        if (open_.empty()) {
            root = std::move(value);
            return &root;
        }
        Json& parent = *open_.back();
        if (parent.is_array()) {
            parent.push_back(std::move(value));
            return &parent.back();
        }
        // ordered_json looks for the key again on insertion; we know that it is new.
        auto& members = parent.get_ref<Json::object_t&>();
        members.Container::emplace_back(std::move(key_), std::move(value));
        return &members.back().second;
    }

    bool put(Json value) {
        place(std::move(value));
        return true;
    }

    bool open(Json value) {
        if (open_.size() >= limits_.depth) {
            return fail(exhausted("nested deeper than " + std::to_string(limits_.depth)));
        }
        open_.push_back(place(std::move(value)));
        return true;
    }

    bool close() {
        open_.pop_back();
        return true;
    }

    JsonLimits limits_;
    std::vector<Json*> open_;  ///< Stable: an element is only added to the innermost open value.
    std::string key_;
};

/// Counts the lines that the parser has left behind.
class CountingIterator {
  public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    CountingIterator(const char* at, std::size_t& lines) : at_(at), lines_(&lines) {}
    reference operator*() const { return *at_; }
    CountingIterator& operator++() {
        if (*at_ == '\n') ++*lines_;
        ++at_;
        return *this;
    }
    CountingIterator operator++(int) {
        CountingIterator before = *this;
        ++*this;
        return before;
    }
    friend bool operator==(const CountingIterator& one, const CountingIterator& other) {
        return one.at_ == other.at_;
    }

  private:
    const char* at_;
    std::size_t* lines_;
};

}  // namespace

std::size_t failing_line(std::string_view text, const JsonLimits& limits) {
    if (text.size() > limits.bytes) return 0;
    std::size_t line = 1;
    Builder builder(limits);
    const CountingIterator begin(text.data(), line);
    const CountingIterator end(text.data() + text.size(), line);
    return Json::sax_parse(begin, end, &builder) ? 0 : line;
}

Result<Json> parse_json(std::string_view text, const JsonLimits& limits) {
    if (text.size() > limits.bytes) {
        return exhausted(std::to_string(text.size()) + " bytes are more than " +
                         std::to_string(limits.bytes));
    }
    if (auto fast = parse_fast(text, limits)) return *std::move(fast);
    Builder builder(limits);
    const bool complete = Json::sax_parse(text.begin(), text.end(), &builder);
    if (builder.error) return *std::move(builder.error);
    if (!complete) return invalid("not JSON");
    return std::move(builder.root);
}

Result<std::string> dump_json(const Json& value, int indent) {
    try {
        return value.dump(indent);
    } catch (const nlohmann::json::exception&) {
        return invalid("a text is not UTF-8");
    }
}

std::string shown(const Json& value) {
    if (value.is_structured()) return value.is_array() ? "an array" : "an object";
    std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (text.size() > 48) text = text.substr(0, 45) + "...";
    return text;
}

Json counter_json(std::uint64_t value) {
    constexpr std::uint64_t exact_in_a_double = (1ULL << 53) - 1;
    if (value <= exact_in_a_double) return Json(value);
    return Json(std::to_string(value));
}

Json real_json(float value) {
    std::array<char, 32> digits{};
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    double decimal = 0;
    std::from_chars(digits.data(), written.ptr, decimal);
    // The short decimal becomes the nearest double, and that the nearest float: almost always the
    // one we had, but two roundings are not one.
    return Json(static_cast<float>(decimal) == value ? decimal : static_cast<double>(value));
}

std::string hex_of(std::uint64_t value) { return to_text(MemberId(value)); }

}  // namespace vitrine::wire
