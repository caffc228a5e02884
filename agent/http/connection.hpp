#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/file_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "agent/host/loop.hpp"
#include "agent/http/event_channel.hpp"
#include "agent/http/router.hpp"
#include "agent/http/server_state.hpp"

namespace vitrine::http {

/// One client: reads a request, waits for its answer, writes it, and so on; or follows a channel.
/// Lives as long as the server or an operation under way holds it. Private to this module.
class Connection : public std::enable_shared_from_this<Connection> {
  public:
    Connection(Server::State& server, boost::asio::ip::tcp::socket socket, std::string peer,
               bool from_loopback);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void start() { read_first_byte(); }

    // For Reply.
    void answer(Response response);
    void stream(EventChannel& channel, Reply::StreamHooks hooks);

    // For EventChannel.
    void show_state();
    void beat();
    void check_allowed();

    /// Closes at once; nothing is called afterwards. Any number of times.
    void close();
    /// Lets an answer that is under way go out, then closes.
    void wind_down();

    const std::string& peer() const { return peer_; }

  private:
    using BoostError = boost::system::error_code;
    template <class Body>
    using BeastResponse = boost::beast::http::response<Body>;
    enum class Phase : std::uint8_t { idle, reading, awaiting, writing, streaming, closed };

    void read_first_byte();
    void read_header();
    void on_header(BoostError error);
    void read_body();
    void on_request(BoostError error);
    void refuse_unread(BoostError error);
    Result<Request> take_request();

    template <class Body>
    void write(BeastResponse<Body> response);
    template <class Body>
    void prepare(BeastResponse<Body>& response, const Response& answer) const;
    void write_file(const Response& answer);
    void on_written(BoostError error);
    void discard_rest(std::size_t budget);

    void watch_for_close();
    void start_stream();
    void write_event(std::shared_ptr<const std::string> bytes);

    Server::State* server_;
    boost::beast::tcp_stream stream_;
    const std::string peer_;
    const bool from_loopback_;
    Phase phase_ = Phase::idle;
    bool keep_alive_ = false;
    bool head_only_ = false;
    boost::beast::flat_buffer buffer_;
    std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
    std::variant<std::monostate, BeastResponse<boost::beast::http::string_body>,
                 BeastResponse<boost::beast::http::empty_body>,
                 BeastResponse<boost::beast::http::file_body>>
        response_;
    host::Timer reply_deadline_;

    EventChannel* channel_ = nullptr;
    Reply::StreamHooks hooks_;
    std::string last_event_id_;
    bool head_sent_ = false;
    bool state_waits_ = false;
    std::shared_ptr<const std::string> in_flight_;
    std::array<char, 64> unexpected_{};
};

}  // namespace vitrine::http
