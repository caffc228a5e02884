#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "agent/profiles/rule.hpp"
#include "sync/wire/json.hpp"
#include "sync/wire/rule_json.hpp"

// Rules inside documents. Only this module's .cpp files include this.
namespace vitrine::wire {

/// The operators by their names in JsonLogic. The first name of an operator is the one written.
inline constexpr std::array<std::pair<std::string_view, profiles::RuleOp>, 35> kOperators{{
    {"var", profiles::RuleOp::var},
    {"missing", profiles::RuleOp::missing},
    {"missing_some", profiles::RuleOp::missing_some},
    {"if", profiles::RuleOp::if_},
    {"?:", profiles::RuleOp::if_},
    {"and", profiles::RuleOp::and_},
    {"or", profiles::RuleOp::or_},
    {"!", profiles::RuleOp::not_},
    {"!!", profiles::RuleOp::truthy},
    {"==", profiles::RuleOp::equal},
    {"===", profiles::RuleOp::strict_equal},
    {"!=", profiles::RuleOp::not_equal},
    {"!==", profiles::RuleOp::strict_not_equal},
    {"<", profiles::RuleOp::less},
    {"<=", profiles::RuleOp::less_equal},
    {">", profiles::RuleOp::greater},
    {">=", profiles::RuleOp::greater_equal},
    {"+", profiles::RuleOp::add},
    {"-", profiles::RuleOp::subtract},
    {"*", profiles::RuleOp::multiply},
    {"/", profiles::RuleOp::divide},
    {"%", profiles::RuleOp::modulo},
    {"min", profiles::RuleOp::min},
    {"max", profiles::RuleOp::max},
    {"map", profiles::RuleOp::map},
    {"filter", profiles::RuleOp::filter},
    {"reduce", profiles::RuleOp::reduce},
    {"all", profiles::RuleOp::all},
    {"some", profiles::RuleOp::some},
    {"none", profiles::RuleOp::none},
    {"merge", profiles::RuleOp::merge},
    {"in", profiles::RuleOp::in},
    {"cat", profiles::RuleOp::cat},
    {"substr", profiles::RuleOp::substr},
    {"var", profiles::RuleOp::var_computed},
}};

/// Reads a rule that is part of a document; mistakes go into the report.
profiles::Rule read_rule(const Json& value, RuleScope scope, const Place& place, Report& report);

/// The rule as JSON that `read_rule` reads as an equal one. Not for an empty rule.
Json rule_json(const profiles::Rule& rule);

/// A number as JSON writes it: without a fraction where it has none; null where JSON has no word.
Json number_json(double value);

}  // namespace vitrine::wire
