// What reaches the ear: the daemon's signals, and what follows from them.

#include <algorithm>
#include <utility>
#include <vector>

#include "drivers/bluez/ear.hpp"

namespace vitrine::bluez {
namespace {

using scanner::ScannerMode;

constexpr std::chrono::seconds kRetryMax{60};

}  // namespace

void Ear::on_signal(sdbus::Message& message) {
    if (sink_ == nullptr) return;
    // A message of another shape than documented is the daemon's mistake; the next one may be well.
    try {
        const std::string member = message.getMemberName();
        if (member == "PropertiesChanged") return on_changed(message);
        if (member == "InterfacesAdded") return on_added(message);
        if (member == "InterfacesRemoved") return on_removed(message);
        if (member == "NameOwnerChanged") return on_owner(message);
    } catch (const sdbus::Error& error) {
        log_.warning("bluez_message_unreadable", {{"error", error.getName()}});
    }
}

void Ear::on_owner(sdbus::Message& message) {
    std::string name;
    std::string before;
    std::string after;
    message >> name >> before >> after;
    registered_ = false;
    discovering_ = false;
    dismiss_guest();
    if (!after.empty()) return look();
    begin_anew();
    retry(ScannerMode::no_adapter,
          "The Bluetooth daemon has stopped. It is used again as soon as it is back; see "
          "`systemctl status bluetooth`.");
}

void Ear::on_added(sdbus::Message& message) {
    sdbus::ObjectPath path;
    Interfaces interfaces;
    message >> path >> interfaces;
    if (interfaces.contains(kAdapter) && adapter_path_.empty()) return look();
    const auto device = interfaces.find(kDevice);
    if (device != interfaces.end() && is_our_device(path))
        tell(devices_.change(path, read_device(device->second, {})));
}

void Ear::on_removed(sdbus::Message& message) {
    sdbus::ObjectPath path;
    std::vector<std::string> interfaces;
    message >> path >> interfaces;
    devices_.forget(path);
    if (path != adapter_path_ || std::ranges::find(interfaces, kAdapter) == interfaces.end())
        return;
    registered_ = false;
    discovering_ = false;
    dismiss_guest();
    become(ScannerMode::no_adapter, "The Bluetooth adapter " + adapter_name() +
                                        " was unplugged. Plug it in: it is used at once.");
    look();  // There may be another one.
}

void Ear::on_changed(sdbus::Message& message) {
    const std::string path = message.getPath();
    const bool device = is_our_device(path);
    if (!device && (path != adapter_path_ || adapter_path_.empty())) return;
    std::string interface;
    Properties changed;
    std::vector<std::string> invalidated;
    message >> interface >> changed >> invalidated;
    if (device && interface == kDevice)
        tell(devices_.change(path, read_device(changed, invalidated)));
    if (!device && interface == kAdapter) on_adapter(changed);
}

void Ear::on_adapter(const Properties& changed) {
    if (const auto powered = flag(changed, "Powered")) {
        if (!*powered) dismiss_guest();
        if (*powered == state_.hearing()) return;
        return look();
    }
    const auto discovering = flag(changed, "Discovering");
    if (!discovering) return;
    someone_discovers_ = *discovering && !discovering_;
    if (state_.mode == ScannerMode::passive) become_passive();
    if (!*discovering && state_.mode == ScannerMode::discovery_fallback) {
        ++attempt_;
        discovering_ = false;
        retry(ScannerMode::failed, "Discovery on " + adapter_name() + " has ended; asking again.");
    }
}

void Ear::tell(const std::optional<Devices::Heard>& heard) {
    if (!heard || sink_ == nullptr || !state_.hearing()) return;
    sink_->on_advert({.at = clock_.monotonic(),
                      .scanner = settings_.scanner,
                      .rssi = heard->rssi,
                      .address = heard->address,
                      .data = heard->data});
}

void Ear::after_turn(const std::optional<std::string>& lost) {
    if (sink_ == nullptr) return close();
    if (!lost) return;
    close();
    retry(ScannerMode::no_adapter,
          "No Bluetooth: the connection to the system's D-Bus is gone (" + *lost + ").");
}

void Ear::retry(ScannerMode mode, std::string sentence) {
    if (sink_ == nullptr) return;
    activation_timer_.cancel();
    become(mode, std::move(sentence));
    const auto delay = std::min<std::chrono::seconds>(
        kRetryMax, std::chrono::seconds(1 << std::min(failures_, 10u)));
    ++failures_;
    retry_timer_ = loop_.after(delay, [this] { bus_ == nullptr || bus_is_bad_ ? open() : look(); });
}

void Ear::become(ScannerMode mode, std::string sentence) {
    if (mode == state_.mode && sentence == state_.sentence) return;
    state_ = {mode, std::move(sentence)};
    const bool well = mode == ScannerMode::passive || mode == ScannerMode::starting ||
                      mode == ScannerMode::stopped;
    log_.write(well && !someone_discovers_ ? host::Level::notice : host::Level::warning,
               "bluetooth", {{"mode", scanner::name_of(mode)}, {"state", state_.sentence}},
               host::CallSite::here());
}

void Ear::become_passive() {
    failures_ = 0;
    retry_timer_.cancel();
    become(ScannerMode::passive,
           someone_discovers_
               ? "Listening passively on " + adapter_name() +
                     ", but another program discovers: while it does, the Bluetooth daemon keeps "
                     "devices of everybody. Find it (`busctl monitor org.bluez`) and stop it."
               : "Listening passively on " + adapter_name() + ", for members' frames only.");
}

bool Ear::is_our_device(const std::string& path) const {
    return !adapter_path_.empty() && path.starts_with(adapter_path_ + "/dev_");
}

std::string Ear::adapter_name() const {
    return adapter_path_.substr(adapter_path_.find_last_of('/') + 1);
}

}  // namespace vitrine::bluez
