#include <malloc.h>

#include <cmath>
#include <cstdlib>
#include <map>
#include <new>
#include <string>

#include "agent/base/random.hpp"
#include "agent/consent/gate.hpp"
#include "agent/offers/chooser.hpp"
#include "agent/offers/rules.hpp"
#include "bench/figure.hpp"

// O1, O2, O3 and O8 of TARGETS: what a decision and an outcome cost.

namespace {
std::size_t live_bytes = 0;
}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
    void* memory = std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) std::abort();
    live_bytes += malloc_usable_size(memory);
    return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
    live_bytes -= malloc_usable_size(memory);
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
    operator delete(memory);
}

namespace vitrine::bench {
namespace {

using namespace profiles;

constexpr std::int32_t kToday = 20'000;
constexpr WallTime kNow = wall_at(std::chrono::days(kToday) + std::chrono::hours(10));
constexpr std::uint64_t kMembers = 200;

/// "visits_30_days >= limit", and every other one also "before noon".
Rule campaign(int which) {
    using offers::slot_of;
    Rule rule;
    const auto add = [&](RuleNode node, std::vector<std::uint32_t> arguments) {
        node.first_argument = static_cast<std::uint32_t>(rule.arguments.size());
        node.argument_count = static_cast<std::uint32_t>(arguments.size());
        rule.arguments.insert(rule.arguments.end(), arguments.begin(), arguments.end());
        rule.nodes.push_back(node);
        return static_cast<std::uint32_t>(rule.nodes.size() - 1);
    };
    rule.texts = {"visits_30_days", "hour"};
    const auto visits = add({.op = RuleOp::var, .field = *slot_of("visits_30_days")}, {});
    const auto limit = add({.op = RuleOp::literal_number, .number = double(which % 12)}, {});
    const auto often = add({.op = RuleOp::greater_equal}, {visits, limit});
    if (which % 2 == 0) return rule;
    const auto hour = add({.op = RuleOp::var, .text = 1, .field = *slot_of("hour")}, {});
    const auto noon = add({.op = RuleOp::literal_number, .number = double(which)}, {});
    const auto early = add({.op = RuleOp::less_equal}, {hour, noon});
    add({.op = RuleOp::and_}, {often, early});
    return rule;
}

/// A shop with `count` offers in 60 categories under 12 top ones; two offers in five carry one of
/// 24 campaigns' rules, one in ten has an exclusion group, one in twenty is sensitive.
Catalogue catalogue_of(std::uint32_t count) {
    Catalogue catalogue{.epoch = Epoch(1)};
    for (std::uint16_t top = 1; top <= 12; ++top) {
        catalogue.categories.push_back({.id = CategoryId(top), .sensitive = top == 12});
    }
    for (std::uint16_t i = 0; i < 60; ++i) {
        catalogue.categories.push_back(
            {.id = CategoryId(static_cast<std::uint16_t>(100 + i)),
             .parent = CategoryId(static_cast<std::uint16_t>(1 + i % 12)),
             .rhythm_days = 9});
    }
    for (std::uint32_t i = 1; i <= count; ++i) {
        Offer offer{
            .id = OfferId(i),
            .category = CategoryId(static_cast<std::uint16_t>(100 + i % 60)),
        };
        if (i % 3 == 0) offer.products = {ProductId(1000 + i)};
        offer.price = Cents(100 + i % 300);
        offer.prior_price = Cents(200 + i % 500);
        offer.popularity = static_cast<std::int16_t>(i * 37 % 1000);
        offer.season = static_cast<std::int8_t>(i % 4 == 0 ? 1 + i % 12 : 0);
        offer.stores = {StoreId("lyon"), StoreId("paris")};
        if (i % 5 < 2) offer.segment = campaign(static_cast<int>(i % 24));
        if (i % 10 == 0) offer.exclusion_group = "group " + std::to_string(i % 70);
        catalogue.offers.push_back(std::move(offer));
    }
    return catalogue;
}

Profile member_of(Rng& rng, MemberId member) {
    Profile profile{.member = member, .level = Level::full};
    profile.visits_30_days = static_cast<std::uint16_t>(rng.below(12));
    for (std::uint16_t i = 0; i < 60 && profile.habits.size() < Profile::kHabitsMax; ++i) {
        if (rng.below(2) == 0) continue;
        profile.habits.push_back({CategoryId(static_cast<std::uint16_t>(100 + i)),
                                  static_cast<std::uint16_t>(rng.below(20)),
                                  kToday - static_cast<std::int32_t>(rng.below(60)),
                                  static_cast<float>(rng.below(20)) / 2});
    }
    for (std::uint32_t product = 1000; profile.products.size() < Profile::kProductsMax;
         product += 1 + static_cast<std::uint32_t>(rng.below(9))) {
        profile.products.push_back({ProductId(product), kToday - 30, 1.5F});
    }
    profile.favourites = {CategoryId(3), CategoryId(105)};
    return profile;
}

struct World {
    Snapshot snapshot;
    offers::Learner learner;
    offers::Chooser chooser;
    offers::Exposures exposures;
    consent::Ledger ledger;
    offers::Context context{.now = kNow, .store = StoreId("paris"), .hour = 10, .month = 6};

