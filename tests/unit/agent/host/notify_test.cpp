#include "agent/host/notify.hpp"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vitrine::host {
namespace {

using testing::Each;
using testing::ElementsAre;
using namespace std::chrono_literals;

/// A service manager as sd_notify(3) sees it: a datagram socket named in the environment.
class NotifyTest : public testing::Test {
  protected:
    NotifyTest() : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        // An abstract socket: the kernel chooses its name and removes it with us.
        EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(sa_family_t)), 0);
        socklen_t size = sizeof address;
        EXPECT_EQ(getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size), 0);
        std::string name(address.sun_path, size - sizeof(sa_family_t));
        name[0] = '@';
        setenv("NOTIFY_SOCKET", name.c_str(), 1);
    }
    ~NotifyTest() override {
        close(fd_);
        for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) unsetenv(name);
    }

    std::vector<std::string> received() const {
        std::vector<std::string> messages;
        std::string buffer(4096, '\0');
        for (ssize_t size = 0; (size = recv(fd_, buffer.data(), buffer.size(), 0)) > 0;) {
            messages.push_back(buffer.substr(0, static_cast<std::size_t>(size)));
        }
        return messages;
    }

    int fd_;
};

TEST_F(NotifyTest, TellsTheServiceManagerWhatItIsDoing) {
    Loop loop;
    Notify notify(loop);
    notify.ready("3 kiosks");
    notify.status("two\nlines");
    notify.reloading();
    notify.stopping();
    EXPECT_THAT(received(), ElementsAre("READY=1\nSTATUS=3 kiosks", "STATUS=two lines",
                                        "RELOADING=1", "STOPPING=1"));
    EXPECT_EQ(notify.watchdog_interval(), 0us);
}

TEST_F(NotifyTest, AnswersTheWatchdogTwiceAnIntervalWhileHealthy) {
    setenv("WATCHDOG_USEC", "20000", 1);
    setenv("WATCHDOG_PID", std::to_string(getpid()).c_str(), 1);
    Loop loop;
    bool healthy = true;
    const Notify notify(loop, [&] { return healthy; });
    EXPECT_EQ(notify.watchdog_interval(), 20ms);
    loop.run_for(65ms);
    const auto answers = received();
    EXPECT_GE(answers.size(), 3U);
    EXPECT_LE(answers.size(), 7U);
    EXPECT_THAT(answers, Each("WATCHDOG=1"));
    healthy = false;
    loop.run_for(50ms);
    EXPECT_THAT(received(), ElementsAre());
}

TEST_F(NotifyTest, LeavesAnotherProcessesWatchdogAlone) {
    setenv("WATCHDOG_USEC", "20000", 1);
    setenv("WATCHDOG_PID", "1", 1);
    Loop loop;
    const Notify notify(loop);
    loop.run_for(50ms);
    EXPECT_THAT(received(), ElementsAre());
}

TEST(Notify, IsQuietWithoutAServiceManager) {
    unsetenv("NOTIFY_SOCKET");
    Loop loop;
    Notify notify(loop);
    notify.ready("nobody hears");
}

}  // namespace
}  // namespace vitrine::host
