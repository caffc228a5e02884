#include "agent/http/event_channel.hpp"

#include <unistd.h>

#include <fstream>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/http/server.hpp"
#include "tests/unit/agent/http/client.hpp"

namespace vitrine::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using namespace std::chrono_literals;

constexpr std::string_view kFollow = "GET /events HTTP/1.1\r\nHost: k\r\n";

class EventChannelTest : public testing::Test {
  protected:
    EventChannelTest() { start({}, {}); }

    void start(Limits limits, EventChannel::Options options) {
        options.event = "screen";
        options.open_streams = metrics_.gauge("streams", "Open");
        options.skipped_states = metrics_.counter("skipped_total", "Skipped");
        server_ = std::make_unique<Server>(loop_, metrics_, ServerOptions{.limits = limits});
        channel_ = std::make_unique<EventChannel>(loop_, options);
        server_->router().add_async(Method::get, "/events", [this](const Request&, Reply reply) {
            reply.stream(*channel_, {.on_state = [this] { ++handed_out_; },
                                     .allowed = [this] { return allowed_; }});
        });
        ASSERT_TRUE(server_->listen("127.0.0.1", 0).has_value());
    }

    std::unique_ptr<Client> follow(std::string_view headers = "", int receive_buffer = 0) {
        auto client = std::make_unique<Client>(loop_, server_->port(), receive_buffer);
        const std::size_t before = channel_->streams();
        client->send(std::string(kFollow) + std::string(headers) + "\r\n");
        EXPECT_TRUE(run_until(loop_, [&] { return channel_->streams() > before; }));
        return client;
    }

    host::Loop loop_;
    host::Metrics metrics_;
    int handed_out_ = 0;
    bool allowed_ = true;
    std::unique_ptr<EventChannel> channel_;
    std::unique_ptr<Server> server_;
};

TEST_F(EventChannelTest, AnswersWithThePresentState) {
    channel_->publish(7, "{\"a\":1}");
    const auto client = follow();
    const std::string head = client->read_until("\r\n\r\n");
    EXPECT_THAT(head, StartsWith("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"));
    EXPECT_THAT(head, HasSubstr("Content-Security-Policy: default-src 'self'"));
    EXPECT_THAT(head, HasSubstr("Cache-Control: no-store"));
    EXPECT_EQ(client->read_until("\n\n"), "retry: 1000\n\n");
    const std::string event = client->read_until("\n\n");
    EXPECT_THAT(event, StartsWith("event: screen\nid: "));
    EXPECT_THAT(event, EndsWith(".7\ndata: {\"a\":1}\n\n"));
    channel_->publish(8, "{\"a\":2}");
    EXPECT_THAT(client->read_until("\n\n"), EndsWith(".8\ndata: {\"a\":2}\n\n"));
    EXPECT_EQ(handed_out_, 2);
}

TEST_F(EventChannelTest, HasWrittenWhenPublishReturns) {
    channel_->publish(1, "first");
    const auto client = follow();
    client->read_until("first\n\n");
    EXPECT_TRUE(client->is_quiet(10ms));  // The channel has noticed that the first has gone out.
    channel_->publish(2, "second");
    EXPECT_THAT(client->arriving(), HasSubstr("second\n\n")) << "without a turn of the loop";
}

