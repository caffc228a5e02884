#include "sync/central/service.hpp"

#include <utility>

#include "sync/wire/batch.hpp"
#include "sync/wire/status_json.hpp"

namespace vitrine::central {

Service::Service(Settings settings, MergeStore& store, Publisher& publisher, Trainer& trainer,
                 host::Log& log, host::Metrics& metrics)
    : settings_(settings),
      store_(store),
      publisher_(publisher),
      trainer_(trainer),
      log_(log),
      merged_(metrics.counter("vitrine_records_merged_total", "Records merged into the truth.")),
      duplicates_(
          metrics.counter("vitrine_records_duplicate_total", "Records that had come before.")),
      dead_(metrics.counter("vitrine_records_dead_total", "Records set aside with the reason.")) {}

Result<void> Service::start(uplink::Link& link) {
    publisher_.touched_all();
    TRY(link.subscribe(bundle::central_up_filter(settings_.tenant), uplink::Qos::at_least_once));
    return link.subscribe(bundle::central_status_filter(settings_.tenant),
                          uplink::Qos::at_least_once);
}

void Service::on(const uplink::LinkEvent& event, uplink::Link& link, Instant instant,
                 WallTime now) {
    if (std::holds_alternative<uplink::LinkUp>(event)) {
        log_.notice("broker connected");
        if (leads_) publisher_.republish();
    } else if (const auto* down = std::get_if<uplink::LinkDown>(&event)) {
        log_.warning("broker lost", {{"reason", down->reason}});
        ++revision_;
    } else if (const auto* failed = std::get_if<uplink::PubFailed>(&event)) {
        log_.error("broker refused a message", {{"reason", failed->reason}});
    } else if (const auto* message = std::get_if<uplink::Message>(&event)) {
        on_message(*message, link, now);
    }
    tick(link, instant, now);
}

void Service::on_message(const uplink::Message& message, uplink::Link& link, WallTime now) {
    const auto topic = bundle::parse_topic(message.topic);
    if (!topic || topic->tenant != settings_.tenant) {
        return log_.warning("message on an unknown topic left alone");
    }
    if (const auto* up = std::get_if<bundle::AgentUp>(&topic->leaf)) {
        on_batch(*topic, up->agent, message);
        if (waiting_events_ >= kWaitingEventsMax) merge_waiting(link, now);
    } else if (const auto* status = std::get_if<bundle::AgentStatus>(&topic->leaf)) {
        on_status(*topic, status->agent, message, now);
    }
}

void Service::on_batch(const bundle::Topic& topic, AgentId agent, const uplink::Message& message) {
    auto received =
        wire::decode_message(message.payload, message.content_type, message.user_properties);
    if (!received) {
        return log_.error(
            "batch cannot be read",
            {{"store", topic.store}, {"agent", agent}, {"reason", received.error().message}});
    }
    waiting_events_ += received->events.size();
    waiting_.push_back({.store = topic.store,
                        .agent = agent,
                        .events = std::move(received->events),
                        .floor = received->floor});
}

void Service::merge_waiting(uplink::Link& link, WallTime now) {
    if (waiting_.empty()) return;
    const std::vector<Batch> batches = std::exchange(waiting_, {});
    waiting_events_ = 0;
    if (merge(batches, link, now) || batches.size() == 1) return;
    // One of them may be what the database does not take: it must not hold up the others.
    for (const Batch& batch : batches) merge(std::span(&batch, 1), link, now);
}

bool Service::merge(std::span<const Batch> batches, uplink::Link& link, WallTime now) {
    const auto report = store_.merge(batches, now);
    if (!report) {
        // Nothing was kept and nothing is acknowledged: the agents send it again.
        log_.error("batches not merged", {{"store", batches.front().store},
                                          {"agent", batches.front().agent},
                                          {"count", batches.size()},
                                          {"reason", report.error().message}});
        return false;
    }
    acknowledge(*report, link);
    note(*report);
    return true;
}

void Service::acknowledge(const MergeReport& report, uplink::Link& link) {
    for (const MergeReport::Kept& ack : report.acks) {
        const std::string json = wire::encode_ack(ack);
        (void)link.publish({.topic = bundle::format_topic(
                                {settings_.tenant, ack.store, bundle::AgentAck{ack.agent}}),
                            .payload = Bytes(json.begin(), json.end()),
                            .qos = uplink::Qos::at_most_once});
    }
}

void Service::note(const MergeReport& report) {
    merged_.add(report.merged);
    duplicates_.add(report.duplicates);
    dead_.add(report.dead);
    ++revision_;
    for (const auto& [agent, count] : report.dead_of) {
        log_.warning("records set aside", {{"agent", agent}, {"count", count}});
    }
    for (const auto& [agent, count] : report.cloned_of) {
        log_.error("two agents write under one name: one of them was cloned",
                   {{"agent", agent}, {"count", count}});
    }
}

void Service::on_status(const bundle::Topic& topic, AgentId agent, const uplink::Message& message,
                        WallTime now) {
    constexpr std::size_t kAgentsMax = 100'000;
    const auto status = wire::decode_status(text_of(message.payload));
    if (!status) {
        return log_.warning("status cannot be read",
                            {{"agent", agent}, {"reason", status.error().message}});
    }
    if (agents_.size() >= kAgentsMax && !agents_.contains({topic.store, agent})) return;
    agents_[{topic.store, agent}] = {.online = status->online, .at = now};
    ++revision_;
    log_.info(status->online ? "agent online" : "agent offline",
              {{"store", topic.store}, {"agent", agent}});
}

void Service::lead(bool leads) {
    if (leads == leads_) return;
    leads_ = leads;
    log_.notice(leads ? "leading: this worker publishes and trains" : "no longer leading");
    if (!leads) return publisher_.stand_down();
    publisher_.touched_all();
    const auto merged = store_.merge_kept();
    if (!merged) {
        return log_.error("kept records not merged", {{"reason", merged.error().message}});
    }
    if (*merged > 0) log_.notice("kept records merged after an upgrade", {{"count", *merged}});
}

/// Whoever changed it, shops have to hear of a consent, an erasure, a new policy.
void Service::look_for_news() {
    const auto news = store_.news();
    if (!news) return log_.error("news", {{"reason", news.error().message}});
    if (*news == news_) return;
    news_ = *news;
    publisher_.touched_all();
}

void Service::tick(uplink::Link& link, Instant instant, WallTime now) {
    if (!leads_) return;
    if (instant >= look_at_) {
        look_at_ = instant + settings_.look_every;
        publisher_.touched_all();
    }
    if (instant >= train_at_) {
        train_at_ = instant + settings_.train_every;
        train();
    }
    if (instant >= refresh_at_) {
        look_for_news();
        if (const auto refreshed = publisher_.refresh(now); !refreshed) {
            log_.error("bundles not published", {{"reason", refreshed.error().message}});
        }
        // Merging goes on between two steps of a round over all shops.
        refresh_at_ = instant + settings_.publish_every / (publisher_.behind() ? 4 : 1);
    }
    publisher_.pump(link);
}

void Service::train() {
    const auto next = trainer_.refit(settings_.train_outcomes_min);
    if (!next) return log_.error("model not refitted", {{"reason", next.error().message}});
    if (!*next) return;
    log_.notice("model refitted", {{"epoch", (*next)->epoch.value()}});
    publisher_.touched(bundle::Kind::model);
    ++revision_;
}

}  // namespace vitrine::central
