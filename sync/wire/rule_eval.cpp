#include <charconv>
#include <deque>
#include <unordered_map>

#include "agent/offers/rules.hpp"
#include "sync/wire/rule_reader.hpp"

namespace vitrine::wire {

namespace {

using offers::RuleValue;
using Kind = RuleValue::Kind;

constexpr JsonLimits kDataLimits{.bytes = kRuleDataBytesMax, .depth = 64, .members = 4096};
constexpr RuleValue kAbsent{.kind = Kind::absent};

std::optional<std::size_t> index_from(std::string_view name) {
    std::size_t index = 0;
    const auto [end, code] = std::from_chars(name.data(), name.data() + name.size(), index);
    const bool canonical = name.size() == 1 || !name.starts_with('0');
    if (name.empty() || code != std::errc{} || end != name.data() + name.size() || !canonical) {
        return std::nullopt;
    }
    return index;
}

/// A JSON document as the evaluation sees it. Every list is laid out once, when it is first met; an
/// object's reference is its number among the objects met.
class JsonData final : public offers::RuleData {
  public:
    explicit JsonData(const Json& document) : document_(document) {}

    RuleValue field(std::int32_t) const override { return kAbsent; }

    RuleValue at(const RuleValue& scope, std::string_view path) const override {
        const Json* value = &document_;
        if (scope.kind == Kind::object) value = &object_of(scope);
        while (!path.empty()) {
            const std::size_t dot = path.find('.');
            const std::string_view name = path.substr(0, dot);
            path = dot == path.npos ? std::string_view() : path.substr(dot + 1);
            // An array knows its length, as in JavaScript.
            if (value->is_array() && name == "length" && path.empty()) {
                return {.kind = Kind::number, .number = static_cast<double>(value->size())};
            }
            value = below(*value, name);
            if (value == nullptr) return kAbsent;
        }
        return value_of(*value);
    }

    Json json_of(const RuleValue& value) const {
        switch (value.kind) {
            case Kind::boolean:
                return value.number != 0;
            case Kind::number:
                return number_json(value.number);
            case Kind::text:
                return value.text;
            case Kind::list: {
                Json list = Json::array();
                for (const RuleValue& each : value.list) list.push_back(json_of(each));
                return list;
            }
            case Kind::object:
                return object_of(value);
            default:
                return nullptr;
        }
    }

  private:
    static const Json* below(const Json& value, std::string_view name) {
        if (value.is_object()) {
            const auto found = value.find(std::string(name));
            return found == value.end() ? nullptr : &*found;
        }
        const auto index = index_from(name);
        return value.is_array() && index && *index < value.size() ? &value[*index] : nullptr;
    }

    /// Of the document, or one that stands in the rule as text.
    const Json& object_of(const RuleValue& object) const {
        if (object.text.data() == nullptr)
            return *objects_[static_cast<std::size_t>(object.number)];
        const auto [known, fresh] = literals_.try_emplace(object.text.data());
        if (fresh) known->second = Json::parse(object.text, nullptr, false);
        return known->second;
    }

    RuleValue value_of(const Json& value) const {
        switch (value.type()) {
            case Json::value_t::null:
                return {};
            case Json::value_t::boolean:
                return {.kind = Kind::boolean, .number = value.get<bool>() ? 1.0 : 0.0};
            case Json::value_t::string:
                return {.kind = Kind::text, .text = value.get_ref<const std::string&>()};
            case Json::value_t::array:
            case Json::value_t::object:
                return structured(value);
            default:
                return {.kind = Kind::number, .number = value.get<double>()};
        }
    }

    RuleValue structured(const Json& value) const {
        const auto met = met_.find(&value);
        if (met != met_.end()) return met->second;
        RuleValue made;
        if (value.is_object()) {
            made = {.kind = Kind::object, .number = static_cast<double>(objects_.size())};
            objects_.push_back(&value);
        } else {
            std::vector<RuleValue>& list = lists_.emplace_back();
            list.reserve(value.size());
            for (const Json& each : value) list.push_back(value_of(each));
            made = {.kind = Kind::list, .list = list};
        }
        met_.emplace(&value, made);
        return made;
    }

    const Json& document_;
    mutable std::deque<std::vector<RuleValue>> lists_;
    mutable std::vector<const Json*> objects_;
    mutable std::unordered_map<const Json*, RuleValue> met_;
    mutable std::unordered_map<const char*, Json> literals_;
};

}  // namespace

Result<std::string> eval_rule_json(std::string_view rule, std::string_view data) {
    const profiles::Rule parsed = TRY(parse_rule(rule, RuleScope::open).within("rule"));
    const Json document = TRY(parse_json(data, kDataLimits).within("data"));
    const JsonData view(document);
    offers::RuleScratch scratch;
    return dump_json(view.json_of(offers::evaluate(parsed, view, scratch)));
}

}  // namespace vitrine::wire
