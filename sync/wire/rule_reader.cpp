#include "sync/wire/rule_reader.hpp"

#include <algorithm>

#include "agent/offers/rules.hpp"
#include "sync/wire/refused_fields.hpp"

namespace vitrine::wire {

namespace {

using profiles::Rule;
using profiles::RuleNode;
using profiles::RuleOp;

/// What `var` looks into, which decides what it may name in the declared scope.
enum class Looking { document, element, pair };

bool walks_a_list(RuleOp op) {
    return op == RuleOp::map || op == RuleOp::filter || op == RuleOp::all || op == RuleOp::some ||
           op == RuleOp::none;
}

/// An operation: an object with one member.
bool is_operation(const Json& value) { return value.is_object() && value.size() == 1; }

class RuleReader {
  public:
    RuleReader(RuleScope scope, Report& report) : scope_(scope), report_(report) {}

    /// Adds the nodes of a value; the index of the last one, which stands for it.
    std::uint32_t read(const Json& value, const Place& place, Looking looking);

    Rule rule;

  private:
    std::uint32_t operation(const Json& value, const Place& place, Looking looking);
    std::uint32_t variable(const Json& arguments, const Place& place, Looking looking);
    std::uint32_t leaf(const Json& value, const Place& place);
    std::vector<std::uint32_t> elements(const Json& array, const Place& place, RuleOp op,
                                        Looking looking);
    void check_name(std::string_view name, RuleNode& node, const Place& place, Looking looking);
    void check_missing(const Json& arguments, const Place& place, RuleOp op);

    std::uint32_t add(RuleNode node, const std::vector<std::uint32_t>& arguments = {});
    std::uint32_t text(std::string text) {
        rule.texts.push_back(std::move(text));
        return static_cast<std::uint32_t>(rule.texts.size() - 1);
    }

