#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "agent/base/bytes.hpp"
#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"
#include "agent/consent/consent.hpp"
#include "agent/profiles/profile.hpp"

namespace vitrine::wire {

// What a shop is told of its members, in a compact binary form (docs/sync.md): a shop holds tens of
// thousands of them in a few megabytes. All decoders return `invalid`, naming the place
// ("members[12].consents: …"), for bytes that no encoder here wrote, and allocate no more than a
// small multiple of what they were given. All encoders return `invalid` for what is out of bounds.

/// Whom a shop may recognise: those who granted it, with their keys of the coming periods.
struct RecognitionBundle {
    struct Member {
        MemberId member;
        consent::Consents consents;
        /// Temporary keys of consecutive periods from `first_period`; at most kHorizonMax.
        std::vector<std::array<std::uint8_t, 16>> keys;
        friend bool operator==(const Member&, const Member&) = default;
    };
    static constexpr std::size_t kHorizonMax = 32;

    Epoch epoch;
    std::uint32_t first_period = 0;  ///< Unix seconds >> 16 of the first key.
    std::vector<Member> members;     ///< In order of member, each once.
    friend bool operator==(const RecognitionBundle&, const RecognitionBundle&) = default;
};
Result<Bytes> encode_recognition(const RecognitionBundle& bundle);
Result<RecognitionBundle> decode_recognition(ByteView bytes);

/// What a shop may know of its members: profiles of those who granted personalise, cards of those
/// who granted staff_view, and the consents of all of them.
struct ProfilesBundle {
    struct MemberConsents {
        MemberId member;
        consent::Consents consents;
        friend bool operator==(const MemberConsents&, const MemberConsents&) = default;
    };

    Epoch epoch;
    std::vector<profiles::Profile> profiles;  ///< In order of member, each once.
    std::vector<profiles::StaffCard> cards;   ///< In order of member, each once.
    std::vector<MemberConsents> consents;     ///< In order of member, each once.
    friend bool operator==(const ProfilesBundle&, const ProfilesBundle&) = default;
};
inline constexpr std::size_t kStaffTextBytesMax = 400;
Result<Bytes> encode_profiles(const ProfilesBundle& bundle);
Result<ProfilesBundle> decode_profiles(ByteView bytes);

/// Whom every shop has to forget, for ever.
struct ErasuresBundle {
    Epoch epoch;
    std::vector<MemberId> members;  ///< In order, each once.
    friend bool operator==(const ErasuresBundle&, const ErasuresBundle&) = default;
};
Result<Bytes> encode_erasures(const ErasuresBundle& bundle);
Result<ErasuresBundle> decode_erasures(ByteView bytes);

}  // namespace vitrine::wire
