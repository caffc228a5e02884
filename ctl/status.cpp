#include <CLI/CLI.hpp>

#include <iomanip>
#include <iostream>
#include <memory>
#include <string>

#include "agent/daemon/config.hpp"
#include "agent/http/client.hpp"
#include "ctl/commands.hpp"
#include "ctl/findings.hpp"

namespace vitrine::ctl {

namespace {

void print(const std::string& what, const std::string& value) {
    std::cout << "  " << std::left << std::setw(28) << what << (value.empty() ? "not known" : value)
              << '\n';
}

Result<void> status(const std::string& file, int port_given) {
    int port = port_given;
    if (port == 0) {
        const daemon::ConfigReading reading = daemon::read_config(file);
        if (!reading.mistakes.empty()) return invalid(reading.mistakes.front().text());
        port = reading.config.http_port;
    }
    const auto health = TRY(http::fetch(static_cast<std::uint16_t>(port), "/healthz"));
    const auto metrics = TRY(http::fetch(static_cast<std::uint16_t>(port), "/metrics"));
    std::cout << (health.status == 200 ? "The shop is well: " : "The shop is not well: ")
              << health.body << '\n';
    print("centre reachable",
          value_of(metrics.body, "vitrine_centre_reachable") == "1" ? "yes" : "no");
    print("radio hears", value_of(metrics.body, "vitrine_radio_hearing") == "1" ? "yes" : "no");
    print("adverts heard", value_of(metrics.body, "vitrine_adverts_heard_total"));
    print("  of members who consented", value_of(metrics.body, "vitrine_adverts_recognised_total"));
    print("members recognisable", value_of(metrics.body, "vitrine_members_recognisable"));
    print("members present", value_of(metrics.body, "vitrine_members_present"));
    print("records waiting", value_of(metrics.body, "vitrine_outbox_records"));
    print("records lost", value_of(metrics.body, "vitrine_records_lost_total"));
    if (health.status != 200)
        return unavailable("see the log of the agent: journalctl -u vitrine-agent");
    return {};
}

}  // namespace

void add_status(CLI::App& app, Invocation& invocation) {
    auto* command = app.add_subcommand("status", "Asks the agent on this machine how it is.");
    auto file = std::make_shared<std::string>("/etc/vitrine/agent.toml");
    auto port = std::make_shared<int>(0);
    command->add_option("--config,-c", *file, "Where its port stands")->capture_default_str();
    command->add_option("--port", *port, "Its port, instead")->check(CLI::Range(1, 65535));
    command->callback([file, port, &invocation] {
        invocation.run = [file, port] { return status(*file, *port); };
    });
}

}  // namespace vitrine::ctl
