#include "agent/identity/eid.hpp"

#include <algorithm>

#include "agent/base/check.hpp"
#include "agent/identity/eid_cipher.hpp"

namespace vitrine::identity {
namespace {

/// The salt that sets the block which makes a temporary key apart from those which make EIDs.
constexpr std::uint8_t kTemporaryKeySalt = 0xff;

}  // namespace

Block eid_block(std::uint32_t unix_s, unsigned k) {
    const std::uint32_t start_s = unix_s >> k << k;
    Block block{};
    block[11] = static_cast<std::uint8_t>(k);
    block[12] = static_cast<std::uint8_t>(start_s >> 24);
    block[13] = static_cast<std::uint8_t>(start_s >> 16);
    block[14] = static_cast<std::uint8_t>(start_s >> 8);
    block[15] = static_cast<std::uint8_t>(start_s);
    return block;
}

TemporaryKey temporary_key(const IdentityKey& key, std::uint32_t period) {
    CHECK(period <= 0xffff);
    Block block{};
    block[11] = kTemporaryKeySalt;
    block[14] = static_cast<std::uint8_t>(period >> 8);
    block[15] = static_cast<std::uint8_t>(period);
    EidCipher cipher;
    cipher.set_key(key.bytes);
    cipher.encrypt({&block, 1});
    return {block, period};
}

radio::Eid eid(const TemporaryKey& key, std::uint32_t unix_s, unsigned k) {
    CHECK(k <= kRotationExponentMax);
    CHECK(period_of(unix_s) == key.period);
    Block block = eid_block(unix_s, k);
    EidCipher cipher;
    cipher.set_key(key.bytes);
    cipher.encrypt({&block, 1});
    radio::Eid eid;
    std::copy_n(block.begin(), eid.bytes.size(), eid.bytes.begin());
    return eid;
}

radio::Eid current_eid(const IdentityKey& key, WallTime now) {
    const std::uint32_t unix_s = beacon_seconds(now);
    return eid(temporary_key(key, period_of(unix_s)), unix_s);
}

}  // namespace vitrine::identity
