#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <vector>

#include "sync/uplink/ranges.hpp"
#include "sync/uplink/uplink.hpp"

namespace vitrine::uplink {

/// Records that were published together.
struct Batch {
    outbox::OutboxEpoch epoch;
    Ranges open;  ///< Not acknowledged by the centre yet; never empty.
    std::size_t bytes = 0;
    std::size_t records = 0;
    std::optional<Ticket> ticket;  ///< While the broker has not taken it.
    Instant sent_at;
    std::optional<Instant> resend_at;
    bool resent = false;
};

/// The uplink behind its public face. sending.cpp reads and publishes, uplink.cpp decides.
struct Uplink::State {
    State(Settings given, outbox::Outbox& from, Link& over, Pack how, Rng& random);

    Settings settings;
    outbox::Outbox& outbox;
    Link& link;
    Pack pack;
    Rng& rng;

    std::deque<Batch> batches;  ///< Ascending.
    Sequence cursor;            ///< Everything up to here was read out at least once.
    bool up = false;
    /// The centre has answered in this life. Before, what is pending may have been sent by an
    /// earlier one: a few records ask first.
    bool answered_once = false;
    std::size_t bytes_limit;  ///< Of a batch; halves when a broker finds one too large.
    std::size_t probe_limit;  ///< In records; halves when the link dies of a probe.
    std::optional<Instant> linger_until;
    std::optional<Instant> retry_at;
    Instant last_progress;
    std::chrono::nanoseconds round_trip{0};  ///< Smoothed.

    /// Probing: the first batch's oldest records are on their way, everything else waits.
    struct Probe {
        unsigned attempts = 0;
        std::optional<Ticket> ticket;
        outbox::SequenceRange range{};
        std::size_t bytes = 0;
        Instant again_at;
    };
    std::optional<Probe> probe;

    Progress progress;

    /// How long the centre may be silent about a batch.
    std::chrono::nanoseconds patience() const {
        return std::max<std::chrono::nanoseconds>(settings.ack_timeout, 4 * round_trip);
    }
    std::size_t backlog() const { return outbox.next_sequence().value() - 1 - cursor.value(); }
    std::chrono::nanoseconds jittered(std::chrono::nanoseconds delay);
    void trouble(const Error& error) { progress.last_trouble = error.message; }
    bool window_is_full() const;

    // Sending.
    enum class Sent : std::uint8_t {
        yes,
        nothing,  ///< There is no such row any more.
        smaller,  ///< Too large: the limits are lower now, or the row was set aside. Read again.
        later,
    };
    struct Sending {
        Sent sent = Sent::later;
        std::vector<outbox::Row> rows;
        std::size_t bytes = 0;
        std::optional<Ticket> ticket;
    };
    Sending send(outbox::SequenceRange span, std::size_t records_max, bool again);
    bool make_smaller(Sequence first, std::size_t records, std::size_t bytes);
    bool send_again(std::size_t index, Instant now);
    bool may_send_new(Instant now);
    bool send_new(Instant now);
    void send_due(Instant now);

    // Deciding.
    void start_probing(Instant now);
    void send_probe(Instant now);
    void stop_probing(Instant now);
    void find_overdue(Instant now);
    bool settle(const Acknowledgement& acknowledgement, Instant now);
    void tick(Instant now);
    std::optional<Instant> wake_at() const;
};

}  // namespace vitrine::uplink
