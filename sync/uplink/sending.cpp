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
               std::optional<Ticket> ticket, Trial trial, Instant now) {
    return {.epoch = rows.front().epoch,
            .open = ranges_of(rows),
            .bytes = bytes,
            .records = rows.size(),
            .ticket = ticket,
            .sent_at = now,
            .resend_at = std::nullopt,
            .resent = false,
            .trial = trial};
}

}  // namespace

bool Uplink::State::window_is_full() const {
    const auto in_flight =
        std::ranges::count_if(batches, [](const Batch& b) { return b.ticket.has_value(); });
    return static_cast<std::size_t>(in_flight) >= settings.in_flight_batches_max;
}

std::size_t Uplink::State::ordinary() const {
    constexpr std::size_t kAloneMax = 4096;  // Beyond it they hold the window like any other.
    const auto alone = static_cast<std::size_t>(
        std::ranges::count_if(batches, [](const Batch& batch) { return batch.trial.alone; }));
    return batches.size() - std::min(alone, kAloneMax);
}

/// What lies between the ranges may still be in the outbox, but is acknowledged or under suspicion.
Result<std::vector<outbox::Row>> Uplink::State::rows_in(const Ranges& ranges,
                                                        std::size_t records_max) {
    std::vector<outbox::Row> rows;
    std::size_t bytes = 0;
    for (const outbox::SequenceRange& range : ranges) {
        if (rows.size() >= records_max || bytes >= bytes_limit) break;
        auto more = TRY(outbox.read(Sequence(range.first.value() - 1), range.last,
                                    records_max - rows.size(), bytes_limit - bytes));
        for (outbox::Row& row : more) {
            if (!rows.empty() && bytes + row.bytes.size() > bytes_limit) return rows;
            bytes += row.bytes.size();
            rows.push_back(std::move(row));
        }
    }
    return rows;
}

/// Reads rows of the ranges, as many as the limits allow, and publishes them.
Uplink::State::Sending Uplink::State::send(const Ranges& ranges, std::size_t records_max,
                                           bool again) {
    Sending sending;
    auto rows = rows_in(ranges, records_max);
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
    if (bytes <= settings.sendable_bytes) return false;
    return set_aside(first, progress.last_trouble);
}

/// Publishes what is left of a batch. What does not fit any more becomes the next batch, due at
/// once. True if the batch is out of the way; the next one is then at `index` + 1, or at `index`
/// when there was nothing left of this one.
bool Uplink::State::send_again(std::size_t index, Instant now) {
    const Ranges open = batches[index].open;
    Sending sending = send(open, settings.batch_records_max, true);
    while (sending.sent == Sent::smaller) sending = send(open, settings.batch_records_max, true);

    const auto at = batches.begin() + static_cast<std::ptrdiff_t>(index);
    if (sending.sent == Sent::later) at->resend_at = now + kRetry;
    if (sending.sent == Sent::nothing) batches.erase(at);
    if (sending.sent != Sent::yes) return sending.sent == Sent::nothing;

    *at = batch_of(sending.rows, sending.bytes, sending.ticket, at->trial, now);
    at->resent = true;
    Ranges left = open;
    subtract(left, {Sequence(0), sending.rows.back().sequence});
    if (!left.empty()) {
        Batch rest = *at;
        rest.open = std::move(left);
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
    if (ordinary() == 0) return true;
    if (!answered_once || ordinary() >= settings.unacknowledged_batches_max) return false;
    if (backlog() >= settings.batch_records_max) return true;
    if (!linger_until) linger_until = now + settings.linger;
    return now >= *linger_until;
}

bool Uplink::State::send_new(std::size_t records_max, Instant now) {
    const Sequence last(outbox.next_sequence().value() - 1);
    const Sending sending = send({{cursor.next(), last}}, records_max, false);
    switch (sending.sent) {
        case Sent::nothing:
            cursor = last;  // All of it was dropped for want of room.
            return false;
        case Sent::later:
            retry_at = now + kRetry;
            return false;
        case Sent::smaller:
            return send_new(records_max, now);
        case Sent::yes:
            break;
    }
    cursor = sending.rows.back().sequence;
    linger_until.reset();
    if (ordinary() == 0) last_progress = now;  // Silence counts from here.
    batches.push_back(
        batch_of(sending.rows, sending.bytes, sending.ticket, {.passed = passed}, now));
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
    while (may_send_new(now) &&
           send_new(answered_once ? settings.batch_records_max : probe_limit, now)) {
    }
}

}  // namespace vitrine::uplink
