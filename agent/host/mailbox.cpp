#include "agent/host/mailbox.hpp"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace vitrine::host {

Doorbell::Doorbell(Loop& loop, Loop::Function on_ring)
    : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)), on_ring_(std::move(on_ring)) {
    CHECK(fd_ >= 0);
    auto watch = loop.watch(fd_, Interest::read, [this] {
        std::uint64_t rings = 0;
        if (read(fd_, &rings, sizeof rings) == sizeof rings) on_ring_();
    });
    CHECK(watch.has_value());
    watch_ = std::move(watch).value();
}

Doorbell::~Doorbell() {
    watch_.cancel();
    close(fd_);
}

void Doorbell::ring() {
    const std::uint64_t one = 1;
    // EAGAIN means that the counter is full: the bell is ringing already.
    CHECK(write(fd_, &one, sizeof one) == sizeof one || errno == EAGAIN);
}

}  // namespace vitrine::host
