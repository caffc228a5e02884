// What comes from the kernel, and what is done when nothing comes from anywhere.

#include <algorithm>
#include <charconv>
#include <utility>

#include "agent/radio/frame.hpp"
#include "drivers/bluez/daemon.hpp"
#include "drivers/bluez/ear.hpp"
#include "drivers/bluez/rfkill.hpp"

namespace vitrine::bluez {
namespace {

// Without an advert from the kernel for so long, the daemon is believed again.
constexpr std::chrono::seconds kKernelSilence{10};

std::uint16_t number_of(const std::string& adapter) {
    std::uint16_t number = 0;
    std::from_chars(adapter.data() + std::min<std::size_t>(3, adapter.size()),
                    adapter.data() + adapter.size(), number);
    return number;
}

}  // namespace

void Ear::listen_to_kernel() {
    const std::uint16_t adapter = number_of(adapter_name());
    if (!settings_.kernel_allowed) {
        why_not_kernel_ = "the configuration does not allow to ask the kernel";
        return;
    }
    if (kernel_ != nullptr && kernel_->adapter() == adapter) return;
    if (kernel_ == nullptr && !why_not_kernel_.empty()) return;  // Asked on this connection.
    auto kernel = ManagementSocket::open(
        loop_, settings_.kernel_socket, adapter,
        {.found = [this](const FoundOnAir& found) { on_air(found); },
         .answered = [this] { say_how(); },
         .ended =
             [this](const std::string& reason) {
                 kernel_.reset();
                 why_not_kernel_ = "the kernel's management channel: " + reason;
                 // For a monitor that has the daemon tell each advert.
                 if (listening_) retry_timer_ = loop_.after({}, [this] { look(); });
             }});
    if (!kernel) {
        why_not_kernel_ = kernel.error().message;
        return;
    }
    kernel_ = *std::move(kernel);
}

/// Any device's advert, of which only a member's goes further than this function.
void Ear::on_air(const FoundOnAir& found) {
    if (sink_ == nullptr) return;
    life();
    if (!listening_ || found.rssi == kRssiUnknown) return;
    const auto payload = radio::Payload::from(found.structures);
    if (!payload || !radio::eid_of(radio::classify(payload->view()))) return;
    last_from_kernel_ = clock_.monotonic();
    const Devices::Heard heard{.address = found.address, .rssi = found.rssi, .data = *payload};
    // A device that a controller's own monitor finds is told as such and then, during a discovery,
    // as a device found: one advert.
    if (!found.by_monitor && told_by_monitor_ == heard) return told_by_monitor_.reset();
    told_by_monitor_.reset();
    if (found.monitor != 0) told_by_monitor_ = heard;
    tell(heard);
}

bool Ear::levels_from_kernel() const { return kernel_ != nullptr && kernel_->permitted(); }

bool Ear::kernel_tells() const {
    return levels_from_kernel() && last_from_kernel_ &&
           clock_.monotonic() - *last_from_kernel_ < kKernelSilence;
}

/// Whether an empty shop, too, would be heard.
bool Ear::life_expected() const { return !settings_.heartbeats.empty() || levels_from_kernel(); }

void Ear::life() {
    const Instant at = clock_.monotonic();
    last_life_ = at;
    if (!listening_) return;
    const bool news = recovery_.stage() != RecoveryStage::well;
    recovery_.heard(at);
    if (news) say_how();
}

void Ear::listening() {
    listening_ = true;
    failures_ = 0;
    retry_timer_.cancel();
    recovery_.listening(clock_.monotonic(), life_expected());
    say_how();
    watch();
}

/// The deadline moves with every advert; the timer looks again when it has fired.
void Ear::watch() {
    const auto deadline = recovery_.deadline();
    if (!deadline || sink_ == nullptr) return watchdog_timer_.cancel();
    watchdog_timer_ = loop_.after(*deadline - clock_.monotonic(), [this] {
        const RecoveryStage stage = recovery_.due(clock_.monotonic());
        watch();
        act(stage);
    });
}

void Ear::act(RecoveryStage stage) {
    if (stage == RecoveryStage::well || bus_ == nullptr) return;
    log_.warning("bluetooth_recovery", {{"adapter", adapter_name()}, {"stage", name_of(stage)}});
    switch (stage) {
        case RecoveryStage::well:
            return;
        case RecoveryStage::register_again:
            return look();
        case RecoveryStage::power_cycle:
            return guarded([this] { power_cycle(); });
        case RecoveryStage::reset:
            return reset();
        case RecoveryStage::given_up:
            return say_how();
    }
}

void Ear::set_powered(bool on, std::function<void(const sdbus::Error*)> done) {
    adapter_->callMethodAsync("Set")
        .onInterface("org.freedesktop.DBus.Properties")
        .withTimeout(kAnswerMax)
        .withArguments(std::string(kAdapter), std::string("Powered"), sdbus::Variant(on))
        .uponReplyInvoke(
            [this, done = std::move(done), asked = attempt_](const sdbus::Error* error) {
                if (asked == attempt_ && sink_ != nullptr) done(error);
            });
    bus_->wake();
}

/// Off and on; that either is refused (it may be, by an adapter that is dead) ends nothing.
void Ear::power_cycle() {
    if (adapter_ == nullptr || adapter_path_.empty()) return;
    cycling_ = true;
    owes_power_ = true;
    retry_timer_.cancel();
    set_powered(false, [this](const sdbus::Error*) {
        power_timer_ = loop_.after(settings_.waits.off, [this] { power_on(); });
    });
}

void Ear::power_on() {
    guarded([this] {
        set_powered(true, [this](const sdbus::Error*) {
            cycling_ = false;
            look();  // Which sees whether it came on.
        });
    });
}

/// The kernel's own switch, where this process may throw it: few may.
void Ear::reset() {
    if (adapter_ == nullptr || adapter_path_.empty()) return;
    const auto switches = radio_switches(settings_.rfkill_folder);
    const auto ours = std::ranges::find(switches, adapter_name(), &RadioSwitch::name);
    if (ours == switches.end()) {
        why_no_reset_ = "the kernel shows no switch for it";
        return look();
    }
    if (const auto thrown = block_radio(ours->index, true, settings_.rfkill_device); !thrown) {
        why_no_reset_ = thrown.error().message;
        return look();
    }
    why_no_reset_.clear();
    blocked_switch_ = ours->index;
    cycling_ = true;
    owes_power_ = true;
    retry_timer_.cancel();
    // Apart from what is asked of the daemon: whatever happens to that, the switch goes back.
    unblock_timer_ = loop_.after(settings_.waits.off, [this] { unblock(); });
    power_timer_ = loop_.after(settings_.waits.off * 2, [this] { power_on(); });
}

void Ear::unblock() {
    if (!blocked_switch_) return;
    const auto thrown = block_radio(*blocked_switch_, false, settings_.rfkill_device);
    if (thrown) {
        blocked_switch_.reset();
        return;
    }
    log_.warning("bluetooth_switch_stuck", {{"error", thrown.error().message}});
    unblock_timer_ = loop_.after(std::chrono::seconds(10), [this] { unblock(); });
}

/// Before leaving: what was switched off for a moment is switched on.
void Ear::release_radio() {
    unblock();
    unblock_timer_.cancel();
    power_timer_.cancel();
    if (!std::exchange(owes_power_, false) || adapter_ == nullptr || bus_is_bad_) return;
    try {
        adapter_->callMethodAsync("Set")
            .onInterface("org.freedesktop.DBus.Properties")
            .withArguments(std::string(kAdapter), std::string("Powered"), sdbus::Variant(true))
            .uponReplyInvoke([](const sdbus::Error*) {});
    } catch (const sdbus::Error& error) {
        log_.warning("bluetooth_left_off", {{"error", error.getName()}});
    }
}

/// What follows the name of the adapter in the sentence: empty while all is well.
std::string Ear::what_was_tried() const {
    constexpr const char* kCarryOn = " Checking in by QR code works all the same.";
    switch (recovery_.stage()) {
        case RecoveryStage::well:
            return {};
        case RecoveryStage::register_again:
            return " Nothing was heard for a while, and the daemon was asked anew.";
        case RecoveryStage::power_cycle:
            return " Nothing was heard for a while, and the adapter was switched off and on.";
        case RecoveryStage::reset:
        case RecoveryStage::given_up:
            break;
    }
    return " Nothing was heard for a while; asking anew, switching off and on and a reset" +
           (why_no_reset_.empty() ? std::string() : " (impossible: " + why_no_reset_ + ")") +
           " did not help yet; all is tried again later. If others are heard here, unplug the "
           "adapter or restart this machine." +
           kCarryOn;
}

RadioHealth Ear::health() const {
    const Instant at = clock_.monotonic();
    const auto age = [at](const std::optional<Instant>& since) {
        return since ? std::optional<std::chrono::nanoseconds>(at - *since) : std::nullopt;
    };
    return {.mode = state_.mode,
            .adapter = adapter_name(),
            .levels_from_kernel = levels_from_kernel(),
            .someone_discovers = someone_discovers_,
            .discovery_alarms = alarms_,
            .stage = recovery_.stage(),
            .recoveries = recovery_.counts(),
            .adverts = adverts_,
            .advert_age = age(last_advert_),
            .life_age = age(last_life_)};
}

}  // namespace vitrine::bluez
