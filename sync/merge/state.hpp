#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "sync/merge/change.hpp"
#include "sync/merge/cursor.hpp"

namespace vitrine::merge {

/// What became of a record.
enum class Outcome : std::uint8_t {
    merged,
    duplicate,  ///< Seen before: nothing changed; acknowledge it.
    cloned,     ///< Two different records under one identity: a copied agent. Alarm, keep both,
                ///< merge only the first.
    refused,    ///< Too many gaps: neither kept nor acknowledged.
};

/// Whether to merge a record, from what is kept of its source. `kept` is the digest under the same
/// identity, nothing where there is none (any more).
Outcome admit(const AgentCursor& cursor, Sequence sequence, const std::optional<Digest>& kept,
              const Digest& arrived);

/// The truth of many shops, in memory: what the simulator uses, and what a database's rows have to
/// be equal to. Whatever the order in which records and erasures come, and however often, the state
/// is the same. Unbounded: for tests and simulations.
class MergeState {
  public:
    /// Tombstones first, then the record's identity, then its changes; all or nothing.
    Outcome merge(const Arrival& arrival);

    /// A record that cannot be read yet, or ever: its identity has arrived and it changes nothing.
    Outcome keep(const Source& source, Sequence sequence, const Digest& content);
    /// What was kept so can be read now, after an upgrade: its changes. To be called once for each
    /// such record, which its owner forgets in the same transaction.
    void merge_kept(const Arrival& arrival);

    /// What is below the floor and has not arrived is lost (see AgentCursor). Returns how many.
    std::uint64_t give_up_below(const Source& source, Sequence floor);

    /// For ever: also what still arrives of this member leaves no trace of them.
    void erase(MemberId member);

    AgentCursor cursor(const Source& source) const;
    /// Whether anything but a tombstone is kept under this member's name.
    bool names(MemberId member) const;
    bool erased(MemberId member) const { return erased_.contains(member); }
    consent::Consents consents(MemberId member) const;
    Interaction interaction(MemberId member, OfferId offer) const;
    /// In order of offer.
    std::vector<OfferId> dismissed(MemberId member) const;
    MemberDay member_day(const MemberDayKey& key) const;
    OrderLine order_line(const OrderLineKey& key) const;
    OfferCounts offer_counts(const OfferDayKey& key) const;
    StoreCounts store_counts(const StoreDayKey& key) const;
    std::optional<Health> health(const Source& source) const;
    /// The totals of all sources under one model epoch.
    std::vector<offers::Statistics> statistics(Epoch model) const;

    friend bool operator==(const MergeState&, const MergeState&) = default;

  private:
    void apply(const Change& change);

    std::set<MemberId> erased_;
    std::map<Source, AgentCursor> cursors_;
    std::map<std::pair<Source, Sequence>, Digest> contents_;
    std::map<MemberId, consent::Consents> consents_;
    std::map<InteractionKey, Interaction> interactions_;
    std::map<MemberDayKey, MemberDay> member_days_;
    std::map<OrderLineKey, OrderLine> order_lines_;
    std::map<OfferDayKey, OfferCounts> offer_counts_;
    std::map<StoreDayKey, StoreCounts> store_counts_;
    std::map<StatisticsKey, offers::Statistics> statistics_;
    std::map<Source, Health> health_;
};

}  // namespace vitrine::merge
