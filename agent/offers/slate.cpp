#include "agent/offers/slate.hpp"

#include <algorithm>
#include <array>

#include "agent/offers/logistic.hpp"

namespace vitrine::offers {

namespace {

/// Applies `change` to every number, a block of a known size at a time, which the compiler turns
/// into vector instructions.
template <class Change>
void in_blocks(std::span<const float> from, std::span<float> to, Change change) {
    constexpr std::size_t kBlock = 8;
    std::size_t i = 0;
    for (; i + kBlock <= from.size(); i += kBlock) {
        std::array<float, kBlock> block;
        std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(i), kBlock, block.begin());
        for (float& each : block) each = change(each);
        std::copy_n(block.begin(), kBlock, to.begin() + static_cast<std::ptrdiff_t>(i));
    }
    for (; i < from.size(); ++i) to[i] = change(from[i]);
}

std::size_t best_of(std::span<const float> scores) {
    std::size_t best = 0;
    for (std::size_t i = 1; i < scores.size(); ++i) {
        if (scores[i] > scores[best]) best = i;
    }
    return best;
}

std::size_t pick(std::span<const float> probabilities, std::size_t best, double chance) {
    // Most draws end at the first comparison.
    chance -= static_cast<double>(probabilities[best]);
    if (chance < 0) return best;
    std::size_t last = best;
    for (std::size_t i = 0; i < probabilities.size(); ++i) {
        if (i == best) continue;
        last = i;
        chance -= static_cast<double>(probabilities[i]);
        if (chance < 0) break;
    }
    return last;
}

}  // namespace

void Candidates::clear() {
    rows.clear();
    scores.clear();
}

void Candidates::rate() {
    in_blocks(scores, scores, [](float log_odds) { return logistic(log_odds); });
}

void Slate::lay_out(const Shelf& shelf) {
    shelf_ = &shelf;
    candidates_.rows.reserve(shelf.size());
    candidates_.scores.reserve(shelf.size());
    probabilities_.reserve(shelf.size());
    shown_in_category_.assign(shelf.parent.size(), 0);
    on_slate_of_root_.assign(shelf.parent.size(), 0);
}

std::size_t Slate::weigh(std::span<const float> scores, const Exploration& exploration,
                         std::vector<float>& probabilities) {
    const std::size_t best = best_of(scores);
    const float best_score = scores[best];
    const float each = 1.0F / static_cast<float>(scores.size());
    const float sharpness = exploration.sharpness / best_score;
    const float share = (1 - exploration.floor) * each;
    const float floor = exploration.floor * each;
    probabilities.resize(scores.size());
    in_blocks(scores, probabilities,
              [=](float score) { return share / (1 + sharpness * (best_score - score)) + floor; });
    double others = 0;
    for (const float probability : probabilities) others += static_cast<double>(probability);
    others -= static_cast<double>(probabilities[best]);
    probabilities[best] = static_cast<float>(1 - others);
    return best;
}

std::size_t Slate::draw(const Exploration& exploration, const SlateLimits& limits, Rng& rng,
                        std::span<Draw> drawn) {
    start();
    const std::size_t size = std::min(limits.size, drawn.size());
    std::size_t count = 0;
    while (count < size && candidates_.size() > 0) {
        const std::size_t best = weigh(candidates_.scores, exploration, probabilities_);
        const std::size_t chosen = pick(probabilities_, best, rng.uniform());
        const std::uint32_t row = candidates_.rows[chosen];
        drawn[count++] = {row, candidates_.scores[chosen], probabilities_[chosen], chosen != best};
        if (count < size) take(row, limits);
    }
    return count;
}

void Slate::start() {
    std::fill(on_slate_of_root_.begin(), on_slate_of_root_.end(), std::uint8_t{0});
}

void Slate::take(std::uint32_t drawn, const SlateLimits& limits) {
    const Shelf& shelf = *shelf_;
    const std::uint16_t root = shelf.root[drawn];
    const std::uint16_t category = shelf.category[drawn];
    const std::uint16_t group = shelf.group[drawn];
    const bool root_is_full = ++on_slate_of_root_[root] >= limits.per_root;
    const bool category_is_full =
        limits.per_category > 0 && ++shown_in_category_[category] >= limits.per_category;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
        const std::uint32_t row = candidates_.rows[i];
        const bool leaves = row == drawn || (root_is_full && shelf.root[row] == root) ||
                            (category_is_full && shelf.category[row] == category) ||
                            (group != 0 && shelf.group[row] == group);
        candidates_.rows[kept] = row;
        candidates_.scores[kept] = candidates_.scores[i];
        kept += leaves ? 0U : 1U;
    }
    candidates_.rows.resize(kept);
    candidates_.scores.resize(kept);
}

}  // namespace vitrine::offers
