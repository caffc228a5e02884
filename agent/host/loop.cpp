#include "agent/host/loop.hpp"

#include <signal.h>

#include <optional>
#include <unordered_map>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "agent/base/check.hpp"

namespace vitrine::host {
namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::chrono::nanoseconds kPeriodMin = std::chrono::milliseconds(1);

struct TimerState {
    TimerState(asio::io_context& context, std::chrono::nanoseconds every, Loop::Function call)
        : timer(context), period(every), function(std::move(call)) {}

    asio::steady_timer timer;
    std::chrono::nanoseconds period;  ///< Zero: fires once.
    Loop::Function function;
};

struct WatchState {
    WatchState(asio::io_context& context, Loop::Function call)
        : descriptor(context), function(std::move(call)) {}
    ~WatchState() {
        if (descriptor.is_open()) descriptor.release();  // The descriptor is somebody else's.
    }
    WatchState(const WatchState&) = delete;
    WatchState& operator=(const WatchState&) = delete;

    asio::posix::stream_descriptor descriptor;
    Loop::Function function;
};

}  // namespace

struct Loop::State {
    std::optional<asio::io_context> io{std::in_place, 1};
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work{
        io->get_executor()};
    std::optional<asio::signal_set> signals;
    Signals on_signal;
    std::uint64_t last_id = 0;
    std::unordered_map<std::uint64_t, std::unique_ptr<TimerState>> timers;
    std::unordered_map<std::uint64_t, std::unique_ptr<WatchState>> watches;
};

Timer::Timer(Timer&& other) noexcept
    : loop_(std::exchange(other.loop_, nullptr)), id_(std::exchange(other.id_, 0)) {}

Timer& Timer::operator=(Timer&& other) noexcept {
    if (this != &other) {
        cancel();
        loop_ = std::exchange(other.loop_, nullptr);
        id_ = std::exchange(other.id_, 0);
    }
    return *this;
}

Timer::~Timer() { cancel(); }

void Timer::cancel() {
    if (Loop* loop = std::exchange(loop_, nullptr)) {
        // Out of the table first: what the function owns may drop timers of its own.
        const auto node = loop->state_->timers.extract(id_);
    }
}

bool Timer::active() const { return loop_ != nullptr && loop_->state_->timers.contains(id_); }

Watch::Watch(Watch&& other) noexcept
    : loop_(std::exchange(other.loop_, nullptr)), id_(std::exchange(other.id_, 0)) {}

Watch& Watch::operator=(Watch&& other) noexcept {
    if (this != &other) {
        cancel();
        loop_ = std::exchange(other.loop_, nullptr);
        id_ = std::exchange(other.id_, 0);
    }
    return *this;
}

Watch::~Watch() { cancel(); }

void Watch::cancel() {
    if (Loop* loop = std::exchange(loop_, nullptr)) {
        const auto node = loop->state_->watches.extract(id_);
    }
}

Loop::Loop() : state_(std::make_unique<State>()) {}

Loop::~Loop() {
    // What waits in the loop may own handles of it: everything goes while the tables are still
    // there.
    std::exchange(state_->timers, {}).clear();
    std::exchange(state_->watches, {}).clear();
    state_->signals.reset();
    state_->work.reset();
    state_->io.reset();
}

void Loop::run() {
    state_->io->restart();
    state_->io->run();
}

void Loop::run_for(std::chrono::nanoseconds limit) {
    state_->io->restart();
    state_->io->run_for(limit);
}

void Loop::stop() { state_->io->stop(); }

void Loop::post(Function function) { asio::post(*state_->io, std::move(function)); }

asio::io_context& Loop::context() { return *state_->io; }

Timer Loop::after(std::chrono::nanoseconds delay, Function function) {
    const std::uint64_t id = ++state_->last_id;
    auto timer =
        std::make_unique<TimerState>(*state_->io, std::chrono::nanoseconds(0), std::move(function));
    timer->timer.expires_after(delay);
    state_->timers.emplace(id, std::move(timer));
    arm_timer(id);
    return {*this, id};
}

Timer Loop::every(std::chrono::nanoseconds period, Function function) {
    CHECK(period >= kPeriodMin);
    const std::uint64_t id = ++state_->last_id;
    auto timer = std::make_unique<TimerState>(*state_->io, period, std::move(function));
    timer->timer.expires_after(period);
    state_->timers.emplace(id, std::move(timer));
    arm_timer(id);
    return {*this, id};
}

void Loop::arm_timer(std::uint64_t id) {
    state_->timers.at(id)->timer.async_wait([this, id](error_code error) {
        if (!error) fire_timer(id);
    });
}

void Loop::fire_timer(std::uint64_t id) {
    const auto found = state_->timers.find(id);
    if (found == state_->timers.end()) return;  // Cancelled after it became due.
    if (found->second->period == std::chrono::nanoseconds(0)) {
        const auto node = state_->timers.extract(found);
        node.mapped()->function();
        return;
    }
    // The function is kept out of the table while it runs: it may cancel its own timer.
    Function function = std::exchange(found->second->function, {});
    function();
    const auto again = state_->timers.find(id);
    if (again == state_->timers.end()) return;
    TimerState& state = *again->second;
    state.function = std::move(function);
    const auto elapsed = asio::steady_timer::clock_type::now() - state.timer.expiry();
    const auto missed = elapsed / state.period;
    state.timer.expires_at(state.timer.expiry() + (missed + 1) * state.period);
    arm_timer(id);
}

Result<Watch> Loop::watch(int fd, Interest interest, Function function) {
    const std::uint64_t id = ++state_->last_id;
    auto watch = std::make_unique<WatchState>(*state_->io, std::move(function));
    error_code error;
    watch->descriptor.assign(fd, error);
    if (error) return unavailable("cannot watch a file descriptor: " + error.message());
    state_->watches.emplace(id, std::move(watch));
    if (interest != Interest::write) arm_watch(id, false);
    if (interest != Interest::read) arm_watch(id, true);
    return Watch(*this, id);
}

void Loop::arm_watch(std::uint64_t id, bool write) {
    using Descriptor = asio::posix::descriptor_base;
    state_->watches.at(id)->descriptor.async_wait(
        write ? Descriptor::wait_write : Descriptor::wait_read,
        [this, id, write](error_code error) {
            if (!error) fire_watch(id, write);
        });
}

void Loop::fire_watch(std::uint64_t id, bool write) {
    const auto found = state_->watches.find(id);
    if (found == state_->watches.end()) return;
    Function function = std::exchange(found->second->function, {});
    function();
    const auto again = state_->watches.find(id);
    if (again == state_->watches.end()) return;
    again->second->function = std::move(function);
    arm_watch(id, write);
}

Result<void> Loop::handle_signals(Signals signals) {
    state_->on_signal = std::move(signals);
    state_->signals.emplace(*state_->io);
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
        error_code error;
        state_->signals->add(number, error);
        if (error) return unavailable("cannot handle signals: " + error.message());
    }
    wait_for_signal();
    return {};
}

void Loop::wait_for_signal() {
    state_->signals->async_wait([this](error_code error, int number) {
        if (error) return;
        const Function function =
            number == SIGHUP ? state_->on_signal.hangup : state_->on_signal.stop;
        if (function) {
            function();
        } else if (number != SIGHUP) {
            stop();
        }
        wait_for_signal();
    });
}

}  // namespace vitrine::host
