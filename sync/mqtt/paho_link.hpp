#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/base/random.hpp"
#include "agent/base/time.hpp"
#include "agent/host/loop.hpp"
#include "sync/uplink/link.hpp"

namespace vitrine::mqtt {

/// Mutual TLS. Paths of PEM files.
struct Tls {
    std::string ca_file;    ///< Whom to trust: the only trust store that is used.
    std::string cert_file;  ///< Empty: none is shown.
    std::string key_file;
    bool verify = true;  ///< The server's certificate and its name. Only tests say no.
};

struct Settings {
    std::string broker;     ///< "mqtt://127.0.0.1:1883" or "mqtts://broker.example:8883".
    std::string client_id;  ///< Unique at the broker; another one with it ends this connection.
    std::string user;       ///< Empty: none.
    std::string password;
    std::optional<Tls> tls;  ///< Needed with mqtts.
    /// Published by the broker when this client vanishes without a farewell.
    std::optional<uplink::Publication> will;
    std::chrono::seconds keep_alive{15};
    std::chrono::milliseconds connect_timeout{5000};
    std::chrono::milliseconds reconnect_first{250};
    std::chrono::milliseconds reconnect_max{60'000};
    /// After the loss of a good connection the first attempt comes at a random moment within this:
    /// a fleet of n that loses its broker returns at n / spread a second. 0 for who is alone.
    std::chrono::milliseconds spread{0};
    /// After this long a refused subscription is asked for again.
    std::chrono::milliseconds subscribe_again{60'000};
    std::size_t in_flight_max = 64;  ///< Open publications, 64 at most: Paho stalls at its limit.
    /// Messages that wait for the loop; more are dropped and counted: what must arrive is repeated
    /// by its sender until the receiver answers.
    std::size_t inbound_max = 4096;
    std::size_t inbound_bytes_max = 64U << 20;
    std::uint32_t packet_bytes_max = 1U << 20;  ///< What we accept, and what we send at most.
    /// Told why there is no connection, or no subscription, though one was tried: each reason once
    /// until the next connection, in words for the log. May be empty.
    std::function<void(const std::string& reason)> on_trouble;
};

struct Counters {
    std::uint64_t connects = 0;
    std::uint64_t disconnects = 0;
    std::uint64_t published = 0;
    std::uint64_t received = 0;
    std::uint64_t inbound_dropped = 0;        ///< The loop was too slow.
    std::uint64_t subscriptions_refused = 0;  ///< By the broker; they are asked for again later.
    std::string last_trouble;                 ///< For people.
};

/// How long to wait before an attempt to connect after `failures` of them: a random share of a
/// delay that doubles, and that is `spread` at least once there was a good connection.
std::chrono::nanoseconds pause_before_attempt(const Settings& settings, unsigned failures,
                                              bool after_a_loss, Rng& rng);

/// A Link over Eclipse Paho: MQTT 5, clean start, nothing kept by client or broker across
/// connections. Paho's threads only post values to a mailbox; everything else happens on the loop's
/// thread, where `on_event` is called, never from inside a call of this class.
///
/// It connects by itself from construction on and for ever: the first attempt at once, later ones
/// after a random share of a delay that doubles up to `reconnect_max`, and after the loss of a good
/// connection is `spread` at least, so that a fleet spreads.
class PahoLink final : public uplink::Link {
  public:
    using Handler = std::function<void(uplink::LinkEvent)>;

    /// `invalid` for settings that can never work: no host, a missing or unreadable TLS file.
    static Result<std::unique_ptr<PahoLink>> create(Settings settings, host::Loop& loop, Rng& rng,
                                                    Handler on_event);
    /// Says farewell and waits for it a quarter of a second at most. A farewell keeps the last
    /// will from being published: publish the last word before.
    ~PahoLink() override;

    Result<uplink::Ticket> publish(uplink::Publication publication) override;
    Result<void> subscribe(std::string filter, uplink::Qos qos) override;
    Result<void> unsubscribe(const std::string& filter) override;
    bool is_up() const override;

    Counters counters() const;

  private:
    struct State;
    explicit PahoLink(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace vitrine::mqtt
