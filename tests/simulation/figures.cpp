#include "tests/simulation/figures.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "agent/engine/engine.hpp"
#include "agent/identity/eid.hpp"
#include "agent/radio/frame.hpp"
#include "drivers/simulated/junk.hpp"
#include "tests/simulation/context.hpp"

namespace vitrine::simulation {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr std::uint64_t kMembers = 20'000;
constexpr std::uint64_t kVisits = 300;
constexpr milliseconds kStep{250};
constexpr seconds kDay{10 * 3600};
constexpr seconds kStay{600};
constexpr seconds kAtKiosk{30};

identity::TemporaryKey key_of(std::uint64_t member, std::uint32_t period) {
    identity::IdentityKey key;
    for (std::size_t i = 0; i < 8; ++i) key.bytes[i] = static_cast<std::uint8_t>(member >> (8 * i));
    return identity::temporary_key(key, period);
}

/// One member's way through the shop.
struct Walk {
    std::uint64_t member = 0;
    milliseconds from{0};
    std::uint32_t window = 0;
    radio::Payload payload;

    bool is_in(milliseconds at) const { return at >= from && at < from + kStay; }
    bool is_at_kiosk(milliseconds at) const {
        return at >= from + kStay / 2 && at < from + kStay / 2 + kAtKiosk;
    }
    /// The phone's identifier changes with the window.
    void turn(WallTime now) {
        const std::uint32_t unix_s = identity::beacon_seconds(now);
        if (identity::window_of(unix_s) == window) return;
        window = identity::window_of(unix_s);
        const radio::Eid eid = identity::eid(key_of(member, identity::period_of(unix_s)), unix_s);
        payload = radio::encode(radio::EddystoneEid{.tx_power_dbm = -20, .eid = eid});
    }
};

engine::Engine open_shop() {
    engine::Setup setup{.store = StoreId("lyon"),
                        .seed = 1,
                        .claim_prefix = "http://shop/c/",
                        .check_in_prefix = "http://shop/i/"};
    setup.layout.kiosks = {{.id = KioskId("kiosk-1")}};
    setup.layout.scanners = {{.id = ScannerId("hall"), .kiosk = 0}};
    return engine::Engine(std::move(setup));
}

void furnish(engine::Engine& engine, engine::Now now) {
    profiles::Catalogue catalogue{.epoch = Epoch(1)};
    for (std::uint16_t i = 1; i <= 8; ++i) {
        catalogue.categories.push_back({.id = CategoryId(i), .name = {"Rayon", "Aisle"}});
    }
    for (std::uint32_t i = 0; i < 200; ++i) {
        catalogue.offers.push_back({.id = OfferId(100 + i),
                                    .category = CategoryId(static_cast<std::uint16_t>(1 + i % 8)),
                                    .title = {"Offre", "Offer"},
                                    .price = Cents(199)});
    }
    CHECK(engine.on(std::move(catalogue)).has_value());
    engine::Recognition recognition{.epoch = Epoch(1)};
    std::vector<profiles::Profile> profiles;
    const std::uint32_t period = identity::period_of(identity::beacon_seconds(now.wall));
    consent::Consents all;
    for (consent::State& state : all.states) state.granted = true;
    for (std::uint64_t member = 1; member <= kMembers; ++member) {
        recognition.keys.push_back(
            {MemberId(member),
             period,
             {key_of(member, period).bytes, key_of(member, period + 1).bytes}});
        recognition.consents.emplace_back(MemberId(member), all);
        profiles.push_back({.member = MemberId(member), .level = profiles::Level::full});
    }
    CHECK(engine.on(std::move(recognition), now).has_value());
    CHECK(engine.on(profiles::ProfileBook(Epoch(1), std::move(profiles), {})).has_value());
}

std::vector<Walk> walks_of_a_day(Rng& rng) {
    std::vector<Walk> walks(kVisits);
    const auto last = static_cast<std::uint64_t>(milliseconds(kDay - kStay).count());
    for (Walk& walk : walks) {
        walk.member = 1 + rng.below(kMembers);
        walk.from = milliseconds(rng.below(last));
    }
    std::ranges::sort(walks, {}, &Walk::from);
    return walks;
}

}  // namespace

Options options_of_trade(std::uint32_t stores) {
    Options options{.seed = 6, .stores = stores, .members = 200, .workers = 8, .hours = 8};
    options.visits_an_hour = 6;
    options.erasures_an_hour = 0.5;
    options.decisions_an_hour = 4;
    options.news_an_hour = 0.5;
    options.files = false;
    options.coarse = true;
    Faults& faults = options.faults;
    faults.radio_lost = 0.2;
    faults.radio_noise = 0.5;
    faults.lost = 0.05;
    faults.doubled = 0.02;
    faults.late = 0.3;
    faults.late_max_s = 60;
    faults.delay_max_ms = 100;
    faults.work_max_ms = 50;
    faults.cuts = 0.5;
    faults.partitions = 0.05;
    faults.broker_restarts = 0.25;
    faults.worker_crashes = 0.5;
    faults.late_upgrade = 1;
    return options;
}

StoreDay run_store_day(std::uint64_t adverts, std::uint64_t seed) {
    Rng rng(seed);
    std::vector<radio::Payload> strangers(4096);
    for (radio::Payload& payload : strangers) payload = simulated::junk_payload(rng);
    std::vector<Walk> walks = walks_of_a_day(rng);
    engine::Engine engine = open_shop();
    engine::Effects effects;
    const auto moment = [](milliseconds at) {
        return engine::Now{instant_at(hours(1) + at), Context::kBegin + at};
    };
    furnish(engine, moment(milliseconds(0)));

    StoreDay day;
    const auto steps = static_cast<std::uint64_t>(milliseconds(kDay) / kStep);
    std::size_t first = 0;
    for (std::uint64_t step = 0; step < steps; ++step) {
        const milliseconds at = kStep * step;
        const engine::Now now = moment(at);
        const std::uint64_t due = adverts * (step + 1) / steps;
        const auto hear = [&](const radio::Payload& payload, int level_dbm) {
            engine.on({.at = now.instant,
                       .scanner = 0,
                       .rssi = Rssi(static_cast<std::int8_t>(level_dbm)),
                       .data = payload},
                      now);
            ++day.adverts;
        };
        while (first < walks.size() && at >= walks[first].from + kStay) ++first;
        for (std::size_t i = first; i < walks.size() && at >= walks[i].from; ++i) {
            // Twice a second, each phone in its own half of it.
            if (!walks[i].is_in(at) || (step + i) % 2 != 0 || day.adverts >= due) continue;
            walks[i].turn(now.wall);
            const int noise_db = static_cast<int>(rng.below(9)) - 4;
            hear(walks[i].payload, (walks[i].is_at_kiosk(at) ? -46 : -82) + noise_db);
        }
        while (day.adverts < due) {
            hear(strangers[rng.below(strangers.size())], -60 - static_cast<int>(rng.below(35)));
        }
        engine.tick(now, effects);
        day.records += effects.records.size();
        day.screens += effects.screens.size();
        effects.clear();
    }
    day.recognised = engine.adverts().recognised;
    return day;
}

}  // namespace vitrine::simulation
