#include <array>
#include <cstdlib>
#include <functional>
#include <string>

#include "bench/figure.hpp"
#include "bench/lin_ucb.hpp"
#include "bench/world.hpp"
#include "ctl/bandit.hpp"

// O4 of TARGETS: how much of what could be earned over chance the engine earns while it learns, in
// worlds that it has not seen. It is what `vitrinectl evaluate policy --stdio` runs. Everything
// that was tuned, the engine's optimism and spread and LinUCB's alpha, was tuned on worlds 1 to 24.

namespace vitrine::bench {
namespace {

constexpr std::uint64_t kFirstWorld = 3001;
constexpr int kWorlds = 20;
constexpr int kRounds = 20'000;
constexpr double kAlpha = 0.3;

/// Answers with an offer, and is told what came of it.
struct Player {
    std::function<std::size_t(const std::vector<double>&)> choose;
    std::function<void(std::size_t, bool)> learn;
};

/// The share of the gap from chance to the best offer of each visitor, in expected rewards over all
/// rounds: 0 is chance, 1 knows everything.
double share_of_gap(World& world, std::uint64_t seed, const Player& player) {
    Rng rng(seed);
    double earned = 0;
    double best = 0;
    double chance = 0;
    for (int round = 0; round < kRounds; ++round) {
        world.next_visitor();
        const std::vector<double> rates = world.rates();
        const std::size_t offer = player.choose(world.seen());
        earned += rates[offer];
        best += *std::ranges::max_element(rates);
        for (const double rate : rates) chance += rate / World::kOffers;
        player.learn(offer, rng.uniform() < rates[offer]);
    }
    return (earned - chance) / (best - chance);
}

double engine(std::uint64_t seed, const ctl::Bandit::Settings& settings) {
    World world(seed);
    auto bandit = ctl::Bandit::open(world.features(), world.context_size(), settings);
    if (!bandit) return std::nan("");
    const Player player{
        .choose =
            [&](const std::vector<double>& context) {
                return bandit->choose(context).value()[0].offer;
            },
        .learn = [&](std::size_t, bool positive) { bandit->learn(std::array{positive}); }};
    return share_of_gap(world, seed, player);
}

double lin_ucb(std::uint64_t seed) {
    World world(seed);
    LinUcb peer(world.features(), world.context_size(), kAlpha);
    const Player player{
        .choose = [&](const std::vector<double>& context) { return peer.choose(context); },
        .learn = [&](std::size_t offer, bool positive) { peer.learn(offer, positive); }};
    return share_of_gap(world, seed, player);
}

void learning() {
    const std::string what = "share of the gap from chance to the best, 20,000 rounds, 100 offers";
    Figure inverse_gap("worlds", "O4 IGW, " + what, "");
    Figure thompson("worlds", "O4 TS, " + what, "");
    Figure greedy("worlds", "O4 epsilon-greedy with the engine's posterior, " + what, "");
    const ctl::Bandit::Settings igw;
    ctl::Bandit::Settings ts{.arm = ctl::Bandit::Arm::thompson, .estimates = false};
    ctl::Bandit::Settings epsilon{.exploration = {.sharpness = 1e9F, .optimism = 0}};
    for (std::uint64_t seed = kFirstWorld; seed < kFirstWorld + kWorlds; ++seed) {
        const double peer = lin_ucb(seed);
        inverse_gap.add(engine(seed, igw));
        inverse_gap.add_peer("LinUCB", peer);
        thompson.add(engine(seed, ts));
        thompson.add_peer("LinUCB", peer);
        greedy.add(engine(seed, epsilon));
        greedy.add_peer("LinUCB", peer);
    }
    inverse_gap.print();
    thompson.print();
    greedy.print();
}

}  // namespace
}  // namespace vitrine::bench

int main() {
    vitrine::bench::learning();
    return 0;
}
