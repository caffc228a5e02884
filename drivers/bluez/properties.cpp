#include "drivers/bluez/properties.hpp"

#include <algorithm>

namespace vitrine::bluez {
namespace {

/// The library reports another type than T by an exception: it ends here.
template <class T>
std::optional<T> get(const Properties& properties, const std::string& name) {
    const auto at = properties.find(name);
    if (at == properties.end()) return std::nullopt;
    try {
        return at->second.get<T>();
    } catch (const sdbus::Error&) {
        return std::nullopt;
    }
}

radio::Payload first_frame(const std::vector<std::string>& uuids) {
    for (const std::string& uuid : uuids) {
        const radio::Payload frame = service_uuid_frame(uuid);
        if (!frame.view().empty()) return frame;
    }
    return {};
}

}  // namespace

std::optional<bool> flag(const Properties& properties, const char* name) {
    return get<bool>(properties, name);
}

bool lists(const Properties& properties, const char* name, std::string_view text) {
    const auto list = get<std::vector<std::string>>(properties, name);
    return list && std::ranges::find(*list, text) != list->end();
}

DeviceNews read_device(const Properties& properties, const std::vector<std::string>& invalidated) {
    DeviceNews news;
    if (const auto dbm = get<std::int16_t>(properties, "RSSI")) {
        news.rssi = rssi_from(*dbm);
    } else if (std::ranges::find(invalidated, "RSSI") != invalidated.end()) {
        news.rssi = kRssiUnknown;
    }
    if (const auto services = get<Properties>(properties, "ServiceData")) {
        const auto data = get<Bytes>(*services, kEddystone);
        news.service_data = data ? service_data_frame(*data) : radio::Payload();
    }
    if (const auto uuids = get<std::vector<std::string>>(properties, "UUIDs")) {
        news.service_uuid = first_frame(*uuids);
    }
    return news;
}

}  // namespace vitrine::bluez
