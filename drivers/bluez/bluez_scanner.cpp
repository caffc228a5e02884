#include "drivers/bluez/bluez_scanner.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "drivers/bluez/ear.hpp"

namespace vitrine::bluez {
namespace {

bool is_adapter_name(std::string_view name) {
    return name.starts_with("hci") && name.size() > 3 && name.size() < 8 &&
           std::ranges::all_of(name.substr(3), [](char c) { return c >= '0' && c <= '9'; });
}

bool are_heartbeats(const std::vector<AdPrefix>& prefixes) {
    return prefixes.size() <= Settings::kHeartbeatsMax &&
           std::ranges::all_of(prefixes, [](const AdPrefix& each) {
               return !each.bytes.empty() && each.bytes.size() <= 29;
           });
}

}  // namespace

BluezScanner::BluezScanner(host::Loop& loop, const Clock& clock, host::Log& log, Settings settings)
    : adapter_(settings.adapter),
      heartbeats_are_well_(are_heartbeats(settings.heartbeats)),
      ear_(std::make_unique<Ear>(loop, clock, log, std::move(settings))) {}

BluezScanner::~BluezScanner() = default;

Result<void> BluezScanner::start(scanner::AdvertSink& sink) {
    if (!adapter_.empty() && !is_adapter_name(adapter_)) {
        return invalid("no Bluetooth adapter can be called '" + adapter_ +
                       "': expected hci0, hci1 and so on, or nothing for the first one");
    }
    if (!heartbeats_are_well_) {
        return invalid("at most " + std::to_string(Settings::kHeartbeatsMax) +
                       " heartbeats of 1 to 29 bytes");
    }
    ear_->start(sink);
    return {};
}

void BluezScanner::stop() { ear_->stop(); }

scanner::ScannerState BluezScanner::state() const { return ear_->state(); }

RadioHealth BluezScanner::health() const { return ear_->health(); }

}  // namespace vitrine::bluez
