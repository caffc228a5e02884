#include <CLI/CLI.hpp>

#include <iostream>
#include <string>

#include "agent/daemon/calibration_json.hpp"
#include "agent/daemon/config.hpp"
#include "agent/daemon/listening_post.hpp"
#include "agent/daemon/shop.hpp"
#include "agent/daemon/surroundings.hpp"
#include "agent/daemon/version.hpp"
#include "agent/host/clock.hpp"
#include "agent/host/log.hpp"
#include "agent/host/loop.hpp"
#include "agent/host/notify.hpp"

namespace {

using namespace vitrine;

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

/// Runs a shop or a listening post until it is told to stop.
template <class Part>
int serve(Result<std::unique_ptr<Part>> part, host::Loop& loop, host::Log& log) {
    host::Notify notify(loop);
    if (!part) {
        log.error("cannot start", {{"reason", part.error().message}});
        return kFailed;
    }
    Part& running = **part;
    const auto stop = [&] {
        notify.stopping();
        running.stop([&loop] { loop.stop(); });
    };
    if (const auto taken = loop.handle_signals({.stop = stop}); !taken) {
        log.error("signals", {{"reason", taken.error().message}});
        return kFailed;
    }
    if (const auto started = running.start(); !started) {
        log.error("cannot start", {{"reason", started.error().message}});
        return kFailed;
    }
    log.notice("open", {{"status", running.status()}});
    notify.ready(running.status());
    const host::Timer status =
        loop.every(std::chrono::seconds(10), [&] { notify.status(running.status()); });
    loop.run();
    log.notice("closed");
    return 0;
}

int run(daemon::Config config, host::Log& log, const host::SystemClock& clock) {
    host::Loop loop;
    if (config.role == daemon::Role::scanner) {
        return serve(daemon::ListeningPost::open(std::move(config), loop, clock, log), loop, log);
    }
    auto calibration = config.calibration.empty() ? Result(presence::Calibration{})
                                                  : daemon::load_calibration(config.calibration);
    if (!calibration) {
        log.error("calibration", {{"reason", calibration.error().message}});
        return kFailed;
    }
    auto shop = daemon::Shop::open(std::move(config), std::move(*calibration), loop, clock, log);
    return serve(std::move(shop), loop, log);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app(
        "vitrine-agent: hears members who opted in, chooses offers, drives a shop's screens.\n"
        "It needs one file that describes the shop; `vitrinectl check-config FILE` explains its "
        "mistakes.");
    std::string file = "/etc/vitrine/agent.toml";
    app.add_option("--config,-c", file, "The shop's configuration")->capture_default_str();
    app.set_version_flag("--version", std::string(daemon::kVersion));
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : kWrongUsage;
    }
    auto reading = daemon::read_config(file);
    for (const daemon::Mistake& mistake : reading.mistakes) std::cerr << mistake.text() << '\n';
    if (!reading.mistakes.empty()) return kWrongUsage;
    daemon::use_time_zone(reading.config.time_zone);

    const host::SystemClock clock;
    const auto level = host::Log::parse_level(reading.config.log_level);
    if (!level) {
        std::cerr << file << ": limits.log_level: " << level.error().message << '\n';
        return kWrongUsage;
    }
    host::Log log(clock, {.level = *level});
    return run(std::move(reading.config), log, clock);
}
