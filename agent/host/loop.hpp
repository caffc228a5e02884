#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "agent/base/result.hpp"

namespace boost::asio {
class io_context;
}

namespace vitrine::host {

class Loop;

/// A running timer. Dropping the handle cancels it: its function is never called afterwards, not
/// even when it was already due. Must not outlive the loop.
class [[nodiscard]] Timer {
  public:
    Timer() = default;
    Timer(Timer&& other) noexcept;
    Timer& operator=(Timer&& other) noexcept;
    ~Timer();

    void cancel();
    /// Still to fire: true for `every` until cancelled, for `after` until its function was called.
    bool active() const;

  private:
    friend class Loop;
    Timer(Loop& loop, std::uint64_t id) : loop_(&loop), id_(id) {}

    Loop* loop_ = nullptr;
    std::uint64_t id_ = 0;
};

/// An interest in a file descriptor that somebody else owns. Dropping the handle ends the interest
/// and leaves the descriptor open; drop it before closing the descriptor.
class [[nodiscard]] Watch {
  public:
    Watch() = default;
    Watch(Watch&& other) noexcept;
    Watch& operator=(Watch&& other) noexcept;
    ~Watch();

    void cancel();

  private:
    friend class Loop;
    Watch(Loop& loop, std::uint64_t id) : loop_(&loop), id_(id) {}

    Loop* loop_ = nullptr;
    std::uint64_t id_ = 0;
};

enum class Interest : std::uint8_t { read, write, read_and_write };

/// The one event loop of a program: timers, signals, descriptors, posted functions, and through
/// `context` the sockets of the HTTP server. It is created, run and destroyed on one thread, and
/// every function it calls is called there. Nothing that it calls may block.
///
/// Timers and watches live in tables keyed by number, so that a handle can be dropped at any
/// moment, also by the function that it belongs to.
class Loop {
  public:
    using Function = std::function<void()>;

    struct Signals {
        Function stop;    ///< SIGTERM and SIGINT; empty: the loop stops.
        Function hangup;  ///< SIGHUP; empty: it is ignored.
    };

    Loop();
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    /// Runs until `stop`, also when there is nothing to do. Can be run again afterwards.
    void run();
    /// Runs for at most this long, or until `stop`. For tests and for winding down.
    void run_for(std::chrono::nanoseconds limit);
    /// Ends `run` after the function that is being called. Any thread.
    void stop();

    /// Calls once, `delay` from now; at once (but never from inside this call) if that is negative.
    Timer after(std::chrono::nanoseconds delay, Function function);
    /// Calls every `period` (at least 1 ms), first one period from now. Calls that the loop was too
    /// busy to make are left out, not caught up with.
    Timer every(std::chrono::nanoseconds period, Function function);

    /// Calls whenever the descriptor is ready, again and again while it stays so, as poll(2) would.
    /// One watch a descriptor. `unavailable` if the kernel cannot poll it.
    Result<Watch> watch(int fd, Interest interest, Function function);

    /// Calls soon, after the present function has returned. For the loop's own thread; other
    /// threads use a Mailbox.
    void post(Function function);

    /// Takes over SIGTERM, SIGINT and SIGHUP until the loop is destroyed. One loop in a program
    /// does.
    Result<void> handle_signals(Signals signals);

    boost::asio::io_context& context();

  private:
    friend class Timer;
    friend class Watch;
    struct State;

    void arm_timer(std::uint64_t id);
    void fire_timer(std::uint64_t id);
    void arm_watch(std::uint64_t id, bool write);
    void fire_watch(std::uint64_t id, bool write);
    void wait_for_signal();

    std::unique_ptr<State> state_;
};

}  // namespace vitrine::host
