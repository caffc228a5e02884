#include "agent/offers/slate.hpp"

#include <algorithm>

namespace vitrine::offers {

namespace {

std::size_t best_of(std::span<const Candidate> candidates) {
    std::size_t best = 0;
    float best_score = candidates[0].score;
    for (std::size_t i = 1; i < candidates.size(); ++i) {
        if (candidates[i].score <= best_score) continue;
        best = i;
        best_score = candidates[i].score;
    }
    return best;
}

std::size_t pick(std::span<const double> probabilities, std::size_t best, double chance) {
    // Most draws end at the first comparison.
    if (chance < probabilities[best]) return best;
    chance -= probabilities[best];
    std::size_t last = best;
    for (std::size_t i = 0; i < probabilities.size(); ++i) {
        if (i == best) continue;
        last = i;
        if (chance < probabilities[i]) return i;
        chance -= probabilities[i];
    }
    return last;
}

}  // namespace

void Slate::lay_out(const Shelf& shelf) {
    shelf_ = &shelf;
    candidates_.reserve(shelf.size());
    probabilities_.reserve(shelf.size());
    shown_in_category_.assign(shelf.parent.size(), 0);
    on_slate_of_root_.assign(shelf.parent.size(), 0);
}

void Slate::weigh(std::span<const Candidate> candidates, const Exploration& exploration,
                  std::vector<double>& probabilities) {
    const std::size_t best = best_of(candidates);
    const auto best_score = static_cast<double>(candidates[best].score);
    const double each = 1.0 / static_cast<double>(candidates.size());
    const double sharpness = exploration.sharpness / best_score;
    const double share = (1 - exploration.floor) * each;
    const double floor = exploration.floor * each;
    probabilities.resize(candidates.size());
    double others = 0;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const double gap = best_score - static_cast<double>(candidates[i].score);
        probabilities[i] = share / (1 + sharpness * gap) + floor;
        others += probabilities[i];
    }
    others -= probabilities[best];
    probabilities[best] = 1 - others;
}

std::size_t Slate::draw(const Exploration& exploration, const SlateLimits& limits, Rng& rng,
                        std::span<Draw> drawn) {
    std::fill(on_slate_of_root_.begin(), on_slate_of_root_.end(), std::uint8_t{0});
    const std::size_t size = std::min(limits.size, drawn.size());
    std::size_t count = 0;
    while (count < size && !candidates_.empty()) {
        weigh(candidates_, exploration, probabilities_);
        const std::size_t best = best_of(candidates_);
        const std::size_t chosen = pick(probabilities_, best, rng.uniform());
        const Candidate candidate = candidates_[chosen];
        drawn[count++] = {candidate.row, candidate.score, probabilities_[chosen], chosen != best};
        if (count < size) mask(*shelf_, limits, candidate.row);
    }
    return count;
}

/// Takes out what no longer fits beside the one just drawn.
void Slate::mask(const Shelf& shelf, const SlateLimits& limits, std::uint32_t drawn) {
    const std::uint16_t root = shelf.root[drawn];
    const std::uint16_t category = shelf.category[drawn];
    const std::uint16_t group = shelf.group[drawn];
    const bool root_is_full = ++on_slate_of_root_[root] >= limits.per_root;
    const bool category_is_full =
        limits.per_category > 0 && ++shown_in_category_[category] >= limits.per_category;
    std::erase_if(candidates_, [&](const Candidate& each) {
        return each.row == drawn || (root_is_full && shelf.root[each.row] == root) ||
               (category_is_full && shelf.category[each.row] == category) ||
               (group != 0 && shelf.group[each.row] == group);
    });
}

}  // namespace vitrine::offers
