#pragma once

#include <cstdint>
#include <string_view>

#include "agent/base/bytes.hpp"
#include "agent/base/ids.hpp"
#include "agent/profiles/policy.hpp"

namespace vitrine::offers {

/// MurmurHash3_x86_32 (Austin Appleby, public domain): of bytes, the same on every machine.
std::uint32_t murmur3_32(ByteView bytes, std::uint32_t seed);

/// Where a member falls in a whole of `total` parts for one purpose, 0 to total − 1. The member is
/// hashed as the 16 hexadecimal digits of the pseudonym, seeded with the hash of the salt, so that
/// two salts spread the same members independently. Sticky, and the same offline and in any
/// language: it depends on nothing else. `total` is at least 1.
std::uint32_t bucket_of(MemberId member, std::string_view salt, std::uint32_t total);

/// Whether the member always sees mass content, to measure uplift.
bool in_holdout(MemberId member, std::uint16_t permille);

/// The arm of a member, counted from 1 in the order of the experiment; 0 where the experiment has
/// no arm with a weight.
std::uint8_t arm_of(MemberId member, const profiles::Experiment& experiment);

}  // namespace vitrine::offers
