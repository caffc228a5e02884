#pragma once

#include <string>
#include <string_view>

#include "agent/base/result.hpp"
#include "agent/profiles/rule.hpp"

namespace vitrine::wire {

/// What a rule may ask for.
enum class RuleScope : std::uint8_t {
    declared,  ///< Only offers::declared_fields(), by constant names: a campaign's segment.
    open,      ///< Any path of any document: `vitrinectl rule eval`.
};

inline constexpr std::size_t kRuleBytesMax = 64U << 10;
inline constexpr std::size_t kRuleNodesMax = 4096;
inline constexpr std::size_t kRuleDepthMax = 32;
inline constexpr std::size_t kRuleDataBytesMax = 4U << 20;

/// Reads a JsonLogic rule into a closed tree. An object with exactly one key is an operation;
/// `{"!": x}` is short for `{"!": [x]}`; an array evaluates its elements; anything else stands for
/// itself. Errors: `invalid`, naming the path in the rule, for an unknown operator, and in the
/// declared scope for an undeclared field, a computed path or an object that is no operation;
/// `exhausted` beyond a limit.
Result<profiles::Rule> parse_rule(std::string_view json, RuleScope scope);

/// Writes a rule as JSON that parses to an equal one, as far as the longer form stays within the
/// limits; "true" for an empty rule.
std::string format_rule(const profiles::Rule& rule);

/// Evaluates a rule (open scope) on a JSON document of any type the way JsonLogic does in
/// JavaScript, and returns the result as JSON. What JSON has no word for (undefined, NaN, an
/// infinity) becomes null. Errors are those of `parse_rule`, or of the data: `invalid` with line
/// and column.
Result<std::string> eval_rule_json(std::string_view rule, std::string_view data);

}  // namespace vitrine::wire