TEST_F(EventChannelTest, HoldsAClientUntilThereIsAState) {
    const auto client = follow();
    EXPECT_TRUE(client->is_quiet(10ms));
    channel_->publish(1, "{}");
    EXPECT_THAT(client->read_until("data: {}\n\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(EventChannelTest, DoesNotRepeatTheStateThatAClientKnows) {
    channel_->publish(3, "known");
    const std::string id = channel_->id();
    const auto client = follow("Last-Event-ID: " + id + "\r\n");
    EXPECT_THAT(client->read_until("retry: 1000\n\n"), HasSubstr("200 OK"));
    EXPECT_TRUE(client->is_quiet(10ms));
    channel_->publish(4, "new");
    EXPECT_THAT(client->read_until("\n\n"), HasSubstr("data: new\n"));
}

TEST_F(EventChannelTest, RepeatsItForAnIdFromAnotherRun) {
    channel_->publish(3, "state");
    const auto client = follow("Last-Event-ID: 0123456789ab.3\r\n");
    EXPECT_THAT(client->read_until("state\n\n"), HasSubstr("data: state\n\n"));
}

TEST_F(EventChannelTest, BeatsWhileNothingHappens) {
    start({}, {.heartbeat = 20ms});
    channel_->publish(1, "{}");
    const auto client = follow();
    client->read_until("data: {}\n\n");
    EXPECT_EQ(client->read_until("\n\n"), "event: heartbeat\ndata: {}\n\n");
    EXPECT_EQ(client->read_until("\n\n"), "event: heartbeat\ndata: {}\n\n");
}

TEST_F(EventChannelTest, NoticesAClientThatLeaves) {
    channel_->publish(1, "{}");
    auto client = follow();
    EXPECT_THAT(metrics_.exposition(), HasSubstr("\nstreams 1"));
    client.reset();
    EXPECT_TRUE(run_until(loop_, [&] { return channel_->streams() == 0; }));
    EXPECT_THAT(metrics_.exposition(), HasSubstr("\nstreams 0"));
    EXPECT_EQ(server_->connections(), 0U);
}

TEST_F(EventChannelTest, NoticesAClientThatLeavesBeforeTheFirstState) {
    auto client = follow();
    client.reset();
    EXPECT_TRUE(run_until(loop_, [&] { return channel_->streams() == 0; }));
}

std::size_t resident_bytes() {
    std::ifstream file("/proc/self/statm");
    std::size_t total = 0;
    std::size_t resident = 0;
    file >> total >> resident;
    return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

// REQUIREMENTS K4. A server that queued would hold 128 MiB here.
TEST_F(EventChannelTest, HoldsOneStateForAStalledClientAndThenTheLatest) {
    channel_->publish(0, "{}");
    const auto client = follow("", 32 * 1024);
    client->read_until("{}\n\n");
    const std::size_t before = resident_bytes();
    constexpr int kStates = 512;
    for (int revision = 1; revision <= kStates; ++revision) {
        channel_->publish(static_cast<std::uint64_t>(revision), std::string(1 << 18, 'x'));
        loop_.run_for(10us);
    }
    EXPECT_LT(resident_bytes(), before + (16U << 20));
    channel_->publish(1000, "\"last\"");
    const std::string received = client->read_until("\"last\"\n\n");
    EXPECT_THAT(received, EndsWith(".1000\ndata: \"last\"\n\n"));
    EXPECT_LT(received.size(), 3U << 18) << "the states between were left out";
    EXPECT_GE(metrics_.counter("skipped_total", "Skipped").value(), kStates - 2U);
}

TEST_F(EventChannelTest, GivesUpOnAClientThatStaysStalled) {
    start({.write_timeout = 30ms}, {});
    channel_->publish(0, "{}");
    const auto client = follow("", 32 * 1024);
    client->read_until("{}\n\n");
    channel_->publish(1, std::string(8 << 20, 'x'));
    EXPECT_TRUE(run_until(loop_, [&] { return channel_->streams() == 0; }));
}

TEST_F(EventChannelTest, AStalledClientDelaysNoOther) {
    channel_->publish(0, "{}");
    const auto stalled = follow("", 32 * 1024);
    const auto awake = follow();
    awake->read_until("{}\n\n");
    for (std::uint64_t revision = 1; revision <= 20; ++revision) {
        const std::string data(200'000, 'x');
        channel_->publish(revision, data);
        const std::string event = awake->read_until("x\n\n");
        EXPECT_THAT(event, HasSubstr("." + std::to_string(revision) + "\n"));
    }
}

TEST_F(EventChannelTest, ReplacesTheOldestStreamOverTheLimit) {
    start({}, {.streams_max = 2});
    channel_->publish(1, "{}");
    const auto first = follow();
    const auto second = follow();
    Client third(loop_, server_->port());
    third.send(std::string(kFollow) + "\r\n");
    third.read_until("{}\n\n");
    first->read_until("{}\n\n");
    EXPECT_TRUE(first->closes());
    EXPECT_EQ(channel_->streams(), 2U);
}

TEST_F(EventChannelTest, ShowsNothingToAClientThatIsNoLongerAllowed) {
    channel_->publish(1, "{}");
    const auto client = follow();
    client->read_until("{}\n\n");
    allowed_ = false;
    channel_->publish(2, "secret");
    EXPECT_TRUE(client->closes());
    EXPECT_THAT(client->pending(), Not(HasSubstr("secret")));
    EXPECT_EQ(handed_out_, 1);
}

TEST_F(EventChannelTest, EndsWithItsServerInAnyOrder) {
    channel_->publish(1, "{}");
    const auto client = follow();
    channel_.reset();
    EXPECT_EQ(server_->connections(), 0U);
    EXPECT_THAT(client->read_until("{}\n\n"), HasSubstr("200 OK"));
    EXPECT_TRUE(client->closes());
    start({}, {});
    channel_->publish(1, "{}");
    const auto other = follow();
    server_.reset();
    EXPECT_EQ(channel_->streams(), 0U);
}

TEST(EventChannelDeathTest, RefusesAStateThatWouldBreakTheStream) {
    host::Loop loop;
    EventChannel channel(loop, {});
    EXPECT_DEATH(channel.publish(1, "a\nevent: forged"), "data");
}

}  // namespace
}  // namespace vitrine::http
