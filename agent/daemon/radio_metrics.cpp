#include "agent/daemon/radio_source.hpp"

namespace vitrine::daemon {

namespace {

void add_gateways(host::Metrics& metrics, const gateway::GatewayScanner& gateways) {
    constexpr std::string_view kName = "vitrine_gateway_adverts_total";
    constexpr std::string_view kHelp = "Adverts that gateways sent, by what came of them.";
    for (std::size_t i = 0; i < gateways.sources().size(); ++i) {
        const ScannerId id = gateways.sources()[i].id;
        auto passed = metrics.counter(kName, kHelp, {{"scanner", id}, {"fate", "passed"}});
        auto foreign = metrics.counter(kName, kHelp, {{"scanner", id}, {"fate", "foreign"}});
        auto late = metrics.counter(kName, kHelp, {{"scanner", id}, {"fate", "late"}});
        auto flooded = metrics.counter(kName, kHelp, {{"scanner", id}, {"fate", "flooded"}});
        auto malformed = metrics.counter(kName, kHelp, {{"scanner", id}, {"fate", "malformed"}});
        metrics.on_collect([=, &gateways]() mutable {
            const gateway::Counters& counters = gateways.counters(i);
            passed.raise_to(counters.passed);
            foreign.raise_to(counters.foreign);
            late.raise_to(counters.late);
            flooded.raise_to(counters.flooded);
            malformed.raise_to(counters.malformed);
        });
    }
}

void add_recoveries(host::Metrics& metrics, const Radio::Adapter& adapter) {
    constexpr std::string_view kName = "vitrine_radio_recoveries_total";
    constexpr std::string_view kHelp = "What was done for an adapter from which nothing came.";
    const ScannerId id = adapter.id;
    auto again = metrics.counter(kName, kHelp, {{"scanner", id}, {"step", "register-again"}});
    auto cycle = metrics.counter(kName, kHelp, {{"scanner", id}, {"step", "power-cycle"}});
    auto reset = metrics.counter(kName, kHelp, {{"scanner", id}, {"step", "reset"}});
    auto given_up = metrics.counter(kName, kHelp, {{"scanner", id}, {"step", "given-up"}});
    auto recovered = metrics.counter(kName, kHelp, {{"scanner", id}, {"step", "recovered"}});
    metrics.on_collect([=, scanner = adapter.scanner]() mutable {
        const bluez::RecoveryCounts counts = scanner->health().recoveries;
        again.raise_to(counts.register_again);
        cycle.raise_to(counts.power_cycle);
        reset.raise_to(counts.reset);
        given_up.raise_to(counts.given_up);
        recovered.raise_to(counts.recovered);
    });
}

void add_adapter(host::Metrics& metrics, const Radio::Adapter& adapter) {
    const auto gauge = [&](std::string_view name, std::string_view help) {
        return metrics.gauge(name, help, {{"scanner", adapter.id}});
    };
    auto discovers = gauge("vitrine_radio_someone_discovers",
                           "1 while another program makes the Bluetooth daemon keep bystanders.");
    auto alarms =
        metrics.counter("vitrine_radio_discovery_alarms_total",
                        "How often another program began to discover.", {{"scanner", adapter.id}});
    auto levels = gauge("vitrine_radio_levels_from_kernel",
                        "1 where each advert's level is known, 0 for steps of 8 dB.");
    auto age = gauge("vitrine_radio_last_advert_seconds",
                     "Since the last advert of a member or alike; -1: none since the start.");
    metrics.on_collect([=, scanner = adapter.scanner]() mutable {
        const bluez::RadioHealth health = scanner->health();
        discovers.set(health.someone_discovers ? 1 : 0);
        alarms.raise_to(health.discovery_alarms);
        levels.set(health.levels_from_kernel ? 1 : 0);
        using Seconds = std::chrono::duration<double>;
        age.set(health.advert_age ? Seconds(*health.advert_age).count() : -1);
    });
    add_recoveries(metrics, adapter);
}

}  // namespace

void add_radio_metrics(host::Metrics& metrics, const Radio& radio) {
    if (radio.gateways != nullptr) add_gateways(metrics, *radio.gateways);
    for (const Radio::Adapter& adapter : radio.adapters) add_adapter(metrics, adapter);
}

std::string state_of(const Radio& radio) {
    if (!radio.scanner) return "none";
    std::string state(scanner::name_of(radio.scanner->state().mode));
    for (const Radio::Adapter& adapter : radio.adapters) {
        const bluez::RadioHealth health = adapter.scanner->health();
        if (health.someone_discovers) {
            state += " (another program discovers: bystanders are being kept)";
        }
        if (health.stage != bluez::RecoveryStage::well) {
            state += " (" + adapter.id.str() +
                     " is silent: " + std::string(bluez::name_of(health.stage)) + ")";
        }
    }
    return state;
}

}  // namespace vitrine::daemon
