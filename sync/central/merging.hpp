#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "sync/central/merge_store.hpp"

// One batch on its way into the database. Only MergeStore's .cpp files include this.
namespace vitrine::central {

/// What became of an event.
enum class Fate : std::uint8_t {
    fresh,
    duplicate,
    refused,
    unreadable,  ///< Its identity may be known all the same.
    foreign,     ///< Of another agent than its topic.
    cloned,
};

/// One event, read before the transaction.
struct MergeStore::Incoming {
    const Batch* batch = nullptr;
    const std::string* event = nullptr;
    Digest digest{};
    std::optional<wire::RecordIdentity> identity;
    std::optional<wire::DecodedRecord> decoded;
    std::string reason;
    Fate fate = Fate::fresh;

    merge::Source source() const { return {identity->store, identity->agent, identity->epoch}; }
    /// Whom it is about; 0 for nobody.
    MemberId member() const {
        if (!decoded) return MemberId{};
        if (decoded->record) return merge::member_of(*decoded->record);
        return decoded->subject.value_or(MemberId{});
    }
};

/// One outbox, of which the batch has events.
struct MergeStore::Source {
    merge::AgentCursor cursor;
    WallTime last_time = WallTime(std::chrono::milliseconds(0));
    /// The highest that a batch named whose events are all of this outbox: it is that one's floor.
    Sequence floor;
    std::uint64_t taken = 0;
    std::uint64_t cloned = 0;
    /// Digests under known identities that the batch names again.
    std::map<Sequence, Digest> kept;
};

struct MergeStore::Merging {
    std::vector<Incoming> events;
    std::map<merge::Source, Source> sources;
    std::set<MemberId> erased;
    merge::Gathered gathered;
    MergeReport report;
};

}  // namespace vitrine::central
