#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "agent/base/result.hpp"
#include "agent/profiles/rule.hpp"

namespace vitrine::offers {

/// A JsonLogic value during evaluation. Texts and lists are views: into the rule, into the data, or
/// into the evaluation's scratch.
struct RuleValue {
    enum class Kind : std::uint8_t {
        null,
        boolean,
        number,
        text,
        list,
        object,
        absent,  ///< JavaScript's undefined: not in the data, or an argument that was not given.
    };
    Kind kind = Kind::null;
    double number = 0;  ///< Of a boolean 0 or 1; of an object the data document's own reference.
    std::string_view text{};  ///< Of an object that stands in the rule itself, its JSON.
    std::span<const RuleValue> list{};
};

/// Where a rule's `var` finds its data.
class RuleData {
  public:
    virtual ~RuleData() = default;
    /// A declared field by its slot. Absent and null are not the same: only for an absent one does
    /// var's default count.
    virtual RuleValue field(std::int32_t slot) const = 0;
    /// A value by its dotted path below `scope`: an object of this data or of the rule, or an
    /// absent value for the whole document. "" is the scope itself. Absent where there is none,
    /// also below a null: only then does var's default count. Below a list or text that it holds,
    /// the evaluation walks by itself.
    virtual RuleValue at(const RuleValue& scope, std::string_view path) const = 0;
};

/// The fields that a campaign's rule may ask for, by their names in the rule. Another name is an
/// error when the rule is loaded: look names up with `slot_of`.
struct RuleField {
    std::string_view name;  ///< One that ends in '.' is followed by the number of a category or a
                            ///< product: "days_since_bought.12".
    std::int32_t slot;      ///< Of a numbered field: without its number.
    std::string_view meaning;
    bool personal;  ///< Read from the profile: without permission the rule sees null.
};
std::span<const RuleField> declared_fields();

/// The slot of a field by its full name in a rule; nothing for a name that is not declared, or a
/// number that no category or product can have.
std::optional<std::int32_t> slot_of(std::string_view name);

/// Where an evaluation keeps the texts and lists that it makes: reused so that, once grown, none
/// allocates. One a thread. A value that `evaluate` returned is valid until the next evaluation.
class RuleScratch {
  public:
    RuleScratch();
    ~RuleScratch();
    RuleScratch(const RuleScratch&) = delete;
    RuleScratch& operator=(const RuleScratch&) = delete;

    struct State;
    State& state() { return *state_; }

  private:
    std::unique_ptr<State> state_;
};

/// Evaluates a rule the way JsonLogic does, with JavaScript's truth, equality and arithmetic. Text
/// is counted in Unicode code points, where JavaScript counts UTF-16 units. An evaluation that
/// would take over a million steps, or nest deeper than 64 operators, ends in null.
RuleValue evaluate(const profiles::Rule& rule, const RuleData& data, RuleScratch& scratch);

/// JsonLogic's truth: null, false, 0, NaN, "" and [] are false.
bool is_truthy(const RuleValue& value);

}  // namespace vitrine::offers
