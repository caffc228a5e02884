#include "drivers/bluez/check_in_service.hpp"

#include <string>
#include <utility>
#include <vector>

#include "drivers/bluez/properties.hpp"

namespace vitrine::bluez {
namespace {

constexpr const char* kService = "org.bluez.GattService1";
constexpr const char* kCharacteristic = "org.bluez.GattCharacteristic1";

const std::string kServicePath = std::string(CheckInService::kRoot) + "/service";

template <class T>
T option(const Properties& options, const char* name, T otherwise) {
    const auto at = options.find(name);
    if (at == options.end()) return otherwise;
    try {
        return at->second.get<T>();
    } catch (const sdbus::Error&) {
        return otherwise;
    }
}

std::size_t offset_of(const Properties& options) {
    return option<std::uint16_t>(options, "offset", 0);
}

/// The phone's object at the daemon. One without a name shares its limits with all such.
std::string link_of(const Properties& options) {
    return option<sdbus::ObjectPath>(options, "device", sdbus::ObjectPath());
}

/// As the daemon translates it for the phone (gatt-database.c of BlueZ 5.66,
/// dbus_error_to_att_ecode).
sdbus::Error att_error(const Error& error) {
    if (error.code == ErrorCode::exhausted) {
        return sdbus::Error("org.bluez.Error.Failed", CheckInService::kTooManyTries);
    }
    return sdbus::Error("org.bluez.Error.InvalidOffset", error.message);
}

std::unique_ptr<sdbus::IObject> characteristic(sdbus::IConnection& connection, const char* name,
                                               const char* uuid, std::vector<std::string> flags) {
    auto object = sdbus::createObject(connection, kServicePath + "/" + name);
    object->registerProperty("UUID").onInterface(kCharacteristic).withGetter([uuid] {
        return std::string(uuid);
    });
    object->registerProperty("Service").onInterface(kCharacteristic).withGetter([] {
        return sdbus::ObjectPath(kServicePath);
    });
    object->registerProperty("Flags")
        .onInterface(kCharacteristic)
        .withGetter([flags = std::move(flags)] { return flags; });
    return object;
}

}  // namespace

CheckInService::CheckInService(sdbus::IConnection& connection, scanner::CheckInDesk& desk,
                               const Clock& clock)
    : links_(desk), clock_(clock), root_(sdbus::createObject(connection, kRoot)) {
    root_->addObjectManager();
    add_service(connection);
    add_challenge(connection);
    add_answer(connection);
    add_outcome(connection);
}

void CheckInService::add_service(sdbus::IConnection& connection) {
    service_ = sdbus::createObject(connection, kServicePath);
    service_->registerProperty("UUID").onInterface(kService).withGetter(
        [] { return std::string(kCheckInUuid); });
    service_->registerProperty("Primary").onInterface(kService).withGetter([] { return true; });
    service_->finishRegistration();
}

void CheckInService::add_challenge(sdbus::IConnection& connection) {
    challenge_ = characteristic(connection, "challenge", kChallengeUuid, {"read"});
    challenge_->registerMethod("ReadValue")
        .onInterface(kCharacteristic)
        .implementedAs([this](sdbus::Result<Bytes>&& reply, const Properties& options) {
            const auto value =
                links_.challenge(link_of(options), offset_of(options), clock_.monotonic());
            if (!value) return reply.returnError(att_error(value.error()));
            reply.returnResults(*value);
        });
    challenge_->finishRegistration();
}

void CheckInService::add_answer(sdbus::IConnection& connection) {
    answer_ = characteristic(connection, "answer", kAnswerUuid, {"write"});
    answer_->registerMethod("WriteValue")
        .onInterface(kCharacteristic)
        .implementedAs(
            [this](sdbus::Result<>&& reply, const Bytes& value, const Properties& options) {
                const auto outcome =
                    links_.answer(link_of(options), offset_of(options), value, clock_.monotonic());
                if (!outcome) return reply.returnError(att_error(outcome.error()));
                reply.returnResults();
                notify(*outcome);
            });
    answer_->finishRegistration();
}

void CheckInService::add_outcome(sdbus::IConnection& connection) {
    outcome_ = characteristic(connection, "outcome", kOutcomeUuid, {"read", "notify"});
    outcome_->registerProperty("Value").onInterface(kCharacteristic).withGetter([this] {
        return notified_;
    });
    outcome_->registerMethod("ReadValue")
        .onInterface(kCharacteristic)
        .implementedAs([this](sdbus::Result<Bytes>&& reply, const Properties& options) {
            const auto value =
                links_.outcome(link_of(options), offset_of(options), clock_.monotonic());
            if (!value) return reply.returnError(att_error(value.error()));
            reply.returnResults(*value);
        });
    // The daemon counts who asked; a value is told to it in any case.
    for (const char* method : {"StartNotify", "StopNotify"}) {
        outcome_->registerMethod(method).onInterface(kCharacteristic).implementedAs([] {});
    }
    outcome_->finishRegistration();
}

void CheckInService::notify(std::uint8_t outcome) {
    notified_ = {outcome};
    try {
        outcome_->emitPropertiesChangedSignal(kCharacteristic, {"Value"});
    } catch (const sdbus::Error&) {
        // The bus is going; the phone reads the outcome, or has lost its link too.
    }
}

}  // namespace vitrine::bluez
