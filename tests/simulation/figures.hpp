#pragma once

#include <cstdint>

#include "tests/simulation/options.hpp"

namespace vitrine::simulation {

/// Eight hours of trade in so many shops, with the faults of networks, brokers and workers.
/// Outboxes are in memory: nothing is restarted.
Options options_of_trade(std::uint32_t stores);

/// What one shop's engine made of a day.
struct StoreDay {
    std::uint64_t adverts = 0;
    std::uint64_t recognised = 0;
    std::uint64_t records = 0;
    std::uint64_t screens = 0;
};

/// Ten hours of one shop with `adverts` of them heard by the scanner at its kiosk: phones of 300 of
/// its 20,000 members, who stay for ten minutes and half a minute of it at the kiosk, and for the
/// rest strangers' things. The engine is stepped four times a second, as the daemon does.
StoreDay run_store_day(std::uint64_t adverts, std::uint64_t seed);

}  // namespace vitrine::simulation
