#pragma once

#include "agent/base/bytes.hpp"
#include "agent/base/result.hpp"

namespace vitrine::wire {

// What changed from one payload to the next, as one zstd frame that refers to the base: it holds
// for every kind of payload, and what it gives back is the new payload byte for byte. Lists are in
// order of member, so what did not change is a few long references.

/// `payload` told by what `base` has already. Takes memory of about twice both together.
Bytes difference(ByteView base, ByteView payload);

/// The payload that `difference` was told; the base must be the very same. Errors: `invalid` for a
/// damaged frame, or one that refers to another base; `exhausted` for what would unpack to more
/// than `bytes_max`. The frame alone never makes it allocate more than that.
Result<Bytes> apply_difference(ByteView base, ByteView frame, std::size_t bytes_max);

}  // namespace vitrine::wire
