#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "agent/daemon/config.hpp"
#include "ctl/commands.hpp"
#include "ctl/findings.hpp"

namespace vitrine::ctl {

namespace {

using Level = Finding::Level;

void print(const std::string& title, const std::vector<Finding>& findings) {
    std::cout << title << '\n';
    for (const Finding& each : findings) {
        const char* mark = each.level == Level::ok        ? "  ok       "
                           : each.level == Level::warning ? "  warning  "
                                                          : "  PROBLEM  ";
        std::cout << mark << each.what << '\n';
        if (!each.advice.empty()) std::cout << "           → " << each.advice << '\n';
    }
}

std::vector<Finding> examine_configuration(const daemon::ConfigReading& reading,
                                           const std::string& file) {
    if (reading.mistakes.empty()) return {{Level::ok, file + " is good", {}}};
    std::vector<Finding> findings;
    for (const daemon::Mistake& mistake : reading.mistakes) {
        findings.push_back({Level::problem, mistake.text(), "docs/configuration.md has every key"});
    }
    return findings;
}

Result<void> doctor(const std::string& file, const std::string& bus) {
    const daemon::ConfigReading reading = daemon::read_config(file);
    std::ptrdiff_t problems = 0;
    const auto tell = [&problems](const char* title, const std::vector<Finding>& findings) {
        print(title, findings);
        problems += std::ranges::count(findings, Level::problem, &Finding::level);
    };
    tell("Configuration", examine_configuration(reading, file));
    tell("Machine", examine_machine(reading.config));
    if (reading.config.http_port != 0) tell("Agent", examine_agent(reading.config.http_port));
    if (reading.config.radio == daemon::RadioSource::bluez) {
        tell("Bluetooth", bluez::examine({.bus_address = bus}));
    }
    std::cout.flush();  // The sum goes elsewhere.
    if (problems == 0) return {};
    return unavailable(problems == 1 ? "one problem" : std::to_string(problems) + " problems");
}

}  // namespace

void add_doctor(CLI::App& app, Invocation& invocation) {
    auto* command = app.add_subcommand(
        "doctor",
        "Looks at configuration, clock, disk, agent and Bluetooth of this machine, and says what "
        "to do.");
    auto file = std::make_shared<std::string>("/etc/vitrine/agent.toml");
    auto bus = std::make_shared<std::string>();
    command->add_option("--config,-c", *file, "The agent's configuration")->capture_default_str();
    command->add_option("--bus", *bus, "Another D-Bus than the system's, as an address");
    command->callback(
        [file, bus, &invocation] { invocation.run = [file, bus] { return doctor(*file, *bus); }; });
}

}  // namespace vitrine::ctl
