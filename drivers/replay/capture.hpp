#pragma once

#include <string_view>

#include "agent/base/bytes.hpp"
#include "agent/base/result.hpp"
#include "drivers/replay/recording.hpp"

namespace vitrine::replay {

/// Whether the bytes begin like a capture of a Bluetooth sniffer or of `btmon -w`: btsnoop (as
/// BlueZ and Android write it) or pcapng.
bool is_capture(ByteView file);

/// Limits beside those of a Recording: interfaces in one pcapng section.
inline constexpr std::size_t kInterfacesMax = 64;

/// Reads the adverts of a capture, for laboratories. They come from the LE Advertising Report and
/// LE Extended Advertising Report events of a host controller interface, or from packets off the
/// air.
///
///   btsnoop   datalinks 1001 (HCI without the packet type), 1002 (H4) and 2001 (Linux monitor)
///   pcapng    link types 187 (H4), 201 (H4 with direction), 256 (air, with pseudo-header)
///
/// Interface n of a pcapng, and adapter n of a Linux monitor, is scanner n of the `scanners`
/// configured; adverts beyond are left out, and so are those longer than a radio::Payload, chains
/// of several reports and packets with a bad checksum. `invalid`, naming `file` and the byte, where
/// the file breaks off or contradicts itself, or holds no advert; `exhausted` above kHeardMax.
Result<Recording> parse_capture(ByteView file, std::string_view name, std::size_t scanners);

}  // namespace vitrine::replay
