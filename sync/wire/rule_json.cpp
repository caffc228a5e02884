#include "sync/wire/rule_json.hpp"

#include <algorithm>
#include <cmath>

#include "sync/wire/rule_reader.hpp"

namespace vitrine::wire {

namespace {

using profiles::Rule;
using profiles::RuleNode;
using profiles::RuleOp;

constexpr JsonLimits kLimits{
    .bytes = kRuleBytesMax, .depth = 2 * kRuleDepthMax + 2, .members = 256};

std::string_view name_of(RuleOp op) {
    const auto known = std::find_if(kOperators.begin(), kOperators.end(),
                                    [op](const auto& each) { return each.second == op; });
    CHECK(known != kOperators.end());
    return known->first;
}

/// The rule is a tree of bounded depth: it was read by `read_rule`.
Json node_json(const Rule& rule, std::uint32_t index) {
    const RuleNode& node = rule.nodes[index];
    switch (node.op) {
        case RuleOp::literal_null:
            return nullptr;
        case RuleOp::literal_bool:
            return node.number != 0;
        case RuleOp::literal_number:
            return number_json(node.number);
        case RuleOp::literal_text:
            return rule.texts[node.text];
        case RuleOp::literal_object:
            return Json::parse(rule.texts[node.text], nullptr, false);
        default:
            break;
    }
    Json arguments = Json::array();
    if (node.op == RuleOp::var) arguments.push_back(rule.texts[node.text]);
    for (std::uint32_t i = 0; i < node.argument_count; ++i) {
        arguments.push_back(node_json(rule, rule.arguments[node.first_argument + i]));
    }
    if (node.op == RuleOp::literal_list) return arguments;
    Json operation = Json::object();
    const bool plain_var = node.op == RuleOp::var && arguments.size() == 1;
    operation[std::string(name_of(node.op))] = plain_var ? arguments[0] : arguments;
    return operation;
}

}  // namespace

Json number_json(double value) {
    if (!std::isfinite(value)) return nullptr;
    constexpr double exact_max = 9007199254740992.0;  // 2^53
    if (value == std::trunc(value) && std::fabs(value) < exact_max) {
        return static_cast<std::int64_t>(value);
    }
    return value;
}

Json rule_json(const Rule& rule) {
    CHECK(!rule.empty());
    return node_json(rule, static_cast<std::uint32_t>(rule.nodes.size() - 1));
}

Result<Rule> parse_rule(std::string_view json, RuleScope scope) {
    const Json document = TRY(parse_json(json, kLimits));
    Report report(1);
    Rule rule = read_rule(document, scope, Place(), report);
    if (!report.clean()) return error_of(report.problems());
    return rule;
}

std::string format_rule(const Rule& rule) { return rule.empty() ? "true" : rule_json(rule).dump(); }

}  // namespace vitrine::wire
