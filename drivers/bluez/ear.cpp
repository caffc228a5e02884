#include "drivers/bluez/ear.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace vitrine::bluez {
namespace {

using scanner::ScannerMode;

constexpr const char* kDaemon = "org.bluez";
constexpr const char* kMonitors = "org.bluez.AdvertisementMonitorManager1";
constexpr const char* kObjectManager = "org.freedesktop.DBus.ObjectManager";

// The daemon may accept a monitor that the kernel refuses: only Activate says that it listens.
constexpr std::chrono::seconds kActivationMax{5};
constexpr std::chrono::seconds kAnswerMax{10};

/// An error of the daemon by its name: the text beside it may hold somebody's address.
std::string reason_of(const sdbus::Error& error) { return error.getName(); }

bool is(const sdbus::Error& error, std::string_view name) { return error.getName() == name; }

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
    : loop_(loop), clock_(clock), log_(log), settings_(std::move(settings)) {}

Ear::~Ear() { dismiss_guest(); }

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
    retry_timer_.cancel();
    activation_timer_.cancel();
    // The daemon ends monitor and discovery of a client that leaves the bus: nothing to call, and
    // nothing that can fail.
    if (bus_ != nullptr && !bus_->in_turn()) close();
}

void Ear::close() {
    dismiss_guest();
    begin_anew();
    registered_ = false;
    discovering_ = false;
    bus_is_bad_ = false;
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
    adapter_path_.clear();
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
        retry(ScannerMode::no_adapter,
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
        retry(ScannerMode::failed, "The system's D-Bus refused us (" + reason_of(error) +
                                       "). Its policy must let this service speak to org.bluez.");
    }
}

void Ear::connect_signals() {
    auto& connection = bus_->connection();
    monitor_ = std::make_unique<Monitor>(connection,
                                         Monitor::Calls{.activated = [this] { on_activated(); },
                                                        .released = [this] { on_released(); },
                                                        .found =
                                                            [this](const std::string& path) {
                                                                if (is_our_device(path))
                                                                    tell(devices_.found(path));
                                                            }});
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
        return retry(ScannerMode::failed,
                     "The Bluetooth daemon does not let this service in: the D-Bus policy must "
                     "allow its user to send to org.bluez (on Debian, the group bluetooth).");
    }
    if (error != nullptr) {
        return retry(ScannerMode::no_adapter,
                     "No Bluetooth: the Bluetooth daemon does not answer (" + reason_of(*error) +
                         "). It does not run on a machine without an adapter: plug one in, or see "
                         "`systemctl status bluetooth`.");
    }
    const auto found = choose_adapter(objects, settings_.adapter);
    if (found == objects.end()) {
        dismiss_guest();
        return retry(ScannerMode::no_adapter,
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
    someone_discovers_ = flag(properties, "Discovering").value_or(false) && !discovering_;
    if (!flag(properties, "Powered").value_or(false)) {
        dismiss_guest();
        return retry(ScannerMode::failed,
                     "The Bluetooth adapter " + adapter_name() +
                         " is switched off: `rfkill unblock bluetooth`, then `bluetoothctl power "
                         "on`.");
    }
    guarded([this] {
        adapter_ = sdbus::createProxy(bus_->connection(), kDaemon, adapter_path_);
        welcome_guest();
    });
    if (bus_is_bad_) return;
    if (adapter.contains(kMonitors)) {
        guarded([this] { register_monitor(); });
    } else {
        fall_back("the Bluetooth daemon offers no passive monitors: start bluetoothd with -E");
    }
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
            if (error == nullptr) {
                registered_ = true;
            } else {
                activation_timer_.cancel();
                fall_back("the passive monitor was refused (" + reason_of(*error) + ")");
            }
        });
    activation_timer_ = loop_.after(kActivationMax, [this] {
        fall_back("the passive monitor was accepted but never activated");
    });
}

void Ear::on_activated() {
    if (sink_ == nullptr || adapter_path_.empty()) return;
    registered_ = true;
    activation_timer_.cancel();
    if (std::exchange(discovering_, false)) {
        // Late, but better than discovery. A stop that fails ends with our connection.
        guarded([this] {
            adapter_->callMethodAsync("StopDiscovery")
                .onInterface(kAdapter)
                .uponReplyInvoke([](const sdbus::Error*) {});
        });
        if (bus_is_bad_) return;
    }
    become_passive();
}

void Ear::on_released() {
    registered_ = false;
    if (state_.mode != ScannerMode::passive) return;
    ++attempt_;
    retry(ScannerMode::failed, "The Bluetooth daemon gave our monitor back; asking again.");
}

void Ear::fall_back(const std::string& reason) {
    if (!settings_.discovery_allowed) {
        return retry(ScannerMode::failed, "Hearing nothing: " + reason +
                                              ", and the configuration does not allow discovery.");
    }
    guarded([this, &reason] { filter_discovery(reason); });
}

void Ear::filter_discovery(const std::string& reason) {
    const std::map<std::string, sdbus::Variant> filter{
        {"Transport", sdbus::Variant(std::string("le"))},
        {"UUIDs", sdbus::Variant(std::vector<std::string>{kEddystone})},
        // Without a level newer daemons report steps of 8 dB only.
        {"RSSI", sdbus::Variant(std::int16_t{-127})},
        {"DuplicateData", sdbus::Variant(true)}};
    adapter_->callMethodAsync("SetDiscoveryFilter")
        .onInterface(kAdapter)
        .withTimeout(kAnswerMax)
        .withArguments(filter)
        .uponReplyInvoke([this, asked = attempt_, reason](const sdbus::Error* error) {
            if (asked != attempt_ || state_.mode == ScannerMode::passive) return;
            if (error == nullptr) return guarded([this, &reason] { start_discovery(reason); });
            // Without our filter every bystander would be kept: rather nothing.
            retry(ScannerMode::failed, "Hearing nothing: " + reason +
                                           ", and the filter of the discovery was refused (" +
                                           reason_of(*error) + ").");
        });
    bus_->wake();
}

void Ear::start_discovery(const std::string& reason) {
    discovering_ = true;
    adapter_->callMethodAsync("StartDiscovery")
        .onInterface(kAdapter)
        .withTimeout(kAnswerMax)
        .uponReplyInvoke([this, asked = attempt_, reason](const sdbus::Error* error) {
            if (asked != attempt_ || state_.mode == ScannerMode::passive) return;
            // InProgress: an earlier attempt of ours is on.
            if (error != nullptr && !is(*error, "org.bluez.Error.InProgress")) {
                discovering_ = false;
                return retry(ScannerMode::failed, "Hearing nothing: " + reason +
                                                      ", and discovery failed too (" +
                                                      reason_of(*error) + ").");
            }
            failures_ = 0;
            become(ScannerMode::discovery_fallback,
                   "Listening on " + adapter_name() + " by DISCOVERY, because " + reason +
                       ". The Bluetooth daemon may keep devices of people who are not members, "
                       "and phones that send only a service UUID (iOS) are not heard.");
        });
}

}  // namespace vitrine::bluez
