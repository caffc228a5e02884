#include "agent/offers/slate.hpp"

#include <algorithm>
#include <array>

#include "agent/offers/filter.hpp"
#include "agent/offers/logistic.hpp"

namespace vitrine::offers {

namespace {

/// Of numbers worked on side by side, which the compiler turns into vector instructions.
constexpr std::size_t kLanes = 8;

/// Applies `change` to every number, a block of a known size at a time.
template <class Change>
void in_blocks(std::span<const float> from, std::span<float> to, Change change) {
    std::size_t i = 0;
    for (; i + kLanes <= from.size(); i += kLanes) {
        std::array<float, kLanes> block;
        std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(i), kLanes, block.begin());
        for (float& each : block) each = change(each);
        std::copy_n(block.begin(), kLanes, to.begin() + static_cast<std::ptrdiff_t>(i));
    }
    for (; i < from.size(); ++i) to[i] = change(from[i]);
}

/// The first one of the highest score.
std::size_t best_of(std::span<const float> scores) {
    std::array<float, kLanes> best;
    best.fill(-1);
    std::size_t i = 0;
    for (; i + kLanes <= scores.size(); i += kLanes) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            const float score = scores[i + lane];
            best[lane] = score > best[lane] ? score : best[lane];
        }
    }
    float highest = -1;
    for (; i < scores.size(); ++i) highest = std::max(highest, scores[i]);
    for (const float each : best) highest = std::max(highest, each);
    const auto at = std::find(scores.begin(), scores.end(), highest);
    return at == scores.end() ? 0 : static_cast<std::size_t>(at - scores.begin());
}

/// In a fixed order, several sums side by side.
double sum_of(std::span<const float> numbers) {
    std::array<double, kLanes> sums{};
    std::size_t i = 0;
    for (; i + kLanes <= numbers.size(); i += kLanes) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            sums[lane] += static_cast<double>(numbers[i + lane]);
        }
    }
    double sum = 0;
    for (; i < numbers.size(); ++i) sum += static_cast<double>(numbers[i]);
    for (const double each : sums) sum += each;
    return sum;
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

void Candidates::keep_those_that_stay(std::span<const std::uint8_t> removals,
                                      std::array<std::uint16_t, 256>& removed) {
    rows.resize(removals.size());
    std::size_t kept = 0;
    for (std::size_t row = 0; row < removals.size(); ++row) {
        rows[kept] = static_cast<std::uint32_t>(row);
        kept += removals[row] == Filter::kStays ? 1U : 0U;
        ++removed[removals[row]];
    }
    rows.resize(kept);
    scores.resize(kept);
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
    const double others = sum_of(probabilities) - static_cast<double>(probabilities[best]);
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
        // Without a branch: each may be either, and nobody could predict it.
        const unsigned leaves =
            unsigned{row == drawn} | (unsigned{root_is_full} & unsigned{shelf.root[row] == root}) |
            (unsigned{category_is_full} & unsigned{shelf.category[row] == category}) |
            (unsigned{group != 0} & unsigned{shelf.group[row] == group});
        candidates_.rows[kept] = row;
        candidates_.scores[kept] = candidates_.scores[i];
        kept += 1 - leaves;
    }
    candidates_.rows.resize(kept);
    candidates_.scores.resize(kept);
}

}  // namespace vitrine::offers
