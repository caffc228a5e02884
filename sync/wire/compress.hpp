#pragma once

#include "agent/base/bytes.hpp"
#include "agent/base/result.hpp"

namespace vitrine::wire {

/// One zstd frame with its size and checksum. Level 1 is for what is sent often, 9 for what is
/// published once and read by many.
Bytes compress(ByteView bytes, int level);

/// Unpacks exactly one zstd frame. Errors: `invalid` for anything else, damaged or trailing bytes;
/// `exhausted` for what would unpack to more than `bytes_max` or needs a window above 4 MiB. Memory
/// grows with what is really unpacked, not with what a header claims.
Result<Bytes> decompress(ByteView frame, std::size_t bytes_max);

}  // namespace vitrine::wire
