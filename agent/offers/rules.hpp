#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "agent/base/result.hpp"
#include "agent/profiles/rule.hpp"

namespace vitrine::offers {

/// A JsonLogic value during evaluation. Texts and lists are views: into the rule, into the data, or
/// into the evaluation's scratch.
struct RuleValue {
    enum class Kind : std::uint8_t { null, boolean, number, text, list, object };
    Kind kind = Kind::null;
    double number = 0;  ///< Of a boolean 0 or 1; of an object the data document's own reference.
    std::string_view text{};
    std::span<const RuleValue> list{};
};

/// Where a rule's `var` finds its data.
class RuleData {
  public:
    virtual ~RuleData() = default;
    /// A declared field by its slot.
    virtual RuleValue field(std::int32_t slot) const = 0;
    /// A value by its dotted path below `scope` (an object of this data, or null for the document);
    /// null where there is none.
    virtual RuleValue at(const RuleValue& scope, std::string_view path) const = 0;
};

/// The fields that a campaign's rule may ask for, by their names in the rule. Another name is an
/// error when the rule is loaded.
struct RuleField {
    std::string_view name;
    std::int32_t slot;
    std::string_view meaning;
    bool personal;  ///< Read from the profile: without permission the rule sees null.
};
std::span<const RuleField> declared_fields();

/// Reused between evaluations so that, once grown, none allocates. One a thread.
class RuleScratch;

/// Evaluates a rule the way JsonLogic does, with JavaScript's truth, equality and arithmetic.
RuleValue evaluate(const profiles::Rule& rule, const RuleData& data, RuleScratch& scratch);

/// JsonLogic's truth: null, false, 0, NaN, "" and [] are false.
bool is_truthy(const RuleValue& value);

}  // namespace vitrine::offers
