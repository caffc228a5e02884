#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/http/message.hpp"

namespace vitrine::http {

class Connection;
class EventChannel;

/// The answer that one request still owes. Move it to where the answer will be known; dropped
/// without an answer it answers 500. When the client is gone, answering does nothing.
class Reply {
  public:
    Reply() = default;
    explicit Reply(std::weak_ptr<Connection> connection) : connection_(std::move(connection)) {}
    Reply(Reply&&) noexcept = default;
    Reply& operator=(Reply&& other) noexcept;
    ~Reply();

    void send(Response response);

    /// What a stream of events may do besides showing its channel's states.
    struct StreamHooks {
        std::function<void()> on_state;  ///< Each time a state was handed to this client.
        std::function<bool()> allowed;   ///< Asked before each state and heartbeat; a no closes it.
    };
    /// Turns the connection into a stream of the channel's states until either side closes it, or
    /// the channel goes.
    void stream(EventChannel& channel, StreamHooks hooks = {});

  private:
    std::weak_ptr<Connection> connection_;
};

/// Which function answers which method and path. A pattern's segments are literal, `{name}` for
/// exactly one segment, or last `{name*}` for all that is left. The first pattern that matches
/// wins. Filled before the server listens.
class Router {
  public:
    using Handler = std::function<Response(const Request&)>;
    using AsyncHandler = std::function<void(const Request&, Reply)>;

    void add(Method method, std::string_view pattern, Handler handler);
    void add_async(Method method, std::string_view pattern, AsyncHandler handler);

    /// What is to be done with a request: a handler with the parameters filled in, or the answer
    /// (404, 405 with Allow, 400 on a broken escape). HEAD goes where GET goes.
    struct Match {
        const AsyncHandler* handler = nullptr;
        Response refusal;
    };
    Match match(Request& request) const;

  private:
    struct Segment {
        enum class Kind : std::uint8_t { literal, one, rest };
        Kind kind = Kind::literal;
        std::string text;
    };
    struct Route {
        Method method = Method::get;
        std::vector<Segment> segments;
        AsyncHandler handler;
    };
    static std::vector<Segment> parse_pattern(std::string_view pattern);
    static bool fits(const Route& route, const std::vector<std::string_view>& segments);

    std::vector<Route> routes_;
};

}  // namespace vitrine::http
