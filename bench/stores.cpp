#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "agent/base/random.hpp"
#include "agent/consent/gate.hpp"
#include "agent/offers/chooser.hpp"
#include "bench/figure.hpp"
#include "bench/world.hpp"

// O5 of TARGETS: what ten stores earn that learn from each other once a night, beside one learner
// that sees every outcome of all of them at once, and beside stores that learn alone. The engine's
// own features, choice and learning; truth is not of the model's form. The chains below were not
// used to tune anything (those were 1 to 6).

namespace vitrine::bench {
namespace {

using namespace profiles;

constexpr std::uint64_t kFirstChain = 2001;
constexpr int kChains = 9;
constexpr std::size_t kStores = 10;
constexpr std::size_t kMembersOfOne = 60;
constexpr std::uint32_t kOffers = 100;
constexpr std::uint16_t kTops = 12;
constexpr int kNights = 20;
constexpr int kRoundsADay = 100;  ///< In each store: 20,000 rounds in all.
constexpr std::int32_t kToday = 20'000;
constexpr WallTime kNow = wall_at(std::chrono::days(kToday) + std::chrono::hours(10));

/// A chain and its people. What a member likes is part the neighbourhood of the store, part their
/// own; purchases show some of it. Each offer has an appeal of its own, and each top category its
/// hours.
class Chain {
  public:
    explicit Chain(std::uint64_t seed) : rng_(seed) {
        lay_out_catalogue();
        for (double& each : of_offer_) each = 0.6 * rng_.normal();
        for (auto& hours : of_hour_) {
            for (double& each : hours) each = 0.4 * rng_.normal();
        }
        std::vector<Profile> profiles;
        for (std::size_t store = 0; store < kStores; ++store) {
            std::array<double, kTops> mix{};
            for (double& each : mix) each = 0.5 * rng_.normal();
            for (std::size_t i = 0; i < kMembersOfOne; ++i) profiles.push_back(move_in(mix));
        }
        for (const Profile& each : profiles) {
            ledger.learn({.subject = each.member,
                          .purpose = consent::Purpose::personalise,
                          .decision = consent::Decision::granted});
        }
        snapshot.profiles = ProfileBook(Epoch(1), std::move(profiles), {});
        snapshot.policy.holdout_permille = 0;
        meet_base_rate();
    }

    double rate(MemberId member, OfferId offer, std::uint8_t hour) const {
        const std::size_t top = top_of(offer);
        return chance_of(intercept_ + of_offer_[offer.value() - 1] +
                         tastes_[member.value() - 1][top] + of_hour_[top][hour / 8U]);
    }

    auto permit(MemberId member) const {
        return *consent::Gate(ledger).permit<consent::Purpose::personalise>(member, kNow);
    }

    Snapshot snapshot;
    consent::Ledger ledger;

  private:
    static std::size_t top_of(OfferId offer) { return offer.value() % kTops; }

    void lay_out_catalogue() {
        Catalogue& catalogue = snapshot.catalogue;
        catalogue.epoch = Epoch(1);
        for (std::uint16_t top = 0; top < kTops; ++top) {
            catalogue.categories.push_back({.id = CategoryId(static_cast<std::uint16_t>(1 + top))});
        }
        for (std::uint16_t i = 0; i < 3 * kTops; ++i) {
            catalogue.categories.push_back(
                {.id = CategoryId(static_cast<std::uint16_t>(100 + i)),
                 .parent = CategoryId(static_cast<std::uint16_t>(1 + i % kTops)),
                 .rhythm_days = 9});
        }
        for (std::uint32_t id = 1; id <= kOffers; ++id) {
            Offer offer{.id = OfferId(id),
                        .category = CategoryId(
                            static_cast<std::uint16_t>(100 + id % kTops + kTops * rng_.below(3)))};
            offer.price = Cents(200);
            offer.prior_price = Cents(static_cast<std::int32_t>(200 + rng_.below(120)));
            offer.popularity = static_cast<std::int16_t>(rng_.below(1000));
            catalogue.offers.push_back(std::move(offer));
        }
    }

    Profile move_in(const std::array<double, kTops>& mix) {
        std::array<double, kTops> tastes{};
        Profile profile{.member = MemberId(tastes_.size() + 1), .level = Level::full};
        for (std::uint16_t top = 0; top < kTops; ++top) {
            tastes[top] = mix[top] + 0.6 * rng_.normal();
            const double bought = std::exp(1.2 * tastes[top] + 0.8 * rng_.normal());
            if (bought < 1) continue;
            profile.habits.push_back(
                {CategoryId(static_cast<std::uint16_t>(100 + top + kTops * rng_.below(3))), 0,
                 kToday - 40, static_cast<float>(bought)});
        }
        std::ranges::sort(profile.habits, {}, &Habit::category);
        tastes_.push_back(tastes);
        return profile;
    }

