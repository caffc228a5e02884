#include "drivers/bluez/rfkill.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <optional>
#include <system_error>

namespace vitrine::bluez {
namespace {

constexpr std::size_t kSwitchesMax = 64;

std::string first_word(const std::filesystem::path& path) {
    std::ifstream in(path);
    std::string word;
    in.width(64);
    in >> word;
    return word;
}

std::optional<std::uint32_t> index_of(const std::string& name) {
    constexpr std::string_view kPrefix = "rfkill";
    if (!name.starts_with(kPrefix)) return std::nullopt;
    std::uint32_t index = 0;
    const char* const end = name.data() + name.size();
    const auto read = std::from_chars(name.data() + kPrefix.size(), end, index);
    if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
    return index;
}

}  // namespace

std::vector<RadioSwitch> radio_switches(const std::filesystem::path& folder) {
    std::vector<RadioSwitch> switches;
    std::error_code error;
    for (std::filesystem::directory_iterator each(folder, error), end; !error && each != end;
         each.increment(error)) {
        const auto index = index_of(each->path().filename().string());
        if (!index || first_word(each->path() / "type") != "bluetooth") continue;
        if (switches.size() == kSwitchesMax) break;
        switches.push_back({.index = *index,
                            .name = first_word(each->path() / "name"),
                            .soft_blocked = first_word(each->path() / "soft") == "1",
                            .hard_blocked = first_word(each->path() / "hard") == "1"});
    }
    return switches;
}

Result<void> block_radio(std::uint32_t index, bool blocked, const std::filesystem::path& device) {
    const int fd = ::open(device.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK);
    const auto failed = [&device](int error) {
        const std::string message = device.string() + ": " + std::generic_category().message(error);
        return error == EPERM || error == EACCES ? denied(message) : unavailable(message);
    };
    if (fd < 0) return failed(errno);
    // <linux/rfkill.h>, struct rfkill_event: index in the machine's order, type 2 (Bluetooth),
    // operation 2 (change this one), soft, hard. Machines that Vitrine runs on are little-endian.
    const std::array<std::uint8_t, 8> event{static_cast<std::uint8_t>(index),
                                            static_cast<std::uint8_t>(index >> 8),
                                            static_cast<std::uint8_t>(index >> 16),
                                            static_cast<std::uint8_t>(index >> 24),
                                            2,
                                            2,
                                            static_cast<std::uint8_t>(blocked ? 1 : 0),
                                            0};
    const auto written = ::write(fd, event.data(), event.size());
    const int error = errno;
    ::close(fd);
    if (written < 0) return failed(error);
    if (static_cast<std::size_t>(written) != event.size()) return failed(EIO);
    return {};
}

}  // namespace vitrine::bluez
