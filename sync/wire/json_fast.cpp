#include "sync/wire/json_fast.hpp"

#include <simdjson.h>

#include <algorithm>

namespace vitrine::wire {

namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

/// The parser keeps room for the largest text it has read.
constexpr std::size_t kTextMax = 256U << 10;

/// "-0" is a whole number of its own to the other parser, and a 0 to this one.
bool has_negative_zero(std::string_view text) {
    for (std::size_t at = text.find("-0"); at != text.npos; at = text.find("-0", at + 2)) {
        const char before = at == 0 ? '[' : text[at - 1];
        if (before == ':' || before == ',' || before == '[' ||
            static_cast<unsigned char>(before) <= 0x20) {
            return true;
        }
    }
    return false;
}

class Copier {
  public:
    explicit Copier(const JsonLimits& limits) : limits_(limits) {}

    /// False for what is beyond a limit, or stands twice.
    bool copy(const element& from, Json& to) {
        switch (from.type()) {
            case element_type::OBJECT:
                return copy_object(simdjson::dom::object(from), to);
            case element_type::ARRAY:
                return copy_array(simdjson::dom::array(from), to);
            case element_type::INT64: {
                const auto value = std::int64_t(from);
                to = value < 0 ? Json(value) : Json(static_cast<std::uint64_t>(value));
                return true;
            }
            case element_type::UINT64:
                to = std::uint64_t(from);
                return true;
            case element_type::DOUBLE:
                to = double(from);
                return true;
            case element_type::STRING: {
                const auto text = std::string_view(from);
                to = std::string(text);
                return true;
            }
            case element_type::BOOL:
                to = bool(from);
                return true;
            case element_type::NULL_VALUE:
                to = nullptr;
                return true;
        }
        return false;
    }

  private:
    bool copy_object(const simdjson::dom::object& from, Json& to) {
        if (depth_ >= limits_.depth || from.size() > limits_.members) return false;
        ++depth_;
        to = Json(Json::value_t::object);
        auto& members = to.get_ref<Json::object_t&>();
        members.reserve(from.size());
        for (const auto& [name, value] : from) {
            for (const auto& each : members) {
                if (each.first == name) return false;
            }
            members.Container::emplace_back(std::string(name), Json());
            if (!copy(value, members.back().second)) return false;
        }
        --depth_;
        return true;
    }

    bool copy_array(const simdjson::dom::array& from, Json& to) {
        if (depth_ >= limits_.depth) return false;
        ++depth_;
        to = Json(Json::value_t::array);
        auto& elements = to.get_ref<Json::array_t&>();
        elements.reserve(from.size());
        for (const element& each : from) {
            if (!copy(each, elements.emplace_back())) return false;
        }
        --depth_;
        return true;
    }

    const JsonLimits& limits_;
    std::size_t depth_ = 0;
};

}  // namespace

std::optional<Json> parse_fast(std::string_view text, const JsonLimits& limits) {
    if (text.empty() || text.size() > kTextMax || has_negative_zero(text)) return std::nullopt;
    thread_local simdjson::dom::parser parser;
    element root;
    if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) return std::nullopt;
    Json copied;
    if (!Copier(limits).copy(root, copied)) return std::nullopt;
    return copied;
}

}  // namespace vitrine::wire
