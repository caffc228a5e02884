#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/host/loop.hpp"
#include "agent/host/metrics.hpp"

namespace vitrine::http {

class Connection;

/// One state that many clients follow as server-sent events. Only the latest state counts: a client
/// that reads slowly gets the newest one when it is ready for it, and holds at most the one that is
/// being written to it. A client that comes before the first state waits for it without an answer,
/// because an EventSource that is refused never comes back (REQUIREMENTS K6).
///
/// Each event carries `id: <run>.<revision>`; a client that comes back with the present id in
/// Last-Event-ID is not sent the same state again. `run` is random, so that an id from before a
/// restart never fits by chance.
class EventChannel {
  public:
    struct Options {
        std::string event = "state";  ///< The event's name.
        std::chrono::milliseconds retry{1000};
        std::chrono::milliseconds heartbeat{10'000};  ///< An event `heartbeat` without content.
        std::size_t streams_max = 64;  ///< A further one takes the place of the oldest.
        host::Gauge open_streams;      ///< Moves by one with each stream.
        host::Counter skipped_states;  ///< States that a client was too slow to see.
    };

    EventChannel(host::Loop& loop, Options options);
    ~EventChannel();
    EventChannel(const EventChannel&) = delete;
    EventChannel& operator=(const EventChannel&) = delete;

    /// Replaces the state and writes it to every client that is ready, before it returns. `data` is
    /// one line. Revisions need not be consecutive; the same one again is sent again.
    void publish(std::uint64_t revision, std::string_view data);

    /// Ends the streams whose `allowed` says no, without waiting for the next heartbeat.
    void close_disallowed();

    /// Ends all streams; clients may come back.
    void close_streams();

    std::size_t streams() const { return streams_.size(); }
    bool has_state() const { return frame_ != nullptr; }

    /// For the connections alone: one joins until it leaves.
    void join(Connection& stream);
    void leave(Connection& stream);
    void count_skipped() { options_.skipped_states.add(); }
    /// The event as it is sent; null before the first state.
    const std::shared_ptr<const std::string>& frame() const { return frame_; }
    const std::string& id() const { return id_; }
    const Options& options() const { return options_; }

  private:
    void for_each(void (Connection::*call)());

    Options options_;
    std::string run_;
    std::string id_;
    std::shared_ptr<const std::string> frame_;
    std::vector<Connection*> streams_;  ///< In order of joining.
    host::Timer heartbeat_;
};

}  // namespace vitrine::http
