#include "agent/offers/chooser.hpp"

#include <algorithm>

#include "agent/base/check.hpp"
#include "agent/offers/experiments.hpp"
#include "agent/offers/filter.hpp"
#include "agent/offers/logistic.hpp"
#include "agent/offers/reasons.hpp"
#include "agent/offers/scorer.hpp"
#include "agent/offers/slate.hpp"
#include "agent/offers/thompson.hpp"

namespace vitrine::offers {

namespace {

/// A screen shows no more tailored offers than this, whatever the policy says (REQUIREMENTS T7).
constexpr std::size_t kTailoredMax = 3;

}  // namespace

/// The snapshot laid out for scoring, and the memory of one decision: nothing is allocated while
/// one is made.
struct Chooser::Prepared {
    Prepared(const profiles::Snapshot& shown, const Learner& learner)
        : snapshot(shown),
          shelf(shown.catalogue, StoreId()),
          filter(shelf),
          scorer(shelf, learner),
          thompson(shelf, learner) {
        tastes.lay_out(shelf, shown.model.vectors);
        history.lay_out(shelf);
        slate.lay_out(shelf);
        shelf.bind(shown.policy);
        shelf.restock(shown.stock);
        filter.supply(shown.stock);
    }

    std::size_t slate_size() const {
        return std::min<std::size_t>(snapshot.policy.slate_size, kTailoredMax);
    }
    Decision decide(const Audience& audience, std::size_t size, DecisionId id, Rng& rng);
    void gather(const Audience& audience, Decision& decision);
    SlateLimits limits_of(const Audience& audience, std::size_t size) const;
    void explain(const Audience& audience, const MomentView& moment, const Draw& draw, Slot& slot);
    void expose(Assignments& assignments) const;
    Decision fall_back(const Audience& member, std::size_t lost, Removal reason, DecisionId id,
                       Rng& rng);

    const profiles::Snapshot& snapshot;
    Shelf shelf;
    Filter filter;
    Scorer scorer;
    Tastes tastes;
    History history;
    Slate slate;
    Thompson thompson;
    DecisionId drawn_by_thompson;  ///< The last decision, where an estimate can still be made.
};

Chooser::Chooser() = default;
Chooser::~Chooser() = default;

void Chooser::prepare(const profiles::Snapshot& snapshot, const Learner& learner) {
    prepared_ = std::make_unique<Prepared>(snapshot, learner);
}

void Chooser::supply(const profiles::Stock& stock, const Budgets& budgets) {
    CHECK(prepared_ != nullptr);
    prepared_->shelf.restock(stock);
    prepared_->shelf.reckon(budgets);
}

/// Removes, counts and scores; what is left are the slate's candidates.
void Chooser::Prepared::gather(const Audience& audience, Decision& decision) {
    Candidates& candidates = slate.candidates();
    std::array<std::uint16_t, 256> removed{};
    candidates.keep_those_that_stay(filter.removals(), removed);
    std::copy_n(removed.begin(), kRemovals, decision.removals.begin());
    for (const std::uint32_t row : candidates.rows) decision.eligible_hash += shelf.identity[row];
    // A Thompson draw brings its own.
    const float optimist = decision.exploration == profiles::Exploration::inverse_gap ? 1 : 0;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const std::uint32_t row = candidates.rows[i];
        candidates.scores[i] = scorer.log_odds(row) + optimist * scorer.optimism(row);
    }
    candidates.rate();
    decision.eligible_count = static_cast<std::uint16_t>(candidates.size());
    decision.path = audience.path;
}

SlateLimits Chooser::Prepared::limits_of(const Audience& audience, std::size_t size) const {
    const profiles::Policy& policy = snapshot.policy;
    SlateLimits limits{.size = std::min(size, Decision::kSlotsMax),
                       .per_root = std::max<std::size_t>(1, policy.per_category_max)};
    if (audience.path == Path::personal) limits.per_category = policy.category_per_member_day;
    // The loop that everyone sees may repeat a top category where there are fewer of them than
    // places.
    if (size > slate_size()) limits.per_root = std::max<std::size_t>(limits.per_root, 2);
    return limits;
}

