#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "sync/uplink/link.hpp"
#include "tests/simulation/context.hpp"

namespace vitrine::simulation {

class Wire;

/// An MQTT broker as far as it matters: subscriptions with wildcards, shared ones, retained
/// messages, last wills, one connection a client name. It keeps nothing for who is away, and after
/// a restart nothing at all.
class Broker {
  public:
    explicit Broker(Context& context) : context_(context) {}

    /// Loses all connections and all it retained; back after a while.
    void restart();

    /// The retained message of a topic; null where there is none.
    const uplink::Message* retained(const std::string& topic) const;
    std::size_t connections() const { return sessions_.size(); }

  private:
    friend class Wire;
    using SessionId = std::uint64_t;
    struct Session {
        std::string client;
        std::uint64_t wire = 0;
        std::optional<uplink::Publication> will;
        std::vector<std::string> filters;
        Instant delivers_from;  ///< What is sent later does not arrive earlier.
    };
    struct Subscription {
        SessionId session = 0;
        std::string filter;
        uplink::Qos qos = uplink::Qos::at_least_once;
        bool shared = false;
    };

    std::uint64_t add(Wire& wire);
    Wire* wire(std::uint64_t id) const;
    std::optional<SessionId> connect(Wire& wire);
    void drop(SessionId session, bool with_will);
    void subscribe(SessionId session, const std::string& filter, uplink::Qos qos);
    void unsubscribe(SessionId session, const std::string& filter);
    void publish(const uplink::Publication& publication);
    void route(const uplink::Message& message);
    void hand_on(const Subscription& to, const uplink::Message& message);
    void deliver(SessionId session, std::shared_ptr<const uplink::Message> message);

    Context& context_;
    std::map<std::uint64_t, Wire*> wires_;
    std::uint64_t last_wire_ = 0;
    SessionId last_session_ = 0;
    std::map<SessionId, Session> sessions_;
    std::map<std::string, SessionId> by_client_;
    /// By what stands before the first wildcard: a topic has few prefixes that end in a slash.
    std::unordered_map<std::string, std::vector<Subscription>> subscriptions_;
    std::map<std::string, uplink::Message> retained_;
    bool down_ = false;
};

/// One client's way to the broker: it loses, delays, doubles and breaks as the faults have it, and
/// connects again by itself.
class Wire final : public uplink::Link {
  public:
    using OnEvent = std::function<void(uplink::LinkEvent)>;

    /// Connects a little later. `powered` says whether whoever holds the wire still runs.
    Wire(
        Context& context, Broker& broker, std::string client,
        std::optional<uplink::Publication> will, OnEvent on_event,
        std::function<bool()> powered = [] { return true; });
    ~Wire() override;
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    Result<uplink::Ticket> publish(uplink::Publication publication) override;
    Result<void> subscribe(std::string filter, uplink::Qos qos) override;
    Result<void> unsubscribe(const std::string& filter) override;
    bool is_up() const override { return session_.has_value(); }

    /// The connection breaks; it is tried again soon.
    void cut(const std::string& reason);
    /// From now on nothing passes; whoever waits learns of it when a keep-alive is missed.
    void set_reachable(bool reachable);

  private:
    friend class Broker;
    void connect_later();
    void try_to_connect();
    void arrive(Broker::SessionId session, uplink::Ticket ticket,
                const std::shared_ptr<uplink::Publication>& publication);

    static constexpr std::size_t kOpenMax = 64;
    static constexpr std::size_t kPacketBytesMax = 1U << 20;

    Context& context_;
    Broker& broker_;
    const std::string client_;
    const std::optional<uplink::Publication> will_;
    const OnEvent on_event_;
    const std::function<bool()> powered_;
    std::uint64_t id_ = 0;
    std::optional<Broker::SessionId> session_;
    std::map<std::string, uplink::Qos> filters_;
    std::size_t open_ = 0;
    std::uint64_t last_ticket_ = 0;
    Instant sends_from_;
    Instant since_;  ///< The present connection.
    unsigned tries_ = 0;
    bool reachable_ = true;
};

}  // namespace vitrine::simulation
