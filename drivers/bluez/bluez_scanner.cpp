#include "drivers/bluez/bluez_scanner.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace vitrine::bluez {
namespace {

bool is_adapter_name(std::string_view name) {
    return name.starts_with("hci") && name.size() > 3 && name.size() < 8 &&
           std::ranges::all_of(name.substr(3), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

/// What listens while the scanner is started.
class BluezScanner::Ear {
  public:
    explicit Ear(Settings settings) : settings_(std::move(settings)) {}

    Result<void> start(scanner::AdvertSink&) {
        if (!settings_.adapter.empty() && !is_adapter_name(settings_.adapter)) {
            return invalid("no Bluetooth adapter can be called '" + settings_.adapter +
                           "': expected hci0, hci1 and so on");
        }
        state_ = {scanner::ScannerMode::failed, "Listening through BlueZ is not built yet."};
        return {};
    }
    void stop() { state_ = {scanner::ScannerMode::stopped, "Not listening."}; }
    const scanner::ScannerState& state() const { return state_; }

  private:
    Settings settings_;
    scanner::ScannerState state_{scanner::ScannerMode::stopped, "Not listening."};
};

BluezScanner::BluezScanner(host::Loop&, const Clock&, host::Log&, Settings settings)
    : ear_(std::make_unique<Ear>(std::move(settings))) {}

BluezScanner::~BluezScanner() = default;

Result<void> BluezScanner::start(scanner::AdvertSink& sink) { return ear_->start(sink); }

void BluezScanner::stop() { ear_->stop(); }

scanner::ScannerState BluezScanner::state() const { return ear_->state(); }

}  // namespace vitrine::bluez
