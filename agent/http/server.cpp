#include <utility>

#include "agent/http/server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>

#include "agent/http/connection.hpp"
#include "agent/http/server_state.hpp"

namespace vitrine::http {
namespace asio = boost::asio;
using asio::ip::tcp;
using BoostError = boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds kPauseAfterFailedAccept{100};

Fields fixed_headers(const std::string& frame_ancestors) {
    return {
        {"Content-Security-Policy",
         "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
         "form-action 'self'; frame-ancestors " +
             frame_ancestors},
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
    };
}

}  // namespace

Server::State::State(host::Loop& the_loop, host::Metrics& metrics, ServerOptions the_options)
    : loop(the_loop),
      options(std::move(the_options)),
      fixed_headers(http::fixed_headers(options.frame_ancestors)),
      refused(metrics.counter("vitrine_http_connections_refused_total",
                              "Connections closed at once because too many were open")),
      open(metrics.gauge("vitrine_http_connections", "Open connections, streams among them")) {
    constexpr std::string_view kName = "vitrine_http_answers_total";
    constexpr std::string_view kHelp = "Answers by the class of their status";
    answers = {metrics.counter(kName, kHelp, {{"status", "1xx"}}),
               metrics.counter(kName, kHelp, {{"status", "2xx"}}),
               metrics.counter(kName, kHelp, {{"status", "3xx"}}),
               metrics.counter(kName, kHelp, {{"status", "4xx"}}),
               metrics.counter(kName, kHelp, {{"status", "5xx"}})};
}

void Server::State::count(unsigned status) {
    if (status >= 100 && status < 600) answers[status / 100 - 1].add();
}

void Server::State::accept(std::size_t listener) {
    listeners[listener].async_accept(
        [state = weak_from_this(), listener](BoostError error, tcp::socket socket) {
            const auto self = state.lock();
            if (self == nullptr || error == asio::error::operation_aborted) return;
            if (!error) {
                self->admit(std::move(socket));
                return self->accept(listener);
            }
            // Out of descriptors, most likely: trying again at once would only spin.
            self->pauses[listener] = self->loop.after(
                kPauseAfterFailedAccept, [raw = self.get(), listener] { raw->accept(listener); });
        });
}

void Server::State::admit(tcp::socket socket) {
    BoostError error;
    const tcp::endpoint remote = socket.remote_endpoint(error);
    if (error) return;  // Gone already.
    const bool loopback = remote.address().is_loopback();
    const std::string peer = remote.address().to_string();
    std::size_t& of_peer = per_peer[peer];
    const Limits& limits = options.limits;
    if (connections.size() >= limits.connections_max ||
        (!loopback && of_peer >= limits.connections_per_peer_max)) {
        if (of_peer == 0) per_peer.erase(peer);
        refused.add();
        return;  // Closed by its destructor.
    }
    ++of_peer;
    socket.set_option(tcp::no_delay(true), error);
    auto connection = std::make_shared<Connection>(*this, std::move(socket), peer, loopback);
    connections.emplace(connection.get(), connection);
    open.set(static_cast<double>(connections.size()));
    connection->start();
}

void Server::State::forget(Connection& connection) {
    if (connections.erase(&connection) == 0) return;
    open.set(static_cast<double>(connections.size()));
    const auto counted = per_peer.find(connection.peer());
    if (counted != per_peer.end() && --counted->second == 0) per_peer.erase(counted);
    if (stopping && connections.empty()) finish_stopping();
}

void Server::State::finish_stopping() {
    grace.cancel();
    // The owner may destroy the server from there: not from inside a connection.
    if (stopped) loop.post(std::exchange(stopped, {}));
}

Server::Server(host::Loop& loop, host::Metrics& metrics, ServerOptions options)
    : state_(std::make_shared<State>(loop, metrics, std::move(options))) {}

Server::~Server() {
    state_->stopped = {};
    while (!state_->connections.empty()) {
        const std::shared_ptr<Connection> connection = state_->connections.begin()->second;
        connection->close();
    }
}

Router& Server::router() { return state_->router; }

Result<void> Server::listen(std::string_view address, std::uint16_t port) {
    const std::string where = std::string(address) + " port " + std::to_string(port);
    BoostError error;
    const auto parsed = asio::ip::make_address(std::string(address), error);
    if (error) return invalid(where + ": not an IP address");
    const tcp::endpoint endpoint(parsed, port);
    tcp::acceptor acceptor(state_->loop.context());
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) return unavailable(where + ": " + error.message());
    state_->listeners.push_back(std::move(acceptor));
    state_->pauses.emplace_back();
    state_->accept(state_->listeners.size() - 1);
    return {};
}

std::uint16_t Server::port() const {
    BoostError error;
    if (state_->listeners.empty()) return 0;
    return state_->listeners.front().local_endpoint(error).port();
}

std::size_t Server::connections() const { return state_->connections.size(); }

void Server::stop(std::chrono::milliseconds grace, std::function<void()> done) {
    State& state = *state_;
    state.stopping = true;
    state.stopped = std::move(done);
    BoostError ignored;
    for (tcp::acceptor& listener : state.listeners) listener.close(ignored);
    for (host::Timer& pause : state.pauses) pause.cancel();
    std::vector<std::shared_ptr<Connection>> open;
    for (const auto& [key, connection] : state.connections) open.push_back(connection);
    for (const auto& connection : open) connection->wind_down();
    if (state.connections.empty()) return state.finish_stopping();
    state.grace = state.loop.after(grace, [&state] {
        while (!state.connections.empty()) {
            const std::shared_ptr<Connection> connection = state.connections.begin()->second;
            connection->close();
        }
    });
}

}  // namespace vitrine::http
