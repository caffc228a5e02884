#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <vector>

#include "sync/uplink/ranges.hpp"
#include "sync/uplink/uplink.hpp"

namespace vitrine::uplink {

/// How often records did not get through.
struct Trial {
    unsigned tries = 0;        ///< That failed: the pauses grow with it.
    unsigned strikes = 0;      ///< Of a single record, while others got through.
    std::uint64_t passed = 0;  ///< State::passed at the last of them.
    bool alone = false;        ///< One record under suspicion; others are sent around it.
};

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
    Trial trial;
};

/// The uplink behind its public face. sending.cpp reads and publishes, suspects.cpp deals with what
/// does not get through, uplink.cpp decides.
struct Uplink::State {
    State(Settings given, outbox::Outbox& from, Link& over, Pack how, Rng& random);

    Settings settings;
    outbox::Outbox& outbox;
    Link& link;
    Pack pack;
    Rng& rng;

    std::deque<Batch> batches;  ///< Ascending.
    Sequence of_before;         ///< Up to here an earlier life may have sent.
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
    std::uint64_t passed = 0;                ///< Records that the centre acknowledged.
    std::chrono::nanoseconds round_trip{0};  ///< Smoothed.

    /// What the centre has and the outbox still holds.
    std::optional<Acknowledgement> held;
    std::uint64_t held_records = 0;
    std::optional<Instant> forget_at;

    /// Probing: the first batch's oldest records are on their way, everything else waits.
    struct Probe {
        unsigned attempts = 0;
        std::optional<Ticket> ticket;
        outbox::SequenceRange range{};
        std::size_t records = 0;
        std::size_t bytes = 0;
        Instant again_at;
    };
    std::optional<Probe> probe;
    Sequence died_with;   ///< The record that was probed alone when the link went down, …
    unsigned deaths = 0;  ///< … and how often in a row.

    Progress progress;

    /// How long the centre may be silent about a batch.
    std::chrono::nanoseconds patience() const {
        return std::max<std::chrono::nanoseconds>(settings.ack_timeout, 4 * round_trip);
    }
    std::size_t backlog() const { return outbox.next_sequence().value() - 1 - cursor.value(); }
    std::chrono::nanoseconds jittered(std::chrono::nanoseconds delay);
    void trouble(const Error& error) { progress.last_trouble = error.message; }
    bool window_is_full() const;
    /// Batches that hold the window: those that are not alone under suspicion.
    std::size_t ordinary() const;

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
    Result<std::vector<outbox::Row>> rows_in(const Ranges& ranges, std::size_t records_max);
    Sending send(const Ranges& ranges, std::size_t records_max, bool again);
    bool make_smaller(Sequence first, std::size_t records, std::size_t bytes);
    bool send_again(std::size_t index, Instant now);
    bool may_send_new(Instant now);
    bool send_new(std::size_t records_max, Instant now);
    void send_due(Instant now);

    // What does not get through.
    bool first_under_suspicion(std::size_t index) const;
    bool did_not_get_through(std::size_t index, std::string_view why, bool blameless, Instant now);
    void split(std::size_t index, Instant now);
    bool set_aside(Sequence sequence, std::string_view why);
    void blame_probe(Instant now);
    std::chrono::nanoseconds pause_after(unsigned tries);

    // Deciding.
    Acknowledgement believed(Acknowledgement acknowledgement) const;
    void hold(const Acknowledgement& acknowledgement, std::uint64_t records, Instant now);
    void forget(Instant now);
    void start_probing(Instant now);
    Sent probe_old();
    bool probe_new(Instant now);
    void send_probe(Instant now);
    void stop_probing(Instant now);
    void find_overdue(Instant now);
    std::uint64_t settle(const Acknowledgement& acknowledgement, Instant now);
    void tick(Instant now);
    std::optional<Instant> wake_at() const;
};

}  // namespace vitrine::uplink
