// What reaches the ear: the daemon's signals, and what follows from them.

#include <algorithm>
#include <utility>
#include <vector>

#include "drivers/bluez/daemon.hpp"
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
    absent(ScannerMode::no_adapter,
           "The Bluetooth daemon has stopped. It is used again as soon as it is back; see "
           "`systemctl status bluetooth`.");
}

void Ear::on_added(sdbus::Message& message) {
    sdbus::ObjectPath path;
    Interfaces interfaces;
    message >> path >> interfaces;
    const bool monitors_at_last =
        path == adapter_path_ && interfaces.contains(kMonitors) && monitor_ == nullptr;
    if (monitors_at_last || (interfaces.contains(kAdapter) && adapter_path_.empty())) return look();
    const auto device = interfaces.find(kDevice);
    if (device != interfaces.end() && is_our_device(path))
        on_device(path, read_device(device->second, {}));
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
    owes_power_ = false;  // It comes back as the daemon pleases.
    recovery_.absent();
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
    if (device && interface == kDevice) on_device(path, read_device(changed, invalidated));
    if (!device && interface == kAdapter) on_adapter(changed);
}

void Ear::on_adapter(const Properties& changed) {
    if (const auto powered = flag(changed, "Powered")) {
        if (!*powered) dismiss_guest();
        if (!cycling_ && *powered != listening_) look();
        return;
    }
    const auto discovering = flag(changed, "Discovering");
    if (!discovering) return;
    on_discovering(*discovering);
    if (!*discovering && discovering_ && listening_) {
        ++attempt_;
        discovering_ = false;
        return fail("Discovery on " + adapter_name() + " has ended; asking again.", true);
    }
    say_how();
}

void Ear::on_discovering(bool discovering) {
    adapter_discovers_ = discovering;
    const bool someone = discovering && !discovering_;
    if (someone && !someone_discovers_) ++alarms_;
    someone_discovers_ = someone;
}

void Ear::on_device(const std::string& path, const DeviceNews& news) {
    if (news.rssi && *news.rssi != kRssiUnknown) life();
    tell_from_daemon(devices_.change(path, news));
}

/// The daemon has heard what the monitor asks for: members and heartbeats.
void Ear::on_found(const std::string& path) {
    if (sink_ == nullptr || !is_our_device(path)) return;
    life();
    tell_from_daemon(devices_.found(path));
}

void Ear::tell_from_daemon(const std::optional<Devices::Heard>& heard) {
    if (heard && !kernel_tells()) tell(*heard);
}

void Ear::tell(const Devices::Heard& heard) {
    if (sink_ == nullptr || !listening_) return;
    const Instant at = clock_.monotonic();
    last_advert_ = at;
    ++adverts_;
    sink_->on_advert({.at = at,
                      .scanner = settings_.scanner,
                      .rssi = heard.rssi,
                      .address = heard.address,
                      .data = heard.data});
}

void Ear::after_turn(const std::optional<std::string>& lost) {
    if (sink_ == nullptr) return close();
    if (!lost) return;
    close();
    absent(ScannerMode::no_adapter,
           "No Bluetooth: the connection to the system's D-Bus is gone (" + *lost + ").");
}

/// There is nothing that could be shaken.
void Ear::absent(ScannerMode mode, std::string sentence) {
    recovery_.absent();
    watchdog_timer_.cancel();
    retry(mode, std::move(sentence));
}

void Ear::fail(std::string sentence, bool radio_may_be_to_blame) {
    if (sink_ == nullptr) return;
    if (radio_may_be_to_blame) recovery_.failed(clock_.monotonic());
    retry(ScannerMode::failed, std::move(sentence));
    watch();
}

void Ear::retry(ScannerMode mode, std::string sentence) {
    if (sink_ == nullptr) return;
    listening_ = false;
    activation_timer_.cancel();
    passive_again_timer_.cancel();
    become(mode, std::move(sentence));
    const auto delay = std::min<std::chrono::seconds>(
        kRetryMax, std::chrono::seconds(1 << std::min(failures_, 10u)));
    ++failures_;
    retry_timer_ = loop_.after(delay, [this] { bus_ == nullptr || bus_is_bad_ ? open() : look(); });
}

void Ear::become(ScannerMode mode, std::string sentence) {
    if (mode == state_.mode && sentence == state_.sentence) return;
    state_ = {mode, std::move(sentence)};
    const bool troubled = someone_discovers_ || recovery_.stage() != RecoveryStage::well;
    const bool well = mode == ScannerMode::passive || mode == ScannerMode::starting ||
                      mode == ScannerMode::stopped;
    log_.write(well && !troubled ? host::Level::notice : host::Level::warning, "bluetooth",
               {{"mode", scanner::name_of(mode)}, {"state", state_.sentence}},
               host::CallSite::here());
}

/// The state of one that listens.
void Ear::say_how() {
    if (!listening_) return;
    const std::string tried = what_was_tried();
    if (recovery_.stage() == RecoveryStage::given_up && life_expected())
        return become(ScannerMode::failed, "Hearing nothing on " + adapter_name() + tried);
    if (!discovering_)
        return become(ScannerMode::passive,
                      "Listening passively on " + adapter_name() + how_passive() + tried);
    become(ScannerMode::discovery_fallback,
           "Listening on " + adapter_name() + " by DISCOVERY, because " + why_discovery_ +
               ". The Bluetooth daemon may keep devices of people who are not members, and phones "
               "that send only a service UUID (iOS) are not heard." +
               tried);
}

std::string Ear::how_passive() const {
    if (someone_discovers_) {
        return ", but another program discovers: while it does, the Bluetooth daemon keeps devices "
               "of everybody. Find it (`busctl monitor org.bluez`) and stop it.";
    }
    if (levels_from_kernel())
        return ", for members' frames only; each advert's level comes from the kernel.";
    return ", for members' frames only; levels come in steps of 8 dB (" +
           (why_not_kernel_.empty() ? "the kernel was not asked" : why_not_kernel_) + ").";
}

bool Ear::is_our_device(const std::string& path) const {
    return !adapter_path_.empty() && path.starts_with(adapter_path_ + "/dev_");
}

std::string Ear::adapter_name() const {
    return adapter_path_.substr(adapter_path_.find_last_of('/') + 1);
}

}  // namespace vitrine::bluez
