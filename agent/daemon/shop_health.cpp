#include <algorithm>
#include <limits>

#include "agent/daemon/shop.hpp"

// What the shop tells of its records: to the centre in its health, to its operator on /metrics.
namespace vitrine::daemon {

namespace {

constexpr std::size_t kReasonBytes = 200;

std::uint32_t count_of(std::uint64_t count) {
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>(count, std::numeric_limits<std::uint32_t>::max()));
}

std::uint64_t dropped(const outbox::Counts& counts, outbox::Priority priority) {
    return counts.dropped_by[static_cast<std::size_t>(priority)];
}

/// A reason may quote a broker: what is not plain text becomes a question mark.
std::string plain(std::string_view reason) {
    std::string text(reason.substr(0, kReasonBytes));
    for (char& c : text) {
        if (c < 0x20 || c > 0x7e) c = '?';
    }
    return text.empty() ? "unknown" : text;
}

}  // namespace

void Shop::report() {
    const outbox::Counts counts = outbox_.counts();
    session::AgentHealth health;
    // What the centre has and the disk has not forgotten yet is no backlog.
    const std::uint64_t known_there = courier_ ? courier_->progress().unforgotten : 0;
    health.backlog_records = count_of(counts.pending - std::min(counts.pending, known_there));
    std::uint64_t lost = keeper_.records_lost();
    for (const std::uint64_t each : counts.dropped_by) lost += each;
    health.dropped_records = count_of(lost);
    health.dropped_actions = count_of(dropped(counts, outbox::Priority::action));
    health.dropped_impressions = count_of(dropped(counts, outbox::Priority::impression));
    health.dropped_health = count_of(dropped(counts, outbox::Priority::health));
    health.unsendable_records = count_of(counts.dead);
    if (counts.dead > 0) {
        const auto last = outbox_.dead(1);
        health.unsendable_reason = plain(last && !last->empty() ? last->front().reason : "");
    }
    health.scanner = radio_.scanner ? scanner::name_of(radio_.scanner->state().mode) : "none";
    engine_.report(std::move(health), moment(), effects_);
    step();
}

void Shop::add_outbox_metrics() {
    constexpr std::string_view kDropped = "vitrine_records_dropped_total";
    constexpr std::string_view kHelp = "Records dropped for want of room, by what they were worth.";
    auto actions = metrics_.counter(kDropped, kHelp, {{"worth", "action"}});
    auto impressions = metrics_.counter(kDropped, kHelp, {{"worth", "impression"}});
    auto health = metrics_.counter(kDropped, kHelp, {{"worth", "health"}});
    auto dead = metrics_.counter("vitrine_records_unsendable_total",
                                 "Records set aside because neither broker nor centre took them.");
    auto suspects = metrics_.gauge("vitrine_records_suspect",
                                   "Records that do not get through while others do.");
    auto refused = metrics_.counter("vitrine_subscriptions_refused_total",
                                    "Subscriptions that the broker refused.");
    metrics_.on_collect([=, this]() mutable {
        const outbox::Counts counts = outbox_.counts();
        actions.raise_to(dropped(counts, outbox::Priority::action));
        impressions.raise_to(dropped(counts, outbox::Priority::impression));
        health.raise_to(dropped(counts, outbox::Priority::health));
        dead.raise_to(counts.dead);
        if (!courier_) return;
        suspects.set(static_cast<double>(courier_->progress().suspects));
        refused.raise_to(courier_->subscriptions_refused());
    });
}

}  // namespace vitrine::daemon
