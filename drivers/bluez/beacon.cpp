#include "drivers/bluez/beacon.hpp"

#include <algorithm>
#include <utility>

#include <sdbus-c++/sdbus-c++.h>

#include "drivers/bluez/advert_object.hpp"
#include "drivers/bluez/bus.hpp"
#include "drivers/bluez/check_in_service.hpp"
#include "drivers/bluez/properties.hpp"

namespace vitrine::bluez {
namespace {

constexpr const char* kDaemon = "org.bluez";
constexpr const char* kAdverts = "org.bluez.LEAdvertisingManager1";
constexpr const char* kGatt = "org.bluez.GattManager1";
constexpr const char* kProperties = "org.freedesktop.DBus.Properties";

constexpr std::uint16_t kApple = 0x004c;
// Eddystone gives the level at no distance, iBeacon at one metre; eddystone-uid/README.md: 41 dB.
constexpr int kFirstMetreDb = 41;

constexpr std::chrono::seconds kAnswerMax{10};
constexpr std::chrono::seconds kTick{15};
constexpr std::chrono::seconds kRetryFirst{30};
constexpr std::chrono::seconds kRetryMax{600};

void append16(Bytes& to, std::uint16_t number) {
    to.push_back(static_cast<std::uint8_t>(number >> 8));
    to.push_back(static_cast<std::uint8_t>(number & 0xff));
}

AdvertContent ibeacon(const BeaconSettings& settings) {
    Bytes data{0x02, 0x15};
    data.insert(data.end(), settings.region.begin(), settings.region.end());
    append16(data, settings.store);
    append16(data, settings.kiosk);
    data.push_back(static_cast<std::uint8_t>(settings.rssi_at_1m_dbm));
    return {.manufacturer_data = {{kApple, data}}};
}

Bytes eddystone_uid(const BeaconSettings& settings, std::uint8_t level) {
    Bytes data{0x00, level};
    // "Elided version 4 UUID" of the specification: the UUID without its bytes 5 to 10.
    data.insert(data.end(), settings.region.begin(), settings.region.begin() + 4);
    data.insert(data.end(), settings.region.begin() + 10, settings.region.end());
    append16(data, 0);
    append16(data, settings.store);
    append16(data, settings.kiosk);
    append16(data, 0);  // Reserved.
    return data;
}

AdvertContent eddystone(const BeaconSettings& settings, WallTime now) {
    const auto level = static_cast<std::uint8_t>(
        static_cast<std::int8_t>(std::min(settings.rssi_at_1m_dbm + kFirstMetreDb, 20)));
    Bytes data;
    if (settings.rotating) {
        const radio::Eid eid = identity::current_eid(*settings.rotating, now);
        data = {0x30, level};
        data.insert(data.end(), eid.bytes.begin(), eid.bytes.end());
    } else {
        data = eddystone_uid(settings, level);
    }
    return {.service_uuids = {kEddystone}, .service_data = {{kEddystone, data}}};
}

}  // namespace

std::vector<AdvertContent> adverts_of(const BeaconSettings& settings, bool check_in, WallTime now) {
    std::vector<AdvertContent> adverts;
    if (check_in) adverts.push_back({.service_uuids = {kCheckInUuid}});
    adverts.push_back(ibeacon(settings));
    adverts.push_back(eddystone(settings, now));
    return adverts;
}

Beacon::Beacon(host::Loop& loop, const Clock& clock, host::Log& log, BeaconSettings settings,
               scanner::CheckInDesk* desk)
    : loop_(loop), clock_(clock), log_(log), settings_(std::move(settings)), desk_(desk) {}

Beacon::~Beacon() = default;

void Beacon::adapter_ready(Bus& bus, const std::string& adapter_path) {
    bus_ = &bus;
    adapter_path_ = adapter_path;
    failures_ = 0;
    begin();
}

void Beacon::adapter_gone() {
    take_back();
    bus_ = nullptr;
    adapter_path_.clear();
    trouble_.clear();
    tell();
}

void Beacon::begin() {
    take_back();
    trouble_.clear();
    try {
        adapter_ = sdbus::createProxy(bus_->connection(), kDaemon, adapter_path_);
        forbid_pairing();
        if (desk_ != nullptr) register_service();
        ask_for_room();
        bus_->wake();
    } catch (const sdbus::Error& error) {
        refused("The beacon was not let onto the bus", error);
    }
    tick_timer_ = loop_.every(kTick, [this] { tick(); });
    tell();
}

/// Whoever wants to pair wants something else than a kiosk. Where the policy does not allow us to
/// say so, nothing is lost: no characteristic asks for it.
void Beacon::forbid_pairing() {
    adapter_->callMethodAsync("Set")
        .onInterface(kProperties)
        .withTimeout(kAnswerMax)
        .withArguments(std::string(kAdapter), std::string("Pairable"), sdbus::Variant(false))
        .uponReplyInvoke([this](const sdbus::Error* error) {
            if (error != nullptr) log_.info("bluetooth_pairable", {{"error", error->getName()}});
        });
}

void Beacon::register_service() {
    service_ = std::make_unique<CheckInService>(bus_->connection(), *desk_, clock_);
    adapter_->callMethodAsync("RegisterApplication")
        .onInterface(kGatt)
        .withTimeout(kAnswerMax)
        .withArguments(sdbus::ObjectPath(CheckInService::kRoot), Properties())
        .uponReplyInvoke([this](const sdbus::Error* error) {
            if (error != nullptr) return refused("Check-in by Bluetooth was refused", *error);
            serving_ = true;
            tell();
        });
}

/// How many adverts the radio has left for us.
void Beacon::ask_for_room() {
    adapter_->callMethodAsync("GetAll")
        .onInterface(kProperties)
        .withTimeout(kAnswerMax)
        .withArguments(std::string(kAdverts))
        .uponReplyInvoke([this](const sdbus::Error* error, const Properties& properties) {
            if (error != nullptr) return refused("This adapter does not advertise", *error);
            std::size_t room = 0;
            try {
                room = properties.at("SupportedInstances").get<std::uint8_t>();
            } catch (const std::exception&) {
                room = 1;  // Not said: the first is tried.
            }
            try {
                register_adverts(room);
            } catch (const sdbus::Error& broken) {
                refused("The adverts could not be registered", broken);
            }
        });
}

void Beacon::register_adverts(std::size_t room) {
    ++generation_;
    const auto contents = adverts_of(settings_, desk_ != nullptr, clock_.wall());
    wanted_ = contents.size();
    if (room < wanted_) {
        trouble_ = "The Bluetooth adapter has room for " + std::to_string(room) + " of our " +
                   std::to_string(wanted_) +
                   " adverts. Stop other programs that advertise, or use another adapter.";
        retry_later();
    }
    for (std::size_t i = 0; i < std::min(room, wanted_); ++i) {
        const std::string path =
            "/org/vitrine/beacon/" + std::to_string(generation_) + "/" + std::to_string(i);
        adverts_.push_back(
            std::make_unique<AdvertObject>(bus_->connection(), path, contents[i], [this] {
                trouble_ = "The Bluetooth daemon gave an advert of ours back; asking again.";
                retry_later();
            }));
        adapter_->callMethodAsync("RegisterAdvertisement")
            .onInterface(kAdverts)
            .withTimeout(kAnswerMax)
            .withArguments(sdbus::ObjectPath(path), Properties())
            .uponReplyInvoke([this](const sdbus::Error* error) {
                if (error != nullptr) return refused("An advert was refused", *error);
                ++on_air_;
                tell();
            });
    }
    tell();
}

void Beacon::refused(std::string what, const sdbus::Error& error) {
    // The daemon's own text may hold an address.
    trouble_ = std::move(what) + " (" + error.getName() + "); asking again.";
    retry_later();
    tell();
}

void Beacon::retry_later() {
    if (retry_timer_.active()) return;
    const auto delay = std::min(kRetryMax, kRetryFirst * (1 << std::min(failures_, 5u)));
    ++failures_;
    retry_timer_ = loop_.after(delay, [this] { begin(); });
}

/// Links are forgotten in time, and a rolling identifier rolls: at most 15 s late, which a
/// receiver's neighbouring windows cover.
void Beacon::tick() {
    if (service_ != nullptr) service_->forget_old_links();
    const auto contents = adverts_of(settings_, desk_ != nullptr, clock_.wall());
    try {
        for (std::size_t i = 0; i < adverts_.size(); ++i) {
            if (adverts_[i]->content() != contents[i]) adverts_[i]->change(contents[i]);
        }
        bus_->wake();
    } catch (const sdbus::Error& error) {
        refused("An advert could not be changed", error);
    }
}

/// The daemon may live on while our place at it ends: it is told, as far as it still listens.
void Beacon::take_back() noexcept {
    tick_timer_.cancel();
    retry_timer_.cancel();
    const auto ask = [this](const char* method, const char* interface, const std::string& path) {
        try {
            adapter_->callMethodAsync(method)
                .onInterface(interface)
                .withArguments(sdbus::ObjectPath(path))
                .uponReplyInvoke([](const sdbus::Error*) {});
        } catch (const sdbus::Error&) {
            // Then the bus has gone, and our registrations with it.
        }
    };
    if (adapter_ != nullptr) {
        for (const auto& advert : adverts_)
            ask("UnregisterAdvertisement", kAdverts, advert->path());
        if (service_ != nullptr) ask("UnregisterApplication", kGatt, CheckInService::kRoot);
    }
    adapter_.reset();
    adverts_.clear();
    service_.reset();
    wanted_ = 0;
    on_air_ = 0;
    serving_ = false;
}

void Beacon::tell() {
    State next;
    if (bus_ != nullptr) {
        next.well = wanted_ > 0 && on_air_ == wanted_ && (desk_ == nullptr || serving_);
        next.sentence = "The beacon sends " + std::to_string(on_air_) + " adverts" +
                        (serving_ ? ", and phones can check in." : ".");
        if (!trouble_.empty()) next.sentence += " " + trouble_;
    }
    if (next == state_) return;
    const bool news = next.well != state_.well || !trouble_.empty();
    state_ = std::move(next);
    if (!news) return;
    log_.write(trouble_.empty() ? host::Level::info : host::Level::warning, "beacon",
               {{"well", state_.well}, {"state", state_.sentence}}, host::CallSite::here());
}

}  // namespace vitrine::bluez
