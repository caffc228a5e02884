#include <CLI/CLI.hpp>

#include <iomanip>
#include <iostream>
#include <memory>

#include "agent/daemon/calibration_json.hpp"
#include "agent/daemon/config.hpp"
#include "agent/daemon/radio_source.hpp"
#include "agent/daemon/surroundings.hpp"
#include "agent/engine/engine.hpp"
#include "agent/host/clock.hpp"
#include "ctl/commands.hpp"
#include "ctl/replay_engine.hpp"
#include "drivers/replay/player.hpp"

namespace vitrine::ctl {

namespace {

using namespace std::chrono_literals;

struct Options {
    std::string config;
    std::string recording;
    std::uint64_t seed = 1;
};

void print_changes(const engine::Effects& effects, std::chrono::nanoseconds since) {
    for (const std::string& line : effects.explanations) {
        std::cout << std::fixed << std::setprecision(1) << std::setw(8)
                  << std::chrono::duration<double>(since).count() << " s  " << line << '\n';
    }
    for (const session::Screen& screen : effects.screens) {
        std::cout << std::fixed << std::setprecision(1) << std::setw(8)
                  << std::chrono::duration<double>(since).count() << " s  " << screen.kiosk.view()
                  << "  " << session::name_of(screen.mode);
        for (const session::Card& card : screen.cards) std::cout << "  | " << card.title.fr;
        std::cout << '\n';
    }
}

Result<void> replay(const Options& options) {
    daemon::ConfigReading reading = daemon::read_config(options.config);
    if (!reading.mistakes.empty()) return invalid(reading.mistakes.front().text());
    daemon::Config& config = reading.config;
    if (!options.recording.empty()) config.script = options.recording;
    daemon::use_time_zone(config.time_zone);
    replay::Player player(TRY(daemon::read_recording(config)), 1);

    // Time passes as fast as the engine takes it, from now on.
    const WallTime start = host::SystemClock().wall();
    const auto at = [&](std::chrono::nanoseconds since) {
        return engine::Now{instant_at(1h) + since,
                           start + std::chrono::floor<std::chrono::milliseconds>(since)};
    };
    presence::Calibration calibration;
    if (!config.calibration.empty())
        calibration = TRY(daemon::load_calibration(config.calibration));
    engine::Engine engine({.store = config.store,
                           .layout = config.layout,
                           .calibration = calibration,
                           .presence_limits = {.explain = config.explain_presence},
                           .seed = options.seed,
                           .claim_prefix = "replay:"});
    engine.on(engine::Surroundings{.utc_offset = daemon::utc_offset(start)});
    engine::Effects effects;
    load_bundles(config, engine, at(0s), effects);
    player.start(at(0s).instant);
    std::vector<radio::Advert> due;
    for (std::chrono::nanoseconds since = 0s; player.due() || since < 1s; since += 100ms) {
        const engine::Now now = at(since);
        player.play(now.instant, now.wall, SIZE_MAX, due);
        for (const radio::Advert& advert : due) engine.on(advert, now);
        due.clear();
        engine.tick(now, effects);
        print_changes(effects, since);
        effects.clear();
    }
    std::cout << engine.adverts().heard << " adverts heard, " << engine.adverts().recognised
              << " of members who consented\n";
    return {};
}

}  // namespace

void add_replay(CLI::App& app, Invocation& invocation) {
    auto* command =
        app.add_subcommand("replay",
                           "Plays a recording through the shop's engine as fast as it goes and "
                           "prints what its screens show.\n"
                           "It uses the bundles that the agent has cached and sends nothing.");
    auto options = std::make_shared<Options>();
    options->config = "/etc/vitrine/agent.toml";
    command->add_option("--config,-c", options->config, "The shop")->capture_default_str();
    command->add_option("recording", options->recording,
                        "Adverts or a capture, as drivers/replay/recording.md says; default: "
                        "radio.script");
    command->add_option("--seed", options->seed, "Of choice and jitter")->capture_default_str();
    command->callback(
        [options, &invocation] { invocation.run = [options] { return replay(*options); }; });
}

}  // namespace vitrine::ctl
