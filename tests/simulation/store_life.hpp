#pragma once

#include "tests/simulation/store.hpp"

namespace vitrine::simulation {

/// As the daemon's Shop has it.
inline constexpr std::string_view kLedgerKey = "bundles/ledger";

/// What one run of the daemon's process holds, in the order in which it is made.
struct Store::Life {
    Life(outbox::Outbox opened, engine::Setup setup, const Spec& spec, host::Log& log)
        : outbox(std::move(opened)),
          engine(std::move(setup)),
          keeper(outbox, spec.store, spec.agent, log) {}

    outbox::Outbox outbox;
    std::optional<daemon::BundleCache> cache;
    engine::Engine engine;
    engine::Effects effects;
    daemon::Keeper keeper;
    std::unique_ptr<daemon::Courier> courier;
    Wire* wire = nullptr;  ///< The courier's.
    std::optional<Instant> armed;
};

}  // namespace vitrine::simulation
