#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "agent/host/loop.hpp"
#include "agent/host/metrics.hpp"
#include "agent/http/event_channel.hpp"
#include "agent/http/router.hpp"

namespace vitrine::http {

/// What a client may cost.
struct Limits {
    std::size_t connections_max = 256;
    std::size_t connections_per_peer_max = 64;  ///< Of one address; loopback is exempt.
    std::uint32_t header_bytes_max = 8 * 1024;
    std::uint64_t body_bytes_max = 64 * 1024;
    std::chrono::milliseconds idle_timeout{60'000};  ///< Between two requests.
    std::chrono::milliseconds request_timeout{
        10'000};                                      ///< From a request's first byte to its last.
    std::chrono::milliseconds write_timeout{30'000};  ///< For a whole answer, or one event.
    std::chrono::milliseconds reply_timeout{30'000};  ///< For a handler to answer: then 503.
};

/// What differs between the programs that serve.
struct ServerOptions {
    Limits limits;
    /// Who may show our pages in a frame, as in Content-Security-Policy.
    std::string frame_ancestors = "'none'";
};

/// An HTTP/1.1 server on the program's loop, with keep-alive and pipelining, a limit on everything
/// a client can make it hold, and strict security headers on every answer. It decides nothing:
/// routes do. Destroying it closes all connections at once.
class Server {
  public:
    Server(host::Loop& loop, host::Metrics& metrics, ServerOptions options = {});
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Routes are added before `listen`.
    Router& router();

    /// Starts to listen; several calls listen on several addresses. Port 0 takes a free one.
    /// `invalid` where the address is not an IP address, `unavailable` where it cannot be bound.
    Result<void> listen(std::string_view address, std::uint16_t port);

    /// The port of the first listener; 0 before `listen`.
    std::uint16_t port() const;

    std::size_t connections() const;

    /// Stops to listen, closes idle connections and streams, lets answers that are under way go out
    /// for at most `grace`, then calls `done`.
    void stop(std::chrono::milliseconds grace, std::function<void()> done);

  private:
    friend class Connection;
    struct State;
    /// Shared only with the accepts under way, which look whether it is still there.
    std::shared_ptr<State> state_;
};

}  // namespace vitrine::http
