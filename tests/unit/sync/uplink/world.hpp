#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sync/uplink/uplink.hpp"

namespace vitrine::uplink {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline constexpr outbox::OutboxEpoch kEpoch{77};

/// One publication as the fake link saw it.
struct Seen {
    Instant at;
    Ticket ticket;
    std::vector<std::uint64_t> sequences;
    std::string floor;
};

/// A link that does what the test says: refuses, loses, repeats, delays.
class FakeLink final : public Link {
  public:
    Result<Ticket> publish(Publication publication) override {
        if (!up) return unavailable("link is down");
        if (open.size() >= open_max) return exhausted("too many publications are open");
        if (publication.payload.size() > packet_bytes_max) return invalid("larger than 64 bytes");
        const Ticket ticket(++tickets);
        open.insert(ticket);
        Seen one{now, ticket, {}, publication.user_properties.at(0).second};
        for (std::size_t i = 0; i + 8 <= publication.payload.size(); i += 8) {
            std::uint64_t sequence = 0;
            for (std::size_t b = 0; b < 8; ++b) {
                sequence = sequence << 8 | publication.payload[i + b];
            }
            one.sequences.push_back(sequence);
        }
        seen.push_back(one);
        on_publish(one);
        return ticket;
    }
    Result<void> subscribe(std::string, Qos) override { return {}; }
    bool is_up() const override { return up; }

    std::uint64_t sent() const {
        std::uint64_t count = 0;
        for (const Seen& one : seen) count += one.sequences.size();
        return count;
    }

    bool up = false;
    Instant now;
    std::uint64_t tickets = 0;
    std::size_t open_max = 64;
    std::size_t packet_bytes_max = 1U << 20;
    std::set<Ticket> open;
    std::vector<Seen> seen;
    std::function<void(const Seen&)> on_publish = [](const Seen&) {};
};

/// Keeps eight bytes of sequence a row.
inline Packed pack_sequences(std::span<const outbox::Row> rows, Sequence floor) {
    Packed packed;
    for (const outbox::Row& row : rows) {
        EXPECT_EQ(row.epoch, rows.front().epoch);
        for (int shift = 56; shift >= 0; shift -= 8) {
            packed.payload.push_back(static_cast<std::uint8_t>(row.sequence.value() >> shift));
        }
    }
    packed.user_properties = {{"floor", std::to_string(floor.value())}};
    return packed;
}

/// What can go wrong, as chances in [0, 1).
struct Faults {
    double message_lost = 0;  ///< Between broker and centre.
    double message_doubled = 0;
    double puback_lost = 0;
    double ack_lost = 0;
    double cut = 0;              ///< The link drops, at each publication.
    milliseconds delay_max{20};  ///< One way.
    // Records that are the fault themselves.
    std::set<std::uint64_t> refused{};  ///< By the broker, with all that travels with them.
    std::set<std::uint64_t> deadly{};   ///< The broker hangs up.
    std::set<std::uint64_t> unloved{};  ///< The centre never takes a batch with one of them.
    bool all_refused_for_rights = false;
};

/// An outbox, an uplink, a broker and a centre in simulated time.
class World {
  public:
    /// `inherited`: records that an earlier life of the uplink left.
    explicit World(std::uint64_t seed, Settings settings = {}, std::size_t sendable_bytes = 0,
                   std::size_t inherited = 0)
        : rng_(seed),
          uplink_rng_(seed + 1),
          outbox(std::move(outbox::Outbox::open(":memory:", {}, kEpoch)).value()),
          uplink(with(std::move(settings), sendable_bytes), filled(outbox, inherited), link,
                 pack_sequences, uplink_rng_) {
        link.on_publish = [this](const Seen& one) { carry(one); };
    }

    void append(std::size_t count) {
        filled(outbox, count);
        tick();
    }

    void connect() {
        if (link.up) return;
        link.up = true;
        link.open.clear();
        ++connection_;
        uplink.on(LinkUp{}, now);
        check_wake();
    }

    void disconnect(bool too_large = false) {
        if (!link.up) return;
        link.up = false;
        ++connection_;
        uplink.on(LinkDown{"cut", too_large}, now);
        check_wake();
    }

    void tick() {
        link.now = now;
        uplink.tick(now);
        check_wake();
    }

    /// Lets time pass and things happen.
    void run(std::chrono::nanoseconds duration) {
        const Instant until = now + duration;
        for (int steps = 0; steps < 200'000 && !testing::Test::HasFailure(); ++steps) {
            const auto wake = uplink.wake_at();
            const Instant next_event = events_.empty() ? until : events_.begin()->first;
            const Instant next = std::min({until, next_event, wake.value_or(until)});
            now = link.now = std::max(now, next);
            if (!events_.empty() && next_event <= now) {
                const auto event = std::move(events_.begin()->second);
                events_.erase(events_.begin());
                event();
            } else if (wake && *wake <= now && now < until) {
                tick();
            } else if (now >= until) {
                return;
            }
        }
        EXPECT_TRUE(testing::Test::HasFailure()) << "the uplink never rests";
    }

