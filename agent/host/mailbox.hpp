#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "agent/base/check.hpp"
#include "agent/host/loop.hpp"

namespace vitrine::host {

/// Wakes the loop from any thread; many rings before the loop looks are one call.
class Doorbell {
  public:
    Doorbell(Loop& loop, Loop::Function on_ring);
    ~Doorbell();
    Doorbell(const Doorbell&) = delete;
    Doorbell& operator=(const Doorbell&) = delete;

    /// Any thread; never blocks.
    void ring();

  private:
    int fd_ = -1;
    Loop::Function on_ring_;
    Watch watch_;
};

/// The only way from a library's own thread to the loop: a bounded box of values with many
/// producers and one consumer. The mutex in it is the only one in the code base, held for a push or
/// a swap.
///
/// The handler is called on the loop's thread with all that waited, oldest first, so that it can
/// commit once a batch; it may move from the values. The box lives on the loop's thread and
/// outlives every producer.
template <class T>
class Mailbox {
  public:
    static_assert(!std::is_same_v<T, bool>, "a vector of bool is no array");
    using Handler = std::function<void(std::span<T>)>;

    /// At most `capacity` values wait; a full box refuses new ones and counts them.
    Mailbox(Loop& loop, std::size_t capacity, Handler handler)
        : capacity_(capacity), handler_(std::move(handler)), bell_(loop, [this] { drain(); }) {
        CHECK(capacity_ > 0);
    }

    /// Any thread. False if the box was full: the value is gone and counted.
    bool try_post(T value) {
        {
            const std::lock_guard lock(mutex_);
            if (waiting_.size() >= capacity_) {
                ++dropped_;
                return false;
            }
            waiting_.push_back(std::move(value));
            if (waiting_.size() > 1) return true;  // The bell was rung for the first one.
        }
        bell_.ring();
        return true;
    }

    std::size_t capacity() const { return capacity_; }

    /// Values refused since the start. Any thread.
    std::uint64_t dropped() const {
        const std::lock_guard lock(mutex_);
        return dropped_;
    }

    /// Values that wait now. Any thread.
    std::size_t size() const {
        const std::lock_guard lock(mutex_);
        return waiting_.size();
    }

  private:
    void drain() {
        std::vector<T> batch;
        batch.swap(spare_);
        {
            const std::lock_guard lock(mutex_);
            batch.swap(waiting_);
        }
        if (!batch.empty()) handler_(std::span<T>(batch));
        batch.clear();
        spare_.swap(batch);  // Keeps the memory for the next batch: no allocation in steady state.
    }

    const std::size_t capacity_;
    Handler handler_;
    mutable std::mutex mutex_;
    std::vector<T> waiting_;
    std::uint64_t dropped_ = 0;
    std::vector<T> spare_;
    Doorbell bell_;
};

}  // namespace vitrine::host