    void meet_base_rate() {
        double low = -9;
        double high = 0;
        for (int step = 0; step < 30; ++step) {
            intercept_ = (low + high) / 2;
            double mean = 0;
            for (std::size_t m = 1; m <= tastes_.size(); m += 7) {
                for (std::uint32_t id = 1; id <= kOffers; ++id) {
                    mean += rate(MemberId(m), OfferId(id), static_cast<std::uint8_t>(id % 24)) -
                            World::kBaseRate;
                }
            }
            (mean > 0 ? high : low) = intercept_;
        }
    }

    Rng rng_;
    std::vector<std::array<double, kTops>> tastes_;
    std::array<double, kOffers> of_offer_{};
    std::array<std::array<double, 3>, kTops> of_hour_{};
    double intercept_ = 0;
};

/// One learner and what it chooses by.
struct Agent {
    explicit Agent(const Chain& chain) {
        if (!learner.adopt(offers::prior_model(Epoch(1), 0.03F))) std::abort();
        chooser.prepare(chain.snapshot, learner);
    }

    offers::Learner learner;
    offers::Chooser chooser;
    offers::Exposures exposures;
};

enum class Way { chance, alone, nightly, connected };

/// A visit; the value is the expected number of taps.
double serve(const Chain& chain, Agent& agent, std::size_t store, Rng& rng, bool learns) {
    const MemberId member(1 + store * kMembersOfOne + rng.below(kMembersOfOne));
    offers::Context context{.now = kNow, .store = StoreId("paris"), .month = 6};
    context.hour = static_cast<std::uint8_t>(8 + rng.below(12));
    const auto permitted = chain.permit(member);
    const offers::Decision decision = agent.chooser.personal(
        permitted, true, context, agent.exposures, DecisionId(rng.next() | 1), rng);
    double expected = 0;
    for (std::size_t i = 0; i < decision.slot_count; ++i) {
        const OfferId offer = decision.slots[i].offer;
        const double rate = chain.rate(member, offer, context.hour);
        expected += rate;
        const bool tapped = rng.uniform() < rate;
        if (!learns) continue;
        agent.learner.learn_anonymous(agent.chooser.example(permitted, true, context, offer),
                                      tapped);
    }
    return expected;
}

/// What the centre does every night, and the stores the next morning.
void merge(std::vector<std::unique_ptr<Agent>>& agents, Model& model) {
    offers::Statistics total = agents[0]->learner.statistics();
    for (std::size_t i = 1; i < agents.size(); ++i) {
        total = offers::add(total, agents[i]->learner.statistics()).value();
    }
    model = offers::refit(model, total, Epoch(model.epoch.value() + 1)).value();
    for (auto& agent : agents) {
        if (!agent->learner.adopt(model)) std::abort();
    }
}

double reward(std::uint64_t seed, Way way) {
    Chain chain(seed);
    if (way == Way::chance) chain.snapshot.policy.exploration_floor = 1;
    Rng rng(seed + 1);
    std::vector<std::unique_ptr<Agent>> agents;
    const bool one = way == Way::connected || way == Way::chance;
    for (std::size_t i = 0; i < (one ? 1 : kStores); ++i) {
        agents.push_back(std::make_unique<Agent>(chain));
    }
    Model model = offers::prior_model(Epoch(1), 0.03F);
    double sum = 0;
    for (int night = 0; night < kNights; ++night) {
        for (int round = 0; round < kRoundsADay; ++round) {
            for (std::size_t store = 0; store < kStores; ++store) {
                Agent& agent = *agents[one ? 0 : store];
                sum += serve(chain, agent, store, rng, way != Way::chance);
            }
        }
        if (way == Way::nightly) merge(agents, model);
    }
    return sum;
}

void stores() {
    const std::string beside = ", beside one learner that sees all";
    Figure merged("stores", "O5 ten stores merging nightly, reward" + beside, "");
    Figure merged_gain("stores", "O5 the same, reward above chance" + beside, "");
    Figure isolated("stores", "O5 stores that learn alone, reward" + beside, "");
    Figure isolated_gain("stores", "O5 the same alone, reward above chance" + beside, "");
    for (std::uint64_t seed = kFirstChain; seed < kFirstChain + kChains; ++seed) {
        const double chance = reward(seed, Way::chance);
        const double all = reward(seed, Way::connected);
        const double nightly = reward(seed, Way::nightly);
        const double alone = reward(seed, Way::alone);
        merged.add(nightly / all);
        isolated.add(alone / all);
        merged_gain.add((nightly - chance) / (all - chance));
        isolated_gain.add((alone - chance) / (all - chance));
    }
    for (const Figure* each : {&merged, &merged_gain, &isolated, &isolated_gain}) each->print();
}

}  // namespace
}  // namespace vitrine::bench

int main() {
    vitrine::bench::stores();
    return 0;
}
