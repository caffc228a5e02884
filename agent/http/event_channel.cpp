#include "agent/http/event_channel.hpp"

#include <algorithm>
#include <array>

#include <sodium.h>

#include "agent/base/bytes.hpp"
#include "agent/base/check.hpp"
#include "agent/http/connection.hpp"

namespace vitrine::http {
namespace {

std::string random_run() {
    CHECK(sodium_init() >= 0);
    std::array<std::uint8_t, 6> bytes{};
    randombytes_buf(bytes.data(), bytes.size());
    return to_hex(bytes);
}

}  // namespace

EventChannel::EventChannel(host::Loop& loop, Options options)
    : options_(std::move(options)), run_(random_run()) {
    CHECK(options_.streams_max > 0);
    heartbeat_ = loop.every(options_.heartbeat, [this] { for_each(&Connection::beat); });
}

EventChannel::~EventChannel() { close_streams(); }

void EventChannel::publish(std::uint64_t revision, std::string_view data) {
    CHECK(data.find('\n') == std::string_view::npos && data.find('\r') == std::string_view::npos);
    id_ = run_ + "." + std::to_string(revision);
    std::string frame;
    frame.reserve(options_.event.size() + id_.size() + data.size() + 24);
    frame.append("event: ").append(options_.event).append("\nid: ").append(id_);
    frame.append("\ndata: ").append(data).append("\n\n");
    frame_ = std::make_shared<const std::string>(std::move(frame));
    for_each(&Connection::show_state);
}

/// A stream may leave the list while we go through it.
void EventChannel::for_each(void (Connection::*call)()) {
    const std::vector<Connection*> present = streams_;
    for (Connection* stream : present) {
        if (std::find(streams_.begin(), streams_.end(), stream) != streams_.end()) {
            (stream->*call)();
        }
    }
}

void EventChannel::close_disallowed() { for_each(&Connection::check_allowed); }

void EventChannel::join(Connection& stream) {
    if (streams_.size() >= options_.streams_max) streams_.front()->close();
    streams_.push_back(&stream);
    options_.open_streams.add(1);
}

void EventChannel::leave(Connection& stream) {
    const auto removed = std::erase(streams_, &stream);
    options_.open_streams.add(-static_cast<double>(removed));
}

void EventChannel::close_streams() {
    while (!streams_.empty()) streams_.back()->close();
}

}  // namespace vitrine::http
