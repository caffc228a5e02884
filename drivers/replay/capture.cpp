#include "drivers/replay/capture.hpp"

#include <cmath>
#include <optional>
#include <vector>

#include "drivers/replay/reports.hpp"

namespace vitrine::replay {
namespace {

constexpr std::string_view kBtsnoop{"btsnoop\0", 8};
constexpr std::uint32_t kBtsnoopVersion = 1;
/// Microseconds from the year 0, in which btsnoop counts, to 1970.
constexpr std::uint64_t kBtsnoopEpoch_us = 0x00dcddb30f2f8000;
enum Datalink : std::uint32_t { hci = 1001, h4 = 1002, monitor = 2001 };
constexpr std::uint16_t kMonitorEvent = 3;

constexpr std::uint8_t kH4Event = 4;

constexpr std::uint32_t kSectionHeader = 0x0a0d0d0a;
constexpr std::uint32_t kByteOrder = 0x1a2b3c4d;
enum Block : std::uint32_t { interface_description = 1, enhanced_packet = 6 };
enum LinkType : std::uint16_t { link_h4 = 187, link_h4_directed = 201, link_air = 256 };
constexpr std::uint16_t kTimeResolution = 9;

Error broken(std::string_view name, std::size_t place, const std::string& what) {
    return invalid(place_of(name, place) + ": " + what + " (the number is that of the byte)");
}

/// What both formats share.
struct Reading {
    ByteView file;
    std::string_view name;
    std::size_t scanners;
    Collector rows;

