#include <cmath>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "agent/base/random.hpp"
#include "agent/presence/tracker.hpp"
#include "bench/figure.hpp"

/// Q6: what the locator costs. Members stroll through a hall of twelve scanners, each of their
/// adverts heard by all twelve; every hearing counts as one advert. How often the tracker is right
/// on labelled walks (Q1 to Q5) is measured by `vitrinectl evaluate presence`.
namespace vitrine {
namespace {

using presence::Layout;
using presence::Tracker;

constexpr int kMembers = 50;
constexpr int kBursts = 40;
constexpr int kRuns = 9;
constexpr double kPeriodS = 0.45;

Layout hall() {
    Layout layout;
    for (int i = 0; i < 12; ++i) {
        const auto index = static_cast<std::uint16_t>(i);
        const std::string name = "place-" + std::to_string(i);
        const Point at{(i % 4) * 6.0, (i / 4) * 8.0, 2.0};
        layout.zones.push_back(*ZoneId::parse(name));
        layout.kiosks.push_back({.id = *KioskId::parse(name), .at = at});
        layout.scanners.push_back(
            {.id = *ScannerId::parse(name), .at = at, .zone = index, .kiosk = index});
    }
    return layout;
}

struct Hearing {
    MemberId member;
    std::uint16_t scanner;
    Rssi rssi;
    Instant at;
};

std::vector<Hearing> stroll(const Layout& layout) {
    Rng chance(1);
    std::vector<Hearing> heard;
    for (int burst = 0; burst < kBursts; ++burst) {
        for (int m = 0; m < kMembers; ++m) {
            const double x = 9 + 9 * std::sin(0.05 * burst + m),
                         y = 8 + 8 * std::cos(0.03 * burst + m);
            const double time_s = burst * kPeriodS + m * (kPeriodS / kMembers);
            for (std::uint16_t s = 0; s < layout.scanners.size(); ++s) {
                const Point& at = *layout.scanners[s].at;
                const double away = std::max(0.5, std::hypot(at.x_m - x, at.y_m - y));
                const double dbm = -60 - 16 * std::log10(away) + 5 * chance.normal();
                heard.push_back({MemberId(static_cast<std::uint64_t>(m) + 1), s,
                                 Rssi(static_cast<std::int8_t>(std::lround(dbm))),
                                 instant_at(std::chrono::nanoseconds(std::llround(time_s * 1e9)))});
            }
        }
    }
    return heard;
}

double us_per_advert(const std::vector<Hearing>& heard) {
    Tracker tracker(hall(), {});
    std::vector<presence::Change> changes;
    const double used_s = bench::cpu_seconds([&] {
        for (const Hearing& each : heard) {
            tracker.hear(each.member, each.scanner, each.rssi, each.at);
            tracker.tick(each.at, changes);
        }
    });
    bench::keep(changes.size());
    return used_s * 1e6 / static_cast<double>(heard.size());
}

}  // namespace
}  // namespace vitrine

int main() {
    using namespace vitrine;
    const std::vector<Hearing> heard = stroll(hall());
    bench::Figure q6{"presence", "Q6 locator, CPU per advert, 12 scanners", "us"};
    for (int run = 0; run < kRuns; ++run) q6.add(us_per_advert(heard));
    q6.print();
}
