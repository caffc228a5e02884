#include "agent/offers/thompson.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "agent/base/check.hpp"
#include "agent/offers/posterior.hpp"

namespace vitrine::offers {

Thompson::Thompson(const Shelf& shelf, const Learner& learner)
    : shelf_(shelf),
      learner_(learner),
      scorer_(shelf, learner),
      row_spread_(shelf.size()),
      category_spread_(shelf.parent.size()),
      drawn_(layout::kWeights),
      category_drawn_(shelf.parent.size()) {
    for (std::size_t row = 0; row < shelf.size(); ++row) {
        if (shelf.category[row] == shelf.category_ids.size()) continue;
        categories_.push_back(shelf.category[row]);
        categories_.push_back(shelf.root[row]);
    }
    std::ranges::sort(categories_);
    categories_.erase(std::unique(categories_.begin(), categories_.end()), categories_.end());
    sums_.reserve(layout::kWeights);
    joint_.reserve(layout::kWeights);
    rows_.reserve(shelf.size());
    until_.reserve(shelf.size());
    refresh();
}

/// The spreads of the offsets.
void Thompson::refresh() {
    scorer_.refresh();
    if (revision_ == learner_.revision()) return;
    revision_ = learner_.revision();
    // Both are in order, and so are the categories, which stand after the offers.
    const std::span<const Offset> offsets = learner_.offsets();
    auto known = offsets.begin();
    const auto spread_of = [&](profiles::OffsetId id) {
        while (known != offsets.end() && known->id < id) ++known;
        const bool same = known != offsets.end() && known->id == id;
        return std::sqrt(std::max(0.0, same ? known->variance : Posterior::kOffsetVariance));
    };
    for (std::size_t row = 0; row < shelf_.size(); ++row) {
        row_spread_[row] = spread_of(profiles::offset_id(shelf_.ids[row]));
    }
    for (const std::uint16_t category : categories_) {
        category_spread_[category] = spread_of(profiles::offset_id(shelf_.category_ids[category]));
    }
}

/// What is to be drawn at this moment. A trait of the bilinear part counts only by the sum over
/// the moment; what is about a member, only for one.
void Thompson::list_sums(const MomentView& moment, bool member) {
    sums_.clear();
    for (std::size_t trait = 0; trait < layout::kTraits; ++trait) {
        Sum sum;
        for (std::size_t m = 0; m < layout::kMoments; ++m) {
            if (moment.moments[m] == 0) continue;
            sum.terms[sum.count++] = {layout::bilinear(m, trait),
                                      static_cast<double>(moment.moments[m])};
        }
        if (sum.count > 0) sums_.push_back(sum);
    }
    const std::size_t end = member ? layout::kWeights : layout::kFirstPersonal;
    for (std::size_t weight = layout::kBilinear; weight < end; ++weight) {
        Sum sum{.count = 1};
        sum.terms[0] = {weight, 1};
        sums_.push_back(sum);
    }
}

double Thompson::covariance_of(const Sum& one, const Sum& other) const {
    const std::span<const double> covariance = learner_.posterior().covariance();
    double sum = 0;
    for (std::size_t i = 0; i < one.count; ++i) {
        const double* const row = &covariance[one.terms[i].weight * layout::kWeights];
        for (std::size_t k = 0; k < other.count; ++k) {
            sum += one.terms[i].factor * other.terms[k].factor * row[other.terms[k].weight];
        }
    }
    return sum;
}

void Thompson::begin(const Subject& subject) {
    refresh();
    moment_ = subject.moment;
    profile_ = subject.profile;
    tastes_ = &subject.tastes;
    history_ = &subject.history;
    list_sums(moment_, profile_ != nullptr);
    const std::span<const double> mean = learner_.weights();
    CHECK(mean.size() == layout::kWeights);
    joint_.mean.clear();
    joint_.covariance.clear();
    for (std::size_t i = 0; i < sums_.size(); ++i) {
        double sum = 0;
        for (std::size_t k = 0; k < sums_[i].count; ++k) {
            sum += sums_[i].terms[k].factor * mean[sums_[i].terms[k].weight];
        }
        joint_.mean.push_back(sum);
        for (std::size_t k = 0; k <= i; ++k) {
            joint_.covariance.push_back(covariance_of(sums_[i], sums_[k]));
        }
    }
    joint_.factor();
}

/// The drawn sums become weights that amount to them at this moment, for the scorer.
void Thompson::draw_model(Normals& normals) {
    joint_.draw(kThompsonSpread, normals, drawn_);
    for (std::size_t i = 0; i < sums_.size(); ++i) {
        const Sum& sum = sums_[i];
        for (std::size_t k = 1; k < sum.count; ++k) weights_[sum.terms[k].weight] = 0;
        weights_[sum.terms[0].weight] = static_cast<float>(drawn_[i] / sum.terms[0].factor);
    }
    scorer_.suppose(weights_);
    scorer_.begin(moment_);
    if (profile_ != nullptr) scorer_.add_member(*profile_, *tastes_, *history_);
    for (const std::uint16_t category : categories_) {
        category_drawn_[category] = kThompsonSpread * category_spread_[category] * normals.next();
    }
}

double Thompson::draw_score(std::uint32_t row, Normals& normals) const {
    const std::uint16_t category = shelf_.category[row];
    const std::uint16_t root = shelf_.root[row];
    const double shared =
        category_drawn_[category] + (root == category ? 0 : category_drawn_[root]);
    return static_cast<double>(scorer_.log_odds(row)) + shared +
           kThompsonSpread * row_spread_[row] * normals.next();
}

std::size_t Thompson::draw(const SlateLimits& limits, Slate& slate, Rng& rng,
                           std::span<Draw> drawn) {
    const Candidates& left = slate.candidates();
    rows_.assign(left.rows.begin(), left.rows.end());
    until_.assign(rows_.size(), 0);
    slots_ = 0;
    Normals normals(rng);
    slate.start();
    const std::size_t size = std::min({limits.size, drawn.size(), winners_.size()});
    while (slots_ < size && left.size() > 0) {
        draw_model(normals);
        std::size_t chosen = 0;
        std::size_t best = 0;
        double most = -std::numeric_limits<double>::infinity();
        for (std::size_t i = 0; i < left.size(); ++i) {
            const double score = draw_score(left.rows[i], normals);
            if (score > most) {
                most = score;
                chosen = i;
            }
            if (left.scores[i] > left.scores[best]) best = i;
        }
        const std::uint32_t row = left.rows[chosen];
        drawn[slots_] = {row, left.scores[chosen], 0, chosen != best};
        winners_[slots_++] = row;
        slate.take(row, limits);
        // What is left stands for the next slot too; both lists are in the same order.
        std::size_t at = 0;
        for (const std::uint32_t stays : left.rows) {
            while (rows_[at] != stays) ++at;
            until_[at] = static_cast<std::uint8_t>(slots_);
        }
    }
    return slots_;
}

void Thompson::estimate(Rng& rng, std::span<float> probabilities) {
    CHECK(probabilities.size() == slots_);
    Normals normals(rng);
    std::array<std::size_t, Decision::kSlotsMax> wins{};
    for (std::size_t redraw = 0; redraw < kRedraws; ++redraw) {
        draw_model(normals);
        // The best of those that stood for exactly so many slots. One more: some were never masked.
        std::array<double, Decision::kSlotsMax + 1> most;
        std::array<std::uint32_t, Decision::kSlotsMax + 1> whose{};
        most.fill(-std::numeric_limits<double>::infinity());
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            const double score = draw_score(rows_[i], normals);
            if (score <= most[until_[i]]) continue;
            most[until_[i]] = score;
            whose[until_[i]] = rows_[i];
        }
        std::size_t best = slots_;
        for (std::size_t slot = slots_; slot-- > 0;) {
            if (most[slot] > most[best]) best = slot;
            if (whose[best] == winners_[slot]) ++wins[slot];
        }
    }
    for (std::size_t slot = 0; slot < slots_; ++slot) {
        probabilities[slot] = static_cast<float>(wins[slot] + 1) / static_cast<float>(kRedraws + 1);
    }
}

}  // namespace vitrine::offers
