#include <algorithm>

#include "agent/offers/rule_values.hpp"

namespace vitrine::offers {

namespace {
constexpr std::size_t kBlockValues = 256;
constexpr std::size_t kBlockBytes = 4096;

constexpr std::size_t block_size(const RuleValue*) { return kBlockValues; }
constexpr std::size_t block_size(const char*) { return kBlockBytes; }
}  // namespace

RuleScratch::RuleScratch() : state_(std::make_unique<State>()) {}
RuleScratch::~RuleScratch() = default;

void RuleScratch::State::reset() {
    value_pool.block = value_pool.used = value_pool.total = 0;
    text_pool.block = text_pool.used = text_pool.total = 0;
    steps = 0;
    exhausted = false;
}

template <class Item>
std::span<Item> RuleScratch::State::take(Pool<Item>& pool, std::size_t count, std::size_t limit) {
    if (count > limit - pool.total) {
        exhausted = true;
        return {};
    }
    pool.total += count;
    while (pool.block < pool.blocks.size() && pool.blocks[pool.block].size - pool.used < count) {
        ++pool.block;
        pool.used = 0;
    }
    if (pool.block == pool.blocks.size()) {
        const std::size_t size = std::max(count, block_size(static_cast<Item*>(nullptr)));
        pool.blocks.push_back({std::make_unique<Item[]>(size), size});
    }
    const std::span<Item> piece(pool.blocks[pool.block].items.get() + pool.used, count);
    pool.used += count;
    return piece;
}

std::span<RuleValue> RuleScratch::State::values(std::size_t count) {
    return take(value_pool, count, kValuesMax);
}

std::span<char> RuleScratch::State::text(std::size_t bytes) {
    return take(text_pool, bytes, kTextBytesMax);
}

bool RuleScratch::State::step(std::size_t cost) {
    steps += cost;
    if (steps > kStepsMax) exhausted = true;
    return !exhausted;
}

}  // namespace vitrine::offers
