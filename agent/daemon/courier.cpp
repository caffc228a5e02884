#include "agent/daemon/courier.hpp"

#include <algorithm>

#include "agent/daemon/broker.hpp"
#include "agent/daemon/version.hpp"
#include "sync/mqtt/paho_link.hpp"
#include "sync/wire/ack.hpp"
#include "sync/wire/batch.hpp"
#include "sync/wire/status_json.hpp"
#include "sync/wire/stock_json.hpp"
#include "sync/wire/till_json.hpp"

namespace vitrine::daemon {

namespace {

/// Of the broker's retained manifests.
constexpr std::chrono::minutes kManifestsEvery{10};

uplink::Packed pack(std::span<const outbox::Row> rows, Sequence floor) {
    std::vector<std::string_view> events;
    events.reserve(rows.size());
    for (const outbox::Row& row : rows) events.push_back(text_of(row.bytes));
    return {
        .payload = wire::encode_batch(events),
        .content_type = std::string(wire::kBatchContentType),
        .user_properties = {{std::string(wire::kEncodingProperty), std::string(wire::kZstd)},
                            {std::string(wire::kFloorProperty), std::to_string(floor.value())}}};
}

}  // namespace

Courier::Courier(const Config& config, const Clock& clock, host::Log& log,
                 std::vector<bundle::PublicKey> trusted, Hooks hooks)
    : config_(config),
      clock_(clock),
      log_(log),
      hooks_(std::move(hooks)),
      downlink_(config.tenant, config.store, std::move(trusted), hooks_.base_of) {}

Result<std::unique_ptr<Courier>> Courier::create(const Config& config, host::Loop& loop,
                                                 const Clock& clock, host::Log& log,
                                                 outbox::Outbox& outbox, Rng& rng,
                                                 std::vector<bundle::PublicKey> trusted,
                                                 Hooks hooks) {
    const auto make_link = [&](uplink::Publication will,
                               std::function<void(uplink::LinkEvent)> on_event)
        -> Result<std::unique_ptr<uplink::Link>> {
        mqtt::Settings settings = centre_broker(config);
        settings.will = std::move(will);
        settings.on_trouble = [&log](const std::string& reason) {
            log.warning("trouble with the broker", {{"reason", reason}});
        };
        return std::unique_ptr<uplink::Link>(
            TRY(mqtt::PahoLink::create(std::move(settings), loop, rng, std::move(on_event))));
    };
    return over(make_link, config, clock, log, outbox, rng, std::move(trusted), std::move(hooks));
}

Result<std::unique_ptr<Courier>> Courier::over(const MakeLink& make_link, const Config& config,
                                               const Clock& clock, host::Log& log,
                                               outbox::Outbox& outbox, Rng& rng,
                                               std::vector<bundle::PublicKey> trusted,
                                               Hooks hooks) {
    std::unique_ptr<Courier> courier(
        new Courier(config, clock, log, std::move(trusted), std::move(hooks)));
    Courier* const self = courier.get();
    courier->link_ = TRY(
        make_link(courier->status(false), [self](uplink::LinkEvent event) { self->on(event); }));
    const std::string up =
        bundle::format_topic({config.tenant, config.store, bundle::AgentUp{config.agent}});
    courier->uplink_ = std::make_unique<uplink::Uplink>(uplink::Settings{.topic = up}, outbox,
                                                        *courier->link_, pack, rng);
    return courier;
}

Result<void> Courier::start() {
    using uplink::Qos;
    TRY(link_->subscribe(bundle::ack_filter(config_.tenant, config_.store, config_.agent),
                         Qos::at_most_once));
    TRY(link_->subscribe(bundle::manifests_filter(config_.tenant, config_.store),
                         Qos::at_least_once));
    TRY(link_->subscribe(bundle::context_filter(config_.tenant, config_.store),
                         Qos::at_least_once));
    return link_->subscribe(bundle::till_filter(config_.tenant, config_.store), Qos::at_least_once);
}

uplink::Publication Courier::status(bool online) const {
    const std::string json = wire::encode_status(
        {.online = online, .at = clock_.wall(), .version = std::string(kVersion)});
    return {.topic = bundle::format_topic(
                {config_.tenant, config_.store, bundle::AgentStatus{config_.agent}}),
            .payload = Bytes(json.begin(), json.end()),
            .retain = true,
            .content_type = "application/json"};
}

void Courier::tick(Instant now) {
    uplink_->tick(now);
    bring_up_to_date(now);
}

std::optional<Instant> Courier::wake_at() const {
    const auto up = uplink_->wake_at();
    const auto down = downlink_.wake_at();
    if (!up || !down) return up ? up : down;
    return std::min(*up, *down);
}

/// Applies what is complete, and asks for what comes next.
void Courier::bring_up_to_date(Instant now) {
    while (const auto delivery = downlink_.next(clock_.wall(), now)) apply(*delivery);
    if (link_->is_up()) ask(now);
}

void Courier::ask(Instant now) {
    const std::set<std::string> wanted = downlink_.wanted(now);
    const bool again = downlink_.wants_repeat(now);
    for (auto at = asked_.begin(); at != asked_.end();) {
        // A new subscription makes the broker send again what it retains.
        if (!again && wanted.contains(*at)) {
            ++at;
            continue;
        }
        if (!wanted.contains(*at)) (void)link_->unsubscribe(*at);
        at = asked_.erase(at);
    }
    for (const std::string& topic : wanted) {
        if (asked_.contains(topic)) continue;
        if (link_->subscribe(topic, uplink::Qos::at_least_once)) asked_.insert(topic);
    }
    // A manifest that was dropped because the loop was busy would otherwise come with the next
    // connect only.
    if (now < manifests_due_) return;
    manifests_due_ = now + kManifestsEvery;
    (void)link_->subscribe(bundle::manifests_filter(config_.tenant, config_.store),
                           uplink::Qos::at_least_once);
}

void Courier::on(const uplink::LinkEvent& event) {
    const Instant now = clock_.monotonic();
    if (const auto* up = std::get_if<uplink::LinkUp>(&event)) {
        log_.notice("centre reachable");
        (void)link_->publish(status(true));
        downlink_.connected(now);
        manifests_due_ = now + kManifestsEvery;
        uplink_->on(*up, now);
    } else if (const auto* down = std::get_if<uplink::LinkDown>(&event)) {
        log_.warning("centre out of reach: the shop goes on by itself", {{"reason", down->reason}});
        uplink_->on(*down, now);
    } else if (const auto* taken = std::get_if<uplink::PubAck>(&event)) {
        uplink_->on(*taken, now);
    } else if (std::holds_alternative<uplink::SubscribeFailed>(event)) {
        ++subscriptions_refused_;  // The link itself says why, once.
    } else if (const auto* failed = std::get_if<uplink::PubFailed>(&event)) {
        complain("batch refused by the broker", failed->reason);
        uplink_->on(*failed, now);
    } else if (const auto* message = std::get_if<uplink::Message>(&event)) {
        on_message(*message);
    }
    uplink_->tick(now);
}

void Courier::refuse(std::string_view what, std::string_view reason) {
    ++messages_refused_;
    complain(what, reason);
}

/// Whoever is at the other end decides how often there is something to say, but not how much is
/// written: the counters have the rest.
void Courier::complain(std::string_view what, std::string_view reason) {
    constexpr int kLinesMax = 20;
    const Instant now = clock_.monotonic();
    if (now >= complaints_until_) {
        complaints_until_ = now + std::chrono::minutes(1);
        complaints_ = 0;
    }
    if (++complaints_ > kLinesMax) return;
    log_.warning(what, {{"reason", reason.substr(0, 200)}});
    if (complaints_ == kLinesMax) log_.warning("more of the like is not logged for a minute");
}

void Courier::on_message(const uplink::Message& message) {
    const auto topic = bundle::parse_topic(message.topic);
    const bool ours = topic && topic->tenant == config_.tenant && topic->store == config_.store;
    if (!ours) return refuse("message for somebody else", message.topic);
    if (const auto* ack = std::get_if<bundle::AgentAck>(&topic->leaf)) {
        if (ack->agent == config_.agent) on_acknowledgement(message);
    } else if (const auto* context = std::get_if<bundle::StoreContext>(&topic->leaf)) {
        on_context(context->what.view(), text_of(message.payload));
    } else if (const auto* till = std::get_if<bundle::Till>(&topic->leaf)) {
        on_till(till->kiosk, text_of(message.payload));
    } else {
        on_bundle(*topic, message);
    }
}

void Courier::on_context(std::string_view what, std::string_view payload) {
    if (what == "weather") {
        const auto weather = wire::decode_weather(payload);
        if (weather) return hooks_.weather(*weather);
        refuse("weather cannot be read", weather.error().message);
    } else if (what == "stock") {
        auto stock = wire::decode_stock(payload);
        if (stock) return hooks_.stock(*std::move(stock));
        refuse("stock cannot be read", stock.error().message);
    }
}

void Courier::on_till(const KioskId& till, std::string_view payload) {
    const auto receipt = wire::decode_receipt(payload);
    if (!receipt) return refuse("receipt cannot be read", receipt.error().message);
    if (hooks_.receipt) hooks_.receipt(till, *receipt);
}

void Courier::on_acknowledgement(const uplink::Message& message) {
    const auto ack = wire::decode_ack(text_of(message.payload));
    if (!ack) return refuse("acknowledgement cannot be read", ack.error().message);
    uplink::Acknowledgement acknowledgement{.epoch = outbox::OutboxEpoch(ack->epoch),
                                            .watermark = ack->watermark};
    for (const auto& [first, last] : ack->ranges) acknowledgement.ranges.push_back({first, last});
    uplink_->on(acknowledgement, clock_.monotonic());
}

void Courier::on_bundle(const bundle::Topic& topic, const uplink::Message& message) {
    // An empty payload is the broker forgetting an older chunk.
    if (message.payload.empty()) return;
    const Instant now = clock_.monotonic();
    const auto taken = downlink_.on(topic, message.payload, now);
    if (!taken) return refuse("bundle refused", taken.error().message);
    if (*taken && hooks_.keep_chunk) hooks_.keep_chunk(**taken, message.payload);
    bring_up_to_date(now);
}

void Courier::apply(const Delivery& delivery) {
    const bundle::Manifest& manifest = delivery.manifest.manifest();
    if (const auto applied = hooks_.apply(delivery); !applied) {
        downlink_.refused(delivery);
        return log_.error("bundle not applied", {{"kind", bundle::name_of(manifest.kind)},
                                                 {"epoch", manifest.epoch.value()},
                                                 {"reason", applied.error().message}});
    }
    log_.notice(delivery.behind ? "bundle kept as a base" : "bundle applied",
                {{"kind", bundle::name_of(manifest.kind)},
                 {"epoch", manifest.epoch.value()},
                 {"form", manifest.base ? "delta" : "whole"},
                 {"bytes", manifest.packed_bytes}});
}

}  // namespace vitrine::daemon