    explicit World(std::uint32_t count) {
        Rng rng(1);
        snapshot.catalogue = catalogue_of(count);
        std::vector<Profile> profiles;
        for (std::uint64_t m = 1; m <= kMembers; ++m) {
            profiles.push_back(member_of(rng, MemberId(m)));
            ledger.learn({.subject = MemberId(m),
                          .purpose = consent::Purpose::personalise,
                          .decision = consent::Decision::granted});
            for (int i = 0; i < 40; ++i) {
                const OfferId offer(1 + static_cast<std::uint32_t>(rng.below(count)));
                exposures.shown(MemberId(m), offer, snapshot.catalogue.offer(offer)->category,
                                kNow - std::chrono::hours(rng.below(400)));
            }
        }
        snapshot.profiles = ProfileBook(Epoch(1), std::move(profiles), {});
        snapshot.policy.holdout_permille = 0;
        chooser.prepare(snapshot, learner);
    }

    auto permit(MemberId member) const {
        return *consent::Gate(ledger).permit<consent::Purpose::personalise>(member, kNow);
    }
};

/// What one writes first: features by name in a map, and the full product of context and offer for
/// every offer. Scores only: no rules, caps or draw.
class NaiveScorer {
  public:
    double best_of(const World& world, MemberId member, std::uint8_t hour) {
        const Profile* profile = world.snapshot.profiles.read(world.permit(member));
        double best = -1e9;
        for (const Offer& offer : world.snapshot.catalogue.offers) {
            std::map<std::string, double> context{{"always", 1},
                                                  {"morning", hour < 12 ? 1 : 0},
                                                  {"evening", hour > 17 ? 1 : 0},
                                                  {"weather", 0.5},
                                                  {"weekend", 0}};
            const Habit* habit = profile->habit(offer.category);
            std::map<std::string, double> about{
                {"category " + std::to_string(offer.category.value() % 8), 1},
                {"popularity", offer.popularity / 1000.0},
                {"discount", 0.2},
                {"bought", habit == nullptr ? 0 : static_cast<double>(habit->weight)}};
            double score = 0;
            for (const auto& [one, x] : context) {
                for (const auto& [other, y] : about) score += weights_[one + "*" + other] * x * y;
            }
            best = std::max(best, score);
        }
        return best;
    }

