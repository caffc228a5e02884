#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sync/merge/change.hpp"
#include "sync/outbox/outbox.hpp"
#include "sync/wire/ack.hpp"
#include "sync/wire/record_json.hpp"
#include "tests/simulation/context.hpp"

namespace vitrine::simulation {

/// One machine that keeps an outbox. A copied database is another machine under the same name.
using MachineId = Number<struct MachineTag, std::uint32_t>;
using Identity = std::pair<merge::Source, Sequence>;

/// The world's own ledger, by which the production code is judged: every record that an outbox
/// accepted, what became of it, and what all of them together have to add up to. It is told by
/// whoever sees a thing happen, and shares no code with what it judges but the decoder.
class Truth {
  public:
    /// What one machine has accepted and the centre has not: it must be in its outbox.
    using Holding = std::map<merge::Source, std::set<Sequence>>;

    explicit Truth(Context& context) : context_(context) {}

    /// An outbox has said that this record is durable.
    void accept(MachineId machine, const merge::Source& source, Sequence sequence, ByteView bytes);
    bool holds(MachineId machine, const merge::Source& source, Sequence sequence) const;
    const Holding& holding(MachineId machine) { return holdings_[machine]; }

    /// The outbox has these rows, and has counted so many more as dropped for want of room since it
    /// was last asked: whatever else the machine should have is lost.
    void check_rows(MachineId machine, const std::set<Identity>& rows, std::uint64_t dropped);
    /// Before an outbox acts on an acknowledgement: it covers nothing that the centre lacks.
    void check_ack(MachineId machine, StoreId store, const wire::Ack& ack);

    /// A machine begins with a copy of what another one held.
    void copy(MachineId to, const Holding& held);
    /// A machine is gone for good, with whatever only it had.
    void retire(MachineId machine);

    /// The centre has committed a record, read or not.
    void committed(const Identity& identity, const Digest& content, ByteView bytes);
    /// The same identity has come with other bytes.
    void expect_alarm() { ++alarms_expected_; }
    /// The committed bytes under an identity; nothing before.
    std::optional<Digest> content(const Identity& identity) const;

    void decided(const consent::Event& event);
    void erased(MemberId member) { erased_.insert(member); }
    bool is_erased(MemberId member) const { return erased_.contains(member); }
    bool is_allowed(MemberId member, consent::Purpose purpose) const;

    // At the end.
    void check_all_merged();
    struct Expected {
        std::map<StoreId, merge::StoreCounts> stores;
        std::map<std::tuple<StoreId, OfferId, offers::Path>, merge::OfferCounts> offers;
        std::map<merge::InteractionKey, merge::Interaction> interactions;
        std::map<merge::StatisticsKey, std::uint64_t> outcomes;
        std::map<std::pair<MemberId, consent::Purpose>, consent::State> consents;
    };
    const Expected& expected() const { return expected_; }
    const std::set<MemberId>& all_erased() const { return erased_; }
    std::uint64_t alarms_expected() const { return alarms_expected_; }
    /// Of everything that was committed, in order of identity.
    std::uint64_t hash() const;

  private:
    struct Variant {
        Digest content{};
        bool precious = false;  ///< Never to be dropped.
        bool dropped = false;
        bool gone = false;  ///< With its machine.
        std::vector<MachineId> holders;
    };
    struct Known {
        std::vector<Variant> variants;  ///< More than one where a clone forked the identity.
        std::optional<Digest> committed;
    };
    Variant* variant(const Identity& identity, const Digest& content);
    void release(MachineId machine, const Identity& identity);
    void add_up(const wire::RecordIdentity& identity, const session::Record& record);

    Context& context_;
    std::map<Identity, Known> records_;
    std::map<MachineId, Holding> holdings_;
    std::map<std::pair<MachineId, Hlc>, Identity> stamps_;
    std::set<MemberId> erased_;
    std::uint64_t alarms_expected_ = 0;
    Expected expected_;
};

/// "lyon/agent/epoch/sequence", for people.
std::string words_of(const Identity& identity);

}  // namespace vitrine::simulation
