#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/base/random.hpp"
#include "agent/base/time.hpp"
#include "agent/host/log.hpp"
#include "agent/host/loop.hpp"
#include "drivers/gateway/intake.hpp"
#include "drivers/scanner/scanner.hpp"
#include "sync/mqtt/paho_link.hpp"

namespace vitrine::gateway {

/// One gateway: which scanner of the shop it is, and what it publishes where.
struct Source {
    ScannerId id;
    std::uint16_t scanner = 0;  ///< Index in the configured list.
    std::string topic;          ///< A filter, such as "home/theengs-door/BTtoMQTT/+".
    Format format = Format::vitrine;
    double adverts_per_second = Intake::kRateDefault;
};

struct Settings {
    mqtt::Settings broker;
    std::vector<Source> sources;  ///< A message belongs to the first whose filter means its topic.
};

/// The gateways behind one broker: hears what they publish. The broker may be away, and gateways
/// may be silent, flood or lie: state() says so, and the other scanners go on.
class GatewayScanner final : public scanner::Scanner {
  public:
    /// A gateway that says nothing for so long is named in the state's sentence.
    static constexpr std::chrono::seconds kSilenceMax{90};

    /// Loop, clock and log outlive the scanner.
    GatewayScanner(host::Loop& loop, const Clock& clock, host::Log& log, Settings settings,
                   std::uint64_t seed);
    ~GatewayScanner() override;
    GatewayScanner(const GatewayScanner&) = delete;
    GatewayScanner& operator=(const GatewayScanner&) = delete;

    /// `invalid` for a filter that is none, or a broker that can never work (mqtt::PahoLink).
    Result<void> start(scanner::AdvertSink& sink) override;
    void stop() override;
    scanner::ScannerState state() const override;

    const std::vector<Source>& sources() const { return settings_.sources; }
    /// Of one source, by its place in sources().
    const Counters& counters(std::size_t source) const { return intakes_[source].counters(); }
    /// Messages that the loop was too slow for, and messages of no source.
    std::uint64_t dropped() const;

  private:
    void on(const uplink::LinkEvent& event);
    void on_message(const uplink::Message& message);
    void look();

    const Clock& clock_;
    host::Loop& loop_;
    host::Log& log_;
    Settings settings_;
    Rng rng_;
    std::vector<Intake> intakes_;
    std::vector<std::string> told_;  ///< The trouble of each source that the log has.
    std::vector<radio::Advert> passed_;
    std::uint64_t unknown_topic_ = 0;
    scanner::AdvertSink* sink_ = nullptr;
    Instant started_{};
    std::unique_ptr<mqtt::PahoLink> link_;
    host::Timer look_;
};

}  // namespace vitrine::gateway
