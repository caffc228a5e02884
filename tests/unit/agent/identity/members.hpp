#pragma once

#include <vector>

#include "agent/base/random.hpp"
#include "agent/identity/table.hpp"

namespace vitrine::identity {

/// An identity key that only depends on `seed`.
inline IdentityKey identity_key(std::uint64_t seed) {
    Rng rng(seed);
    IdentityKey key;
    for (auto& byte : key.bytes) byte = static_cast<std::uint8_t>(rng.below(256));
    return key;
}

/// What the centre would send of the member whose number is also the seed of their identity key.
inline MemberKeys keys_of(std::uint64_t member, std::uint32_t first_period, std::size_t periods) {
    MemberKeys keys{.member = MemberId(member), .first_period = first_period, .keys = {}};
    for (std::size_t i = 0; i < periods; ++i) {
        const auto period = first_period + static_cast<std::uint32_t>(i);
        keys.keys.push_back(temporary_key(identity_key(member), period).bytes);
    }
    return keys;
}

inline WallTime wall_in_window(std::int64_t window) {
    return wall_at(std::chrono::seconds(window * 512 + 17));
}

/// What that member's phone sends in a window.
inline radio::Eid sent(std::uint64_t member, std::int64_t window) {
    return current_eid(identity_key(member), wall_in_window(window));
}

inline void finish(RecognitionTable& table) {
    while (table.step()) {
    }
}

}  // namespace vitrine::identity
