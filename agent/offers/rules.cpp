#include "agent/offers/rules.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "agent/offers/evaluation.hpp"
#include "agent/offers/rule_text.hpp"
#include "agent/offers/rule_values.hpp"

namespace vitrine::offers {

namespace {

using Kind = RuleValue::Kind;
using profiles::RuleNode;
using profiles::RuleOp;
using State = RuleScratch::State;

std::optional<std::size_t> index_from(std::string_view text) {
    std::size_t index = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), index);
    if (text.empty() || code != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return index;
}

}  // namespace

std::span<RuleValue> Evaluation::arguments(const RuleNode& node, const Scope& scope) {
    const std::span<RuleValue> values = scratch_.values(node.argument_count);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = argument(node, i, scope);
    return values;
}

RuleValue Evaluation::apply(const RuleNode& node, const Scope& scope) {
    switch (node.op) {
        case RuleOp::literal_null:
            return rule_null();
        case RuleOp::literal_bool:
            return rule_bool(node.number != 0);
        case RuleOp::literal_number:
            return rule_number(node.number);
        case RuleOp::literal_text:
            return rule_text(text_at(node.text));
        case RuleOp::literal_list:
            return rule_list(arguments(node, scope));
        case RuleOp::literal_object:
            return {.kind = Kind::object, .text = text_at(node.text)};
        case RuleOp::var:
        case RuleOp::var_computed:
            return variable(node, scope);
        case RuleOp::missing:
            return missing(node, scope);
        case RuleOp::missing_some:
            return missing_some(node, scope);
        case RuleOp::if_:
            return branch(node, scope);
        case RuleOp::and_:
            return deciding(node, scope, false);
        case RuleOp::or_:
            return deciding(node, scope, true);
        case RuleOp::not_:
            return rule_bool(!is_truthy(argument(node, 0, scope)));
        case RuleOp::truthy:
            return rule_bool(is_truthy(argument(node, 0, scope)));
        case RuleOp::merge:
            return merge(node, scope);
        case RuleOp::in:
            return contains(node, scope);
        case RuleOp::cat:
            return rule_text(join_text(arguments(node, scope), scratch_));
        case RuleOp::substr:
            return cut(node, scope);
        case RuleOp::reduce:
            return reduce(node, scope);
        case RuleOp::map:
        case RuleOp::filter:
        case RuleOp::all:
        case RuleOp::some:
        case RuleOp::none:
            return walk_list(node, scope);
        case RuleOp::add:
        case RuleOp::subtract:
        case RuleOp::multiply:
        case RuleOp::divide:
        case RuleOp::modulo:
        case RuleOp::min:
        case RuleOp::max:
            return calculate(node, scope);
        default:
            return compare(node, scope);
    }
}

RuleValue Evaluation::missing(const RuleNode& node, const Scope& scope) {
    const std::span<const RuleValue> keys = arguments(node, scope);
    const bool one_list = !keys.empty() && keys[0].kind == Kind::list;
    return missing(one_list ? keys[0].list : keys, scope);
}

RuleValue Evaluation::compare(const RuleNode& node, const Scope& scope) {
    const RuleValue one = argument(node, 0, scope);
    const RuleValue other = argument(node, 1, scope);
    const RuleValue third = argument(node, 2, scope);
    const bool between = third.kind != Kind::absent;
    switch (node.op) {
        case RuleOp::equal:
            return rule_bool(loosely_equal(one, other, scratch_));
        case RuleOp::not_equal:
            return rule_bool(!loosely_equal(one, other, scratch_));
        case RuleOp::strict_equal:
            return rule_bool(strictly_equal(one, other));
        case RuleOp::strict_not_equal:
            return rule_bool(!strictly_equal(one, other));
        case RuleOp::greater:
            return rule_bool(less(other, one, scratch_));
        case RuleOp::greater_equal:
            return rule_bool(less_or_equal(other, one, scratch_));
        case RuleOp::less:
            return rule_bool(less(one, other, scratch_) &&
                             (!between || less(other, third, scratch_)));
        default:
            CHECK(node.op == RuleOp::less_equal);
            return rule_bool(less_or_equal(one, other, scratch_) &&
                             (!between || less_or_equal(other, third, scratch_)));
    }
}

RuleValue Evaluation::calculate(const RuleNode& node, const Scope& scope) {
    switch (node.op) {
        case RuleOp::add: {
            double sum = 0;
            for (const RuleValue& term : arguments(node, scope)) sum += parse_float(term, scratch_);
            return rule_number(sum);
        }
        case RuleOp::multiply:
            return product(node, scope);
        case RuleOp::subtract: {
            const RuleValue taken = argument(node, 1, scope);
            const double from = number(node, 0, scope);
            if (taken.kind == Kind::absent) return rule_number(-from);
            return rule_number(from - to_number(taken, scratch_));
        }
        case RuleOp::divide:
            return rule_number(number(node, 0, scope) / number(node, 1, scope));
        case RuleOp::modulo:
            return rule_number(std::fmod(number(node, 0, scope), number(node, 1, scope)));
        case RuleOp::min:
            return extreme(node, scope, false);
        default:
            return extreme(node, scope, true);
    }
}

