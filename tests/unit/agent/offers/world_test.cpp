#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "tests/unit/agent/offers/shop.hpp"

namespace vitrine::offers {
namespace {

using namespace testing;

/// A made-up town: what its people like is drawn from a seed and hidden from the engine. Appeal is
/// not of the model's own form: each member has tastes by top category of which the purchases show
/// only a part, each offer an appeal of its own, and each top category its hours.
class Town {
  public:
    explicit Town(std::uint64_t seed) : rng_(seed) {
        for (double& appeal : of_offer_) appeal = 0.7 * rng_.normal();
        for (auto& hours : of_hour_) {
            for (double& appeal : hours) appeal = 0.5 * rng_.normal();
        }
        for (std::uint64_t m = 0; m < kMembers; ++m)
            members_.push_back(make_member(MemberId(m + 1)));
    }

    static constexpr std::size_t kOffers = 48;
    static constexpr std::size_t kMembers = 60;

    std::vector<Profile> profiles() const {
        std::vector<Profile> profiles;
        for (const auto& [profile, tastes] : members_) profiles.push_back(profile);
        return profiles;
    }

    double rate(MemberId member, OfferId offer, CategoryId category, const Context& context) const {
        const std::size_t top = category.value() % 10U - 1U;
        const double odds = -4.4 + of_offer_[offer.value() - 1] +
                            members_[member.value() - 1].second[top] +
                            of_hour_[top][context.hour / 8U];
        return 1 / (1 + std::exp(-odds));
    }

    Rng& rng() { return rng_; }

  private:
    using Tastes = std::array<double, kTops>;

    std::pair<Profile, Tastes> make_member(MemberId member) {
        Profile profile{.member = member, .level = Level::full, .as_of_day = kToday};
        Tastes tastes{};
        for (std::uint16_t top = 1; top <= kTops; ++top) {
            tastes[top - 1U] = 0.9 * rng_.normal();
            const double bought = std::exp(1.2 * tastes[top - 1U] + 0.8 * rng_.normal());
            if (bought < 1) continue;
            profile.habits.push_back({CategoryId(static_cast<std::uint16_t>(10 + top)), 0,
                                      kToday - 40, static_cast<float>(bought)});
        }
        return {profile, tastes};
    }

    Rng rng_;
    std::array<double, kOffers> of_offer_{};
    std::array<std::array<double, 3>, kTops> of_hour_{};
    std::vector<std::pair<Profile, Tastes>> members_;
};

enum class Policy { by_chance, prior, learning, thompson };

/// Taps in the last third of the rounds, expected, so that chance in the taps does not count.
double reward(std::uint64_t seed, Policy policy) {
    constexpr int kRounds = 9000;
    Town town(seed);
    Shop shop(Town::kOffers);
    shop.know(town.profiles());
    shop.learner.adopt(prior_model(Epoch(1), 0.03F)).value();
    if (policy == Policy::by_chance) shop.snapshot.policy.exploration_floor = 1;
    if (policy == Policy::thompson) {
        shop.snapshot.policy.exploration = profiles::Exploration::thompson;
    }
    shop.prepare();
    double expected = 0;
    for (int round = 0; round < kRounds; ++round) {
        const MemberId member(1 + town.rng().below(Town::kMembers));
        shop.context.hour = static_cast<std::uint8_t>(8 + town.rng().below(12));
        const Decision decision = shop.personal(town.rng().next(), member);
        for (std::size_t i = 0; i < decision.slot_count; ++i) {
            const Offer& offer = shop.offer(decision.slots[i].offer.value());
            const double rate = town.rate(member, offer.id, offer.category, shop.context);
            if (round >= kRounds * 2 / 3) expected += rate;
            const bool tapped = town.rng().uniform() < rate;
            if (policy == Policy::by_chance || policy == Policy::prior) continue;
            shop.learner.learn_anonymous(
                shop.chooser.example(shop.permit(member), true, shop.context, offer.id), tapped);
        }
    }
    return expected;
}

// The settings were chosen with other seeds (1 to 4) than the ones judged here.
TEST(World, LearningBeatsThePriorAndThePriorBeatsChance) {
    double chance = 0;
    double prior = 0;
    double learning = 0;
    for (const std::uint64_t seed : {901U, 902U, 903U}) {
        chance += reward(seed, Policy::by_chance);
        prior += reward(seed, Policy::prior);
        learning += reward(seed, Policy::learning);
    }
    RecordProperty("chance", std::to_string(chance));
    RecordProperty("prior", std::to_string(prior));
    RecordProperty("learning", std::to_string(learning));
    EXPECT_GT(prior, chance);
    EXPECT_GT(learning, 1.3 * prior);
}

TEST(World, LearningByThompsonBeatsThePrior) {
    EXPECT_GT(reward(904, Policy::thompson), 1.3 * reward(904, Policy::prior));
}

/// What five shops that merge every night earn, by night.
std::vector<double> nights_of(std::uint64_t seed) {
    Town town(seed);
    profiles::Model model = prior_model(Epoch(1), 0.03F);
    std::vector<double> by_night;
    for (std::uint64_t night = 0; night < 8; ++night) {
        std::vector<Statistics> agents;
        double expected = 0;
        for (int agent = 0; agent < 5; ++agent) {
            Shop shop(Town::kOffers);
            shop.know(town.profiles());
            shop.learner.adopt(model).value();
            shop.prepare();
            for (int round = 0; round < 300; ++round) {
                const MemberId member(1 + town.rng().below(Town::kMembers));
                shop.context.hour = static_cast<std::uint8_t>(8 + town.rng().below(12));
                const Decision decision = shop.personal(town.rng().next(), member);
                for (std::size_t i = 0; i < decision.slot_count; ++i) {
                    const Offer& offer = shop.offer(decision.slots[i].offer.value());
                    const double rate = town.rate(member, offer.id, offer.category, shop.context);
                    expected += rate;
                    shop.learner.learn_anonymous(
                        shop.chooser.example(shop.permit(member), true, shop.context, offer.id),
                        town.rng().uniform() < rate);
                }
            }
            agents.push_back(shop.learner.statistics());
        }
        Statistics total = agents[0];
        for (std::size_t i = 1; i < agents.size(); ++i) total = add(total, agents[i]).value();
        model = refit(model, total, Epoch(night + 2)).value();
        by_night.push_back(expected);
    }
    return by_night;
}

TEST(World, MergedRefitsBeatThePublishedPrior) {
    double first = 0;
    double last = 0;
    for (const std::uint64_t seed : {907U, 908U, 909U, 910U}) {
        const std::vector<double> by_night = nights_of(seed);
        first += by_night.front();
        last += by_night.back();
    }
    RecordProperty("first", std::to_string(first));
    RecordProperty("last", std::to_string(last));
    EXPECT_GT(last, 1.3 * first);
}

}  // namespace
}  // namespace vitrine::offers