    /// Safety: whatever was appended is at the centre or still in the outbox.
    void expect_nothing_lost() {
        const auto rows = outbox.read(Sequence(0), 1'000'000, 1U << 30).value();
        std::set<std::uint64_t> known = kept;
        for (const outbox::Row& row : rows) known.insert(row.sequence.value());
        EXPECT_EQ(known.size(), outbox.next_sequence().value() - 1);
    }

    void acknowledge_now() {
        Acknowledgement ack{.epoch = kEpoch, .watermark = Sequence(0), .ranges = {}};
        for (const std::uint64_t n : kept) {
            if (n == ack.watermark.value() + 1) {
                ack.watermark = Sequence(n);
            } else if (!ack.ranges.empty() && ack.ranges.back().last.value() + 1 == n) {
                ack.ranges.back().last = Sequence(n);
            } else {
                ack.ranges.push_back({Sequence(n), Sequence(n)});
            }
        }
        uplink.on(ack, now);
    }

  private:
    static outbox::Outbox& filled(outbox::Outbox& outbox, std::size_t count) {
        const std::string text(20, 'x');
        const std::vector<outbox::Entry> entries(std::min<std::size_t>(count, 4000),
                                                 {view_of(text), outbox::Priority::action});
        for (std::size_t done = 0; done < count; done += entries.size()) {
            const auto chunk = std::span(entries).first(std::min(entries.size(), count - done));
            EXPECT_TRUE(outbox.append(chunk, {}, wall_at(milliseconds(0))));
        }
        return outbox;
    }
    static Settings with(Settings settings, std::size_t sendable_bytes) {
        settings.sendable_bytes = sendable_bytes;
        return settings;
    }
    bool happens(double chance) { return chance > 0 && rng_.uniform() < chance; }
    Instant soon() {
        return now + milliseconds(1 + rng_.below(static_cast<std::uint64_t>(
                                          std::max<std::int64_t>(1, faults.delay_max.count()))));
    }
    void check_wake() {
        const auto wake = uplink.wake_at();
        EXPECT_GT(wake.value_or(Instant::max()), now) << "woken again at once, for ever";
    }

    static bool any_of(const std::set<std::uint64_t>& marked, const Seen& one) {
        return std::ranges::any_of(one.sequences,
                                   [&](std::uint64_t n) { return marked.contains(n); });
    }

    void hang_up(unsigned connection) {
        events_.emplace(soon(), [this, connection] {
            if (connection == connection_) disconnect();
        });
        events_.emplace(now + seconds(1 + rng_.below(30)), [this] { connect(); });
    }

    void carry(const Seen& one) {
        const unsigned connection = connection_;
        if (any_of(faults.deadly, one)) return hang_up(connection);
        if (faults.all_refused_for_rights || any_of(faults.refused, one)) {
            events_.emplace(soon(), [this, connection, ticket = one.ticket] {
                if (connection != connection_) return;
                link.open.erase(ticket);
                uplink.on(PubFailed{ticket, false, "no such thing", faults.all_refused_for_rights},
                          now);
            });
            return;
        }
        if (happens(faults.cut)) hang_up(connection);
        const Instant arrives = soon();
        if (!happens(faults.puback_lost)) {
            events_.emplace(arrives, [this, connection, ticket = one.ticket] {
                if (connection != connection_) return;
                link.open.erase(ticket);
                uplink.on(PubAck{ticket}, now);
            });
        }
        if (centre_down || happens(faults.message_lost) || any_of(faults.unloved, one)) return;
        const int times = happens(faults.message_doubled) ? 2 : 1;
        for (int i = 0; i < times; ++i) {
            events_.emplace(arrives, [this, sequences = one.sequences] { receive(sequences); });
        }
    }

    void receive(const std::vector<std::uint64_t>& sequences) {
        if (centre_down) return;
        for (const std::uint64_t n : sequences) received_twice += kept.insert(n).second ? 0U : 1U;
        if (happens(faults.ack_lost)) return;
        events_.emplace(soon(), [this] {
            if (link.up && !centre_down) acknowledge_now();
        });
    }

    Rng rng_;
    Rng uplink_rng_;
    std::multimap<Instant, std::function<void()>> events_;
    unsigned connection_ = 0;

  public:
    Instant now{seconds(1000)};
    Faults faults;
    bool centre_down = false;
    std::set<std::uint64_t> kept;  ///< At the centre.
    std::uint64_t received_twice = 0;
    FakeLink link;
    outbox::Outbox outbox;
    Uplink uplink;
};

}  // namespace vitrine::uplink
