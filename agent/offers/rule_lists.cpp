#include <algorithm>

#include "agent/offers/evaluation.hpp"

namespace vitrine::offers {

// The operators that walk or make lists.

using Kind = RuleValue::Kind;
using profiles::RuleNode;
using profiles::RuleOp;

RuleValue Evaluation::missing(std::span<const RuleValue> keys, const Scope& scope) {
    const std::span<RuleValue> found = scratch_.values(keys.size());
    std::size_t count = 0;
    for (std::size_t i = 0; i < found.size() && scratch_.step(); ++i) {
        const RuleValue& key = keys[i];
        const RuleValue value = look_up(is_nothing(key) ? "" : to_text(key, scratch_), scope);
        const bool empty_text = value.kind == Kind::text && value.text.empty();
        if (is_nothing(value) || empty_text) found[count++] = key;
    }
    return rule_list(found.first(count));
}

RuleValue Evaluation::missing_some(const RuleNode& node, const Scope& scope) {
    const double needed = number(node, 0, scope);
    const RuleValue options = argument(node, 1, scope);
    const std::span<const RuleValue> keys =
        options.kind == Kind::list ? options.list : std::span<const RuleValue>();
    const RuleValue absent = missing(keys, scope);
    const auto present = static_cast<double>(keys.size() - absent.list.size());
    return present >= needed ? rule_list({}) : absent;
}

RuleValue Evaluation::walk_list(const RuleNode& node, const Scope& scope) {
    const RuleValue source = argument(node, 0, scope);
    const std::span<const RuleValue> list =
        source.kind == Kind::list ? source.list : std::span<const RuleValue>();
    switch (node.op) {
        case RuleOp::some:
            return any(node, list, true);
        case RuleOp::none:
            return rule_bool(!is_truthy(any(node, list, true)));
        case RuleOp::all:
            return rule_bool(!list.empty() && !is_truthy(any(node, list, false)));
        case RuleOp::filter:
            return filter(node, list);
        default:
            break;
    }
    const std::span<RuleValue> mapped = scratch_.values(list.size());
    for (std::size_t i = 0; i < mapped.size(); ++i) {
        mapped[i] = argument(node, 1, {.element = &list[i]});
        if (mapped[i].kind == Kind::absent) mapped[i] = rule_null();
    }
    return rule_list(mapped);
}

RuleValue Evaluation::filter(const RuleNode& node, std::span<const RuleValue> list) {
    const std::span<RuleValue> kept = scratch_.values(list.size());
    std::size_t count = 0;
    for (std::size_t i = 0; i < kept.size(); ++i) {
        if (is_truthy(argument(node, 1, {.element = &list[i]}))) kept[count++] = list[i];
    }
    return rule_list(kept.first(count));
}

/// Whether the condition's truth is as wanted for any element.
RuleValue Evaluation::any(const RuleNode& node, std::span<const RuleValue> list, bool wanted) {
    return rule_bool(std::any_of(list.begin(), list.end(), [&](const RuleValue& element) {
        return is_truthy(argument(node, 1, {.element = &element})) == wanted;
    }));
}

RuleValue Evaluation::reduce(const RuleNode& node, const Scope& scope) {
    const RuleValue source = argument(node, 0, scope);
    RuleValue accumulator = argument(node, 2, scope);
    if (accumulator.kind == Kind::absent) accumulator = rule_null();
    if (source.kind != Kind::list) return accumulator;
    for (const RuleValue& current : source.list) {
        accumulator = argument(node, 1, {.element = &current, .accumulator = &accumulator});
    }
    return accumulator;
}

RuleValue Evaluation::merge(const RuleNode& node, const Scope& scope) {
    const std::span<const RuleValue> parts = arguments(node, scope);
    std::size_t size = 0;
    for (const RuleValue& part : parts) size += part.kind == Kind::list ? part.list.size() : 1;
    const std::span<RuleValue> merged = scratch_.values(size);
    if (merged.size() < size || !scratch_.step(size)) return rule_null();
    auto end = merged.begin();
    for (const RuleValue& part : parts) {
        if (part.kind == Kind::list) {
            end = std::copy(part.list.begin(), part.list.end(), end);
        } else {
            *end++ = part;
        }
    }
    return rule_list(merged);
}

RuleValue Evaluation::contains(const RuleNode& node, const Scope& scope) {
    const RuleValue needle = argument(node, 0, scope);
    const RuleValue hay = argument(node, 1, scope);
    if (hay.kind == Kind::text && !hay.text.empty()) {
        return rule_bool(hay.text.find(to_text(needle, scratch_)) != std::string_view::npos);
    }
    if (hay.kind != Kind::list || !scratch_.step(hay.list.size())) return rule_bool(false);
    return rule_bool(std::any_of(hay.list.begin(), hay.list.end(), [&](const RuleValue& each) {
        return strictly_equal(each, needle);
    }));
}

}  // namespace vitrine::offers
