#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "agent/offers/rules.hpp"

namespace vitrine::offers {

inline RuleValue rule_null() { return {}; }
inline RuleValue rule_absent() { return {.kind = RuleValue::Kind::absent}; }
inline RuleValue rule_bool(bool value) {
    return {.kind = RuleValue::Kind::boolean, .number = value ? 1.0 : 0.0};
}
inline RuleValue rule_number(double value) {
    return {.kind = RuleValue::Kind::number, .number = value};
}
inline RuleValue rule_text(std::string_view text) {
    return {.kind = RuleValue::Kind::text, .text = text};
}
inline RuleValue rule_list(std::span<const RuleValue> list) {
    return {.kind = RuleValue::Kind::list, .list = list};
}
inline bool is_nothing(const RuleValue& value) {
    return value.kind == RuleValue::Kind::null || value.kind == RuleValue::Kind::absent;
}

/// The memory of one evaluation: handed out piece by piece and taken back all at once. Blocks never
/// move, so a view into one holds until `reset`.
struct RuleScratch::State {
    static constexpr std::size_t kStepsMax = 1'000'000;
    static constexpr std::size_t kDepthMax = 64;
    static constexpr std::size_t kValuesMax = std::size_t{1} << 20;
    static constexpr std::size_t kTextBytesMax = std::size_t{4} << 20;

    void reset();
    /// Fresh memory; empty, and `exhausted`, beyond the limits.
    std::span<RuleValue> values(std::size_t count);
    std::span<char> text(std::size_t bytes);
    /// Counts one step of work; false once there were too many.
    bool step(std::size_t cost = 1);

    template <class Item>
    struct Block {
        std::unique_ptr<Item[]> items;
        std::size_t size = 0;
    };
    template <class Item>
    struct Pool {
        std::vector<Block<Item>> blocks;
        std::size_t block = 0;  ///< The one that is being handed out.
        std::size_t used = 0;   ///< Of that one.
        std::size_t total = 0;
    };
    template <class Item>
    std::span<Item> take(Pool<Item>& pool, std::size_t count, std::size_t limit);

    Pool<RuleValue> value_pool;
    Pool<char> text_pool;
    std::size_t steps = 0;
    bool exhausted = false;
};

/// JavaScript's conversions.
double to_number(const RuleValue& value, RuleScratch::State& scratch);
std::string_view to_text(const RuleValue& value, RuleScratch::State& scratch);
/// join(""): nothing for null, lists with commas.
std::string_view join_text(std::span<const RuleValue> pieces, RuleScratch::State& scratch);
/// parseFloat: the longest number that a text starts with.
double parse_float(const RuleValue& value, RuleScratch::State& scratch);

/// JavaScript's == and ===.
bool loosely_equal(const RuleValue& one, const RuleValue& other, RuleScratch::State& scratch);
bool strictly_equal(const RuleValue& one, const RuleValue& other);

/// JavaScript's < on primitives: both texts by their characters, anything else by number. With NaN
/// every comparison is false, so a ≤ b is not the negation of b < a.
bool less(const RuleValue& one, const RuleValue& other, RuleScratch::State& scratch);
bool less_or_equal(const RuleValue& one, const RuleValue& other, RuleScratch::State& scratch);

}  // namespace vitrine::offers
