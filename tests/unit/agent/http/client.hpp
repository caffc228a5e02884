#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>

#include "agent/base/check.hpp"
#include "agent/base/time.hpp"
#include "agent/host/clock.hpp"
#include "agent/host/loop.hpp"

namespace vitrine::http {

/// A clock that a test turns by hand.
struct FakeClock final : Clock {
    Instant monotonic() const override { return instant; }
    WallTime wall() const override { return WallTime(std::chrono::seconds(1'700'000'000)); }
    Instant instant{std::chrono::hours(1)};
};

/// Runs the loop until something holds, or five seconds at most; says whether it held.
inline bool run_until(host::Loop& loop, const std::function<bool()>& holds) {
    const host::SystemClock clock;
    const Instant deadline = clock.monotonic() + std::chrono::seconds(5);
    while (!holds()) {
        if (clock.monotonic() > deadline) return false;
        loop.run_for(std::chrono::microseconds(200));
    }
    return true;
}

/// What a server sent back.
struct Answer {
    unsigned status = 0;
    std::string head;  ///< With the status line, in the server's spelling.
    std::string body;

    bool has(std::string_view header) const { return head.find(header) != std::string::npos; }
    std::string value(std::string_view name) const {
        const std::size_t at = head.find("\r\n" + std::string(name) + ": ");
        if (at == std::string::npos) return {};
        const std::size_t from = at + name.size() + 4;
        return head.substr(from, head.find("\r\n", from) - from);
    }
};

/// A client that shares the server's loop and thread: while it waits, the server runs.
class Client {
  public:
    Client(host::Loop& loop, std::uint16_t port, int receive_buffer = 0)
        : loop_(loop), fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        if (receive_buffer > 0) {
            CHECK(setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer) ==
                  0);
        }
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        CHECK(connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        CHECK(fcntl(fd_, F_SETFL, O_NONBLOCK) == 0);
    }
    ~Client() { close(fd_); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void send(std::string_view text) {
        run_until(loop_, [&] {
            const ssize_t sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent > 0) text.remove_prefix(static_cast<std::size_t>(sent));
            return text.empty() || (sent < 0 && errno != EAGAIN);
        });
    }

    /// Takes in what has arrived.
    void receive() {
        std::string buffer(64 * 1024, '\0');
        for (;;) {
            const ssize_t size = recv(fd_, buffer.data(), buffer.size(), 0);
            if (size > 0) input_.append(buffer, 0, static_cast<std::size_t>(size));
            if (size == 0 || (size < 0 && errno != EAGAIN)) closed_ = true;
            if (size <= 0) return;
        }
    }

    /// Waits for a text to arrive; gives all up to its end, or what there is if it never comes.
    std::string read_until(std::string_view marker) {
        run_until(loop_, [&] {
            receive();
            return closed_ || input_.find(marker) != std::string::npos;
        });
        const std::size_t at = input_.find(marker);
        return take(at == std::string::npos ? input_.size() : at + marker.size());
    }

    Answer read_answer(bool head_only = false) {
        Answer answer{.head = read_until("\r\n\r\n")};
        if (answer.head.size() > 12) {
            answer.status =
                static_cast<unsigned>(std::strtoul(answer.head.c_str() + 9, nullptr, 10));
        }
        const std::size_t length =
            std::strtoul(answer.value("Content-Length").c_str(), nullptr, 10);
        if (head_only) return answer;
        run_until(loop_, [&] {
            receive();
            return closed_ || input_.size() >= length;
        });
        answer.body = take(std::min(length, input_.size()));
        return answer;
    }

    Answer exchange(std::string_view request) {
        send(request);
        return read_answer();
    }

    Answer get(std::string_view path, std::string_view headers = "") {
        return exchange("GET " + std::string(path) + " HTTP/1.1\r\nHost: kiosk\r\n" +
                        std::string(headers) + "\r\n");
    }

    Answer post(std::string_view path, std::string_view body, std::string_view headers = "") {
        return exchange("POST " + std::string(path) +
                        " HTTP/1.1\r\nHost: kiosk\r\nContent-Type: application/json\r\n" +
                        std::string(headers) + "Content-Length: " + std::to_string(body.size()) +
                        "\r\n\r\n" + std::string(body));
    }

    bool closes() {
        return run_until(loop_, [&] {
            receive();
            return closed_;
        });
    }

    /// Nothing more arrives for a while.
    bool is_quiet(std::chrono::milliseconds time) {
        loop_.run_for(time);
        receive();
        return input_.empty() && !closed_;
    }

    const std::string& pending() {
        receive();
        return input_;
    }

    /// What the kernel has for this client, within two seconds, while the loop stands still.
    const std::string& arriving() {
        pollfd readable{.fd = fd_, .events = POLLIN, .revents = 0};
        ::poll(&readable, 1, 2000);
        return pending();
    }

  private:
    std::string take(std::size_t size) {
        std::string taken = input_.substr(0, size);
        input_.erase(0, size);
        return taken;
    }

    host::Loop& loop_;
    int fd_;
    std::string input_;
    bool closed_ = false;
};

}  // namespace vitrine::http
