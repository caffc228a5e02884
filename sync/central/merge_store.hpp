#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "sync/central/news.hpp"
#include "sync/merge/change.hpp"
#include "sync/merge/cursor.hpp"
#include "sync/merge/gathered.hpp"
#include "sync/merge/state.hpp"
#include "sync/sql/sql.hpp"
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

/// What batches changed.
struct MergeReport {
    struct Kept : wire::Ack {
        StoreId store;
    };
    std::vector<Kept> acks;  ///< One for each outbox that had events in them.
    std::uint32_t merged = 0;
    std::uint32_t duplicates = 0;
    std::uint32_t dead = 0;  ///< Set aside with the reason, and acknowledged.
    std::uint32_t cloned =
        0;  ///< Another record under a known identity: two agents have one database.
    std::uint32_t refused = 0;
    std::uint32_t unknown = 0;     ///< Kept as they came, to be merged after an upgrade.
    bool members_changed = false;  ///< A consent or a "not for me": shops need news.
    bool model_changed = false;
    /// Whose events were set aside, and which agents were found to be cloned.
    std::map<AgentId, std::uint32_t> dead_of;
    std::map<AgentId, std::uint32_t> cloned_of;
};

/// The one truth of many shops in a database: sync/merge's rules, a row a key. A batch is merged in
/// one transaction, and acknowledged only after it.
///
/// Several workers may merge into one PostgreSQL at once, also batches of one agent: each holds the
/// row of the source until its end, writes rows in the order of their keys, and waits for an
/// erasure that is under way. Whichever dies, its batch is as if it had never come.
class MergeStore {
  public:
    explicit MergeStore(sql::Connection& connection);

    /// Merges all events or, on an error, none. An event that cannot be read or is not the agent's
    /// own goes to the dead letters. Many batches in one transaction cost little more than one.
    Result<MergeReport> merge(std::span<const Batch> batches, WallTime received);
    Result<MergeReport> merge(const Batch& batch, WallTime received) {
        return merge(std::span(&batch, 1), received);
    }

    /// Merges what was kept because its type was not known, as far as it is known now; as if it had
    /// been merged when it came. Returns how many events. To be called after an upgrade, by the
    /// leader.
    Result<std::uint64_t> merge_kept();

    /// Erases a member for ever: everything about them goes, the tombstone stays. Tells whether
    /// they were enrolled. `invalid` for nobody.
    Result<bool> erase(MemberId member, WallTime now);

    /// Counts what any worker or import told the leader (news.hpp).
    Result<std::int64_t> news() { return news_told(connection_); }

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
    struct Incoming;
    struct Source;
    struct Merging;

    static Incoming read(const Batch& batch, const std::string& event);
    Result<void> load_source(const merge::Source& key, Merging& merging);
    Result<void> load_kept(Merging& merging);
    void admit(Incoming& one, Merging& merging);
    Result<void> settle(WallTime received, Merging& merging);
    Result<std::set<MemberId>> erased_among(const std::set<MemberId>& members);
    Result<void> mark_merged(const Incoming& one, bool erased);
    static void gather(const Incoming& one, WallTime received, bool erased, Merging& merging);

    // merge_rows.cpp
    Result<void> keep_events(WallTime received, const Merging& merging);
    Result<void> keep_minutes(WallTime received, std::span<const Incoming* const> events);
    Result<void> keep_letters(WallTime received, const Merging& merging);
    Result<void> keep_sources(WallTime received, Merging& merging);
    Result<void> apply(const merge::Gathered& gathered);
    Result<void> apply_consents(std::vector<consent::Event> events);
    Result<void> apply_statistics(const merge::Gathered& gathered);

    Result<sql::Statement*> statement(const char* sql);

    sql::Connection& connection_;
    const std::string source_sql_;
    const std::string kept_sql_;
    const std::string erased_sql_;
    std::map<const char*, sql::Statement> statements_;  ///< By the text's address.
};

}  // namespace vitrine::central
