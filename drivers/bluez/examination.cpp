#include "drivers/bluez/examination.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <memory>
#include <string_view>

#include "drivers/bluez/daemon.hpp"
#include "drivers/bluez/properties.hpp"

namespace vitrine::bluez {
namespace {

// Two calls, and the opening of the bus.
constexpr std::chrono::seconds kCallMax{1};
// A line of a file that somebody edits, and of how many; the package list is the longest.
constexpr std::size_t kLineMax = 4096;
constexpr std::size_t kLinesMax = 2'000'000;
constexpr std::size_t kAdaptersMax = 16;

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// Calls for each line until the function says that it has enough. False: not readable.
template <class Enough>
bool each_line(const std::filesystem::path& path, Enough enough) {
    std::ifstream in(path);
    if (!in) return false;
    std::string line;
    for (std::size_t i = 0; i < kLinesMax && std::getline(in, line); ++i) {
        if (line.size() <= kLineMax && enough(std::string_view(line))) break;
    }
    return true;
}

std::optional<int> number(std::string_view text) {
    int value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
    return value;
}

void read_conf(const std::filesystem::path& path, Seen& seen) {
    bool in_le = false;
    seen.conf_readable = each_line(path, [&](std::string_view raw) {
        const std::string_view line = trimmed(raw);
        if (line.starts_with('[')) in_le = line == "[LE]";
        const auto equals = line.find('=');
        if (!in_le || line.starts_with('#') || equals == std::string_view::npos) return false;
        const std::string_view key = trimmed(line.substr(0, equals));
        const auto value = number(trimmed(line.substr(equals + 1)));
        if (key == "ScanIntervalAdvMonitor") seen.scan_interval = value;
        if (key == "ScanWindowAdvMonitor") seen.scan_window = value;
        if (key == "EnableAdvMonInterleaveScan") seen.interleave = value;
        return false;
    });
}

std::string version_of_bluez(const std::filesystem::path& packages) {
    constexpr std::string_view kVersion = "Version: ";
    bool in_bluez = false;
    std::string version;
    each_line(packages, [&](std::string_view line) {
        if (line.starts_with("Package: ")) in_bluez = line == "Package: bluez";
        if (in_bluez && line.starts_with(kVersion)) version = line.substr(kVersion.size());
        return !version.empty();
    });
    return version;
}

void read_objects(const Objects& objects, Seen& seen) {
    for (const auto& [path, interfaces] : objects) {
        if (interfaces.contains(kDevice)) ++seen.devices;
        const auto adapter = interfaces.find(kAdapter);
        if (adapter == interfaces.end() || seen.adapters.size() == kAdaptersMax) continue;
        const auto monitors = interfaces.find(kMonitors);
        seen.adapters.push_back(
            {.name = path.substr(path.find_last_of('/') + 1),
             .powered = flag(adapter->second, "Powered").value_or(false),
             .discovering = flag(adapter->second, "Discovering").value_or(false),
             .monitors = monitors != interfaces.end(),
             .patterns = monitors != interfaces.end() &&
                         lists(monitors->second, "SupportedMonitorTypes", "or_patterns"),
             .advertises = interfaces.contains("org.bluez.LEAdvertisingManager1"),
             .serves = interfaces.contains("org.bluez.GattManager1")});
    }
}

void ask_daemon(sdbus::IConnection& connection, Seen& seen) {
    // Asked first: a call to a daemon that does not run would have the bus start it.
    bool runs = false;
    sdbus::createProxy(connection, "org.freedesktop.DBus", "/org/freedesktop/DBus")
        ->callMethod("NameHasOwner")
        .onInterface("org.freedesktop.DBus")
        .withTimeout(kCallMax)
        .withArguments(std::string(kDaemon))
        .storeResultsTo(runs);
    if (!runs) {
        seen.daemon_error = "it does not run";
        return;
    }
    Objects objects;
    sdbus::createProxy(connection, kDaemon, "/")
        ->callMethod("GetManagedObjects")
        .onInterface("org.freedesktop.DBus.ObjectManager")
        .withTimeout(kCallMax)
        .storeResultsTo(objects);
    read_objects(objects, seen);
}

}  // namespace

Seen look_around(const Places& places) {
    Seen seen;
    read_conf(places.main_conf, seen);
    seen.version = version_of_bluez(places.packages);
    seen.switches = radio_switches(places.rfkill_folder);
    std::unique_ptr<sdbus::IConnection> connection;
    try {
        connection = places.bus_address.empty()
                         ? sdbus::createSystemBusConnection()
                         : sdbus::createSessionBusConnectionWithAddress(places.bus_address);
    } catch (const sdbus::Error& error) {
        seen.bus_error = error.getName();
        return seen;
    }
    try {
        ask_daemon(*connection, seen);
    } catch (const sdbus::Error& error) {
        seen.daemon_error = reason_of(error);
    }
    return seen;
}

std::vector<Finding> examine(const Places& places) { return judge(look_around(places)); }

}  // namespace vitrine::bluez
