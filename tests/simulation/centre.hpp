#pragma once

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "agent/identity/eid.hpp"
#include "sync/bundle/keys.hpp"
#include "sync/bundle/package.hpp"
#include "sync/bundle/topics.hpp"
#include "sync/merge/state.hpp"
#include "sync/wire/ack.hpp"
#include "tests/simulation/broker.hpp"
#include "tests/simulation/truth.hpp"

namespace vitrine::simulation {

inline constexpr TenantId kTenant("chain");

/// What every phone and the centre know of a member.
identity::IdentityKey key_of(MemberId member);

/// The centre as docs/sync.md has it, on the production merge, wire and bundles: workers that take
/// batches in any order and commit each in one transaction, a publisher of signed bundles, and an
/// app where members decide. What is committed outlives everything; what is not is lost with its
/// worker.
class Centre {
  public:
    Centre(Context& context, Broker& broker, Truth& truth, std::vector<StoreId> stores);

    void start();
    void enrol(MemberId member);
    /// By the member's app.
    void decide(MemberId member, consent::Purpose purpose, bool grant);
    void erase(MemberId member);
    /// A new catalogue, policy or model.
    void make_news();
    /// From now on it can read everything.
    void upgrade();
    void crash_a_worker();

    const bundle::PublicKey& public_key() const { return public_key_; }
    /// The newest epoch of a kind that was published.
    Epoch newest(bundle::Kind kind) const { return epochs_[static_cast<std::size_t>(kind)]; }
    /// Nothing waits to be committed or published.
    bool idle() const;
    const std::vector<MemberId>& members() const { return members_; }
    const merge::MergeState& state() const { return state_; }
    consent::Consents consents(MemberId member) const;
    bool names(MemberId member) const;
    std::uint64_t alarms() const { return alarms_; }
    const std::vector<StoreId>& stores() const { return stores_; }

  private:
    struct Worker {
        std::unique_ptr<Wire> wire;
        std::uint32_t life = 0;
    };
    struct Unread {  ///< Of a type that was not known when it came.
        std::string event;
        merge::Arrival arrival;
    };
    struct Kept {
        bundle::Package package;
        Epoch epoch;
        std::optional<Epoch> base;  ///< Of a delta.
    };
    /// A shop's whole bundle of a kind stands at base 0, its deltas at theirs.
    using Shelf = std::tuple<StoreId, bundle::Kind, Epoch>;

    // centre.cpp
    void start_worker(std::size_t index);
    void on_message(std::size_t index, const uplink::Message& message);
    void work(std::size_t index, std::uint32_t life, const uplink::Message& message);
    std::vector<wire::Ack> commit(const bundle::Topic& topic, const uplink::Message& message,
                                  std::size_t from, std::size_t to);
    void take(const std::string& event, std::set<merge::Source>& sources);
    void merge_read(merge::Arrival arrival);
    void mutate(merge::Arrival& arrival) const;
    bool knows_type(std::string_view type) const;
    void acknowledge(std::size_t index, const bundle::Topic& topic,
                     const std::vector<wire::Ack>& acks);
    wire::Ack ack_of(const merge::Source& source) const;

    // centre_bundles.cpp
    void touched(bundle::Kind kind) { due_[static_cast<std::size_t>(kind)] = true; }
    void look();
    void refresh(bundle::Kind kind);
    Bytes content(bundle::Kind kind, Epoch epoch) const;
    Bytes recognition(Epoch epoch) const;
    Bytes profiles(Epoch epoch) const;
    void publish(StoreId store, bundle::Kind kind, const bundle::Packed& packed);
    void retain(StoreId store, bundle::Leaf leaf, Bytes payload);
    void queue(const Shelf& shelf, const Kept& kept);
    void take_off(const Shelf& shelf, const Kept& kept, bool manifest_too);
    void pump();

    Context& context_;
    Broker& broker_;
    Truth& truth_;
    const std::vector<StoreId> stores_;
    const bundle::SecretKey secret_key_;
    const bundle::PublicKey public_key_;

    // What the centre's database holds.
    merge::MergeState state_;
    merge::MergeState resurrected_;  ///< Only of a mutation: what an erasure should have ended.
    std::deque<Unread> unread_;
    std::vector<MemberId> members_;
    std::set<MemberId> erased_;
    std::uint64_t alarms_ = 0;
    std::uint64_t app_sequence_ = 0;
    Hlc app_hlc_;
    bool upgraded_ = true;

    std::vector<Worker> workers_;
    std::size_t working_ = 0;

    std::unique_ptr<Wire> publisher_;
    std::array<bool, bundle::kKinds> due_{};
    std::array<Epoch, bundle::kKinds> epochs_{};
    std::array<Digest, bundle::kKinds> contents_{};
    std::array<Bytes, bundle::kKinds> payloads_;  ///< Of the newest epochs.
    std::map<Shelf, Kept> kept_;
    std::deque<uplink::Publication> outgoing_;
    std::array<std::uint32_t, 3> editions_{1, 1, 1};  ///< Of catalogue, policy, model.
    Instant look_again_;
};

}  // namespace vitrine::simulation
