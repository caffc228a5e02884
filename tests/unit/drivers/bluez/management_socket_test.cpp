// The management channel on the loop, with a test at the other end.

#include "drivers/bluez/management_socket.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace vitrine::bluez {
namespace {

using std::chrono::milliseconds;

struct Kernel : testing::Test {
    void SetUp() override {
        int ends[2];
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends), 0);
        ours = ends[1];
        socket = std::make_unique<ManagementSocket>(
            loop, ends[0], std::uint16_t{1},
            ManagementSocket::Calls{.found =
                                        [this](const FoundOnAir& found) {
                                            EXPECT_TRUE(socket->in_turn());
                                            levels.push_back(found.rssi.value());
                                        },
                                    .answered = [this] { ++answers; },
                                    .ended =
                                        [this](const std::string& reason) {
                                            ended = reason;
                                            socket.reset();
                                        }});
        ASSERT_TRUE(socket->start());
    }
    void TearDown() override {
        if (ours >= 0) ::close(ours);
    }
    void say(const Bytes& packet) {
        ASSERT_EQ(::send(ours, packet.data(), packet.size(), 0),
                  static_cast<ssize_t>(packet.size()));
    }
    static Bytes advert(std::uint16_t adapter, int dbm) {
        Bytes packet = *from_hex(
            "2f0000001000"
            "0000"
            "0100000000c0"
            "02"
            "c2"
            "00000000"
            "0000");
        packet[2] = static_cast<std::uint8_t>(adapter);
        packet[15] = static_cast<std::uint8_t>(dbm);
        return packet;
    }

    host::Loop loop;
    int ours = -1;
    std::unique_ptr<ManagementSocket> socket;
    std::vector<int> levels;
    int answers = 0;
    std::string ended;
};

TEST_F(Kernel, IsAskedForLeaveAndThenHeard) {
    Bytes question(64);
    const auto size = ::recv(ours, question.data(), question.size(), 0);
    ASSERT_GT(size, 0);
    question.resize(static_cast<std::size_t>(size));
    EXPECT_EQ(to_hex(question), "510001000000");
    EXPECT_FALSE(socket->permitted());
    say(
        *from_hex("010001000300"
                  "5100"
                  "00"));
    say(advert(1, -60));
    say(advert(0, -70));  // Of another adapter.
    say(Bytes{1, 2, 3});  // Nonsense.
    say(advert(1, -61));
    loop.run_for(milliseconds(50));
    ASSERT_NE(socket, nullptr);
    EXPECT_TRUE(socket->permitted());
    EXPECT_EQ(answers, 1);
    EXPECT_THAT(levels, testing::ElementsAre(-60, -61));
}

TEST_F(Kernel, WithoutLeaveItEndsWithTheReason) {
    say(
        *from_hex("020001000300"
                  "5100"
                  "14"));
    say(advert(1, -60));
    loop.run_for(milliseconds(50));
    EXPECT_EQ(socket, nullptr);
    EXPECT_THAT(ended, testing::HasSubstr("CAP_NET_ADMIN"));
    EXPECT_TRUE(levels.empty());
}

TEST_F(Kernel, WhatAGivenSocketHeardBeforeIsForgottenAndTheSocketStaysTheGivers) {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends), 0);
    const auto hear = [&](int dbm) {
        const Bytes packet = advert(1, dbm);
        EXPECT_GT(::send(ends[1], packet.data(), packet.size(), 0), 0);
    };
    for (int round = 0; round < 2; ++round) {
        levels.clear();
        hear(-80);
        socket.reset();
        auto opened = ManagementSocket::open(
            loop, ends[0], std::uint16_t{1},
            {.found = [this](const FoundOnAir& found) { levels.push_back(found.rssi.value()); },
             .answered = [] {},
             .ended = [](const std::string& reason) { ADD_FAILURE() << reason; }});
        ASSERT_TRUE(opened);
        socket = *std::move(opened);
        hear(-60);
        loop.run_for(milliseconds(50));
        EXPECT_THAT(levels, testing::ElementsAre(-60));
    }
    socket.reset();
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST_F(Kernel, AChannelThatIsGoneEnds) {
    ::close(std::exchange(ours, -1));
    loop.run_for(milliseconds(50));
    EXPECT_EQ(socket, nullptr);
    EXPECT_FALSE(ended.empty());
}

TEST_F(Kernel, AFloodIsTakenInTurnsBetweenWhichTheLoopDoesOtherWork) {
    int sent = 0;
    int turns = 0;
    const auto other = loop.every(milliseconds(1), [&] { ++turns; });
    const auto feed = loop.every(milliseconds(1), [&] {
        for (int i = 0; i < 100 && sent < 20'000; ++i) {
            const Bytes packet = advert(1, -40 - sent % 50);
            if (::send(ours, packet.data(), packet.size(), MSG_DONTWAIT) < 0) return;
            ++sent;
        }
    });
    for (int i = 0; i < 100 && levels.size() < 20'000; ++i) loop.run_for(milliseconds(50));
    EXPECT_EQ(levels.size(), 20'000u);
    EXPECT_GT(turns, 50);
}

}  // namespace
}  // namespace vitrine::bluez
