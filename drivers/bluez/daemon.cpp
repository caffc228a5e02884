#include "drivers/bluez/daemon.hpp"

#include <algorithm>
#include <array>

namespace vitrine::bluez {

std::string reason_of(const sdbus::Error& error) { return error.getName(); }

bool is(const sdbus::Error& error, std::string_view name) { return error.getName() == name; }

bool radio_may_be_to_blame(const sdbus::Error& error) {
    const std::string& name = error.getName();
    return std::ranges::none_of(
        std::array<std::string_view, 4>{"NotSupported", "NotPermitted", "AccessDenied", "Unknown"},
        [&name](std::string_view part) { return name.find(part) != std::string::npos; });
}

}  // namespace vitrine::bluez
