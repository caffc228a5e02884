// What an examination's sights mean.

#include "drivers/bluez/examination.hpp"

namespace vitrine::bluez {
namespace {

using Level = Finding::Level;

void judge_switches(const Seen& seen, std::vector<Finding>& findings) {
    for (const RadioSwitch& each : seen.switches) {
        if (each.hard_blocked) {
            findings.push_back({Level::problem,
                                each.name + " is switched off by a switch or the firmware of this "
                                            "machine",
                                "Use the machine's radio switch or its firmware's settings."});
        } else if (each.soft_blocked) {
            findings.push_back({Level::problem, each.name + " is switched off by a program",
                                "`rfkill unblock bluetooth`"});
        }
    }
}

void judge_adapter(const Seen::Adapter& adapter, std::vector<Finding>& findings) {
    const std::string& name = adapter.name;
    if (adapter.powered) {
        findings.push_back({Level::ok, name + " is switched on", {}});
    } else {
        findings.push_back({Level::problem, name + " is switched off", "`bluetoothctl power on`"});
    }
    if (adapter.patterns) {
        findings.push_back({Level::ok, name + " offers passive monitors", {}});
    } else {
        findings.push_back(
            {Level::problem,
             adapter.monitors ? name + " offers monitors, but none that look for patterns"
                              : name + " offers no passive monitors: the agent would have to "
                                       "discover, which keeps bystanders' devices",
             "Start bluetoothd with -E: `systemctl edit bluetooth`, see docs/bluetooth.md."});
    }
    if (adapter.discovering) {
        findings.push_back({Level::warning,
                            "a program discovers on " + name +
                                ": while it does, the Bluetooth daemon keeps devices of everybody",
                            "If `vitrinectl status` does not say that it is the agent, find the "
                            "program (`busctl monitor org.bluez`) and stop it."});
    }
    if (!adapter.advertises || !adapter.serves) {
        findings.push_back({Level::warning,
                            name + " cannot be a beacon with check-in: the daemon offers no " +
                                (adapter.advertises ? "GATT service" : "advertising"),
                            "Check in by QR code, or use an adapter of Bluetooth 4.0 or later."});
    }
}

void judge_duty(const Seen& seen, std::vector<Finding>& findings) {
    constexpr const char* kAdvice =
        "In /etc/bluetooth/main.conf, section [LE]: ScanIntervalAdvMonitor and "
        "ScanWindowAdvMonitor with the same value, EnableAdvMonInterleaveScan=0.";
    if (!seen.conf_readable) {
        findings.push_back(
            {Level::warning, "the Bluetooth daemon's main.conf cannot be read", kAdvice});
        return;
    }
    const bool always = seen.scan_interval && seen.scan_interval == seen.scan_window;
    if (!always) {
        findings.push_back({Level::warning,
                            "the adapter listens a part of the time only (the kernel's own choice "
                            "is 30 of 60 ms): adverts are missed",
                            kAdvice});
    } else if (seen.interleave.value_or(1) != 0) {
        findings.push_back({Level::warning,
                            "the adapter takes turns between listening with and without a list of "
                            "devices: adverts are missed",
                            kAdvice});
    } else {
        findings.push_back({Level::ok, "the adapter listens all the time", {}});
    }
}

}  // namespace

std::vector<Finding> judge(const Seen& seen) {
    std::vector<Finding> findings;
    judge_switches(seen, findings);
    judge_duty(seen, findings);
    if (!seen.bus_error.empty()) {
        findings.push_back({Level::problem,
                            "the system's D-Bus cannot be reached (" + seen.bus_error + ")",
                            "`systemctl status dbus`"});
        return findings;
    }
    if (!seen.daemon_error.empty()) {
        findings.push_back({Level::problem,
                            "the Bluetooth daemon does not answer (" + seen.daemon_error + ")",
                            "`systemctl status bluetooth`; it does not run on a machine without "
                            "an adapter. The user needs the group bluetooth."});
        return findings;
    }
    findings.push_back(
        {Level::ok,
         "the Bluetooth daemon runs" + (seen.version.empty() ? "" : ", BlueZ " + seen.version),
         {}});
    if (seen.adapters.empty()) {
        findings.push_back(
            {Level::problem, "there is no Bluetooth adapter", "Plug one in: it is used at once."});
    }
    for (const Seen::Adapter& each : seen.adapters) judge_adapter(each, findings);
    findings.push_back(
        {Level::ok,
         "the Bluetooth daemon keeps " + std::to_string(seen.devices) +
             " devices in its list (of members only, for half a minute each, as long as nobody "
             "discovers)",
         {}});
    return findings;
}

}  // namespace vitrine::bluez