    RuleScope scope_;
    Report& report_;
    std::size_t depth_ = 0;
};

std::uint32_t RuleReader::add(RuleNode node, const std::vector<std::uint32_t>& arguments) {
    node.first_argument = static_cast<std::uint32_t>(rule.arguments.size());
    node.argument_count = static_cast<std::uint32_t>(arguments.size());
    rule.arguments.insert(rule.arguments.end(), arguments.begin(), arguments.end());
    rule.nodes.push_back(node);
    return static_cast<std::uint32_t>(rule.nodes.size() - 1);
}

std::uint32_t RuleReader::read(const Json& value, const Place& place, Looking looking) {
    if (rule.nodes.size() >= kRuleNodesMax) {
        report_.add(place, "a rule of more than " + std::to_string(kRuleNodesMax) + " parts");
        return 0;
    }
    if (depth_ >= kRuleDepthMax) {
        report_.add(place, "nested deeper than " + std::to_string(kRuleDepthMax));
        return 0;
    }
    ++depth_;
    std::uint32_t index = 0;
    if (is_operation(value)) {
        index = operation(value, place, looking);
    } else if (value.is_array()) {
        const auto items = elements(value, place, RuleOp::literal_list, looking);
        index = add({.op = RuleOp::literal_list}, items);
    } else {
        index = leaf(value, place);
    }
    --depth_;
    return index;
}

std::uint32_t RuleReader::leaf(const Json& value, const Place& place) {
    switch (value.type()) {
        case Json::value_t::null:
            return add({.op = RuleOp::literal_null});
        case Json::value_t::boolean:
            return add({.op = RuleOp::literal_bool, .number = value.get<bool>() ? 1.0 : 0.0});
        case Json::value_t::string:
            return add({.op = RuleOp::literal_text, .text = text(value.get<std::string>())});
        case Json::value_t::object:
            if (scope_ == RuleScope::declared) {
                report_.add(place, "an object of a rule has exactly one member, its operator");
            }
            return add({.op = RuleOp::literal_object, .text = text(value.dump())});
        default:
            return add({.op = RuleOp::literal_number, .number = value.get<double>()});
    }
}

std::vector<std::uint32_t> RuleReader::elements(const Json& array, const Place& place, RuleOp op,
                                                Looking looking) {
    std::vector<std::uint32_t> indices;
    indices.reserve(array.size());
    for (const Json& each : array) {
        Looking below = looking;
        if (indices.size() == 1 && walks_a_list(op)) below = Looking::element;
        if (indices.size() == 1 && op == RuleOp::reduce) below = Looking::pair;
        indices.push_back(read(each, Place(place, indices.size()), below));
        if (report_.full()) break;
    }
    return indices;
}

std::uint32_t RuleReader::operation(const Json& value, const Place& place, Looking looking) {
    const auto& [name, argument] = value.get_ref<const Json::object_t&>().front();
    const Place here(place, name);
    // Whoever debugs a rule in JavaScript writes "log" into it: there it prints and gives back.
    if (name == "log" && scope_ == RuleScope::open) {
        const Json& logged = argument.is_array() && !argument.empty() ? argument[0] : argument;
        return read(logged, here, looking);
    }
    const auto known =
        std::find_if(kOperators.begin(), kOperators.end(),
                     [&name = name](const auto& each) { return each.first == name; });
    if (known == kOperators.end()) {
        report_.add(here, "unknown operator");
        return 0;
    }
    const RuleOp op = known->second;
    if (op == RuleOp::var) return variable(argument, here, looking);
    if (op == RuleOp::missing || op == RuleOp::missing_some) check_missing(argument, here, op);
    if (argument.is_array()) {
        const auto arguments = elements(argument, here, op, looking);
        return add({.op = op}, arguments);
    }
    const std::uint32_t only = read(argument, here, looking);
    return add({.op = op}, {only});
}

std::uint32_t RuleReader::variable(const Json& arguments, const Place& place, Looking looking) {
    static const Json whole("");
    const bool listed = arguments.is_array();
    const Json& path = !listed ? arguments : arguments.empty() ? whole : arguments[0];
    std::vector<std::uint32_t> indices;
    if (path.is_structured()) {
        if (scope_ == RuleScope::declared) report_.add(place, "the name of a field is a text here");
        indices.push_back(read(path, place, looking));
    }
    if (listed && arguments.size() > 1) {
        indices.push_back(read(arguments[1], Place(place, std::size_t{1}), looking));
    }
    if (path.is_structured()) return add({.op = RuleOp::var_computed}, indices);

    RuleNode node{.op = RuleOp::var};
    std::string name = path.is_string() ? path.get<std::string>() : std::string();
    if (path.is_number()) name = number_json(path.get<double>()).dump();
    if (path.is_boolean()) name = path.get<bool>() ? "true" : "false";
    check_name(name, node, place, looking);
    node.text = text(std::move(name));
    return add(node, indices);
}

void RuleReader::check_name(std::string_view name, RuleNode& node, const Place& place,
                            Looking looking) {
    if (scope_ == RuleScope::open) return;
    if (looking == Looking::element && !name.empty()) {
        report_.add(place, "in a list, only \"\" (the element) can be asked for");
    }
    if (looking == Looking::pair && name != "current" && name != "accumulator") {
        report_.add(place, "in reduce, only \"current\" and \"accumulator\" can be asked for");
    }
    if (looking != Looking::document) return;
    const auto slot = offers::slot_of(name);
    if (slot) {
        node.field = *slot;
    } else {
        const std::string what = "'" + std::string(name.substr(0, 64)) + "' is no field of a rule";
        report_.add(place, why_refused(name).value_or(what));
    }
}

void RuleReader::check_missing(const Json& arguments, const Place& place, RuleOp op) {
    if (scope_ == RuleScope::open) return;
    const Json* keys = &arguments;
    if (op == RuleOp::missing_some) {
        keys = arguments.is_array() && arguments.size() == 2 ? &arguments[1] : nullptr;
    } else if (arguments.is_array() && arguments.size() == 1 && arguments[0].is_array()) {
        keys = &arguments[0];
    }
    std::string why = "only names of fields can be asked for";
    const auto declared = [&why](const Json& key) {
        if (!key.is_string()) return false;
        const auto& name = key.get_ref<const std::string&>();
        const bool known = offers::slot_of(name).has_value();
        if (!known) why = why_refused(name).value_or(std::move(why));
        return known;
    };
    const bool fine =
        keys != nullptr &&
        (keys->is_array() ? std::all_of(keys->begin(), keys->end(), declared) : declared(*keys));
    if (!fine) report_.add(place, why);
}

}  // namespace

Rule read_rule(const Json& value, RuleScope scope, const Place& place, Report& report) {
    RuleReader reader(scope, report);
    reader.read(value, place, Looking::document);
    return report.full() ? Rule{} : std::move(reader.rule);
}

}  // namespace vitrine::wire
