#pragma once

#include <netinet/tcp.h>

#include <cerrno>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/base/bytes.hpp"
#include "agent/host/loop.hpp"
#include "bench/processes.hpp"

/// As little of MQTT 5 as a simulated agent needs, on one descriptor and without a thread: Paho
/// connects some 25 times a second and keeps two threads a client.
namespace vitrine::bench {

class MqttClient {
  public:
    struct Handler {
        std::function<void()> up;  ///< The broker took the connection.
        std::function<void()> down;
        std::function<void(std::uint16_t packet, bool refused)> puback;
        std::function<void(std::string_view topic, std::string_view payload)> message;
    };

    MqttClient(host::Loop& loop, std::string id, Handler handler)
        : loop_(loop), id_(std::move(id)), handler_(std::move(handler)) {}
    ~MqttClient() { close_socket(); }
    MqttClient(const MqttClient&) = delete;
    MqttClient& operator=(const MqttClient&) = delete;

    /// `up` or `down` follows, later.
    void connect_to(int port) {
        close_socket();
        fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        CHECK(fd_ >= 0);
        const int on = 1;
        setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const sockaddr_in address = loopback(port);
        const int result =
            ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
        if (result != 0 && errno != EINPROGRESS) return fail_soon();
        std::string body = text("MQTT");
        body += '\x05';       // Version,
        body += '\x02';       // clean start,
        body += number(300);  // keep-alive in seconds,
        body += '\x00';       // no properties: the session ends with the connection.
        body += text(id_);
        out_ = packet(0x10, body);
        watch(host::Interest::read_and_write);
    }

    bool up() const { return up_; }
    void drop() { close_socket(); }

    void subscribe(std::string_view filter, int qos) {
        std::string body = number(next_packet()) + std::string(1, '\x00') + text(filter);
        body += static_cast<char>(qos);
        send_packet(0x82, body);
    }

    /// At least once. Returns the packet identifier that its `puback` will name.
    std::uint16_t publish(std::string_view topic, ByteView payload, std::string_view content_type,
                          const std::vector<std::pair<std::string, std::string>>& properties) {
        const std::uint16_t packet_id = next_packet();
        std::string named;
        if (!content_type.empty()) named += '\x03' + text(content_type);
        for (const auto& [name, value] : properties) named += '\x26' + text(name) + text(value);
        std::string body = text(topic) + number(packet_id) + length(named.size()) + named;
        body.append(reinterpret_cast<const char*>(payload.data()), payload.size());
        send_packet(0x32, body);
        return packet_id;
    }

  private:
    static std::string number(std::uint16_t value) {
        return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)};
    }
    static std::string text(std::string_view content) {
        return number(static_cast<std::uint16_t>(content.size())) + std::string(content);
    }
    static std::string length(std::size_t value) {
        std::string bytes;
        do {
            const auto low = static_cast<unsigned>(value & 0x7f);
            value >>= 7;
            bytes += static_cast<char>(low | (value > 0 ? 0x80U : 0U));
        } while (value > 0);
        return bytes;
    }
    static std::string packet(unsigned type, const std::string& body) {
        return static_cast<char>(type) + length(body.size()) + body;
    }
    std::uint16_t next_packet() {
        if (++packet_ == 0) packet_ = 1;
        return packet_;
    }

    void watch(host::Interest interest) {
        watch_.cancel();
        watch_ = loop_.watch(fd_, interest, [this] { ready(); }).value();
        writing_ = interest == host::Interest::read_and_write;
    }
    void close_socket() {
        watch_.cancel();
        if (fd_ >= 0) close(std::exchange(fd_, -1));
        up_ = false;
        in_.clear();
        out_.clear();
    }
    void fail() {
        close_socket();
        handler_.down();
    }
    void fail_soon() {
        soon_ = loop_.after(std::chrono::milliseconds(1), [this] { fail(); });
    }

    void send_packet(unsigned type, const std::string& body) {
        out_ += packet(type, body);
        flush();
    }

    void flush() {
        while (!out_.empty()) {
            const ssize_t sent = ::send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL);
            if (sent <= 0) break;  // Whatever it is, reading will tell.
            out_.erase(0, static_cast<std::size_t>(sent));
        }
        if (!out_.empty() && !writing_) watch(host::Interest::read_and_write);
        if (out_.empty() && writing_) watch(host::Interest::read);
    }

    void ready() {
        if (!out_.empty()) flush();
        std::array<char, 16384> part{};
        for (;;) {
            const ssize_t size = recv(fd_, part.data(), part.size(), 0);
            if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
            if (size <= 0) return fail();
            in_.append(part.data(), static_cast<std::size_t>(size));
            if (static_cast<std::size_t>(size) < part.size()) break;
        }
        take_packets();
    }

    void take_packets() {
        std::size_t at = 0;
        while (fd_ >= 0) {
            std::size_t size = 0;
            std::size_t begin = at + 1;
            unsigned shift = 0;
            bool whole = false;
            while (begin < in_.size() && shift < 28 && !whole) {
                const auto byte = static_cast<std::uint8_t>(in_[begin++]);
                size |= static_cast<std::size_t>(byte & 0x7f) << shift;
                shift += 7;
                whole = (byte & 0x80) == 0;
            }
            if (!whole || begin + size > in_.size()) break;
            const auto type = static_cast<std::uint8_t>(in_[at]);
            const std::string body = in_.substr(begin, size);
            at = begin + size;
            take(type, body);
        }
        if (fd_ >= 0) in_.erase(0, at);
    }

    static std::size_t number_at(std::string_view body, std::size_t at) {
        if (at + 2 > body.size()) return 0;
        return static_cast<std::size_t>(static_cast<std::uint8_t>(body[at])) << 8 |
               static_cast<std::uint8_t>(body[at + 1]);
    }

    void take(std::uint8_t type, std::string_view body) {
        switch (type >> 4) {
            case 2:  // CONNACK
                if (body.size() < 2 || body[1] != 0) return fail();
                up_ = true;
                return handler_.up();
            case 3:
                return take_publish(type, body);
            case 4:  // PUBACK; 0x10 says that nobody subscribed, which is no failure
                return handler_.puback(
                    static_cast<std::uint16_t>(number_at(body, 0)),
                    body.size() > 2 && static_cast<std::uint8_t>(body[2]) >= 0x80);
            case 14:  // DISCONNECT
                return fail();
            default:
                return;
        }
    }

    void take_publish(std::uint8_t type, std::string_view body) {
        const std::size_t topic_size = number_at(body, 0);
        const unsigned qos = type >> 1 & 3U;
        std::size_t at = 2 + topic_size;
        if (qos > 0) {
            const auto packet_id = static_cast<std::uint16_t>(number_at(body, at));
            at += 2;
            send_packet(0x40, number(packet_id));
        }
        std::size_t properties = 0;
        for (unsigned shift = 0; at < body.size() && shift < 28; shift += 7) {
            const auto byte = static_cast<std::uint8_t>(body[at++]);
            properties |= static_cast<std::size_t>(byte & 0x7f) << shift;
            if ((byte & 0x80) == 0) break;
        }
        at += properties;
        if (at > body.size()) return fail();
        handler_.message(body.substr(2, topic_size), body.substr(at));
    }

    host::Loop& loop_;
    std::string id_;
    Handler handler_;
    int fd_ = -1;
    bool up_ = false;
    bool writing_ = false;
    std::uint16_t packet_ = 0;
    std::string in_;
    std::string out_;
    host::Watch watch_;
    host::Timer soon_;
};

}  // namespace vitrine::bench