/// A single factor is given back as it is; none at all is an error in JavaScript, here null.
RuleValue Evaluation::product(const RuleNode& node, const Scope& scope) {
    const std::span<const RuleValue> factors = arguments(node, scope);
    if (factors.empty()) return rule_null();
    if (factors.size() == 1) return factors[0];
    double result = 1;
    for (const RuleValue& factor : factors) result *= parse_float(factor, scratch_);
    return rule_number(result);
}

RuleValue Evaluation::extreme(const RuleNode& node, const Scope& scope, bool largest) {
    const double worst = largest ? -std::numeric_limits<double>::infinity()
                                 : std::numeric_limits<double>::infinity();
    double best = worst;
    for (const RuleValue& value : arguments(node, scope)) {
        const double each = to_number(value, scratch_);
        if (std::isnan(each)) return rule_number(each);
        best = largest ? std::max(best, each) : std::min(best, each);
    }
    return rule_number(best);
}

RuleValue Evaluation::look_up(std::string_view path, const Scope& scope) {
    if (scope.element == nullptr) return ask(rule_absent(), path);
    if (scope.accumulator == nullptr) return below(*scope.element, path);
    const std::size_t dot = path.find('.');
    const std::string_view name = path.substr(0, dot);
    const std::string_view rest = dot == std::string_view::npos ? "" : path.substr(dot + 1);
    if (name == "current") return below(*scope.element, rest);
    if (name == "accumulator") return below(*scope.accumulator, rest);
    return rule_absent();
}

/// The data knows objects and lists; the characters of a text are found here.
RuleValue Evaluation::ask(const RuleValue& scope, std::string_view path) {
    const RuleValue found = data_.at(scope, path);
    if (found.kind != Kind::absent || path.empty()) return found;
    const std::size_t dot = path.rfind('.');
    const bool first = dot == std::string_view::npos;
    const RuleValue whole = data_.at(scope, first ? "" : path.substr(0, dot));
    if (whole.kind != Kind::text) return found;
    return below(whole, first ? path : path.substr(dot + 1));
}

/// Walks lists and characters here and leaves objects to the data.
RuleValue Evaluation::below(const RuleValue& value, std::string_view path) {
    RuleValue at = value;
    while (!path.empty()) {
        if (at.kind == Kind::object) return ask(at, path);
        const std::size_t dot = path.find('.');
        const std::string_view name = path.substr(0, dot);
        path = dot == std::string_view::npos ? "" : path.substr(dot + 1);
        const std::optional<std::size_t> index = index_from(name);
        if (at.kind == Kind::list && name == "length") {
            at = rule_number(static_cast<double>(at.list.size()));
        } else if (at.kind == Kind::text && name == "length") {
            at = rule_number(static_cast<double>(code_points(at.text)));
        } else if (at.kind == Kind::list && index && *index < at.list.size()) {
            at = at.list[*index];
        } else if (at.kind == Kind::text && index && *index < code_points(at.text)) {
            at = rule_text(characters(at.text, *index, 1));
        } else {
            return rule_absent();
        }
    }
    return at;
}

RuleValue Evaluation::variable(const RuleNode& node, const Scope& scope) {
    RuleValue found;
    std::size_t default_at = 0;
    if (node.op == RuleOp::var) {
        found = node.field >= 0 ? data_.field(node.field) : look_up(text_at(node.text), scope);
    } else {
        const RuleValue path = argument(node, 0, scope);
        found = look_up(is_nothing(path) ? "" : to_text(path, scratch_), scope);
        default_at = 1;
    }
    if (found.kind != Kind::absent) return found;
    const RuleValue otherwise = argument(node, default_at, scope);
    return otherwise.kind == Kind::absent ? rule_null() : otherwise;
}

RuleValue Evaluation::branch(const RuleNode& node, const Scope& scope) {
    std::size_t i = 0;
    for (; i + 1 < node.argument_count; i += 2) {
        if (is_truthy(argument(node, i, scope))) return argument(node, i + 1, scope);
    }
    return i < node.argument_count ? argument(node, i, scope) : rule_null();
}

RuleValue Evaluation::deciding(const RuleNode& node, const Scope& scope, bool wanted) {
    RuleValue last;
    for (std::size_t i = 0; i < node.argument_count; ++i) {
        last = argument(node, i, scope);
        if (is_truthy(last) == wanted) return last;
    }
    return last;
}

RuleValue Evaluation::cut(const RuleNode& node, const Scope& scope) {
    const std::string_view text = to_text(argument(node, 0, scope), scratch_);
    const RuleValue start = argument(node, 1, scope);
    const RuleValue count = argument(node, 2, scope);
    constexpr double kAll = std::numeric_limits<double>::infinity();
    const double from = start.kind == Kind::absent ? 0 : to_number(start, scratch_);
    if (count.kind == Kind::absent) return rule_text(substring(text, from, kAll));
    const double size = to_number(count, scratch_);
    if (!(size < 0)) return rule_text(substring(text, from, size));
    // A negative length leaves that many characters off the end.
    const std::string_view tail = substring(text, from, kAll);
    return rule_text(substring(tail, 0, static_cast<double>(code_points(tail)) + size));
}

RuleValue evaluate(const profiles::Rule& rule, const RuleData& data, RuleScratch& scratch) {
    State& state = scratch.state();
    state.reset();
    if (rule.empty()) return rule_bool(true);
    const RuleValue value = Evaluation(rule, data, state).of(rule.nodes.size() - 1, {});
    return state.exhausted ? rule_null() : value;
}

}  // namespace vitrine::offers
