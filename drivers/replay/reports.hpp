#pragma once

#include "agent/base/bytes.hpp"
#include "drivers/replay/rows.hpp"

namespace vitrine::replay {

// What one captured packet tells; of no use outside this folder.

/// Reads little-endian or big-endian numbers from the left of some bytes; beyond the end they are
/// zero and `broken` is true.
class ByteReader {
  public:
    explicit ByteReader(ByteView rest, bool big_endian = false)
        : rest_(rest), big_endian_(big_endian) {}

    std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
    std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
    std::uint64_t u64() { return number(8); }
    std::int8_t i8() { return static_cast<std::int8_t>(u8()); }
    ByteView take(std::size_t size);
    ByteView rest() const { return rest_; }
    bool broken() const { return broken_; }

  private:
    std::uint64_t number(std::size_t size);

    ByteView rest_;
    bool big_endian_;
    bool broken_ = false;
};

/// Where a packet's adverts go.
struct Ether {
    Collector& rows;
    double time_s = 0;
    std::uint16_t scanner = 0;
    std::size_t place = 0;  ///< For errors: the packet's offset in the file.

    Result<void> add(radio::Address address, Rssi rssi, ByteView data);
};

/// An HCI event without its packet type: the adverts in it, if it is a report of some. What is no
/// report, or is cut off, is passed over: captures hold much else.
Result<void> read_hci_event(ByteView event, Ether ether);

/// A link-layer packet with the pseudo-header of LINKTYPE_BLUETOOTH_LE_LL_WITH_PHDR.
Result<void> read_air_packet(ByteView packet, Ether ether);

}  // namespace vitrine::replay