Decision Chooser::Prepared::decide(const Audience& audience, std::size_t size, DecisionId id,
                                   Rng& rng) {
    if (shelf.here != audience.context->store) shelf.move_to(audience.context->store);
    scorer.refresh();
    const MomentView moment = MomentView::of(audience.context_allowed ? audience.context : nullptr);
    scorer.begin(moment);
    history.clear();
    if (audience.exposure != nullptr) history.find_seen(shelf, *audience.exposure);
    if (audience.profile != nullptr) {
        tastes.work_out(*audience.profile, day_of(audience.context->now));
        if (audience.profile->level == profiles::Level::full) {
            history.find_bought(shelf, *audience.profile);
            if (basket_counts(*audience.profile, day_of(audience.context->now))) {
                history.find_left(shelf, *audience.profile);
            }
        }
        scorer.add_member(*audience.profile, tastes, history);
    }
    filter.look_at(audience, tastes, history, snapshot.policy, slate.shown_in_category());

    Decision decision{.id = id, .epochs = snapshot.epochs()};
    decision.candidate_count = static_cast<std::uint16_t>(shelf.size());
    decision.exploration = audience.assignments == nullptr
                               ? snapshot.policy.exploration
                               : exploration_of(*audience.assignments, snapshot.policy);
    gather(audience, decision);
    const SlateLimits limits = limits_of(audience, size);
    std::array<Draw, Decision::kSlotsMax> drawn;
    std::size_t count = 0;
    if (decision.exploration == profiles::Exploration::thompson) {
        thompson.begin({moment, audience.profile, tastes, history});
        count = thompson.draw(limits, slate, rng, drawn);
        drawn_by_thompson = id;
    } else {
        const Exploration exploration{
            .sharpness = std::max(0.0F, snapshot.policy.exploration_gamma),
            .floor = std::clamp(snapshot.policy.exploration_floor, 0.0F, 1.0F)};
        count = slate.draw(exploration, limits, rng, drawn);
        drawn_by_thompson = DecisionId{};
    }
    decision.slot_count = static_cast<std::uint8_t>(count);
    for (std::size_t i = 0; i < count; ++i) {
        explain(audience, moment, drawn[i], decision.slots[i]);
    }
    return decision;
}

void Chooser::Prepared::explain(const Audience& audience, const MomentView& moment,
                                const Draw& draw, Slot& slot) {
    const profiles::Offer& offer = shelf.catalogue.offers[draw.row];
    slot.offer = offer.id;
    slot.probability = draw.probability;
    slot.score = logistic(scorer.log_odds(draw.row));
    slot.explored = draw.explored;
    std::array<float, layout::kWeights> features{};
    shop_features(moment, shelf, draw.row, features);
    if (audience.profile != nullptr) {
        member_features(*audience.profile, tastes, shelf, draw.row, day_of(audience.context->now),
                        audience.exposure, features);
    }
    const Chosen chosen{
        .path = audience.path,
        .category = offer.category,
        .campaign = audience.path == Path::personal && filter.admitted_as_member(draw.row),
        .explored = draw.explored};
    give_reasons(chosen, features, scorer.weights(), slot);
}

/// After a decision for that member.
void Chooser::Prepared::expose(Assignments& assignments) const {
    for (std::size_t i = 0; i < assignments.count; ++i) {
        Assignment& each = assignments.each[i];
        each.exposed = (unsigned{filter.exposed()} >> each.experiment & 1U) != 0 ||
                       sets_exploration(snapshot.policy.experiments[each.experiment]);
    }
}

/// The mass path for a member for whom nothing personal is left. What was refused stays refused.
Decision Chooser::Prepared::fall_back(const Audience& member, std::size_t lost, Removal reason,
                                      DecisionId id, Rng& rng) {
    const Audience audience{.path = Path::mass,
                            .context = member.context,
                            .context_allowed = member.context_allowed,
                            .exposure = member.exposure,
                            .dismissed = &member.profile->dismissed};
    Decision decision = decide(audience, slate_size(), id, rng);
    if (lost > 0) {
        decision.removals[static_cast<std::size_t>(reason)] = static_cast<std::uint16_t>(lost);
    }
    return decision;
}

