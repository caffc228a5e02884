#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "sync/merge/change.hpp"
#include "sync/merge/cursor.hpp"
#include "sync/merge/state.hpp"
#include "sync/sqlite/sqlite.hpp"
#include "sync/wire/ack.hpp"
#include "sync/wire/record_json.hpp"

namespace vitrine::central {

/// One message of one agent, taken apart into its events.
struct Batch {
    StoreId store;  ///< As the topic says, which the broker's access list vouches for.
    AgentId agent;
    std::vector<std::string> events;
    std::optional<Sequence> floor;  ///< What is below and did not come is lost.
};

/// What a batch changed.
struct MergeReport {
    std::vector<wire::Ack> acks;  ///< One for each outbox that had events in the batch.
    std::uint32_t merged = 0;
    std::uint32_t duplicates = 0;
    std::uint32_t dead = 0;  ///< Set aside with the reason, and acknowledged.
    std::uint32_t cloned =
        0;  ///< Another record under a known identity: two agents have one database.
    std::uint32_t refused = 0;
    bool members_changed = false;  ///< A consent or a "not for me": shops need news.
    bool model_changed = false;
};

/// The one truth of many shops on SQLite: sync/merge's rules, a row a key. A batch is merged in one
/// transaction, and acknowledged only after it.
class MergeStore {
  public:
    explicit MergeStore(sqlite::Connection& connection) : connection_(connection) {}

    /// Merges all events or, on an error, none. An event that cannot be read or is not the agent's
    /// own goes to the dead letters.
    Result<MergeReport> merge(const Batch& batch, WallTime received);

    /// Erases a member for ever: everything about them goes, the tombstone stays.
    Result<void> erase(MemberId member, WallTime now);

    /// All statistics of a model epoch, one an outbox, and what of them is in a published model
    /// already.
    struct Learned {
        merge::Source source;
        offers::Statistics total;
        std::optional<offers::Statistics> used;
    };
    Result<std::vector<Learned>> learned(Epoch model);
    Result<std::vector<Epoch>> epochs_with_news();
    /// Marks what is there now as used.
    Result<void> mark_used(Epoch model);

  private:
    struct Cursors;
    Result<void> take(const Batch& batch, const std::string& event, WallTime received,
                      Cursors& cursors, MergeReport& report);
    Result<void> keep_event(const wire::DecodedRecord& decoded, const std::string& event,
                            const Digest& digest, WallTime received, bool subject_erased);
    Result<void> keep_dead_letter(AgentId agent,
                                  const std::optional<wire::RecordIdentity>& identity,
                                  std::string_view event, std::string_view reason,
                                  WallTime received);
    Result<std::optional<Digest>> kept_digest(const wire::RecordIdentity& identity);
    Result<bool> erased(MemberId member);
    Result<merge::AgentCursor*> cursor(const merge::Source& source, Cursors& cursors);
    Result<void> keep_cursors(Cursors& cursors, const Batch& batch, WallTime received);

    // merge_rows.cpp
    Result<void> apply(const merge::Change& change, const std::string& event);
    Result<void> apply_one(const merge::JoinConsent& change, const std::string& event);
    Result<void> apply_one(const merge::AddInteraction& change, const std::string& event);
    Result<void> apply_one(const merge::AddMemberDay& change, const std::string& event);
    Result<void> apply_one(const merge::AddOfferCounts& change, const std::string& event);
    Result<void> apply_one(const merge::AddStoreCounts& change, const std::string& event);
    Result<void> apply_one(const merge::JoinStatistics& change, const std::string& event);
    Result<void> apply_one(const merge::JoinHealth& change, const std::string& event);

    Result<sqlite::Statement*> statement(const char* sql);

    sqlite::Connection& connection_;
    std::map<const char*, sqlite::Statement>
        statements_;  ///< By the literal's address: prepared once.
};

}  // namespace vitrine::central
