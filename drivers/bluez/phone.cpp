#include "drivers/bluez/phone.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <sdbus-c++/sdbus-c++.h>

#include "drivers/bluez/advert_object.hpp"
#include "drivers/bluez/bus.hpp"
#include "drivers/bluez/check_in_service.hpp"
#include "drivers/bluez/properties.hpp"

namespace vitrine::bluez {
namespace {

constexpr const char* kDaemon = "org.bluez";
constexpr const char* kAdverts = "org.bluez.LEAdvertisingManager1";
constexpr const char* kCharacteristic = "org.bluez.GattCharacteristic1";
constexpr const char* kObjectManager = "org.freedesktop.DBus.ObjectManager";

constexpr std::chrono::seconds kAnswerMax{10};
// Some phones and kiosks need several tries below the attribute protocol.
constexpr std::chrono::seconds kConnectMax{40};
constexpr std::chrono::milliseconds kPoll{200};
// The level at no distance of a phone in the hand, in dBm.
constexpr std::int8_t kTxPower = -18;

std::string adapter_path(const PhoneSettings& settings) { return "/org/bluez/" + settings.adapter; }

/// Our prefix and the identifier as a UUID in text.
std::string uuid_text(const radio::Eid& eid) {
    std::string hex = to_hex(radio::kUuidPrefix) + to_hex(eid.bytes);
    for (const std::size_t at : {20u, 16u, 12u, 8u}) hex.insert(at, "-");
    return hex;
}

/// What the library reports by an exception becomes an Error here.
template <class Function>
auto attempt(const std::string& what, Function function) -> Result<decltype(function())> {
    try {
        return function();
    } catch (const sdbus::Error& error) {
        return unavailable(what + ": " + error.getName() + ": " + error.getMessage());
    }
}

/// Runs the loop until `done` says so; false if it did not within `patience`.
template <class Done>
bool wait_for(host::Loop& loop, std::chrono::milliseconds patience, Done done) {
    for (auto left = patience; left.count() > 0 && !done(); left -= kPoll) loop.run_for(kPoll);
    return done();
}

}  // namespace

AdvertContent phone_advert(PhoneFrame frame, const radio::Eid& eid) {
    if (frame == PhoneFrame::service_uuid)
        return {.connectable = false, .service_uuids = {uuid_text(eid)}};
    Bytes data{0x30, static_cast<std::uint8_t>(kTxPower)};
    data.insert(data.end(), eid.bytes.begin(), eid.bytes.end());
    return {
        .connectable = false, .service_uuids = {kEddystone}, .service_data = {{kEddystone, data}}};
}

PhoneAdvert::PhoneAdvert(host::Loop& loop, PhoneSettings settings, PhoneFrame frame)
    : loop_(loop), settings_(std::move(settings)), frame_(frame) {}

PhoneAdvert::~PhoneAdvert() = default;

Result<void> PhoneAdvert::open() {
    bus_ =
        TRY(Bus::open(loop_, settings_.bus_address, [this](const std::optional<std::string>& lost) {
            lost_ = lost.value_or(lost_);
        }));
    adapter_ = TRY(attempt("D-Bus", [this] {
        return sdbus::createProxy(bus_->connection(), kDaemon, adapter_path(settings_));
    }));
    return {};
}

Result<void> PhoneAdvert::send(const radio::Eid& eid) {
    if (bus_ == nullptr) TRY(open());
    if (advert_ != nullptr) TRY(call("UnregisterAdvertisement"));
    advert_ = TRY(attempt("the advert", [&] {
        return std::make_unique<AdvertObject>(bus_->connection(),
                                              "/org/vitrine/phone/" + std::to_string(++sent_),
                                              phone_advert(frame_, eid), [] {});
    }));
    return call("RegisterAdvertisement");
}

Result<void> PhoneAdvert::call(const char* method) {
    std::optional<std::string> answer;
    const auto answered = [&answer](const sdbus::Error* error) {
        answer = error == nullptr ? "" : error->getName() + ": " + error->getMessage();
    };
    TRY(attempt(method, [&] {
        const sdbus::ObjectPath path(advert_->path());
        if (std::string_view(method) == "RegisterAdvertisement") {
            adapter_->callMethodAsync(method)
                .onInterface(kAdverts)
                .withTimeout(kAnswerMax)
                .withArguments(path, Properties())
                .uponReplyInvoke(answered);
        } else {
            adapter_->callMethodAsync(method)
                .onInterface(kAdverts)
                .withTimeout(kAnswerMax)
                .withArguments(path)
                .uponReplyInvoke(answered);
        }
        bus_->wake();
        return true;
    }));
    wait_for(loop_, kAnswerMax + kPoll, [&] { return answer.has_value() || !lost_.empty(); });
    if (!lost_.empty()) return unavailable("D-Bus is gone: " + lost_);
    if (!answer) {
        bus_.reset();  // The answer, should it come, has nobody to come to.
        return unavailable(std::string(method) + ": the Bluetooth daemon does not answer");
    }
    if (!answer->empty()) return unavailable(std::string(method) + ": " + *answer);
    return {};
}

namespace {

/// A phone's visit: its own connection, synchronous calls.
class Visit {
  public:
    Visit(host::Loop& loop, const PhoneSettings& settings) : loop_(loop), settings_(settings) {}