    std::size_t place_of_rest(ByteView rest) const { return file.size() - rest.size(); }
};

Result<void> read_h4(ByteView packet, const Ether& ether) {
    if (packet.empty() || packet[0] != kH4Event) return {};
    return read_hci_event(packet.subspan(1), ether);
}

Result<void> read_btsnoop_packet(Reading& reading, std::uint32_t datalink, std::uint32_t flags,
                                 ByteView packet, Ether ether) {
    if (datalink == Datalink::h4) return read_h4(packet, ether);
    if (datalink == Datalink::hci) return read_hci_event(packet, ether);
    // The Linux monitor: adapter above opcode.
    const std::uint32_t adapter = flags >> 16;
    if ((flags & 0xffff) != kMonitorEvent || adapter >= reading.scanners) return {};
    ether.scanner = static_cast<std::uint16_t>(adapter);
    return read_hci_event(packet, ether);
}

Result<void> read_btsnoop(Reading& reading) {
    ByteReader reader(reading.file.subspan(kBtsnoop.size()), true);
    const std::uint32_t version = reader.u32();
    const std::uint32_t datalink = reader.u32();
    if (version != kBtsnoopVersion) {
        return invalid(std::string(reading.name) + ": btsnoop of version " +
                       std::to_string(version) + ", expected 1");
    }
    if (datalink != Datalink::hci && datalink != Datalink::h4 && datalink != Datalink::monitor) {
        return invalid(std::string(reading.name) + ": btsnoop of datalink " +
                       std::to_string(datalink) + ", expected 1001, 1002 or 2001");
    }
    while (!reader.rest().empty()) {
        const std::size_t place = reading.place_of_rest(reader.rest());
        reader.take(4);  // Size before it was cut to what follows.
        const std::uint32_t size = reader.u32();
        const std::uint32_t flags = reader.u32();
        reader.take(4);  // Drops.
        const std::uint64_t time_us = reader.u64();
        const ByteView packet = reader.take(size);
        if (reader.broken()) return broken(reading.name, place, "the file breaks off in a packet");
        if (time_us < kBtsnoopEpoch_us) {
            return broken(reading.name, place, "a packet from before 1970");
        }
        TRY(read_btsnoop_packet(reading, datalink, flags, packet,
                                {.rows = reading.rows,
                                 .time_s = static_cast<double>(time_us - kBtsnoopEpoch_us) / 1e6,
                                 .place = place}));
    }
    return {};
}

struct Interface {
    std::uint16_t link = 0;
    double tick_s = 1e-6;
};

/// Of the options, only how long a tick of the time stamps is matters.
Interface interface_from(ByteReader body) {
    Interface interface { .link = body.u16() };
    body.take(2 + 4);  // Reserved, longest packet.
    while (!body.broken() && !body.rest().empty()) {
        const std::uint16_t option = body.u16();
        const std::uint16_t size = body.u16();
        const ByteView value = body.take((size + 3U) & ~3U);
        if (option == 0 || value.empty()) break;
        if (option != kTimeResolution) continue;
        const int exponent = value[0] & 0x7f;
        const double base = (value[0] & 0x80) != 0 ? 2 : 10;
        interface.tick_s = std::pow(base, -exponent);
    }
    return interface;
}

Result<void> read_packet(Reading& reading, const std::vector<Interface>& interfaces,
                         ByteReader body, std::size_t place) {
    const std::uint32_t number = body.u32();
    const std::uint64_t high = body.u32();
    const std::uint64_t low = body.u32();
    const std::uint32_t size = body.u32();
    body.take(4);  // Size on the wire.
    const ByteView packet = body.take(size);
    if (body.broken()) return broken(reading.name, place, "a packet is longer than its block");
    if (number >= interfaces.size()) {
        return broken(reading.name, place, "a packet of an interface that is not described");
    }
    if (number >= reading.scanners) return {};
    const Interface& interface = interfaces[number];
    const Ether ether{.rows = reading.rows,
                      .time_s = static_cast<double>(high << 32 | low) * interface.tick_s,
                      .scanner = static_cast<std::uint16_t>(number),
                      .place = place};
    if (interface.link == LinkType::link_h4) return read_h4(packet, ether);
    if (interface.link == LinkType::link_h4_directed && packet.size() > 4) {
        return read_h4(packet.subspan(4), ether);
    }
    if (interface.link == LinkType::link_air) return read_air_packet(packet, ether);
    return {};
}

/// The byte order of the section that begins here; nothing where the bytes are no section.
std::optional<bool> order_of(ByteView section) {
    if (section.size() < 12) return std::nullopt;
    for (const bool big_endian : {false, true}) {
        ByteReader reader(section.subspan(8), big_endian);
        if (reader.u32() == kByteOrder) return big_endian;
    }
    return std::nullopt;
}

Result<void> read_pcapng(Reading& reading) {
    ByteView rest = reading.file;
    bool big_endian = false;
    std::vector<Interface> interfaces;
    while (!rest.empty()) {
        const std::size_t place = reading.place_of_rest(rest);
        if (ByteReader(rest).u32() == kSectionHeader) {  // The same bytes in either order.
            const auto order = order_of(rest);
            if (!order) return broken(reading.name, place, "a section without a byte order");
            big_endian = *order;
            interfaces.clear();
        }
        ByteReader block(rest, big_endian);
        const std::uint32_t kind = block.u32();
        const std::uint32_t size = block.u32();
        if (block.broken() || size < 12 || size % 4 != 0 || size > rest.size()) {
            return broken(reading.name, place, "a block of " + std::to_string(size) + " bytes");
        }
        const ByteReader body(block.take(size - 12), big_endian);
        if (kind == Block::interface_description) {
            if (interfaces.size() == kInterfacesMax) {
                return broken(reading.name, place, "too many interfaces");
            }
            interfaces.push_back(interface_from(body));
        }
        if (kind == Block::enhanced_packet) TRY(read_packet(reading, interfaces, body, place));
        rest = rest.subspan(size);
    }
    return {};
}

bool is_btsnoop(ByteView file) { return text_of(file).starts_with(kBtsnoop); }

}  // namespace

bool is_capture(ByteView file) {
    return is_btsnoop(file) || (file.size() >= 12 && ByteReader(file).u32() == kSectionHeader);
}

Result<Recording> parse_capture(ByteView file, std::string_view name, std::size_t scanners) {
    if (!is_capture(file)) return invalid(std::string(name) + ": neither btsnoop nor pcapng");
    if (scanners == 0) return invalid("no scanner is configured to play a capture on");
    Reading reading{
        .file = file, .name = name, .scanners = scanners, .rows = Collector(name, OnMistake::stop)};
    TRY(is_btsnoop(file) ? read_btsnoop(reading) : read_pcapng(reading));
    return std::move(reading.rows).finish();
}

}  // namespace vitrine::replay
