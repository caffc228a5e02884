#include "agent/host/notify.hpp"

#include <string>

#include <systemd/sd-daemon.h>

namespace vitrine::host {
namespace {

/// The service manager ends a message's field at a line's end.
std::string one_line(std::string_view text) {
    std::string line(text);
    for (char& c : line) {
        if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    }
    return line;
}

}  // namespace

Notify::Notify(Loop& loop, std::function<bool()> healthy) : healthy_(std::move(healthy)) {
    std::uint64_t interval_us = 0;
    if (sd_watchdog_enabled(0, &interval_us) <= 0) return;
    watchdog_interval_ = std::chrono::microseconds(interval_us);
    const std::chrono::nanoseconds half = watchdog_interval_ / 2;
    watchdog_ =
        loop.every(std::max<std::chrono::nanoseconds>(half, std::chrono::milliseconds(1)), [this] {
            if (!healthy_ || healthy_()) sd_notify(0, "WATCHDOG=1");
        });
}

void Notify::ready(std::string_view status) {
    sd_notify(0, ("READY=1\nSTATUS=" + one_line(status)).c_str());
}

void Notify::status(std::string_view text) { sd_notify(0, ("STATUS=" + one_line(text)).c_str()); }

void Notify::reloading() { sd_notify(0, "RELOADING=1"); }

void Notify::stopping() { sd_notify(0, "STOPPING=1"); }

}  // namespace vitrine::host
