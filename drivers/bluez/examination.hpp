#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "drivers/bluez/rfkill.hpp"

namespace vitrine::bluez {

/// One thing that was looked at, for the person who looks after the shop. Never an address, a
/// device's name or anything else of somebody's.
struct Finding {
    enum class Level : std::uint8_t { ok, warning, problem };
    Level level = Level::ok;
    std::string what;
    std::string advice;  ///< Empty where all is well.
};

/// Where the settings of the Bluetooth daemon are, and what else an examination reads.
struct Places {
    std::string bus_address;  ///< As in Settings.
    std::filesystem::path main_conf = "/etc/bluetooth/main.conf";
    std::filesystem::path rfkill_folder = "/sys/class/rfkill";
    std::filesystem::path packages = "/var/lib/dpkg/status";
};

/// What was seen.
struct Seen {
    struct Adapter {
        std::string name;  ///< "hci0"
        bool powered = false;
        bool discovering = false;
        bool monitors = false;  ///< It offers passive monitors at all …
        bool patterns = false;  ///< … and such as look for patterns.
        bool advertises = false;
        bool serves = false;  ///< GATT.
    };
    std::string bus_error;     ///< Empty: the bus is there.
    std::string daemon_error;  ///< Empty: the daemon runs and answers.
    std::string version;       ///< Of the daemon's package; empty: not known.
    std::vector<Adapter> adapters;
    std::size_t devices = 0;  ///< That the daemon keeps in its list.
    std::vector<RadioSwitch> switches;
    /// Of the section [LE] of main.conf; nothing: not set.
    bool conf_readable = false;
    std::optional<int> scan_interval;
    std::optional<int> scan_window;
    std::optional<int> interleave;
};

/// Looks, and waits for others for at most three seconds in all. Not for a program's loop: it
/// blocks.
Seen look_around(const Places& places);

/// What of it is in order, and what is to be done about the rest.
std::vector<Finding> judge(const Seen& seen);

/// Both.
std::vector<Finding> examine(const Places& places = {});

}  // namespace vitrine::bluez
