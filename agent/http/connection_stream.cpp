// The part of a connection's life in which it follows a channel of events.

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include "agent/http/connection.hpp"

namespace vitrine::http {
namespace asio = boost::asio;

namespace {

/// What the kernel takes beyond what it could send already. Small, so that a client that wakes up
/// is soon at the latest state. A small send buffer would do that too, but stalls on delayed
/// acknowledgements.
constexpr int kUnsentBytesMax = 16 * 1024;

const std::string& heartbeat() {
    static const std::string kHeartbeat = "event: heartbeat\ndata: {}\n\n";
    return kHeartbeat;
}

}  // namespace

void Connection::stream(EventChannel& channel, Reply::StreamHooks hooks) {
    if (phase_ != Phase::awaiting) return;
    if (head_only_) {
        Response head;
        head.content_type = "text/event-stream";
        return answer(std::move(head));
    }
    reply_deadline_.cancel();
    phase_ = Phase::streaming;
    server_->count(200);
    hooks_ = std::move(hooks);
    parser_.reset();
    setsockopt(stream_.socket().native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kUnsentBytesMax,
               sizeof kUnsentBytesMax);
    channel_ = &channel;
    channel.join(*this);
    if (phase_ != Phase::streaming) return;
    watch_for_close();
    if (channel.has_state()) start_stream();
}

/// The answer begins only when there is a state to show.
void Connection::start_stream() {
    std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";
    for (const auto& [name, value] : server_->fixed_headers) {
        head.append(name).append(": ").append(value).append("\r\n");
    }
    head += "Cache-Control: no-store, no-transform\r\nX-Accel-Buffering: no\r\n";
    head += "Connection: close\r\n\r\n";
    head += "retry: " + std::to_string(channel_->options().retry.count()) + "\n\n";
    head_sent_ = true;
    const bool knows_it = last_event_id_ == channel_->id();
    if (!knows_it) head += *channel_->frame();
    write_event(std::make_shared<const std::string>(std::move(head)));
    if (!knows_it && hooks_.on_state) hooks_.on_state();
}

void Connection::show_state() {
    if (phase_ != Phase::streaming) return;
    if (hooks_.allowed && !hooks_.allowed()) return close();
    if (!head_sent_) return start_stream();
    if (in_flight_ != nullptr) {
        if (state_waits_) channel_->count_skipped();
        state_waits_ = true;
        return;
    }
    write_event(channel_->frame());
    if (hooks_.on_state) hooks_.on_state();
}

void Connection::beat() {
    if (phase_ != Phase::streaming) return;
    if (hooks_.allowed && !hooks_.allowed()) return close();
    if (!head_sent_ || in_flight_ != nullptr) return;
    // Not owned and never freed: the text of a heartbeat is a constant.
    write_event(std::shared_ptr<const std::string>(std::shared_ptr<void>(), &heartbeat()));
}

void Connection::check_allowed() {
    if (phase_ == Phase::streaming && hooks_.allowed && !hooks_.allowed()) close();
}

void Connection::write_event(std::shared_ptr<const std::string> bytes) {
    in_flight_ = std::move(bytes);
    stream_.expires_after(server_->options.limits.write_timeout);
    asio::async_write(stream_, asio::buffer(*in_flight_),
                      [self = shared_from_this()](BoostError error, std::size_t) {
                          if (self->phase_ == Phase::closed) return;
                          self->in_flight_.reset();
                          if (error) return self->close();
                          if (std::exchange(self->state_waits_, false)) self->show_state();
                      });
}

/// A client has nothing to say on a stream: its end, or anything else, ends it.
void Connection::watch_for_close() {
    stream_.expires_never();
    stream_.async_read_some(
        asio::buffer(unexpected_),
        [self = shared_from_this()](BoostError, std::size_t) { self->close(); });
}

}  // namespace vitrine::http
