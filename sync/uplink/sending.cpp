#include <algorithm>
#include <utility>

#include "sync/uplink/state.hpp"

namespace vitrine::uplink {
namespace {

constexpr std::chrono::milliseconds kRetry{100};  ///< After a refusal that is bound to pass.

void keep_one_epoch(std::vector<outbox::Row>& rows) {
    const auto other = std::ranges::find_if(
        rows, [&](const outbox::Row& row) { return row.epoch != rows.front().epoch; });
    rows.erase(other, rows.end());
}

Batch batch_of(const std::vector<outbox::Row>& rows, std::size_t bytes,
               std::optional<Ticket> ticket, Instant now) {
    return {.epoch = rows.front().epoch,
            .open = ranges_of(rows),
            .bytes = bytes,
            .records = rows.size(),
            .ticket = ticket,
            .sent_at = now,
            .resend_at = std::nullopt,
            .resent = false};
}

}  // namespace

bool Uplink::State::window_is_full() const {
    const auto in_flight =
        std::ranges::count_if(batches, [](const Batch& b) { return b.ticket.has_value(); });
    return static_cast<std::size_t>(in_flight) >= settings.in_flight_batches_max;
}

/// Reads the rows of a span, as many as the limits allow, and publishes them.
Uplink::State::Sending Uplink::State::send(outbox::SequenceRange span, std::size_t records_max,
                                           bool again) {
    Sending sending;
    auto rows = outbox.read(Sequence(span.first.value() - 1), span.last, records_max, bytes_limit);
    const auto floor = outbox.floor();
    if (!rows || !floor) {
        trouble(rows ? floor.error() : rows.error());
        return sending;
    }
    sending.rows = std::move(rows).value();
    keep_one_epoch(sending.rows);
    if (sending.rows.empty()) {
        sending.sent = Sent::nothing;
        return sending;
    }
    for (const outbox::Row& row : sending.rows) sending.bytes += row.bytes.size();

    Packed packed = pack(sending.rows, *floor);
    auto ticket = link.publish({.topic = settings.topic,
                                .payload = std::move(packed.payload),
                                .qos = Qos::at_least_once,
                                .retain = false,
                                .content_type = std::move(packed.content_type),
                                .user_properties = std::move(packed.user_properties),
                                .expiry = std::nullopt});
    if (ticket) {
        sending.sent = Sent::yes;
        sending.ticket = *ticket;
        (again ? progress.resent : progress.sent) += sending.rows.size();
        return sending;
    }
    trouble(ticket.error());
    const bool too_large = ticket.error().code == ErrorCode::invalid;
    if (too_large &&
        make_smaller(sending.rows.front().sequence, sending.rows.size(), sending.bytes)) {
        sending.sent = Sent::smaller;
    }
    return sending;
}

/// After the broker refused records for their size. False when nothing can be done now.
bool Uplink::State::make_smaller(Sequence first, std::size_t records, std::size_t bytes) {
    if (records > 1) {
        bytes_limit = std::max<std::size_t>(1, std::min(bytes, bytes_limit) / 2);
        return true;
    }
    const auto aside = outbox.set_aside(first, progress.last_trouble);
    if (aside) ++progress.unsendable;
    if (aside || aside.error().code == ErrorCode::not_found) return true;
    trouble(aside.error());
    return false;
}

/// Publishes what is left of a batch. What does not fit any more becomes the next batch, due at
/// once. True if the batch is out of the way; the next one is then at `index` + 1, or at `index`
/// when there was nothing left of this one.
bool Uplink::State::send_again(std::size_t index, Instant now) {
    const outbox::SequenceRange span{batches[index].open.front().first,
                                     batches[index].open.back().last};
    Sending sending = send(span, settings.batch_records_max, true);
    while (sending.sent == Sent::smaller) sending = send(span, settings.batch_records_max, true);

    const auto at = batches.begin() + static_cast<std::ptrdiff_t>(index);
    if (sending.sent == Sent::later) at->resend_at = now + kRetry;
    if (sending.sent == Sent::nothing) batches.erase(at);
    if (sending.sent != Sent::yes) return sending.sent == Sent::nothing;

    *at = batch_of(sending.rows, sending.bytes, sending.ticket, now);
    at->resent = true;
    const Sequence sent_to = sending.rows.back().sequence;
    if (sent_to < span.last) {
        Batch rest = *at;
        rest.open = {{sent_to.next(), span.last}};
        rest.ticket.reset();
        rest.resend_at = now;
        batches.insert(at + 1, std::move(rest));
    }
    return true;
}

/// A batch that is not full waits for company while another is under way.
bool Uplink::State::may_send_new(Instant now) {
    if (backlog() == 0) linger_until.reset();
    if (backlog() == 0 || window_is_full()) return false;
    if (batches.empty()) return true;
    if (!answered_once || batches.size() >= settings.unacknowledged_batches_max) return false;
    if (backlog() >= settings.batch_records_max) return true;
    if (!linger_until) linger_until = now + settings.linger;
    return now >= *linger_until;
}

bool Uplink::State::send_new(Instant now) {
    const Sequence last(outbox.next_sequence().value() - 1);
    const std::size_t records_max = answered_once ? settings.batch_records_max : probe_limit;
    const Sending sending = send({cursor.next(), last}, records_max, false);
    switch (sending.sent) {
        case Sent::nothing:
            cursor = last;  // All of it was dropped for want of room.
            return false;
        case Sent::later:
            retry_at = now + kRetry;
            return false;
        case Sent::smaller:
            return true;
        case Sent::yes:
            break;
    }
    cursor = sending.rows.back().sequence;
    linger_until.reset();
    if (batches.empty()) last_progress = now;  // Silence counts from here.
    batches.push_back(batch_of(sending.rows, sending.bytes, sending.ticket, now));
    return true;
}

void Uplink::State::send_due(Instant now) {
    for (std::size_t i = 0; i < batches.size() && !window_is_full();) {
        const bool due = batches[i].resend_at && now >= *batches[i].resend_at;
        const std::size_t before = batches.size();
        const bool vanished = due && send_again(i, now) && batches.size() < before;
        if (!vanished) ++i;
    }
    if (retry_at && now < *retry_at) return;
    retry_at.reset();
    while (may_send_new(now) && send_new(now)) {
    }
}

}  // namespace vitrine::uplink
