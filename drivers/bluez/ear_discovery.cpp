// The fallback: hearing by discovery, and the way back from it.

#include <utility>

#include "drivers/bluez/daemon.hpp"
#include "drivers/bluez/ear.hpp"

namespace vitrine::bluez {

using scanner::ScannerMode;

/// A stop that fails is no failure of ours, but while the daemon goes on it keeps bystanders'
/// devices on our account: what it does for a connection ends with the connection.
void Ear::stop_discovery() {
    adapter_->callMethodAsync("StopDiscovery")
        .onInterface(kAdapter)
        .withTimeout(kAnswerMax)
        .uponReplyInvoke([this, asked = attempt_](const sdbus::Error* error) {
            if (error == nullptr || asked != attempt_ || !adapter_discovers_) return;
            bus_is_bad_ = true;
            retry(ScannerMode::starting, "The Bluetooth daemon does not end our discovery (" +
                                             reason_of(*error) +
                                             "): connecting anew, which ends it.");
        });
}

void Ear::fall_back(const std::string& reason, bool radio_may_be_to_blame) {
    // A monitor is asked for again and again during the fallback.
    if (listening_ && discovering_) return discovers();
    if (!settings_.discovery_allowed) {
        return fail(
            "Hearing nothing: " + reason + ", and the configuration does not allow discovery.",
            radio_may_be_to_blame);
    }
    why_discovery_ = reason;
    guarded([this] { filter_discovery(); });
}

void Ear::filter_discovery() {
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
        .uponReplyInvoke([this, asked = attempt_](const sdbus::Error* error) {
            if (asked != attempt_ || passive()) return;
            if (error == nullptr) return guarded([this] { start_discovery(); });
            // Without our filter every bystander would be kept: rather nothing.
            fail("Hearing nothing: " + why_discovery_ +
                     ", and the filter of the discovery was refused (" + reason_of(*error) + ").",
                 radio_may_be_to_blame(*error));
        });
    bus_->wake();
}

void Ear::start_discovery() {
    discovering_ = true;
    adapter_->callMethodAsync("StartDiscovery")
        .onInterface(kAdapter)
        .withTimeout(kAnswerMax)
        .uponReplyInvoke([this, asked = attempt_](const sdbus::Error* error) {
            if (asked != attempt_ || passive()) return;
            // InProgress: an earlier attempt of ours is on.
            if (error == nullptr || is(*error, "org.bluez.Error.InProgress")) return discovers();
            discovering_ = false;
            fail("Hearing nothing: " + why_discovery_ + ", and discovery failed too (" +
                     reason_of(*error) + ").",
                 radio_may_be_to_blame(*error));
        });
}

/// Hears by discovery, and goes on asking for something better.
void Ear::discovers() {
    listening();
    if (monitor_ == nullptr) return;
    passive_again_timer_ = loop_.after(settings_.waits.passive_again,
                                       [this] { guarded([this] { register_monitor(); }); });
}

}  // namespace vitrine::bluez
