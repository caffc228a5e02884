#include "agent/daemon/radio_source.hpp"

#include "agent/daemon/broker.hpp"
#include "agent/daemon/scanner_group.hpp"
#include "drivers/bluez/bluez_scanner.hpp"
#include "drivers/replay/capture.hpp"
#include "drivers/replay/recording.hpp"
#include "drivers/replay/replay_scanner.hpp"

namespace vitrine::daemon {

namespace {

std::vector<ScannerId> scanner_ids(const presence::Layout& layout) {
    std::vector<ScannerId> ids;
    for (const presence::Scanner& each : layout.scanners) ids.push_back(each.id);
    return ids;
}

}  // namespace

Result<replay::Recording> read_recording(const Config& config) {
    const std::vector<ScannerId> scanners = scanner_ids(config.layout);
    const std::string text = TRY(replay::load_text(config.script));
    if (replay::is_capture(view_of(text))) {
        return replay::parse_capture(view_of(text), config.script.string(), scanners.size());
    }
    if (!config.walk_key) {
        return replay::parse_recording(text, config.script.string(), scanners,
                                       replay::OnMistake::stop);
    }
    const std::string sensors_text = TRY(replay::load_text(config.sensors));
    const auto sensors = TRY(replay::parse_sensors(sensors_text, config.sensors.string()));
    return replay::parse_walk(text, config.script.string(), sensors, scanners,
                              identity::IdentityKey{*config.walk_key}, replay::OnMistake::stop);
}

namespace {

Result<Radio> make_replay(const Config& config, host::Loop& loop, const Clock& clock) {
    auto recording = TRY(read_recording(config));
    return Radio{.scanner = std::make_unique<replay::ReplayScanner>(
                     loop, clock, std::move(recording), config.script.filename().string(),
                     config.replay_speed)};
}

Result<Radio> make_simulated(const Config& config, host::Loop& loop, const Clock& clock,
                             std::uint64_t seed) {
    simulated::FloorPlan plan{.door = config.door};
    for (const presence::Scanner& each : config.layout.scanners)
        plan.scanners.push_back(each.at.value_or(Point{}));
    for (const presence::Kiosk& each : config.layout.kiosks)
        plan.kiosks.push_back({each.id.str(), each.at});
    const std::string text = TRY(replay::load_text(config.script));
    auto script = TRY(simulated::parse_script(text, config.script.string()));
    simulated::Air air;
    air.shadow_db = script.shadow_db.value_or(air.shadow_db);
    auto shoppers = TRY(simulated::Shoppers::make(std::move(plan), std::move(script), seed, air));
    auto made = std::make_unique<simulated::SimulatedScanner>(loop, clock, std::move(shoppers));
    simulated::SimulatedScanner* const steerable = made.get();
    return Radio{.scanner = std::move(made), .simulated = steerable};
}

using Members = std::vector<ScannerGroup::Member>;

std::string name_of(const Config& config, std::uint16_t scanner) {
    return config.layout.scanners[scanner].id.str();
}

/// The beacon stands at one place, so it lives on one adapter: that of its kiosk, or the first.
std::uint16_t scanner_of_beacon(const Config& config) {
    for (const Adapter& adapter : config.adapters) {
        if (config.layout.scanners[adapter.scanner].kiosk == config.beacon->kiosk)
            return adapter.scanner;
    }
    return config.adapters.front().scanner;
}

Result<bluez::BeaconSettings> beacon_settings(const Beacon& beacon) {
    bluez::BeaconSettings settings{.region = beacon.uuid,
                                   .store = beacon.store_number,
                                   .kiosk = beacon.kiosk_number,
                                   .rssi_at_1m_dbm = beacon.rssi_at_1m_dbm};
    if (beacon.rotating_key.empty()) return settings;
    std::string text = TRY(replay::load_text(beacon.rotating_key));
    while (text.ends_with('\n')) text.pop_back();
    settings.rotating =
        identity::IdentityKey{TRY(fixed_from_hex<16>(text).within(beacon.rotating_key.string()))};
    return settings;
}

void add_adapters(const Config& config, host::Loop& loop, const Clock& clock, host::Log& log,
                  Radio& radio, Members& members) {
    for (const Adapter& adapter : config.adapters) {
        bluez::Settings settings{.adapter = adapter.name,
                                 .discovery_allowed = config.discovery_allowed,
                                 .scanner = adapter.scanner};
        if (radio.beacon && adapter.scanner == scanner_of_beacon(config))
            settings.guest = radio.beacon.get();
        auto made = std::make_unique<bluez::BluezScanner>(loop, clock, log, settings);
        radio.adapters.push_back({config.layout.scanners[adapter.scanner].id, made.get()});
        members.push_back({name_of(config, adapter.scanner), std::move(made)});
    }
}

Result<mqtt::Settings> broker_settings(const Config& config) {
    const GatewayBroker& broker = config.gateway_broker;
    mqtt::Settings settings{.broker = broker.url,
                            .client_id = config.tenant.str() + "." + config.store.str() + "." +
                                         config.agent.str() + ".ears",
                            .user = broker.user,
                            .tls = tls_of(broker.tls)};
    if (broker.password_file.empty()) return settings;
    settings.password = TRY(replay::load_text(broker.password_file));
    while (settings.password.ends_with('\n')) settings.password.pop_back();
    return settings;
}

Result<gateway::GatewayScanner*> add_gateways(const Config& config, host::Loop& loop,
                                              const Clock& clock, host::Log& log,
                                              std::uint64_t seed, Members& members) {
    if (config.gateways.empty()) return static_cast<gateway::GatewayScanner*>(nullptr);
    gateway::Settings settings{.broker = TRY(broker_settings(config)), .sources = config.gateways};
    auto gateways =
        std::make_unique<gateway::GatewayScanner>(loop, clock, log, std::move(settings), seed);
    gateway::GatewayScanner* const raw = gateways.get();
    members.push_back({"gateways", std::move(gateways)});
    return raw;
}

}  // namespace

Result<Radio> make_radio(const Config& config, host::Loop& loop, const Clock& clock, host::Log& log,
                         std::uint64_t seed, scanner::CheckInDesk* desk) {
    Members members;
    Radio radio;
    if (config.radio == RadioSource::replay) radio = TRY(make_replay(config, loop, clock));
    if (config.radio == RadioSource::simulated) {
        radio = TRY(make_simulated(config, loop, clock, seed));
    }
    if (config.beacon && !config.adapters.empty()) {
        radio.beacon = std::make_unique<bluez::Beacon>(loop, clock, log,
                                                       TRY(beacon_settings(*config.beacon)), desk);
    }
    if (config.radio == RadioSource::bluez) add_adapters(config, loop, clock, log, radio, members);
    if (radio.scanner) members.push_back({"radio", std::move(radio.scanner)});
    radio.gateways = TRY(add_gateways(config, loop, clock, log, seed, members));
    if (members.size() == 1) radio.scanner = std::move(members.front().scanner);
    if (members.size() > 1) radio.scanner = std::make_unique<ScannerGroup>(std::move(members));
    return radio;
}

}  // namespace vitrine::daemon
