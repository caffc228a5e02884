#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

#include "agent/daemon/calibration_json.hpp"
#include "agent/daemon/config.hpp"
#include "agent/http/users_file.hpp"
#include "ctl/commands.hpp"

namespace vitrine::ctl {

namespace {

Result<void> check_config(const std::string& file) {
    const daemon::ConfigReading reading = daemon::read_config(file);
    std::string mistakes;
    const auto add = [&](const std::string& text) {
        mistakes += (mistakes.empty() ? "" : "\n") + text;
    };
    for (const daemon::Mistake& mistake : reading.mistakes) add(mistake.text());
    const daemon::Config& config = reading.config;
    if (const auto users = http::Users::load(config.staff); !users) add(users.error().message);
    if (!config.calibration.empty()) {
        if (const auto read = daemon::load_calibration(config.calibration); !read)
            add(read.error().message);
    }
    if (!mistakes.empty()) return invalid(mistakes);
    std::cout << file << ": good. Store " << config.store.view() << ", "
              << config.layout.kiosks.size() << " kiosks, " << config.layout.scanners.size()
              << " scanners.\n";
    return {};
}

}  // namespace

void add_check_config(CLI::App& app, Invocation& invocation) {
    auto* command = app.add_subcommand(
        "check-config",
        "Reads an agent's configuration and names file, line and key of every mistake.");
    auto file = std::make_shared<std::string>();
    command->add_option("file", *file, "agent.toml")->required();
    command->callback(
        [file, &invocation] { invocation.run = [file] { return check_config(*file); }; });
}

}  // namespace vitrine::ctl
