#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/base/time.hpp"
#include "agent/host/log.hpp"
#include "agent/host/metrics.hpp"
#include "sync/bundle/topics.hpp"
#include "sync/central/merge_store.hpp"
#include "sync/central/publisher.hpp"
#include "sync/central/trainer.hpp"
#include "sync/uplink/link.hpp"

namespace vitrine::central {

/// The centre at work: takes batches from the link, merges them, acknowledges after the commit,
/// trains, publishes. It owns no socket and no clock; the program hands it events and the time.
class Service {
  public:
    struct Settings {
        TenantId tenant;
        std::chrono::seconds train_every{60};
        std::uint64_t train_outcomes_min = 20;
        std::chrono::milliseconds publish_every{1000};
        std::chrono::seconds look_every{
            60};  ///< At what time alone changes: keys, days, what others wrote into the database.
    };

    static constexpr std::size_t kWaitingEventsMax = 5000;

    Service(Settings settings, MergeStore& store, Publisher& publisher, Trainer& trainer,
            host::Log& log, host::Metrics& metrics);

    /// Subscribes to every store's batches and statuses of this tenant.
    Result<void> start(uplink::Link& link);
    void on(const uplink::LinkEvent& event, uplink::Link& link, Instant instant, WallTime now);
    /// Merges and acknowledges what has come: to be called when no more messages wait. What came
    /// together costs one transaction; kWaitingEventsMax are merged without being asked.
    void merge_waiting(uplink::Link& link, WallTime now);
    bool has_waiting() const { return !waiting_.empty(); }
    /// Of several workers one publishes and trains; all merge and acknowledge.
    void lead(bool leads);
    /// At least every second.
    void tick(uplink::Link& link, Instant instant, WallTime now);

    /// What the agents last said of themselves over the broker.
    struct Presence {
        bool online = false;
        WallTime at;
    };
    const std::map<std::pair<StoreId, AgentId>, Presence>& agents() const { return agents_; }
    /// Counts what the console shows; it moves whenever something was merged or an agent came or
    /// went.
    std::uint64_t revision() const { return revision_; }

  private:
    void on_message(const uplink::Message& message, uplink::Link& link, WallTime now);
    void on_batch(const bundle::Topic& topic, AgentId agent, const uplink::Message& message);
    void on_status(const bundle::Topic& topic, AgentId agent, const uplink::Message& message,
                   WallTime now);
    bool merge(std::span<const Batch> batches, uplink::Link& link, WallTime now);
    void acknowledge(const MergeReport& report, uplink::Link& link);
    void note(const MergeReport& report);
    void train();
    void look_for_news();

    const Settings settings_;
    MergeStore& store_;
    Publisher& publisher_;
    Trainer& trainer_;
    host::Log& log_;
    std::map<std::pair<StoreId, AgentId>, Presence> agents_;
    std::uint64_t revision_ = 1;
    std::vector<Batch> waiting_;
    std::size_t waiting_events_ = 0;
    Instant train_at_ = Instant::min();
    Instant refresh_at_ = Instant::min();
    Instant look_at_ = Instant::min();
    bool leads_ = false;
    std::int64_t news_ = 0;
    host::Counter merged_;
    host::Counter duplicates_;
    host::Counter dead_;
};

}  // namespace vitrine::central
