#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "agent/base/result.hpp"

namespace vitrine::bluez {

/// One of the kernel's switches for radios (rfkill), of those for Bluetooth.
struct RadioSwitch {
    std::uint32_t index = 0;
    std::string name;           ///< Of an adapter ("hci0"), or of a key of the machine.
    bool soft_blocked = false;  ///< By a program: `rfkill unblock bluetooth`.
    bool hard_blocked = false;  ///< By a switch or the firmware of the machine.
};

/// At most 64; none where the kernel shows none. `folder` is read as /sys/class/rfkill is laid out.
std::vector<RadioSwitch> radio_switches(const std::filesystem::path& folder = "/sys/class/rfkill");

/// Throws one switch. `denied` where this process may not, `unavailable` where there is none.
Result<void> block_radio(std::uint32_t index, bool blocked,
                         const std::filesystem::path& device = "/dev/rfkill");

}  // namespace vitrine::bluez
