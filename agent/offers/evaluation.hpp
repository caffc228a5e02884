#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "agent/base/check.hpp"
#include "agent/offers/rule_values.hpp"
#include "agent/offers/rules.hpp"

namespace vitrine::offers {

/// What `var` looks into: the document, one element of a list, or reduce's pair.
struct Scope {
    const RuleValue* element = nullptr;      ///< Null for the document.
    const RuleValue* accumulator = nullptr;  ///< Set inside reduce: then `element` is `current`.
};

/// One evaluation of one rule.
class Evaluation {
  public:
    Evaluation(const profiles::Rule& rule, const RuleData& data, RuleScratch::State& scratch)
        : rule_(rule), data_(data), scratch_(scratch) {}

    RuleValue of(std::size_t index, const Scope& scope) {
        if (!scratch_.step() || depth_ >= RuleScratch::State::kDepthMax) {
            scratch_.exhausted = true;
            return rule_null();
        }
        CHECK(index < rule_.nodes.size());
        ++depth_;
        const RuleValue value = apply(rule_.nodes[index], scope);
        --depth_;
        return value;
    }

  private:
    RuleValue apply(const profiles::RuleNode& node, const Scope& scope);
    RuleValue compare(const profiles::RuleNode& node, const Scope& scope);
    RuleValue calculate(const profiles::RuleNode& node, const Scope& scope);
    RuleValue walk_list(const profiles::RuleNode& node, const Scope& scope);

    /// The argument's value; absent where the rule gives none.
    RuleValue argument(const profiles::RuleNode& node, std::size_t i, const Scope& scope) {
        if (i >= node.argument_count) return rule_absent();
        CHECK(node.first_argument + i < rule_.arguments.size());
        return of(rule_.arguments[node.first_argument + i], scope);
    }
    double number(const profiles::RuleNode& node, std::size_t i, const Scope& scope) {
        return to_number(argument(node, i, scope), scratch_);
    }
    std::span<RuleValue> arguments(const profiles::RuleNode& node, const Scope& scope);

    RuleValue look_up(std::string_view path, const Scope& scope);
    RuleValue ask(const RuleValue& scope, std::string_view path);
    RuleValue below(const RuleValue& value, std::string_view path);
    RuleValue variable(const profiles::RuleNode& node, const Scope& scope);
    RuleValue missing(const profiles::RuleNode& node, const Scope& scope);
    RuleValue missing(std::span<const RuleValue> keys, const Scope& scope);
    RuleValue missing_some(const profiles::RuleNode& node, const Scope& scope);
    RuleValue branch(const profiles::RuleNode& node, const Scope& scope);
    RuleValue deciding(const profiles::RuleNode& node, const Scope& scope, bool wanted);
    RuleValue extreme(const profiles::RuleNode& node, const Scope& scope, bool largest);
    RuleValue product(const profiles::RuleNode& node, const Scope& scope);
    RuleValue reduce(const profiles::RuleNode& node, const Scope& scope);
    RuleValue filter(const profiles::RuleNode& node, std::span<const RuleValue> list);
    RuleValue any(const profiles::RuleNode& node, std::span<const RuleValue> list, bool wanted);
    RuleValue merge(const profiles::RuleNode& node, const Scope& scope);
    RuleValue contains(const profiles::RuleNode& node, const Scope& scope);
    RuleValue cut(const profiles::RuleNode& node, const Scope& scope);

    std::string_view text_at(std::uint32_t index) const {
        CHECK(index < rule_.texts.size());
        return rule_.texts[index];
    }

    const profiles::Rule& rule_;
    const RuleData& data_;
    RuleScratch::State& scratch_;
    std::size_t depth_ = 0;
};

}  // namespace vitrine::offers
