#include "drivers/bluez/advert_object.hpp"

#include <string_view>
#include <utility>

namespace vitrine::bluez {
namespace {

constexpr const char* kAdvertisement = "org.bluez.LEAdvertisement1";

// Every AD structure begins with its length and its type.
constexpr std::size_t kHead = 2;

/// A UUID of the Bluetooth base goes out as two bytes, any other as sixteen.
std::size_t uuid_bytes(std::string_view uuid) {
    return uuid.starts_with("0000") && uuid.ends_with("-0000-1000-8000-00805f9b34fb") ? 2 : 16;
}

/// Maps of the daemon's: each value is a variant.
template <class Key>
std::map<Key, sdbus::Variant> variants(const std::map<Key, Bytes>& data) {
    std::map<Key, sdbus::Variant> made;
    for (const auto& [key, bytes] : data) made.emplace(key, sdbus::Variant(bytes));
    return made;
}

}  // namespace

std::size_t bytes_on_air(const AdvertContent& content) {
    std::size_t bytes = content.connectable ? kHead + 1 : 0;
    std::map<std::size_t, std::size_t> lists;  // One structure for all UUIDs of a size.
    for (const std::string& uuid : content.service_uuids) {
        const std::size_t size = uuid_bytes(uuid);
        lists[size] += size;
    }
    for (const auto& [size, list] : lists) bytes += kHead + list;
    for (const auto& [company, data] : content.manufacturer_data) bytes += kHead + 2 + data.size();
    for (const auto& [uuid, data] : content.service_data) {
        bytes += kHead + uuid_bytes(uuid) + data.size();
    }
    return bytes;
}

AdvertObject::AdvertObject(sdbus::IConnection& connection, std::string path, AdvertContent content,
                           std::function<void()> released)
    : path_(std::move(path)),
      content_(std::move(content)),
      released_(std::move(released)),
      object_(sdbus::createObject(connection, path_)) {
    const auto property = [this](const char* name, auto getter) {
        object_->registerProperty(name).onInterface(kAdvertisement).withGetter(std::move(getter));
    };
    property("Type",
             [this] { return std::string(content_.connectable ? "peripheral" : "broadcast"); });
    if (content_.connectable) property("Discoverable", [] { return true; });
    property("ServiceUUIDs", [this] { return content_.service_uuids; });
    property("ManufacturerData", [this] { return variants(content_.manufacturer_data); });
    property("ServiceData", [this] { return variants(content_.service_data); });
    // Several adverts share a radio that sends one: each its second. The kernel's own interval,
    // 1.28 s, would leave out turns.
    property("Duration", [] { return std::uint16_t{1}; });
    property("MinInterval", [] { return std::uint32_t{100}; });
    property("MaxInterval", [] { return std::uint32_t{150}; });
    object_->registerMethod("Release").onInterface(kAdvertisement).implementedAs([this] {
        if (released_) released_();
    });
    object_->finishRegistration();
}

void AdvertObject::change(AdvertContent content) {
    content_ = std::move(content);
    object_->emitPropertiesChangedSignal(kAdvertisement, {"ServiceData"});
}

}  // namespace vitrine::bluez
