#include "drivers/bluez/management_socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace vitrine::bluez {
namespace {

// The kernel's <net/bluetooth/hci_sock.h>; the library that has it in user space is not worth one
// structure.
constexpr int kHciProtocol = 1;
constexpr std::uint16_t kNoDevice = 0xffff;
constexpr std::uint16_t kControlChannel = 3;
struct HciAddress {
    std::uint16_t family;
    std::uint16_t device;
    std::uint16_t channel;
};

// Between two turns the loop does other work.
constexpr int kPacketsATurn = 64;
// A Device Found holds at most some 1,700 bytes (extended advertising); more is cut and malformed.
constexpr std::size_t kPacketMax = 4096;
// For bursts while the loop is busy: some 1,200 adverts.
constexpr int kReceiveBuffer = 1 << 20;
// More than the buffer holds.
constexpr int kPacketsKeptMax = 10'000;

std::string reason(int error) { return std::generic_category().message(error); }

Error error_of(int error) {
    const std::string message = "the kernel's Bluetooth management channel: " + reason(error);
    return error == EPERM || error == EACCES ? denied(message) : unavailable(message);
}

}  // namespace

Result<int> open_management_channel() {
    const int fd = ::socket(AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, kHciProtocol);
    if (fd < 0) return error_of(errno);
    // Refused without CAP_NET_ADMIN, and then the kernel's own limit has to do.
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBuffer, sizeof kReceiveBuffer);
    const HciAddress address{AF_BLUETOOTH, kNoDevice, kControlChannel};
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
    const int error = errno;
    ::close(fd);
    return error_of(error);
}

Result<std::unique_ptr<ManagementSocket>> ManagementSocket::open(host::Loop& loop,
                                                                 std::optional<int> given,
                                                                 std::uint16_t adapter,
                                                                 Calls calls) {
    int fd = -1;
    if (given) {
        fd = ::fcntl(*given, F_DUPFD_CLOEXEC, 0);
        if (fd < 0) return error_of(errno);
    } else {
        fd = TRY(open_management_channel());
    }
    auto socket = std::make_unique<ManagementSocket>(loop, fd, adapter, std::move(calls));
    if (auto started = socket->start(); !started) return std::move(started).error();
    return socket;
}

ManagementSocket::ManagementSocket(host::Loop& loop, int fd, std::uint16_t adapter, Calls calls)
    : loop_(loop), fd_(fd), adapter_(adapter), calls_(std::move(calls)) {}

ManagementSocket::~ManagementSocket() {
    watch_.cancel();
    ::close(fd_);
}

Result<void> ManagementSocket::start() {
    forget_the_past();
    watch_ = TRY(loop_.watch(fd_, host::Interest::read, [this] { turn(); }));
    const auto question = management_command(kReadMonitorFeatures, adapter_);
    if (::send(fd_, question.data(), question.size(), MSG_NOSIGNAL) < 0) return error_of(errno);
    // The kernel has answered by now; one that has not will.
    in_turn_ = true;
    const auto over = read();
    in_turn_ = false;
    if (over) {
        watch_.cancel();
        return denied("the kernel's management channel: " + *over);
    }
    return {};
}

/// A given socket may have waited unread: those adverts are not of now.
void ManagementSocket::forget_the_past() {
    std::array<std::uint8_t, kPacketMax> buffer;
    for (int i = 0; i < kPacketsKeptMax; ++i) {
        if (::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT) <= 0) return;
    }
}

void ManagementSocket::turn() {
    in_turn_ = true;
    const auto over = read();
    in_turn_ = false;
    if (over) end(*over);
}

std::optional<std::string> ManagementSocket::read() {
    std::array<std::uint8_t, kPacketMax> buffer;
    for (int i = 0; i < kPacketsATurn; ++i) {
        const auto size = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (size < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
        if (size <= 0) return size == 0 ? "closed" : reason(errno);
        if (auto why = take(ByteView(buffer.data(), static_cast<std::size_t>(size)))) return why;
    }
    return std::nullopt;
}

std::optional<std::string> ManagementSocket::take(ByteView packet) {
    const ManagementEvent event = parse_management(packet);
    if (const auto* found = std::get_if<FoundOnAir>(&event)) {
        if (found->adapter == adapter_) calls_.found(*found);
    } else if (const auto* answer = std::get_if<ManagementAnswer>(&event)) {
        if (answer->command != kReadMonitorFeatures) return std::nullopt;
        // Another failure than this one (no adapter, no monitors) is not about leave.
        permitted_ = answer->status != kNotPermitted;
        if (!permitted_) return "it wants CAP_NET_ADMIN";
        calls_.answered();
    }
    return std::nullopt;
}

void ManagementSocket::end(const std::string& reason) {
    watch_.cancel();
    permitted_ = false;
    const auto ended = calls_.ended;
    ended(reason);  // Last: it may destroy this.
}

}  // namespace vitrine::bluez
