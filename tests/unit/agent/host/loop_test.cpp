#include "agent/host/loop.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "agent/host/clock.hpp"

namespace vitrine::host {
namespace {

using namespace std::chrono_literals;

struct Pipe {
    Pipe() { CHECK(pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC) == 0); }
    ~Pipe() {
        close(ends[0]);
        close(ends[1]);
    }
    int reader() const { return ends[0]; }
    int writer() const { return ends[1]; }
    std::array<int, 2> ends{};
};

TEST(Loop, CallsTimersInTheOrderOfTheirDeadlines) {
    Loop loop;
    std::vector<int> order;
    const Timer late = loop.after(20ms, [&] {
        order.push_back(3);
        loop.stop();
    });
    const Timer early = loop.after(5ms, [&] { order.push_back(2); });
    const Timer past = loop.after(-1s, [&] { order.push_back(1); });
    loop.run();
    EXPECT_EQ(order, (std::vector{1, 2, 3}));
    EXPECT_FALSE(late.active());
}

TEST(Loop, NeverCallsATimerAfterItsHandleIsGone) {
    Loop loop;
    int calls = 0;
    Timer second;
    // Both are due in the same turn; the first drops the second after it became due.
    const Timer first = loop.after(1ms, [&] { second.cancel(); });
    second = loop.after(1ms, [&] { ++calls; });
    {
        const Timer dropped = loop.after(1ms, [&] { ++calls; });
    }
    const SystemClock clock;
    const Instant until = clock.monotonic() + 5ms;
    while (clock.monotonic() < until) {
    }
    loop.run_for(20ms);
    EXPECT_EQ(calls, 0);
}

TEST(Loop, RepeatsUntilTheFunctionDropsItsOwnHandle) {
    Loop loop;
    int calls = 0;
    Timer timer;
    timer = loop.every(2ms, [&] {
        if (++calls == 3) timer = Timer();
    });
    loop.run_for(60ms);
    EXPECT_EQ(calls, 3);
}

TEST(Loop, LeavesOutCallsItWasTooBusyToMake) {
    Loop loop;
    const SystemClock clock;
    int calls = 0;
    const Timer timer = loop.every(5ms, [&] {
        if (++calls != 1) return;
        const Instant until = clock.monotonic() + 50ms;
        while (clock.monotonic() < until) {
        }
    });
    loop.run_for(70ms);
    EXPECT_GE(calls, 2);
    EXPECT_LE(calls, 6);  // With catching up it would be thirteen.
}

TEST(Loop, AFunctionMayReplaceItsOwnOneShotTimer) {
    Loop loop;
    int calls = 0;
    Timer timer;
    Loop::Function again = [&] {
        if (++calls < 3) timer = loop.after(1ms, again);
    };
    timer = loop.after(1ms, again);
    loop.run_for(50ms);
    EXPECT_EQ(calls, 3);
}

TEST(Loop, WatchesADescriptorAsLongAsItIsReady) {
    Loop loop;
    const Pipe pipe;
    int calls = 0;
    auto watch = loop.watch(pipe.reader(), Interest::read, [&] {
        if (++calls < 3) return;  // Not read yet: it stays ready.
        char c = 0;
        ASSERT_EQ(read(pipe.reader(), &c, 1), 1);
        loop.stop();
    });
    ASSERT_TRUE(watch.has_value());
    loop.run_for(10ms);
    EXPECT_EQ(calls, 0);
    ASSERT_EQ(write(pipe.writer(), "x", 1), 1);
    loop.run();
    loop.run_for(10ms);
    EXPECT_EQ(calls, 3);
}

TEST(Loop, WatchesForWritingAndStopsWhenTheHandleIsDropped) {
    Loop loop;
    const Pipe pipe;
    int calls = 0;
    std::optional<Watch> watch;
    watch = loop.watch(pipe.writer(), Interest::write,
                       [&] {
                           ++calls;
                           watch.reset();
                       })
                .value();
    loop.run_for(20ms);
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(write(pipe.writer(), "x", 1), 1) << "the descriptor stays open";
}

TEST(Loop, SaysWhenADescriptorCannotBeWatched) {
    Loop loop;
    const auto watch = loop.watch(-1, Interest::read, [] {});
    ASSERT_FALSE(watch.has_value());
    EXPECT_EQ(watch.error().code, ErrorCode::unavailable);
}

TEST(Loop, StopsOnSigterm) {
    Loop loop;
    ASSERT_TRUE(loop.handle_signals({}).has_value());
    loop.post([] { raise(SIGTERM); });
    loop.run();
    SUCCEED() << "returned";
}

TEST(Loop, HandsSignalsToItsHooks) {
    Loop loop;
    std::vector<int> seen;
    Loop::Signals hooks;
    hooks.hangup = [&] {
        seen.push_back(SIGHUP);
        raise(SIGINT);
    };
    hooks.stop = [&] {
        seen.push_back(SIGTERM);
        if (seen.size() == 3) loop.stop();
        raise(SIGTERM);
    };
    ASSERT_TRUE(loop.handle_signals(hooks).has_value());
    loop.post([] { raise(SIGHUP); });
    loop.run();
    EXPECT_EQ(seen, (std::vector{SIGHUP, SIGTERM, SIGTERM}));
}

TEST(Loop, DropsWhatStillWaitsWithHandlesInside) {
    int calls = 0;
    {
        Loop loop;
        auto inner = std::make_shared<Timer>(loop.after(1h, [&] { ++calls; }));
        auto posted = std::make_shared<Timer>(loop.after(1h, [&] { ++calls; }));
        const auto keeper = std::make_shared<Timer>(
            loop.after(1h, [inner = std::move(inner)] { inner->cancel(); }));
        loop.post([posted = std::move(posted)] { posted->cancel(); });
        keeper->cancel();
    }
    EXPECT_EQ(calls, 0);
}

TEST(SystemClock, GoesForwardAndKnowsTheCentury) {
    const SystemClock clock;
    const Instant before = clock.monotonic();
    EXPECT_GE(clock.monotonic(), before);
    EXPECT_GT(day_of(clock.wall()), 19'700);  // Later than the end of 2023.
}

}  // namespace
}  // namespace vitrine::host
