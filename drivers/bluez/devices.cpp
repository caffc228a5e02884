#include "drivers/bluez/devices.hpp"

#include <algorithm>
#include <array>

#include "agent/radio/frame.hpp"

namespace vitrine::bluez {
namespace {

constexpr std::string_view kDevice = "/dev_";

bool is_empty(const radio::Payload& payload) { return payload.view().empty(); }

radio::Payload if_of_a_member(ByteView structure) {
    const auto payload = radio::Payload::from(structure);
    if (!payload || !radio::eid_of(radio::classify(payload->view()))) return {};
    return *payload;
}

/// "/org/bluez/hci0/dev_C0_00_00_00_00_01": BlueZ names the object after the address.
std::optional<radio::Address> address_of(std::string_view path) {
    const auto at = path.rfind(kDevice);
    if (at == std::string_view::npos) return std::nullopt;
    std::string text(path.substr(at + kDevice.size()));
    std::ranges::replace(text, '_', ':');
    auto address = radio::Address::parse(text);
    if (!address) return std::nullopt;
    return *address;
}

}  // namespace

radio::Payload service_data_frame(ByteView data) {
    if (data.size() > radio::Payload::kSizeMax - 4) return {};
    Bytes structure{static_cast<std::uint8_t>(data.size() + 3), 0x16, 0xaa, 0xfe};
    structure.insert(structure.end(), data.begin(), data.end());
    return if_of_a_member(structure);
}

radio::Payload service_uuid_frame(std::string_view uuid) {
    std::string digits(uuid);
    std::erase(digits, '-');
    const auto bytes = fixed_from_hex<16>(digits);
    if (!bytes) return {};
    std::array<std::uint8_t, 18> structure{0x11, 0x07};
    std::reverse_copy(bytes->begin(), bytes->end(), structure.begin() + 2);  // Little-endian.
    return if_of_a_member(structure);
}

Rssi rssi_from(int dbm) {
    if (dbm < -127 || dbm > 20) return kRssiUnknown;
    return Rssi(static_cast<std::int8_t>(dbm));
}

std::optional<Devices::Heard> Devices::Device::heard() const {
    if (rssi == kRssiUnknown) return std::nullopt;
    return Heard{address, rssi, is_empty(service_data) ? service_uuid : service_data};
}

Devices::Device* Devices::known_after(std::string_view path, const DeviceNews& news) {
    auto at = devices_.find(path);
    if (at == devices_.end()) {
        const bool ours = !is_empty(news.service_data.value_or(radio::Payload())) ||
                          !is_empty(news.service_uuid.value_or(radio::Payload()));
        const auto address = ours ? address_of(path) : std::nullopt;
        if (!address) return nullptr;
        if (devices_.size() >= kMax) devices_.erase(devices_.begin());
        at = devices_.emplace(path, Device{.address = *address}).first;
    }
    Device& device = at->second;
    device.service_data = news.service_data.value_or(device.service_data);
    device.service_uuid = news.service_uuid.value_or(device.service_uuid);
    device.rssi = news.rssi.value_or(device.rssi);
    if (is_empty(device.service_data) && is_empty(device.service_uuid)) {
        devices_.erase(at);
        return nullptr;
    }
    return &device;
}

void Devices::learn(std::string_view path, const DeviceNews& news) { known_after(path, news); }

std::optional<Devices::Heard> Devices::change(std::string_view path, const DeviceNews& news) {
    const bool is_advert = news.rssi || news.service_data || news.service_uuid;
    Device* device = is_advert ? known_after(path, news) : nullptr;
    if (device == nullptr || news.rssi == kRssiUnknown) return std::nullopt;
    const auto heard = device->heard();
    device->told = heard.has_value();
    return heard;
}

std::optional<Devices::Heard> Devices::found(std::string_view path) {
    const auto at = devices_.find(path);
    if (at == devices_.end()) return std::nullopt;
    if (std::exchange(at->second.told, false)) return std::nullopt;
    return at->second.heard();
}

void Devices::forget(std::string_view path) {
    const auto at = devices_.find(path);
    if (at != devices_.end()) devices_.erase(at);
}

}  // namespace vitrine::bluez
