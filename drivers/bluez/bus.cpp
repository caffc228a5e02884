#include "drivers/bluez/bus.hpp"

#include <poll.h>

#include <utility>

namespace vitrine::bluez {
namespace {

// Between two turns the loop does other work: at most this many messages at once.
constexpr int kMessagesATurn = 64;
constexpr std::chrono::seconds kPatience{2};

std::unique_ptr<sdbus::IConnection> connect(const std::string& address) {
    if (address.empty()) return sdbus::createSystemBusConnection();
    return sdbus::createSessionBusConnectionWithAddress(address);
}

}  // namespace

Result<std::unique_ptr<Bus>> Bus::open(host::Loop& loop, const std::string& address,
                                       AfterTurn after_turn) {
    try {
        auto connection = connect(address);
        connection->setMethodCallTimeout(kPatience);
        return std::make_unique<Bus>(loop, std::move(connection), std::move(after_turn));
    } catch (const sdbus::Error& error) {
        return unavailable(error.getMessage());
    }
}

Bus::Bus(host::Loop& loop, std::unique_ptr<sdbus::IConnection> connection, AfterTurn after_turn)
    : loop_(loop), connection_(std::move(connection)), after_turn_(std::move(after_turn)) {}

void Bus::wake() {
    if (!in_turn_) timer_ = loop_.after(std::chrono::nanoseconds(0), [this] { turn(); });
}

void Bus::turn() {
    in_turn_ = true;
    auto lost = handle();
    in_turn_ = false;
    if (!lost) lost = arm();
    if (lost) {
        watch_.cancel();
        timer_.cancel();
    }
    const AfterTurn after = after_turn_;
    after(lost);  // Last: it may have destroyed this.
}

std::optional<std::string> Bus::handle() {
    try {
        for (int i = 0; i < kMessagesATurn; ++i) {
            if (!connection_->processPendingRequest()) return std::nullopt;
        }
        return std::nullopt;
    } catch (const sdbus::Error& error) {
        return error.getMessage();
    }
}

std::optional<std::string> Bus::arm() {
    try {
        const auto poll = connection_->getEventLoopPollData();
        const bool writes = (poll.events & POLLOUT) != 0;
        if (poll.fd != watched_fd_ || writes != watching_writes_) {
            watch_.cancel();
            auto watch =
                loop_.watch(poll.fd, writes ? host::Interest::read_and_write : host::Interest::read,
                            [this] { turn(); });
            if (!watch) return std::move(watch).error().message;
            watch_ = *std::move(watch);
            watched_fd_ = poll.fd;
            watching_writes_ = writes;
        }
        const auto delay = poll.getRelativeTimeout();
        timer_ = delay ? loop_.after(*delay, [this] { turn(); }) : host::Timer();
        return std::nullopt;
    } catch (const sdbus::Error& error) {
        return error.getMessage();
    }
}

}  // namespace vitrine::bluez
