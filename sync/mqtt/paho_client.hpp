#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "sync/mqtt/paho_link.hpp"

namespace vitrine::mqtt {

// What Paho's threads report, each about one attempt to connect, counted from 1.

struct Connected {
    std::uint64_t attempt = 0;
    std::uint32_t packet_bytes_max = 0;  ///< The broker's limits; 0: it named none.
    std::uint32_t receive_max = 0;
};
struct Disconnected {  ///< Or never connected.
    std::uint64_t attempt = 0;
    std::string reason;
    bool too_large = false;
};
struct Delivered {
    std::uint64_t attempt = 0;
    uplink::Ticket ticket;
};
struct Refused {
    std::uint64_t attempt = 0;
    uplink::Ticket ticket;
    bool too_large = false;
    std::string reason;
    bool blameless = false;  ///< As in uplink::PubFailed.
};
struct SubscriptionRefused {
    std::uint64_t attempt = 0;
    std::string filter;
    std::string reason;
};
using Report = std::variant<Connected, Disconnected, Delivered, Refused, SubscriptionRefused>;

/// Paho's client behind a face without exceptions. Calls come from the loop's thread; `report` and
/// `arrived` are called on Paho's threads and may only post to a mailbox.
class PahoClient {
  public:
    using OnReport = std::function<void(Report)>;
    using OnMessage = std::function<void(uplink::Message)>;

    /// `invalid` for what Paho refuses.
    static Result<std::unique_ptr<PahoClient>> create(Settings settings, OnReport report,
                                                      OnMessage arrived);
    ~PahoClient();
    PahoClient(const PahoClient&) = delete;
    PahoClient& operator=(const PahoClient&) = delete;

    /// One Connected or Disconnected with this attempt follows, unless an error is returned.
    Result<void> connect(std::uint64_t attempt);
    Result<void> publish(uplink::Ticket ticket, uplink::Publication publication);
    Result<void> subscribe(const std::vector<std::pair<std::string, uplink::Qos>>& filters);
    Result<void> unsubscribe(const std::string& filter);
    /// Gives the last publications and the farewell this long.
    void disconnect(std::chrono::milliseconds limit);

  private:
    struct State;
    explicit PahoClient(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace vitrine::mqtt
