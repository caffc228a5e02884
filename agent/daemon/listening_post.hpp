#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/base/random.hpp"
#include "agent/daemon/config.hpp"
#include "agent/daemon/radio_source.hpp"
#include "agent/host/log.hpp"
#include "agent/host/loop.hpp"
#include "drivers/gateway/advert_publisher.hpp"
#include "sync/mqtt/paho_link.hpp"

namespace vitrine::daemon {

/// An agent in the scanner's role: it hears for the store's main agent and tells it by MQTT. It has
/// no screens, keeps nothing on disk and holds no member's key: who steals it can recognise nobody.
class ListeningPost {
  public:
    /// Errors of make_radio, and `invalid` for a broker that can never work.
    static Result<std::unique_ptr<ListeningPost>> open(Config config, host::Loop& loop,
                                                       const Clock& clock, host::Log& log);

    Result<void> start();
    void stop(const host::Loop::Function& done);
    /// For the service manager: "2 scanners, radio passive, broker reachable, 120 of 5000 adverts
    /// published".
    std::string status() const;

  private:
    ListeningPost(Config config, host::Loop& loop, host::Log& log, std::uint64_t seed);
    void on(const uplink::LinkEvent& event);

    const Config config_;
    host::Loop& loop_;
    host::Log& log_;
    Rng rng_;
    std::unique_ptr<mqtt::PahoLink> link_;
    std::unique_ptr<gateway::AdvertPublisher> publisher_;
    Radio radio_;
    std::vector<host::Timer> timers_;
};

}  // namespace vitrine::daemon
