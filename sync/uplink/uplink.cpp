#include "sync/uplink/uplink.hpp"

#include <algorithm>
#include <utility>

#include "sync/uplink/state.hpp"

namespace vitrine::uplink {
namespace {

using std::chrono::nanoseconds;

constexpr std::chrono::milliseconds kProbeRetry{250};  ///< When a probe could not be published.
constexpr unsigned kDoublingsMax = 16;
constexpr std::chrono::seconds kRoundTripMax{15};  ///< Longer ones had a fault in between.

}  // namespace

Uplink::State::State(Settings given, outbox::Outbox& from, Link& over, Pack how, Rng& random)
    : settings(std::move(given)),
      outbox(from),
      link(over),
      pack(std::move(how)),
      rng(random),
      bytes_limit(settings.batch_bytes_max),
      probe_limit(settings.probe_records_max) {}

/// Between half of the delay and all of it.
nanoseconds Uplink::State::jittered(nanoseconds delay) {
    const auto half = static_cast<double>(delay.count()) / 2;
    return nanoseconds(static_cast<std::int64_t>(half + half * rng.uniform()));
}

// Probing.

void Uplink::State::start_probing(Instant now) {
    probe = Probe{};
    probe->again_at = now;
}

void Uplink::State::send_probe(Instant now) {
    while (!batches.empty()) {
        Ranges& open = batches.front().open;
        const Sending sending = send({open.front().first, open.back().last}, probe_limit, true);
        if (sending.sent == Sent::smaller) continue;
        if (sending.sent == Sent::nothing) {
            batches.pop_front();
            continue;
        }
        if (sending.sent == Sent::later) {
            probe->again_at = now + jittered(kProbeRetry);
            return;
        }
        const Sequence last = sending.rows.back().sequence;
        Ranges present = ranges_of(sending.rows);  // Others were dropped for want of room.
        subtract(open, {Sequence(0), last});
        open.insert(open.begin(), present.begin(), present.end());

        const auto delay = patience() * (1U << std::min(probe->attempts, kDoublingsMax));
        probe->again_at = now + jittered(std::min<nanoseconds>(delay, settings.backoff_max));
        probe->ticket = sending.ticket;
        probe->range = {sending.rows.front().sequence, last};
        probe->bytes = sending.bytes;
        ++probe->attempts;
        return;
    }
    stop_probing(now);
}

/// The centre lives. What it did not mention may still be on its way to it: that gets a moment.
void Uplink::State::stop_probing(Instant now) {
    probe.reset();
    probe_limit = settings.probe_records_max;
    last_progress = now;
    for (Batch& batch : batches) {
        batch.ticket.reset();  // After this long a PUBACK will not come any more.
        batch.resend_at = now + jittered(settings.settle);
    }
}

/// A batch that the centre passed over is lost; when it says nothing at all, it is asked.
void Uplink::State::find_overdue(Instant now) {
    const bool silent = now >= last_progress + patience();
    bool overdue = false;
    for (Batch& batch : batches) {
        if (batch.resend_at || now < batch.sent_at + patience()) continue;
        overdue = true;
        if (!silent) batch.resend_at = now;
    }
    if (overdue && silent) start_probing(now);
}

/// Takes the acknowledged out of the batches; says whether there was any.
bool Uplink::State::settle(const Acknowledgement& acknowledgement, Instant now) {
    bool any = false;
    for (Batch& batch : batches) {
        if (batch.epoch != acknowledgement.epoch) continue;
        any |= subtract(batch.open, {Sequence(0), acknowledgement.watermark});
        for (const auto& range : acknowledgement.ranges) any |= subtract(batch.open, range);
        if (batch.open.empty() && !batch.resent) {
            const auto taken = std::min<nanoseconds>(now - batch.sent_at, kRoundTripMax);
            round_trip = round_trip.count() == 0 ? taken : (7 * round_trip + taken) / 8;
        }
    }
    std::erase_if(batches, [](const Batch& batch) { return batch.open.empty(); });
    return any;
}

void Uplink::State::tick(Instant now) {
    if (up && !probe) find_overdue(now);
    if (up && probe && now >= probe->again_at) send_probe(now);
    if (up && !probe) send_due(now);
    progress.batches_unacknowledged = batches.size();
    progress.probing = probe.has_value();
}

std::optional<Instant> Uplink::State::wake_at() const {
    if (!up) return std::nullopt;
    if (probe) return probe->again_at;
    std::optional<Instant> soonest;
    const auto consider = [&](Instant at) { soonest = std::min(at, soonest.value_or(at)); };
    // What waits for the window wakes with the PubAck that frees it, or with the LinkDown.
    for (const Batch& batch : batches) {
        if (!batch.resend_at) consider(batch.sent_at + patience());
        if (batch.resend_at && !window_is_full()) consider(*batch.resend_at);
    }
    const bool has_room = batches.size() < settings.unacknowledged_batches_max && answered_once;
    const bool lingers = backlog() > 0 && linger_until && has_room && !window_is_full();
    if (lingers && !retry_at) consider(*linger_until);
    if (retry_at) consider(*retry_at);
    return soonest;
}

// Events.

Uplink::Uplink(Settings settings, outbox::Outbox& outbox, Link& link, Pack pack, Rng& rng)
    : state_(std::make_unique<State>(std::move(settings), outbox, link, std::move(pack), rng)) {}
Uplink::~Uplink() = default;

void Uplink::on(const LinkUp&, Instant now) {
    State& s = *state_;
    s.up = true;
    s.retry_at.reset();
    for (Batch& batch : s.batches) batch.ticket.reset();
    if (!s.batches.empty()) s.start_probing(now);
    s.tick(now);
}

void Uplink::on(const LinkDown& event, Instant now) {
    State& s = *state_;
    s.up = false;
    s.progress.last_trouble = event.reason;
    std::size_t largest = 0;
    for (Batch& batch : s.batches) {
        if (batch.ticket) largest = std::max(largest, batch.bytes);
        batch.ticket.reset();
    }
    if (s.probe && s.probe->ticket) {  // Perhaps it is the culprit.
        const auto records = s.probe->range.last.value() - s.probe->range.first.value() + 1;
        if (event.too_large) s.make_smaller(s.probe->range.first, records, s.probe->bytes);
        s.probe_limit = std::max<std::size_t>(1, s.probe_limit / 2);
    } else if (event.too_large && largest > 0) {
        s.bytes_limit = std::max<std::size_t>(1, std::min(largest, s.bytes_limit) / 2);
    } else if (!event.too_large) {
        s.bytes_limit = s.settings.batch_bytes_max;
    }
    s.probe.reset();
    s.tick(now);
}

void Uplink::on(const PubAck& event, Instant now) {
    State& s = *state_;
    if (s.probe && s.probe->ticket == event.ticket) s.probe->ticket.reset();
    for (Batch& batch : s.batches) {
        if (batch.ticket == event.ticket) batch.ticket.reset();
    }
    s.tick(now);
}

void Uplink::on(const PubFailed& event, Instant now) {
    State& s = *state_;
    s.progress.last_trouble = event.reason;
    if (s.probe && s.probe->ticket == event.ticket) {
        s.probe->ticket.reset();
        const auto records = s.probe->range.last.value() - s.probe->range.first.value() + 1;
        if (event.too_large && s.make_smaller(s.probe->range.first, records, s.probe->bytes)) {
            s.probe->again_at = now;
        }
    }
    for (Batch& batch : s.batches) {
        if (batch.ticket != event.ticket) continue;
        batch.ticket.reset();
        batch.resend_at = now + s.jittered(s.settings.settle);
        const Sequence first = batch.open.front().first;
        if (event.too_large && s.make_smaller(first, batch.records, batch.bytes)) {
            batch.resend_at = now;
        }
    }
    s.tick(now);
}

void Uplink::on(const Acknowledgement& acknowledgement, Instant now) {
    State& s = *state_;
    const auto removed = s.outbox.acknowledge(acknowledgement.epoch, acknowledgement.watermark,
                                              acknowledgement.ranges);
    if (!removed) return s.trouble(removed.error());  // The centre repeats itself.
    s.progress.acknowledged += *removed;
    s.progress.last_acknowledgement = now;
    if (s.settle(acknowledgement, now)) {
        s.last_progress = now;
        s.answered_once = true;
        const bool answered =
            s.batches.empty() ||
            (s.probe && s.batches.front().open.front().first > s.probe->range.last);
        if (s.probe && answered) s.stop_probing(now);
    }
    s.tick(now);
}

void Uplink::tick(Instant now) { state_->tick(now); }
std::optional<Instant> Uplink::wake_at() const { return state_->wake_at(); }
const Progress& Uplink::progress() const { return state_->progress; }

}  // namespace vitrine::uplink
