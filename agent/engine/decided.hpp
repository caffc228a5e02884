#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/base/bytes.hpp"
#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "agent/consent/consent.hpp"

namespace vitrine::engine {

/// What members decided on this shop's screens and the centre has not sent back yet. The cached
/// bundle of a restart still has their old consents, so this is kept beside it, one memo a member,
/// until a bundle knows it too.
class Decided {
  public:
    /// Members at once. The one longest here gives way; without a link to the centre, that is a
    /// year of a withdrawal every eight minutes.
    static constexpr std::size_t kMembersMax = 65'536;

    void add(MemberId member, const consent::Consents& news);
    /// When a member's pause is over; nothing where there is none. Only after `add`.
    void resume(MemberId member, std::optional<WallTime> at);
    void forget(MemberId member);

    /// What a bundle says of one member: true if nothing is left that it does not know.
    bool known_by(MemberId member, const consent::Consents& bundle) const;

    /// Members whose pause is over.
    std::vector<MemberId> due(WallTime now) const;

    /// A memo's value; nothing for a member without one. `restore` is `corrupt` on what `encode`
    /// does not write.
    std::optional<Bytes> encode(MemberId member) const;
    Result<consent::Consents> restore(MemberId member, ByteView memo);

    /// Those who gave way since the last call: their memos are to be removed.
    std::vector<MemberId> take_crowded_out() { return std::exchange(crowded_out_, {}); }
    std::size_t size() const { return members_.size(); }

  private:
    struct Entry {
        consent::Consents consents;
        std::optional<WallTime> resume_at;
        std::uint64_t order = 0;
    };
    Entry& entry_of(MemberId member);

    std::map<MemberId, Entry> members_;
    std::vector<MemberId> crowded_out_;
    std::uint64_t next_order_ = 0;
};

}  // namespace vitrine::engine