    Result<void> open();
    Result<std::vector<std::string>> kiosks(std::chrono::seconds patience);
    Result<std::uint8_t> check_in(const std::string& device, const AnswerTo& answer_to);

  private:
    std::unique_ptr<sdbus::IProxy> proxy(const std::string& path) {
        return sdbus::createProxy(*connection_, kDaemon, path);
    }
    Objects objects() {
        Objects found;
        proxy("/")
            ->callMethod("GetManagedObjects")
            .onInterface(kObjectManager)
            .storeResultsTo(found);
        return found;
    }
    std::vector<std::string> heard();
    std::string characteristic(const std::string& device, const char* uuid);
    Bytes read(const std::string& path);
    Result<std::uint8_t> talk(const std::string& device, const AnswerTo& answer_to);

    host::Loop& loop_;
    const PhoneSettings& settings_;
    std::unique_ptr<sdbus::IConnection> connection_;
};

Result<void> Visit::open() {
    connection_ = TRY(attempt("D-Bus", [this] {
        return settings_.bus_address.empty()
                   ? sdbus::createSystemBusConnection()
                   : sdbus::createSessionBusConnectionWithAddress(settings_.bus_address);
    }));
    return {};
}

/// Kiosks that offer check-in and are heard now, best first.
std::vector<std::string> Visit::heard() {
    std::vector<std::pair<int, std::string>> found;
    for (const auto& [path, interfaces] : objects()) {
        const auto device = interfaces.find(kDevice);
        if (device == interfaces.end() || !path.starts_with(adapter_path(settings_) + "/dev_"))
            continue;
        const auto level = device->second.find("RSSI");
        const auto uuids = device->second.find("UUIDs");
        if (level == device->second.end() || uuids == device->second.end()) continue;
        const auto offered = uuids->second.get<std::vector<std::string>>();
        if (std::ranges::find(offered, kCheckInUuid) == offered.end()) continue;
        found.emplace_back(-level->second.get<std::int16_t>(), path);
    }
    std::ranges::sort(found);
    std::vector<std::string> paths;
    for (auto& [level, path] : found) paths.push_back(std::move(path));
    return paths;
}

Result<std::vector<std::string>> Visit::kiosks(std::chrono::seconds patience) {
    auto adapter = proxy(adapter_path(settings_));
    TRY(attempt("discovery on " + settings_.adapter, [&] {
        const std::map<std::string, sdbus::Variant> filter{
            {"Transport", sdbus::Variant(std::string("le"))},
            {"UUIDs", sdbus::Variant(std::vector<std::string>{kCheckInUuid})}};
        adapter->callMethod("SetDiscoveryFilter").onInterface(kAdapter).withArguments(filter);
        adapter->callMethod("StartDiscovery").onInterface(kAdapter);
        return true;
    }));
    auto found = attempt("what was heard", [&] {
        std::vector<std::string> paths;
        wait_for(loop_, patience, [&] { return !(paths = heard()).empty(); });
        return paths;
    });
    // Controllers connect better when they do not scan; one that cannot stop will do both.
    (void)attempt("StopDiscovery", [&] {
        adapter->callMethod("StopDiscovery").onInterface(kAdapter);
        return true;
    });
    if (found && found->empty()) {
        return not_found("no kiosk that offers check-in was heard within " +
                         std::to_string(patience.count()) + " s");
    }
    return found;
}

std::string Visit::characteristic(const std::string& device, const char* uuid) {
    for (const auto& [path, interfaces] : objects()) {
        const auto found = interfaces.find(kCharacteristic);
        if (found == interfaces.end() || !path.starts_with(device + "/")) continue;
        if (found->second.at("UUID").get<std::string>() == uuid) return path;
    }
    return {};
}

Bytes Visit::read(const std::string& path) {
    Bytes value;
    proxy(path)
        ->callMethod("ReadValue")
        .onInterface(kCharacteristic)
        .withArguments(Properties())
        .storeResultsTo(value);
    return value;
}

/// Connected: challenge, answer, outcome.
Result<std::uint8_t> Visit::talk(const std::string& device, const AnswerTo& answer_to) {
    std::string challenge;
    TRY(attempt("the kiosk's services", [&] {
        return wait_for(loop_, kAnswerMax, [&] {
            return !(challenge = characteristic(device, kChallengeUuid)).empty();
        });
    }));
    if (challenge.empty()) return unavailable("the kiosk does not show its check-in service");
    const Bytes asked = TRY(attempt("the challenge", [&] { return read(challenge); }));
    const Bytes answer = TRY(answer_to(asked));
    const Bytes outcome = TRY(attempt("the answer", [&] {
        const Properties with_response{{"type", sdbus::Variant(std::string("request"))}};
        proxy(characteristic(device, kAnswerUuid))
            ->callMethod("WriteValue")
            .onInterface(kCharacteristic)
            .withArguments(answer, with_response);
        return read(characteristic(device, kOutcomeUuid));
    }));
    if (outcome.size() != 1) return unavailable("the kiosk tells no outcome");
    return outcome[0];
}

Result<std::uint8_t> Visit::check_in(const std::string& device, const AnswerTo& answer_to) {
    TRY(attempt("connecting", [&] {
        proxy(device)->callMethod("Connect").onInterface(kDevice).withTimeout(kConnectMax);
        return true;
    }));
    auto outcome = talk(device, answer_to);
    // A kiosk serves few links at once, and this machine need not remember it.
    (void)attempt("leaving", [&] {
        proxy(device)->callMethod("Disconnect").onInterface(kDevice).withTimeout(kAnswerMax);
        proxy(adapter_path(settings_))
            ->callMethod("RemoveDevice")
            .onInterface(kAdapter)
            .withArguments(sdbus::ObjectPath(device));
        return true;
    });
    return outcome;
}

}  // namespace

Result<std::uint8_t> check_in_by_gatt(host::Loop& loop, const PhoneSettings& settings,
                                      const AnswerTo& answer_to, std::chrono::seconds patience) {
    Visit visit(loop, settings);
    TRY(visit.open());
    const std::vector<std::string> kiosks = TRY(visit.kiosks(patience));
    Result<std::uint8_t> outcome = not_found("no kiosk");
    for (const std::string& kiosk : kiosks) {
        outcome = visit.check_in(kiosk, answer_to);
        if (outcome || outcome.error().code != ErrorCode::not_found) break;
    }
    return outcome;
}

}  // namespace vitrine::bluez
