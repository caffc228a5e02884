#include "drivers/bluez/ear.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "drivers/bluez/daemon.hpp"

namespace vitrine::bluez {
namespace {

using scanner::ScannerMode;

constexpr const char* kObjectManager = "org.freedesktop.DBus.ObjectManager";

using Adapter = Objects::const_iterator;

/// The one that is called `name`; without a name the first, preferably one that is switched on.
Adapter choose_adapter(const Objects& objects, const std::string& name) {
    Adapter chosen = objects.end();
    for (Adapter each = objects.begin(); each != objects.end(); ++each) {
        const auto properties = each->second.find(kAdapter);
        if (properties == each->second.end()) continue;
        if (!name.empty()) {
            if (each->first == "/org/bluez/" + name) return each;
            continue;
        }
        if (flag(properties->second, "Powered").value_or(false)) return each;
        if (chosen == objects.end()) chosen = each;
    }
    return chosen;
}

}  // namespace

Ear::Ear(host::Loop& loop, const Clock& clock, host::Log& log, Settings settings)
    : loop_(loop),
      clock_(clock),
      log_(log),
      settings_(std::move(settings)),
      recovery_(settings_.waits.recovery) {}

Ear::~Ear() {
    release_radio();
    dismiss_guest();
}

void Ear::start(scanner::AdvertSink& sink) {
    if (sink_ != nullptr) stop();
    sink_ = &sink;
    failures_ = 0;
    become(ScannerMode::starting, "Looking for a Bluetooth adapter.");
    // Later, so that one that was stopped by the sink has left its connection before.
    retry_timer_ = loop_.after(std::chrono::nanoseconds(0), [this] { open(); });
}

void Ear::stop() {
    if (sink_ == nullptr) return;
    sink_ = nullptr;
    become(ScannerMode::stopped, "Not listening.");
    release_radio();
    retry_timer_.cancel();
    activation_timer_.cancel();
    watchdog_timer_.cancel();
    // The daemon ends monitor and discovery of a client that leaves the bus: nothing to call, and
    // nothing that can fail. The sink may have asked from within what is to be closed.
    retry_timer_ = loop_.after(std::chrono::nanoseconds(0), [this] { close(); });
    if ((bus_ == nullptr || !bus_->in_turn()) && (kernel_ == nullptr || !kernel_->in_turn()))
        close();
}

void Ear::close() {
    dismiss_guest();
    begin_anew();
    registered_ = false;
    discovering_ = false;
    bus_is_bad_ = false;
    kernel_.reset();
    why_not_kernel_.clear();
    adapter_.reset();
    daemon_.reset();
    monitor_.reset();
    bus_.reset();
}

/// What was known of the daemon's objects no longer counts.
void Ear::begin_anew() {
    ++attempt_;
    activation_timer_.cancel();
    retry_timer_.cancel();
    passive_again_timer_.cancel();
    power_timer_.cancel();
    cycling_ = false;
    listening_ = false;
    adapter_path_.clear();
    adapter_discovers_ = false;
    someone_discovers_ = false;
    devices_.clear();
}

/// The guest keeps its place while the scanner asks again about the same adapter.
void Ear::welcome_guest() {
    if (settings_.guest == nullptr || guest_path_ == adapter_path_) return;
    dismiss_guest();
    guest_path_ = adapter_path_;
    settings_.guest->adapter_ready(*bus_, adapter_path_);
}

void Ear::dismiss_guest() {
    if (!std::exchange(guest_path_, {}).empty()) settings_.guest->adapter_gone();
}

void Ear::open() {
    if (bus_ != nullptr) close();
    auto bus = Bus::open(loop_, settings_.bus_address,
                         [this](const std::optional<std::string>& lost) { after_turn(lost); });
    if (!bus) {
        absent(ScannerMode::no_adapter,
               "No Bluetooth: the system's D-Bus cannot be reached (" + bus.error().message +
                   "). Is dbus running, and /run/dbus visible to this service?");
        return;
    }
    bus_ = *std::move(bus);
    try {
        connect_signals();
        look();
    } catch (const sdbus::Error& error) {
        close();
        if (!is(error, "org.freedesktop.DBus.Error.AccessDenied")) {
            return absent(ScannerMode::no_adapter,
                          "No Bluetooth: the system's D-Bus does not do what it is asked (" +
                              reason_of(error) + "); connecting again.");
        }
        absent(ScannerMode::failed, "The system's D-Bus refused us (" + reason_of(error) +
                                        "). Its policy must let this service speak to org.bluez.");
    }
}

void Ear::connect_signals() {
    auto& connection = bus_->connection();
    const std::string from_daemon = std::string("type='signal',sender='") + kDaemon + "',";
    for (const std::string& match :
         {std::string("type='signal',sender='org.freedesktop.DBus',interface="
                      "'org.freedesktop.DBus',member='NameOwnerChanged',arg0='org.bluez'"),
          from_daemon + "interface='" + kObjectManager + "'",
          from_daemon + "interface='org.freedesktop.DBus.Properties',member='PropertiesChanged',"
                        "path_namespace='/org/bluez'"}) {
        connection.addMatch(
            match, [this](sdbus::Message& message) { on_signal(message); }, sdbus::floating_slot);
    }
    daemon_ = sdbus::createProxy(connection, kDaemon, "/");
}

void Ear::look() {
    begin_anew();
    guarded([this] {
        daemon_->callMethodAsync("GetManagedObjects")
            .onInterface(kObjectManager)
            .withTimeout(kAnswerMax)
            .uponReplyInvoke(
                [this, asked = attempt_](const sdbus::Error* error, const Objects& objects) {
                    if (asked == attempt_ && sink_ != nullptr) on_objects(error, objects);
                });
        bus_->wake();
    });
}

void Ear::on_objects(const sdbus::Error* error, const Objects& objects) {
    if (error != nullptr && is(*error, "org.freedesktop.DBus.Error.AccessDenied")) {
        return absent(ScannerMode::failed,
                      "The Bluetooth daemon does not let this service in: the D-Bus policy must "
                      "allow its user to send to org.bluez (on Debian, the group bluetooth).");
    }
    if (error != nullptr) {
        return absent(ScannerMode::no_adapter,
                      "No Bluetooth: the Bluetooth daemon does not answer (" + reason_of(*error) +
                          "). It does not run on a machine without an adapter: plug one in, or see "
                          "`systemctl status bluetooth`.");
    }
    const auto found = choose_adapter(objects, settings_.adapter);
    if (found == objects.end()) {
        dismiss_guest();
        return absent(ScannerMode::no_adapter,
                      settings_.adapter.empty()
                          ? "No Bluetooth adapter. Plug one in: it is used at once."
                          : "No Bluetooth adapter called " + settings_.adapter +
                                ". Plug it in, or name another one in the configuration.");
    }
    use(found->first, found->second);
    for (const auto& [path, interfaces] : objects) {
        const auto device = interfaces.find(kDevice);
        if (device != interfaces.end() && is_our_device(path))
            devices_.learn(path, read_device(device->second, {}));
    }
}

void Ear::use(const std::string& path, const Interfaces& adapter) {
    adapter_path_ = path;
    const Properties& properties = adapter.at(kAdapter);
    on_discovering(flag(properties, "Discovering").value_or(false));
    guarded([this] { adapter_ = sdbus::createProxy(bus_->connection(), kDaemon, adapter_path_); });
    if (bus_is_bad_) return;
    if (!flag(properties, "Powered").value_or(false)) {
        dismiss_guest();
        if (owes_power_) {
            guarded([this] { set_powered(true, [](const sdbus::Error*) {}); });
            return fail(
                "The Bluetooth adapter " + adapter_name() +
                    " was switched off to bring it back, and does not come on again; "
                    "trying further. Unplug it and plug it in. Checking in by QR code works all "
                    "the same.",
                true);
        }
        return absent(ScannerMode::failed,
                      "The Bluetooth adapter " + adapter_name() +
                          " is switched off: `rfkill unblock bluetooth`, then `bluetoothctl power "
                          "on`.");
    }
    owes_power_ = false;
    guarded([this] { welcome_guest(); });
    if (bus_is_bad_) return;
    listen_to_kernel();
    const auto monitors = adapter.find(kMonitors);
    if (monitors == adapter.end()) {
        return fall_back(
            "the Bluetooth daemon offers no passive monitors: start bluetoothd with -E", false);
    }
    guarded([this, &monitors] {
        make_monitor(levels_from_kernel() ||
                     lists(monitors->second, "SupportedFeatures", "controller-patterns"));
        register_monitor();
    });
}

void Ear::make_monitor(bool sampled) {
    if (monitor_ != nullptr && monitor_->sampled() == sampled) return;
    monitor_.reset();  // First: there can be one at that path.
    monitor_ = std::make_unique<Monitor>(
        bus_->connection(), Monitor::Wants{.heartbeats = settings_.heartbeats, .sampled = sampled},
        Monitor::Calls{.activated = [this] { on_activated(); },
                       .released = [this] { on_released(); },
                       .found = [this](const std::string& path) { on_found(path); }});
}

void Ear::register_monitor() {
    const sdbus::ObjectPath root(Monitor::kRoot);
    // One that an earlier attempt left would be AlreadyExists, and not be activated again.
    if (std::exchange(registered_, false)) {
        adapter_->callMethodAsync("UnregisterMonitor")
            .onInterface(kMonitors)
            .withArguments(root)
            .uponReplyInvoke([](const sdbus::Error*) {});
    }
    adapter_->callMethodAsync("RegisterMonitor")
        .onInterface(kMonitors)
        .withTimeout(kAnswerMax)
        .withArguments(root)
        .uponReplyInvoke([this, asked = attempt_](const sdbus::Error* error) {
            if (asked != attempt_) return;
            if (error == nullptr || is(*error, "org.bluez.Error.AlreadyExists")) {
                registered_ = true;
            }
            if (error != nullptr && !passive()) {
                activation_timer_.cancel();
                fall_back("the passive monitor was refused (" + reason_of(*error) + ")",
                          radio_may_be_to_blame(*error));
            }
        });
    activation_timer_ = loop_.after(settings_.waits.activation, [this] {
        fall_back("the passive monitor was accepted but never activated", true);
    });
    bus_->wake();
}

void Ear::on_activated() {
    if (sink_ == nullptr || adapter_path_.empty()) return;
    registered_ = true;
    activation_timer_.cancel();
    passive_again_timer_.cancel();
    // Late, but better than discovery.
    if (std::exchange(discovering_, false)) guarded([this] { stop_discovery(); });
    if (!bus_is_bad_) listening();
}

void Ear::on_released() {
    registered_ = false;
    if (!passive()) return;
    ++attempt_;
    fail("The Bluetooth daemon gave our monitor back; asking again.", true);
}

}  // namespace vitrine::bluez
