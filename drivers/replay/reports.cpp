#include "drivers/replay/reports.hpp"

#include <algorithm>

namespace vitrine::replay {
namespace {

// Core Specification 5.4, volume 4, part E, 7.7.65.2 and 7.7.65.13.
constexpr std::uint8_t kLeMeta = 0x3e;
constexpr std::uint8_t kAdvertisingReport = 0x02;
constexpr std::uint8_t kExtendedReport = 0x0d;
/// Bits 5 and 6 of an extended report's type: complete, more to come, or cut off.
constexpr std::uint16_t kDataStatus = 0x60;

// Volume 6, part B, 2.3, and www.tcpdump.org/linktypes/LINKTYPE_BLUETOOTH_LE_LL_WITH_PHDR.html.
constexpr std::uint32_t kAdvertisingAccess = 0x8e89bed6;
constexpr std::uint16_t kSignalValid = 0x0002;
constexpr std::uint16_t kCrcChecked = 0x0400;
constexpr std::uint16_t kCrcValid = 0x0800;
constexpr std::size_t kAddressBytes = 6;

radio::Address address_from(ByteView bytes) {
    radio::Address address;
    if (bytes.size() == kAddressBytes) {
        std::reverse_copy(bytes.begin(), bytes.end(), address.bytes.begin());
    }
    return address;
}

bool is_advert(std::uint8_t pdu) {
    // ADV_IND, ADV_NONCONN_IND, SCAN_RSP, ADV_SCAN_IND.
    return pdu == 0 || pdu == 2 || pdu == 4 || pdu == 6;
}

Result<void> read_legacy(ByteReader reader, Ether ether) {
    for (int reports = reader.u8(); reports > 0; --reports) {
        reader.take(2);  // Event type, address type.
        const radio::Address address = address_from(reader.take(kAddressBytes));
        const ByteView data = reader.take(reader.u8());
        const Rssi rssi(reader.i8());
        if (reader.broken()) return {};
        TRY(ether.add(address, rssi, data));
    }
    return {};
}

Result<void> read_extended(ByteReader reader, Ether ether) {
    for (int reports = reader.u8(); reports > 0; --reports) {
        const std::uint16_t type = reader.u16();
        reader.take(1);  // Address type.
        const radio::Address address = address_from(reader.take(kAddressBytes));
        reader.take(4);  // Both PHYs, set, transmit power.
        const Rssi rssi(reader.i8());
        reader.take(2 + 1 + kAddressBytes);  // Interval, direct address.
        const ByteView data = reader.take(reader.u8());
        if (reader.broken()) return {};
        if ((type & kDataStatus) == 0) TRY(ether.add(address, rssi, data));
    }
    return {};
}

}  // namespace

ByteView ByteReader::take(std::size_t size) {
    if (size > rest_.size()) {
        broken_ = true;
        rest_ = {};
        return {};
    }
    const ByteView taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
}

std::uint64_t ByteReader::number(std::size_t size) {
    const ByteView bytes = take(size);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        value = value << 8 | bytes[big_endian_ ? i : bytes.size() - 1 - i];
    }
    return value;
}

Result<void> Ether::add(radio::Address address, Rssi rssi, ByteView data) {
    const auto payload = radio::Payload::from(data);
    const auto level = rssi_from(rssi.value());
    if (!payload || !level) return {};
    return rows.add(
        Row{.time_s = time_s,
            .heard = {.scanner = scanner, .rssi = *level, .address = address, .sent = *payload}},
        place);
}

Result<void> read_hci_event(ByteView event, Ether ether) {
    ByteReader reader(event);
    if (reader.u8() != kLeMeta) return {};
    const ByteView parameters = reader.take(reader.u8());
    if (reader.broken()) return {};
    ByteReader report(parameters);
    const std::uint8_t kind = report.u8();
    if (kind == kAdvertisingReport) return read_legacy(report, ether);
    if (kind == kExtendedReport) return read_extended(report, ether);
    return {};
}

Result<void> read_air_packet(ByteView packet, Ether ether) {
    ByteReader reader(packet);
    reader.take(1);  // Channel.
    const std::int8_t signal_dbm = reader.i8();
    reader.take(1 + 1 + 4);  // Noise, offences, reference access address.
    const std::uint16_t flags = reader.u16();
    const bool bad = (flags & kCrcChecked) != 0 && (flags & kCrcValid) == 0;
    if (reader.u32() != kAdvertisingAccess || bad) return {};
    const std::uint8_t header = reader.u8();
    const std::uint8_t length = reader.u8();
    const radio::Address address = address_from(reader.take(kAddressBytes));
    if (!is_advert(header & 0x0f) || length < kAddressBytes) return {};
    const ByteView data = reader.take(length - kAddressBytes);
    if (reader.broken()) return {};
    return ether.add(address, (flags & kSignalValid) != 0 ? Rssi(signal_dbm) : kRssiUnknown, data);
}

}  // namespace vitrine::replay
