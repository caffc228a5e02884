#include "ctl/findings.hpp"

#include <sys/timex.h>

#include <charconv>
#include <filesystem>
#include <sstream>
#include <system_error>

#include "agent/http/client.hpp"

namespace vitrine::ctl {

namespace {

using Level = Finding::Level;

constexpr std::uintmax_t kMegabyte = 1'000'000;
/// Below it the outbox soon finds no room; half of it is an emergency.
constexpr std::uintmax_t kRoomWantedMb = 500;
/// This many records take a busy shop about a day without its centre.
constexpr double kManyRecords = 20'000;

Finding examine_clock() {
    timex state{};
    if (adjtimex(&state) == TIME_ERROR || (state.status & STA_UNSYNC) != 0) {
        return {Level::warning, "the clock is not synchronised",
                "members' identifiers change with time: recognition ends when the clock is 8 "
                "minutes off. Set up systemd-timesyncd or chrony"};
    }
    return {Level::ok, "the clock is synchronised", {}};
}

Finding examine_room(const std::filesystem::path& state) {
    std::error_code failed;
    const auto space = std::filesystem::space(state, failed);
    if (failed) {
        return {Level::problem, "the state folder " + state.string() + ": " + failed.message(),
                "create it, owned by the agent's user, or correct `state` in the configuration"};
    }
    const std::uintmax_t free_mb = space.available / kMegabyte;
    const std::string what = std::to_string(free_mb) + " MB free where the agent keeps its data";
    if (free_mb >= kRoomWantedMb) return {Level::ok, what, {}};
    return {free_mb * 2 < kRoomWantedMb ? Level::problem : Level::warning, what,
            "records that find no room are thinned by priority: make room"};
}

double number_of(const std::string& metrics, const std::string& name) {
    const std::string text = value_of(metrics, name);
    double number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

void examine_metrics(const std::string& metrics, std::vector<Finding>& findings) {
    const auto number = [&](const char* name) { return number_of(metrics, name); };
    const auto whole = [&](const char* name) {
        return std::to_string(static_cast<std::uint64_t>(number(name)));
    };
    if (number("vitrine_radio_hearing") > 0) {
        findings.push_back({Level::ok,
                            "the radio hears: " + whole("vitrine_adverts_heard_total") +
                                " adverts, " + whole("vitrine_adverts_recognised_total") +
                                " of them of members who opted in",
                            {}});
    } else {
        findings.push_back({Level::problem, "the radio hears nothing",
                            "see Bluetooth below; members can still check in by QR code"});
    }
    if (number("vitrine_members_recognisable") > 0) {
        findings.push_back(
            {Level::ok, whole("vitrine_members_recognisable") + " members are recognisable", {}});
    } else {
        findings.push_back({Level::warning, "nobody is recognisable",
                            "no member's keys cover this moment: the shop was offline for longer "
                            "than they last, or nobody has opted in"});
    }
    const std::string waiting = whole("vitrine_outbox_records") + " records wait for the centre";
    if (number("vitrine_centre_reachable") == 0) {
        findings.push_back({Level::warning, "the broker is not reachable; " + waiting,
                            "nothing is lost and the shop goes on: check the network, `broker` and "
                            "the certificates"});
    } else if (number("vitrine_outbox_records") > kManyRecords) {
        findings.push_back({Level::warning, waiting,
                            "the broker is reachable, but the centre does not acknowledge: see "
                            "its console"});
    } else {
        findings.push_back({Level::ok, "the broker is reachable; " + waiting, {}});
    }
    if (number("vitrine_records_lost_total") > 0) {
        findings.push_back({Level::warning,
                            whole("vitrine_records_lost_total") + " records were dropped",
                            "the outbox was full (`outbox_mb`) or the disk was"});
    }
}

}  // namespace

std::string value_of(const std::string& metrics, const std::string& name) {
    std::istringstream lines(metrics);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(name + " ")) return line.substr(name.size() + 1);
    }
    return {};
}

std::vector<Finding> examine_machine(const daemon::Config& config) {
    return {examine_clock(), examine_room(config.state)};
}

std::vector<Finding> examine_agent(std::uint16_t port) {
    const auto health = http::fetch(port, "/healthz");
    const auto metrics = http::fetch(port, "/metrics");
    if (!health || !metrics) {
        return {{Level::problem, "the agent does not answer on port " + std::to_string(port),
                 "systemctl status vitrine-agent"}};
    }
    const std::string said = health->body.substr(0, health->body.find('\n'));
    std::vector<Finding> findings;
    findings.push_back({health->status == 200 ? Level::ok : Level::problem,
                        "the agent says: " + said,
                        health->status == 200 ? "" : "journalctl -u vitrine-agent"});
    examine_metrics(metrics->body, findings);
    return findings;
}

}  // namespace vitrine::ctl
