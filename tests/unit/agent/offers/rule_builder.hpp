#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "agent/offers/rules.hpp"

namespace vitrine::offers::testing {

using profiles::Rule;
using profiles::RuleNode;
using profiles::RuleOp;

/// A rule written as a tree.
struct Term {
    RuleOp op = RuleOp::literal_null;
    std::vector<Term> arguments{};
    double number = 0;
    std::string text{};
    std::int32_t field = -1;
};

inline Term null() { return {}; }
inline Term yes() { return {.op = RuleOp::literal_bool, .number = 1}; }
inline Term no() { return {.op = RuleOp::literal_bool}; }
inline Term num(double number) { return {.op = RuleOp::literal_number, .number = number}; }
inline Term text(std::string text) { return {.op = RuleOp::literal_text, .text = std::move(text)}; }
inline Term list(std::vector<Term> items) {
    return {.op = RuleOp::literal_list, .arguments = std::move(items)};
}
inline Term call(RuleOp op, std::vector<Term> arguments) {
    return {.op = op, .arguments = std::move(arguments)};
}
inline Term var(std::string path) { return {.op = RuleOp::var, .text = std::move(path)}; }
inline Term var(std::string path, Term otherwise) {
    return {.op = RuleOp::var, .arguments = {std::move(otherwise)}, .text = std::move(path)};
}
/// A declared field of a campaign's rule.
inline Term field(const std::string& name) {
    return {.op = RuleOp::var, .text = name, .field = slot_of(name).value()};
}

inline std::uint32_t add_to(Rule& rule, const Term& term) {
    RuleNode node{.op = term.op, .number = term.number, .field = term.field};
    std::vector<std::uint32_t> arguments;
    for (const Term& argument : term.arguments) arguments.push_back(add_to(rule, argument));
    node.first_argument = static_cast<std::uint32_t>(rule.arguments.size());
    node.argument_count = static_cast<std::uint32_t>(arguments.size());
    rule.arguments.insert(rule.arguments.end(), arguments.begin(), arguments.end());
    if (term.op == RuleOp::literal_text || term.op == RuleOp::var) {
        node.text = static_cast<std::uint32_t>(rule.texts.size());
        rule.texts.push_back(term.text);
    }
    rule.nodes.push_back(node);
    return static_cast<std::uint32_t>(rule.nodes.size() - 1);
}

inline Rule rule_of(const Term& term) {
    Rule rule;
    add_to(rule, term);
    return rule;
}

/// A document of dotted paths.
class PathData : public RuleData {
  public:
    PathData() = default;
    explicit PathData(std::map<std::string, RuleValue> values) : values_(std::move(values)) {}

    RuleValue field(std::int32_t) const override { return {.kind = RuleValue::Kind::absent}; }
    RuleValue at(const RuleValue&, std::string_view path) const override {
        const auto found = values_.find(std::string(path));
        if (found == values_.end()) return {.kind = RuleValue::Kind::absent};
        return found->second;
    }

  private:
    std::map<std::string, RuleValue> values_;
};

/// A value as JSON, texts without escapes.
inline std::string show(const RuleValue& value) {
    using Kind = RuleValue::Kind;
    switch (value.kind) {
        case Kind::null:
            return "null";
        case Kind::absent:
            return "absent";
        case Kind::boolean:
            return value.number != 0 ? "true" : "false";
        case Kind::text:
            return '"' + std::string(value.text) + '"';
        case Kind::object:
            return "object";
        case Kind::number: {
            std::string digits = std::to_string(value.number);
            while (digits.find('.') != std::string::npos &&
                   (digits.back() == '0' || digits.back() == '.')) {
                const bool point = digits.back() == '.';
                digits.pop_back();
                if (point) break;
            }
            return digits;
        }
        case Kind::list:
            break;
    }
    std::string out = "[";
    for (const RuleValue& each : value.list) out += (out.size() > 1 ? "," : "") + show(each);
    return out + "]";
}

}  // namespace vitrine::offers::testing