Decision Chooser::personal(const consent::Permitted<consent::Purpose::personalise>& permitted,
                           bool context_allowed, const Context& context, const Exposures& exposures,
                           DecisionId id, Rng& rng) const {
    CHECK(prepared_ != nullptr);
    Prepared& prepared = *prepared_;
    const profiles::Policy& policy = prepared.snapshot.policy;
    const MemberId member = permitted.member();
    const profiles::Profile* profile = prepared.snapshot.profiles.read(permitted);
    if (profile == nullptr || profile->level == profiles::Level::none) {
        const Audience everyone{.context = &context, .context_allowed = context_allowed};
        return prepared.decide(everyone, prepared.slate_size(), id, rng);
    }
    Assignments assignments = assign(member, policy);
    Decision decision;
    if (in_holdout(member, policy.holdout_permille)) {
        const Audience everyone{.context = &context, .context_allowed = context_allowed};
        decision = prepared.decide(everyone, prepared.slate_size(), id, rng);
        decision.holdout = true;
    } else {
        const Exposure& exposure = exposures.of(member);
        const Audience audience{.path = Path::personal,
                                .context = &context,
                                .context_allowed = context_allowed,
                                .profile = profile,
                                .exposure = &exposure,
                                .dismissed = &profile->dismissed,
                                .assignments = &assignments};
        const std::size_t all = prepared.shelf.size();
        const bool day_is_full = policy.decisions_per_member_day > 0 &&
                                 exposure.counts_for(day_of(context.now)) &&
                                 exposure.decisions_today >= policy.decisions_per_member_day;
        if (context.now < exposure.quiet_until) {
            decision = prepared.fall_back(audience, all, Removal::quiet, id, rng);
        } else if (day_is_full) {
            decision = prepared.fall_back(audience, all, Removal::day_cap, id, rng);
        } else {
            decision = prepared.decide(audience, prepared.slate_size(), id, rng);
            prepared.expose(assignments);
            if (decision.slot_count == 0) {
                decision = prepared.fall_back(audience, 0, Removal::quiet, id, rng);
            }
        }
    }
    decision.assignment_count = assignments.count;
    decision.assignments = assignments.each;
    return decision;
}

Decision Chooser::group(const Context& context, DecisionId id, Rng& rng) const {
    CHECK(prepared_ != nullptr);
    const Audience audience{.path = Path::group, .context = &context};
    return prepared_->decide(audience, prepared_->slate_size(), id, rng);
}

Decision Chooser::mass(const Context& context, DecisionId id, Rng& rng) const {
    CHECK(prepared_ != nullptr);
    const Audience audience{.path = Path::mass, .context = &context};
    return prepared_->decide(audience, prepared_->snapshot.policy.ambient_size, id, rng);
}

void Chooser::estimate(Decision& decision) const {
    CHECK(prepared_ != nullptr);
    if (decision.exploration != profiles::Exploration::thompson) return;
    Prepared& prepared = *prepared_;
    CHECK(prepared.drawn_by_thompson == decision.id);
    // Chance of its own: whether it is asked for changes no later decision.
    Rng rng(decision.id.value());
    std::array<float, Decision::kSlotsMax> probabilities{};
    prepared.thompson.estimate(rng, std::span(probabilities).first(decision.slot_count));
    for (std::size_t i = 0; i < decision.slot_count; ++i) {
        decision.slots[i].probability = probabilities[i];
    }
}

Example Chooser::example(
    const std::optional<consent::Permitted<consent::Purpose::personalise>>& permitted,
    bool context_allowed, const Context& context, OfferId offer, const Exposures* exposures) const {
    CHECK(prepared_ != nullptr);
    Prepared& prepared = *prepared_;
    prepared.drawn_by_thompson = DecisionId{};  // Its tastes give way to another member's.
    Example example{.offer = offer};
    const std::size_t row = prepared.shelf.row_of(offer);
    if (row == prepared.shelf.size()) return example;
    const std::uint16_t category = prepared.shelf.category[row];
    if (category < prepared.shelf.category_ids.size()) {
        const std::uint16_t root = prepared.shelf.root[row];
        example.category = prepared.shelf.category_ids[category];
        if (root != category) example.top = prepared.shelf.category_ids[root];
    }
    example.size = layout::kWeights;
    const std::span<float, layout::kWeights> features(example.features.data(), layout::kWeights);
    shop_features(MomentView::of(context_allowed ? &context : nullptr), prepared.shelf, row,
                  features);
    if (!permitted) return example;
    const profiles::Profile* profile = prepared.snapshot.profiles.read(*permitted);
    if (profile == nullptr || profile->level == profiles::Level::none) return example;
    const std::int32_t today = day_of(context.now);
    prepared.tastes.work_out(*profile, today);
    const Exposure* exposure = exposures == nullptr ? nullptr : &exposures->of(permitted->member());
    member_features(*profile, prepared.tastes, prepared.shelf, row, today, exposure, features);
    return example;
}

}  // namespace vitrine::offers