  private:
    std::map<std::string, double> weights_;
};

void decisions(std::uint32_t count) {
    World world(count);
    const std::string candidates = std::to_string(count) + " candidates";
    Figure median("offers", "O1 one decision of 3, p50, " + candidates, "us");
    Figure tail("offers", "O2 one decision of 3, p99, " + candidates, "us");
    Rng rng(7);
    NaiveScorer naive;
    constexpr int kDecisions = 4000;
    for (int run = 0; run < 9; ++run) {
        std::vector<double> micros;
        for (int i = 0; i < kDecisions; ++i) {
            const auto permitted = world.permit(MemberId(1 + rng.below(kMembers)));
            world.context.hour = static_cast<std::uint8_t>(rng.below(24));
            micros.push_back(1e6 * wall_seconds([&] {
                                 keep(world.chooser.personal(permitted, true, world.context,
                                                             world.exposures, DecisionId(1), rng));
                             }));
        }
        median.add(median_of(micros));
        tail.add(quantile_of(micros, 0.99));
        std::vector<double> peer;
        for (int i = 0; i < 20; ++i) {
            const MemberId member(1 + rng.below(kMembers));
            peer.push_back(1e6 * wall_seconds([&] { keep(naive.best_of(world, member, 9)); }));
        }
        median.add_peer("features in maps, score only", median_of(peer));
    }
    median.print();
    tail.print();
}

/// The same update of a dense covariance with features in a map, as one writes it first.
class NaiveLearner {
  public:
    void learn(const std::map<std::size_t, double>& features, bool positive) {
        std::map<std::size_t, double> along;
        double odds = 0;
        double variance = 0;
        for (const auto& [i, x] : features) {
            odds += mean_[i] * x;
            for (std::size_t k = 0; k < kWeights; ++k) along[k] += covariance_[{k, i}] * x;
        }
        for (const auto& [i, x] : features) variance += along[i] * x;
        const double rate = 1 / (1 + std::exp(-odds));
        const double gain = rate * (1 - rate) / (1 + rate * (1 - rate) * variance);
        for (std::size_t k = 0; k < kWeights; ++k) {
            mean_[k] += along[k] * ((positive ? 1 : 0) - rate);
            for (std::size_t l = 0; l < kWeights; ++l) {
                covariance_[{k, l}] -= gain * along[k] * along[l];
            }
        }
    }

  private:
    static constexpr std::size_t kWeights = 64;
    std::map<std::size_t, double> mean_;
    std::map<std::pair<std::size_t, std::size_t>, double> covariance_;
};

void outcomes() {
    World world(100);
    Figure learning("offers", "O3 learning from one outcome, p50", "us");
    Rng rng(11);
    NaiveLearner naive;
    for (int run = 0; run < 9; ++run) {
        std::vector<double> micros;
        std::vector<double> peer;
        for (int i = 0; i < 4000; ++i) {
            const MemberId member(1 + rng.below(kMembers));
            const OfferId offer(1 + static_cast<std::uint32_t>(rng.below(100)));
            world.context.hour = static_cast<std::uint8_t>(rng.below(24));
            const offers::Example example = world.chooser.example(
                world.permit(member), true, world.context, offer, &world.exposures);
            const bool positive = rng.below(30) == 0;
            micros.push_back(
                1e6 * wall_seconds([&] { world.learner.learn_anonymous(example, positive); }));
            if (i % 200 != 0) continue;
            std::map<std::size_t, double> features;
            for (std::size_t k = 0; k < example.size; ++k) {
                if (example.features[k] != 0)
                    features[k] = static_cast<double>(example.features[k]);
            }
            peer.push_back(1e6 * wall_seconds([&] { naive.learn(features, positive); }));
        }
        learning.add(median_of(micros));
        learning.add_peer("the same in maps", median_of(peer));
    }
    learning.print();
}

void memory() {
    Figure bytes("offers", "O8 model in memory, 100 offers", "KB");
    Model model = offers::prior_model(Epoch(1), 0.03F);
    for (std::uint32_t i = 1; i <= 100; ++i)
        model.offsets.push_back({profiles::offset_id(OfferId(i)), 0, 8});
    const std::size_t before = live_bytes;
    offers::Learner learner;
    if (!learner.adopt(model)) return skip("offers", "O8", "the model was refused");
    bytes.add(static_cast<double>(live_bytes - before) / 1024);
    bytes.print();
}

}  // namespace
}  // namespace vitrine::bench

int main() {
    vitrine::bench::decisions(100);
    vitrine::bench::decisions(1000);
    vitrine::bench::outcomes();
    vitrine::bench::memory();
    return 0;
}
