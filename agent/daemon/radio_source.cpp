#include "agent/daemon/radio_source.hpp"

#include "drivers/bluez/bluez_scanner.hpp"
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

}  // namespace

Result<Radio> make_radio(const Config& config, host::Loop& loop, const Clock& clock, host::Log& log,
                         std::uint64_t seed) {
    switch (config.radio) {
        case RadioSource::none:
            return Radio{};
        case RadioSource::bluez:
            return Radio{.scanner = std::make_unique<bluez::BluezScanner>(
                             loop, clock, log,
                             bluez::Settings{.adapter = config.adapter,
                                             .discovery_allowed = config.discovery_allowed})};
        case RadioSource::replay:
            return make_replay(config, loop, clock);
        case RadioSource::simulated:
            return make_simulated(config, loop, clock, seed);
    }
    check_failed("known RadioSource", __FILE__, __LINE__);
}

}  // namespace vitrine::daemon
