#include "sync/uplink/uplink.hpp"

#include <algorithm>
#include <utility>

#include "sync/uplink/state.hpp"

namespace vitrine::uplink {
namespace {

using std::chrono::nanoseconds;

constexpr std::chrono::milliseconds kProbeRetry{250};  ///< When a probe could not be published.
constexpr unsigned kDoublingsMax = 16;
constexpr std::string_view kPassedOver =
    "the centre took what was around it and never acknowledged it";
constexpr std::chrono::seconds kRoundTripMax{15};  ///< Longer ones had a fault in between.

}  // namespace

Uplink::State::State(Settings given, outbox::Outbox& from, Link& over, Pack how, Rng& random)
    : settings(std::move(given)),
      outbox(from),
      link(over),
      pack(std::move(how)),
      rng(random),
      of_before(outbox.next_sequence().value() - 1),
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

/// Of a batch that is not alone under suspicion: a few records, the oldest first. When those
/// brought no word, others and fewer: the ones before may be what the centre cannot take.
Uplink::State::Sent Uplink::State::probe_old() {
    std::vector<std::size_t> candidates;
    for (std::size_t i = 0; i < batches.size(); ++i) {
        if (!batches[i].trial.alone) candidates.push_back(i);
    }
    if (candidates.empty()) return Sent::nothing;
    const bool anywhere = probe->attempts > 0;
    const auto chosen =
        batches.begin() +
        static_cast<std::ptrdiff_t>(candidates[anywhere ? rng.below(candidates.size()) : 0]);
    Ranges behind = chosen->open;
    Ranges before = take_first(behind, anywhere ? rng.below(count_of(behind)) : 0);
    const std::size_t few =
        std::max<std::size_t>(1, probe_limit >> std::min(probe->attempts, kDoublingsMax));
    const Sending sending = send(behind, few, true);
    if (sending.sent == Sent::nothing) {  // Dropped for want of room.
        chosen->open = std::move(before);
        if (chosen->open.empty()) batches.erase(chosen);
        return Sent::smaller;
    }
    if (sending.sent != Sent::yes) return sending.sent;
    const Sequence last = sending.rows.back().sequence;
    subtract(behind, {Sequence(0), last});
    const Ranges present = ranges_of(sending.rows);
    before.insert(before.end(), present.begin(), present.end());
    before.insert(before.end(), behind.begin(), behind.end());
    chosen->open = std::move(before);
    probe->ticket = sending.ticket;
    probe->range = {sending.rows.front().sequence, last};
    probe->records = sending.rows.size();
    probe->bytes = sending.bytes;
    return Sent::yes;
}

/// What was never sent asks as well as what was, and does not have to wait for it.
bool Uplink::State::probe_new(Instant now) {
    const bool has_room = ordinary() < settings.unacknowledged_batches_max;
    if (probe->attempts % 2 == 0 || backlog() == 0 || !has_room) return false;
    if (!send_new(probe_limit, now)) return false;
    const Batch& news = batches.back();
    probe->ticket.reset();
    probe->range = {news.open.front().first, news.open.back().last};
    return true;
}

void Uplink::State::send_probe(Instant now) {
    Sent sent = probe_new(now) ? Sent::yes : Sent::smaller;
    while (sent == Sent::smaller) sent = probe_old();
    if (sent == Sent::nothing) return stop_probing(now);
    if (sent == Sent::later) {
        probe->again_at = now + jittered(kProbeRetry);
        return;
    }
    const auto delay = patience() * (1U << std::min(probe->attempts, kDoublingsMax));
    probe->again_at = now + jittered(std::min<nanoseconds>(delay, settings.backoff_max));
    ++probe->attempts;
}

/// The centre lives. What it did not mention may still be on its way to it: that gets a moment.
/// What it was silent about though it was asked again counts as a try that failed.
void Uplink::State::stop_probing(Instant now) {
    const bool was_silent = probe->attempts > 1;
    probe.reset();
    probe_limit = settings.probe_records_max;
    last_progress = now;
    const auto all = static_cast<std::ptrdiff_t>(batches.size());
    for (std::ptrdiff_t i = all - 1; i >= 0; --i) {  // What is halved does not move what is before.
        Batch& batch = batches[static_cast<std::size_t>(i)];
        if (batch.trial.alone) continue;
        batch.ticket.reset();  // After this long a PUBACK will not come any more.
        batch.resend_at = now + jittered(settings.settle);
        if (was_silent && now >= batch.sent_at + patience()) {
            did_not_get_through(static_cast<std::size_t>(i), kPassedOver, false, now);
        }
    }
}

/// A batch that the centre passed over is lost; when it says nothing at all, it is asked.
void Uplink::State::find_overdue(Instant now) {
    const bool silent = now >= last_progress + patience();
    bool ask = false;
    for (std::size_t i = 0; i < batches.size(); ++i) {
        const Batch& batch = batches[i];
        if (batch.resend_at || now < batch.sent_at + patience()) continue;
        if (silent && !batch.trial.alone) {
            ask = true;
        } else if (did_not_get_through(i, kPassedOver, false, now)) {
            --i;
        }
    }
    if (!ask) return;
    start_probing(now);
    send_probe(now);
}

/// Takes the acknowledged out of the batches; returns how many records that were.
std::uint64_t Uplink::State::settle(const Acknowledgement& acknowledgement, Instant now) {
    std::uint64_t settled = 0;
    for (Batch& batch : batches) {
        if (batch.epoch != acknowledgement.epoch) continue;
        const std::uint64_t before = count_of(batch.open);
        subtract(batch.open, {Sequence(0), acknowledgement.watermark});
        for (const auto& range : acknowledgement.ranges) subtract(batch.open, range);
        settled += before - count_of(batch.open);
        if (batch.open.empty() && !batch.resent) {
            const auto taken = std::min<nanoseconds>(now - batch.sent_at, kRoundTripMax);
            round_trip = round_trip.count() == 0 ? taken : (7 * round_trip + taken) / 8;
        }
    }
    std::erase_if(batches, [](const Batch& batch) { return batch.open.empty(); });
    passed += settled;
    return settled;
}

// Forgetting.

/// Keeps in mind what the outbox need not hold any more. Of two words of one epoch the newer one
/// says more.
void Uplink::State::hold(const Acknowledgement& acknowledgement, std::uint64_t records,
                         Instant now) {
    if (held && held->epoch != acknowledgement.epoch) forget(now);
    if (!held || acknowledgement.watermark >= held->watermark) held = acknowledgement;
    held_records += records;
    if (!forget_at) forget_at = now + settings.forget_every;
    const bool introduced = std::exchange(answered_once, answered_once || records > 0);
    if (!introduced || held_records >= settings.batch_records_max) forget(now);
}

void Uplink::State::forget(Instant now) {
    if (!held) return;
    const auto removed = outbox.acknowledge(held->epoch, held->watermark, held->ranges);
    if (!removed) {
        forget_at = now + settings.forget_every;
        return trouble(removed.error());
    }
    held.reset();
    held_records = 0;
    forget_at.reset();
    progress.acknowledged += *removed;
}

void Uplink::State::tick(Instant now) {
    if (forget_at && now >= *forget_at) forget(now);
    if (up && probe && now >= probe->again_at) send_probe(now);
    if (up && !probe) find_overdue(now);
    if (up && !probe) send_due(now);
    progress.batches_unacknowledged = batches.size();
    progress.probing = probe.has_value();
    progress.suspects = static_cast<std::uint64_t>(
        std::ranges::count_if(batches, [](const Batch& batch) { return batch.trial.alone; }));
    progress.unforgotten = held_records;
}

std::optional<Instant> Uplink::State::wake_at() const {
    std::optional<Instant> soonest = forget_at;
    const auto consider = [&](Instant at) { soonest = std::min(at, soonest.value_or(at)); };
    if (up && probe) consider(probe->again_at);
    if (!up || probe) return soonest;
    // What waits for the window wakes with the PubAck that frees it, or with the LinkDown.
    for (const Batch& batch : batches) {
        if (!batch.resend_at) consider(batch.sent_at + patience());
        if (batch.resend_at && !window_is_full()) consider(*batch.resend_at);
    }
    const bool has_room = ordinary() < settings.unacknowledged_batches_max && answered_once;
    const bool lingers = backlog() > 0 && linger_until && has_room && !window_is_full();
    if (lingers && !retry_at) consider(*linger_until);
    if (retry_at) consider(*retry_at);
    return soonest;
}

// Events.

Uplink::Uplink(Settings settings, outbox::Outbox& outbox, Link& link, Pack pack, Rng& rng)
    : state_(std::make_unique<State>(std::move(settings), outbox, link, std::move(pack), rng)) {}
Uplink::~Uplink() { state_->forget(state_->last_progress); }

void Uplink::on(const LinkUp&, Instant now) {
    State& s = *state_;
    s.up = true;
    s.retry_at.reset();
    for (Batch& batch : s.batches) batch.ticket.reset();
    if (s.ordinary() > 0) s.start_probing(now);
    s.tick(now);
}

void Uplink::on(const LinkDown& event, Instant now) {
    State& s = *state_;
    s.up = false;
    s.progress.last_trouble = event.reason;
    s.forget(now);
    std::size_t largest = 0;
    for (std::size_t i = s.batches.size(); i-- > 0;) {
        Batch& batch = s.batches[i];
        if (!batch.ticket) continue;
        largest = std::max(largest, batch.bytes);
        batch.ticket.reset();
        if (!batch.trial.alone || event.too_large) continue;
        s.did_not_get_through(i, "the connection ended whenever it was sent: " + event.reason,
                              false, now);
    }
    if (s.probe && s.probe->ticket) {  // Perhaps it is the culprit.
        if (event.too_large) {
            s.make_smaller(s.probe->range.first, s.probe->records, s.probe->bytes);
        }
        s.blame_probe(now);
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
        const outbox::SequenceRange range = s.probe->range;
        if (event.too_large && s.make_smaller(range.first, s.probe->records, s.probe->bytes)) {
            s.probe->again_at = now;
        } else if (!event.blameless) {
            s.blame_probe(now);
        }
    }
    const auto refused = std::ranges::find(s.batches, event.ticket, &Batch::ticket);
    if (refused != s.batches.end()) {
        const Sequence first = refused->open.front().first;
        if (event.too_large && s.make_smaller(first, refused->records, refused->bytes)) {
            refused->ticket.reset();
            refused->resend_at = now;
        } else {
            s.did_not_get_through(static_cast<std::size_t>(refused - s.batches.begin()),
                                  "the broker refused it: " + event.reason, event.blameless, now);
        }
    }
    s.tick(now);
}

/// Nobody can have what was never sent, whatever a broker says in the centre's name.
Acknowledgement Uplink::State::believed(Acknowledgement acknowledgement) const {
    const Sequence sent_to = std::max(cursor, of_before);
    acknowledgement.watermark = std::min(acknowledgement.watermark, sent_to);
    std::erase_if(acknowledgement.ranges,
                  [&](const outbox::SequenceRange& range) { return range.first > sent_to; });
    for (outbox::SequenceRange& range : acknowledgement.ranges) {
        range.last = std::min(range.last, sent_to);
    }
    return acknowledgement;
}

void Uplink::on(const Acknowledgement& said, Instant now) {
    State& s = *state_;
    const Acknowledgement acknowledgement = s.believed(said);
    s.progress.last_acknowledgement = now;
    const std::uint64_t settled = s.settle(acknowledgement, now);
    s.hold(acknowledgement, settled, now);
    if (settled > 0) {
        s.last_progress = now;
        const bool answered = s.probe && std::ranges::none_of(s.batches, [&](const Batch& batch) {
                                  return overlap(batch.open, s.probe->range);
                              });
        if (answered) s.stop_probing(now);
    }
    s.tick(now);
}

void Uplink::tick(Instant now) { state_->tick(now); }
std::optional<Instant> Uplink::wake_at() const { return state_->wake_at(); }
const Progress& Uplink::progress() const { return state_->progress; }

}  // namespace vitrine::uplink
