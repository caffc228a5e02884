#include <algorithm>
#include <utility>

#include "agent/engine/engine.hpp"

namespace vitrine::engine {

using consent::Purpose;
using profiles::Reward;

namespace {

/// How often windows are looked at: they last hours.
constexpr std::chrono::minutes kSettleEvery{1};

}  // namespace

/// What the model saw, before the showing itself counts as one.
void Engine::take_examples(Shown& shown, Now now) const {
    const auto permitted = gate_.permit<Purpose::personalise>(shown.member, now.wall);
    if (!permitted) return;
    const bool context_allowed = gate_.permit<Purpose::context>(shown.member, now.wall).has_value();
    for (std::size_t i = 0; i < shown.decision.slot_count; ++i) {
        shown.examples.push_back(chooser_.example(permitted, context_allowed, shown.context,
                                                  shown.decision.slots[i].offer, &exposures_));
    }
}

/// Remembers what succeeds later, with the permission to measure.
void Engine::await_rewards(const Shown& shown, Now now, Effects& effects) {
    const auto personalise = gate_.permit<Purpose::personalise>(shown.member, now.wall);
    const profiles::Profile* profile =
        personalise ? snapshot_.profiles.read(*personalise) : nullptr;
    if (profile == nullptr || !measured(shown.member, now)) return;
    bool waits = false;
    for (const offers::Example& example : shown.examples) {
        waits = rewards_.shown(*profile, snapshot_.catalogue, example, now.wall) || waits;
    }
    if (waits) effects.remember(reward_key(shown.member), rewards_.encode(shown.member));
}

/// Learns at once what is known at once; of an offer whose reward is another one, nothing.
void Engine::learn(const Shown& shown, std::size_t slot, Reward reward, bool positive, Now now) {
    const OfferId id = shown.decision.slots[slot].offer;
    const profiles::Offer* offer = snapshot_.catalogue.offer(id);
    if (offer == nullptr || offer->reward != reward) return;
    prepare();
    if (shown.decision.path != offers::Path::personal) {
        const offers::Example example = chooser_.example(std::nullopt, false, shown.context, id);
        return learner_.learn_anonymous(example, positive);
    }
    if (slot >= shown.examples.size()) return;
    learn(offers::Outcome{.member = shown.member,
                          .example = shown.examples[slot],
                          .positive = positive,
                          .correction = positive && shown.ended != Instant::max()},
          now);
}

void Engine::learn(const offers::Outcome& outcome, Now now) {
    const auto measure = gate_.permit<Purpose::measure>(outcome.member, now.wall);
    if (!measure || !gate_.permit<Purpose::personalise>(outcome.member, now.wall)) return;
    if (outcome.correction) return learner_.correct(*measure, outcome.example);
    learner_.learn(*measure, outcome.example, outcome.positive);
}

void Engine::settle(MemberId member, const std::vector<offers::Outcome>& outcomes, Now now,
                    Effects& effects) {
    if (outcomes.empty()) return;
    for (const offers::Outcome& outcome : outcomes) learn(outcome, now);
    // What was settled and what was learned from it are kept together: a correction after a power
    // cut must find the failure that it corrects.
    effects.remember(reward_key(member), rewards_.encode(member));
    effects.remember(kLearnerKey, learner_.encode());
}

void Engine::on(const Bought& bought, Now now, Effects& effects) {
    settle(bought.member,
           rewards_.bought(bought.member, snapshot_.catalogue, bought.product, bought.categories,
                           now.wall),
           now, effects);
}

void Engine::settle_rewards(Now now, Effects& effects) {
    if (std::exchange(profiles_changed_, false)) {
        for (const MemberId member : rewards_.members()) {
            const auto permitted = gate_.permit<Purpose::personalise>(member, now.wall);
            const profiles::Profile* profile =
                permitted ? snapshot_.profiles.read(*permitted) : nullptr;
            if (profile == nullptr) continue;
            settle(member, rewards_.learned(*profile, snapshot_.catalogue, now.wall), now, effects);
        }
    }
    if (now.instant < rewards_due_) return;
    rewards_due_ = now.instant + kSettleEvery;
    std::vector<MemberId> changed;
    for (const offers::Outcome& outcome : rewards_.expire(now.wall, changed)) learn(outcome, now);
    for (const MemberId member : changed) {
        effects.remember(reward_key(member), rewards_.encode(member));
    }
    if (!changed.empty()) effects.remember(kLearnerKey, learner_.encode());
}

}  // namespace vitrine::engine
