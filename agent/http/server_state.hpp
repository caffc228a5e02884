#pragma once

#include <array>
#include <deque>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "agent/http/server.hpp"

namespace vitrine::http {

/// What a server and its connections share. Private to this module.
struct Server::State : std::enable_shared_from_this<Server::State> {
    State(host::Loop& the_loop, host::Metrics& metrics, ServerOptions the_options);

    void accept(std::size_t listener);
    void admit(boost::asio::ip::tcp::socket socket);
    void forget(Connection& connection);
    void count(unsigned status);
    void finish_stopping();

    host::Loop& loop;
    const ServerOptions options;
    /// The headers that every answer carries, in order.
    Fields fixed_headers;
    Router router;

    std::deque<boost::asio::ip::tcp::acceptor> listeners;
    std::vector<host::Timer> pauses;  ///< One a listener, after a failed accept.
    std::unordered_map<Connection*, std::shared_ptr<Connection>> connections;
    std::unordered_map<std::string, std::size_t> per_peer;

    bool stopping = false;
    host::Timer grace;
    std::function<void()> stopped;

    std::array<host::Counter, 5> answers;  ///< By the status' first digit.
    host::Counter refused;
    host::Gauge open;
};

}  // namespace vitrine::http
