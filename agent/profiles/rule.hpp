#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vitrine::profiles {

/// The operators of JsonLogic that a rule may use. The list is closed: anything else is refused
/// when a rule is loaded.
enum class RuleOp : std::uint8_t {
    literal_null,
    literal_bool,
    literal_number,
    literal_text,
    literal_list,    ///< Its arguments are the elements, each evaluated.
    literal_object,  ///< An object that is no operation: `text` is its JSON. Open rules only.
    var,             ///< A path known when loading. Arguments: none, or the default.
    var_computed,    ///< Arguments: the path, and maybe the default. Open rules only.
    missing,
    missing_some,
    if_,
    and_,
    or_,
    not_,
    truthy,
    equal,
    strict_equal,
    not_equal,
    strict_not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    add,
    subtract,
    multiply,
    divide,
    modulo,
    min,
    max,
    map,
    filter,
    reduce,
    all,
    some,
    none,
    merge,
    in,
    cat,
    substr,
};

/// One node of a rule. Arguments stand as a run in `Rule::arguments`, by index into `Rule::nodes`.
struct RuleNode {
    RuleOp op = RuleOp::literal_null;
    std::uint32_t first_argument = 0;
    std::uint32_t argument_count = 0;
    double number = 0;       ///< literal_number; literal_bool as 0 or 1.
    std::uint32_t text = 0;  ///< literal_text, literal_object, var: index into `Rule::texts`.
    std::int32_t field =
        -1;  ///< var: the declared field's slot, or −1 where the scope at hand (the
             ///< document; an element inside map, filter, all, some, none; the pair
             ///< `current` and `accumulator` inside reduce) is searched by path.
    friend bool operator==(const RuleNode&, const RuleNode&) = default;
};

/// JsonLogic parsed once into a closed, typed tree: data, never code. An empty rule admits
/// everyone. Parsing from JSON is in sync/wire, evaluation in agent/offers.
struct Rule {
    std::vector<RuleNode>
        nodes;  ///< The root is the last one; arguments stand before what uses them.
    std::vector<std::uint32_t> arguments;
    std::vector<std::string> texts;

    bool empty() const { return nodes.empty(); }
    friend bool operator==(const Rule&, const Rule&) = default;
};

}  // namespace vitrine::profiles
