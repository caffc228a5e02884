// S6 and S7 of TARGETS: a chain of 2,000 shops through a day's trade, and one shop's day on the
// radio.

#include "bench/figure.hpp"
#include "tests/simulation/figures.hpp"
#include "tests/simulation/runs.hpp"

namespace vitrine {
namespace {

constexpr std::uint64_t kAdverts = 2'400'000;

void s7() {
    bench::Figure figure("simulation", "S7 a simulated store-day, 2.4 M adverts", "s of CPU");
    bench::Figure silent("simulation", "S7 the same without an advert", "s of CPU");
    for (int run = 0; run < 5; ++run) {
        simulation::StoreDay day;
        figure.add(bench::cpu_seconds([&] { day = simulation::run_store_day(kAdverts, 7); }));
        CHECK(day.adverts == kAdverts && day.recognised > 0 && day.screens > 0);
        silent.add(
            bench::cpu_seconds([&] { bench::keep(simulation::run_store_day(0, 7).screens); }));
    }
    figure.print();
    silent.print();
}

bool s6(std::uint32_t stores) {
    const simulation::Options options = simulation::options_of_trade(stores);
    simulation::Outcome outcome;
    const std::string what = "S6 " + std::to_string(stores) + " agents × 8 hours of trade";
    bench::Figure minutes("simulation", what + ", all invariants", "min");
    bench::Figure cpu("simulation", what + ", of CPU", "min");
    minutes.add(bench::wall_seconds([&] {
                    cpu.add(bench::cpu_seconds([&] { outcome = simulation::run_world(options); }) /
                            60);
                }) /
                60);
    if (outcome.failure) {
        std::fprintf(stderr, "S6: %s\n", outcome.failure->c_str());
        return false;
    }
    minutes.print();
    cpu.print();
    bench::Figure records("simulation", "S6 records accepted and merged exactly once", "records");
    records.add(static_cast<double>(outcome.tally.merged));
    records.print();
    bench::Figure rate("simulation", "S6 records a shop and hour", "1/h");
    rate.add(static_cast<double>(outcome.tally.merged) / options.stores / options.hours);
    rate.print();
    return true;
}

}  // namespace
}  // namespace vitrine

/// Without an argument as TARGETS has it; with one, S6 alone for so many shops.
int main(int count, char** arguments) {
    if (count > 1) {
        return vitrine::s6(static_cast<std::uint32_t>(std::strtoul(arguments[1], nullptr, 10))) ? 0
                                                                                                : 1;
    }
    vitrine::s7();
    return vitrine::s6(2000) ? 0 : 1;
}
