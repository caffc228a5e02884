#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/base/random.hpp"
#include "agent/base/time.hpp"
#include "sync/outbox/outbox.hpp"
#include "sync/uplink/link.hpp"

namespace vitrine::uplink {

/// What the centre says it has kept, after its commit: everything of `epoch` up to `watermark`
/// and in `ranges`.
struct Acknowledgement {
    outbox::OutboxEpoch epoch;
    Sequence watermark;
    std::vector<outbox::SequenceRange> ranges;
};

/// How several records become one message: topic and QoS are the uplink's business.
struct Packed {
    Bytes payload;
    std::string content_type;
    std::vector<UserProperty> user_properties;
};
/// All rows are of one epoch. `floor` is the lowest sequence that the outbox still has: the centre
/// must not wait for what is below it.
using Pack = std::function<Packed(std::span<const outbox::Row> rows, Sequence floor)>;

struct Settings {
    std::string topic;  ///< …/agents/{agent}/up
    std::size_t batch_records_max = 500;
    std::size_t batch_bytes_max = 256U << 10;
    std::size_t in_flight_batches_max = 20;  ///< Published, no PUBACK yet.
    /// Published, not acknowledged by the centre yet. It bounds what a fault can make us send again
    /// (S3: 8 of them were 4 % of 100,000 records when the centre died), and with the way there and
    /// back the speed: 3 × 500 records a round trip, which keeps a centre at work.
    std::size_t unacknowledged_batches_max = 3;
    std::chrono::milliseconds linger{200};  ///< A batch that is not full waits so long at most.
    std::chrono::milliseconds ack_timeout{5000};
    std::chrono::milliseconds settle{500};  ///< After the first sign of life: for the other acks.
    std::chrono::milliseconds backoff_max{300'000};
    std::size_t probe_records_max = 20;
    /// What is acknowledged leaves the outbox this much later at most, many records in one go: each
    /// deletion writes to the disk. Until then a restart asks the centre with one probe.
    std::chrono::milliseconds forget_every{2000};
    /// Tries of a batch that others get past before it is halved to find the culprit, …
    unsigned tries_together = 4;
    /// … and of the culprit alone before it is set aside: with the pauses between them about
    /// twenty minutes.
    unsigned tries_alone = 12;
    /// A record of up to so many bytes is never set aside for its size: a broker that does not take
    /// that is set up wrongly, and everything waits until it is set right.
    std::size_t sendable_bytes = 16U << 10;
};

struct Progress {
    std::uint64_t sent = 0;    ///< Records published for the first time.
    std::uint64_t resent = 0;  ///< Records published again.
    std::uint64_t acknowledged = 0;
    std::uint64_t unsendable = 0;   ///< Records set aside because nobody would take them.
    std::uint64_t suspects = 0;     ///< Records that others are sent around.
    std::uint64_t unforgotten = 0;  ///< Acknowledged, and still in the outbox for a moment.
    std::uint64_t batches_unacknowledged = 0;
    std::optional<Instant> last_acknowledgement;
    bool probing = false;      ///< The centre is silent: only probes are sent.
    std::string last_trouble;  ///< The last error of link or outbox, for people.
};

/// Brings the outbox's records to the centre: decides what to send when, and what to send again.
/// It knows bytes only, opens nothing and reads no clock: events and times come in, publications
/// go out through the Link. Safety: a record leaves the outbox only by the centre's
/// acknowledgement. Liveness: while link and centre are well, every record is acknowledged in the
/// end, whatever happened before.
///
/// After a fault nothing is sent again on suspicion: a probe (the oldest unacknowledged records)
/// asks the centre for its ranges; only what they do not cover goes again.
///
/// A record that cannot get through does not hold up the others. A batch that the broker refuses,
/// that the centre passes over, or of which the connection dies, is halved until one record is
/// left; others are sent around it, and it is tried ever more seldom. After `tries_alone`, each of
/// them while others got through, the outbox sets it aside with the reason. Without others that get
/// through there is no proof that it is the record's fault, and it is tried for ever.
class Uplink {
  public:
    /// The references outlive the uplink.
    Uplink(Settings settings, outbox::Outbox& outbox, Link& link, Pack pack, Rng& rng);
    /// Takes what is acknowledged out of the outbox.
    ~Uplink();
    Uplink(const Uplink&) = delete;
    Uplink& operator=(const Uplink&) = delete;

    void on(const LinkUp& event, Instant now);
    void on(const LinkDown& event, Instant now);
    void on(const PubAck& event, Instant now);
    void on(const PubFailed& event, Instant now);
    void on(const Acknowledgement& acknowledgement, Instant now);

    /// Sends what is due. Call it after an append, and at the latest at `wake_at`.
    void tick(Instant now);
    /// When something can become due without an event; nothing while there is nothing to wait for.
    std::optional<Instant> wake_at() const;

    const Progress& progress() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace vitrine::uplink
