// PahoLink against a real mosquitto.

#include "tests/unit/sync/mqtt/client.hpp"

/// Paho C 1.3.12 leaves a few bytes of each connection behind: not ours to find again and again.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libpaho-mqtt3as"; }

namespace vitrine::mqtt {
namespace {

TEST(PahoLink, RefusesSettingsThatCanNeverWork) {
    host::Loop loop;
    Rng rng(1);
    const auto error_for = [&](Settings settings) {
        auto link = PahoLink::create(std::move(settings), loop, rng, [](uplink::LinkEvent) {});
        return link ? std::string("no error") : link.error().message;
    };
    EXPECT_THAT(error_for({.broker = "localhost:1883", .client_id = "a"}), HasSubstr("mqtt://"));
    EXPECT_THAT(error_for({.broker = "mqtt://localhost", .client_id = "a"}), HasSubstr("port"));
    EXPECT_THAT(error_for({.broker = "mqtt://h:99999", .client_id = "a"}), HasSubstr("port"));
    EXPECT_THAT(error_for({.broker = "mqtts://h:1", .client_id = "a"}), HasSubstr("TLS"));
    EXPECT_THAT(error_for({.broker = "mqtt://h:1", .client_id = ""}), HasSubstr("client id"));
    EXPECT_THAT(error_for({.broker = "mqtts://h:1", .client_id = "a", .tls = Tls{"/nowhere.pem"}}),
                HasSubstr("/nowhere.pem"));
}

TEST(PahoLink, CarriesPayloadTypeAndProperties) {
    const Broker broker;
    host::Loop loop;
    Client sender(loop, settings_for(broker, "sender"));
    Client receiver(loop, settings_for(broker, "receiver"));
    ASSERT_TRUE(receiver.link->subscribe("vitrine/v1/+/agents/+/up", Qos::at_least_once));
    ASSERT_TRUE(sender.wait_up() && receiver.wait_up());
    receiver.loop.run_for(milliseconds(100));

    const auto ticket =
        sender.link->publish({.topic = "vitrine/v1/shop/agents/a1/up",
                              .payload = {0, 1, 2, 255, 0},
                              .qos = Qos::at_least_once,
                              .content_type = "application/cloudevents-batch+json",
                              .user_properties = {{"content-encoding", "zstd"}, {"floor", "17"}}});
    ASSERT_TRUE(ticket);
    ASSERT_TRUE(sender.wait([&] { return !sender.acks.empty(); }));
    EXPECT_EQ(sender.acks[0], *ticket);
    ASSERT_TRUE(receiver.wait([&] { return !receiver.messages.empty(); }));
    const Message expected{
        .topic = "vitrine/v1/shop/agents/a1/up",
        .payload = {0, 1, 2, 255, 0},
        .retained = false,
        .content_type = "application/cloudevents-batch+json",
        .user_properties = {{"content-encoding", "zstd"}, {"floor", "17"}},
    };
    EXPECT_EQ(receiver.messages[0], expected);

    ASSERT_TRUE(receiver.link->publish(
        {.topic = "vitrine/v1/shop/agents/a1/up", .payload = {}, .qos = Qos::at_most_once}));
    ASSERT_TRUE(receiver.wait([&] { return receiver.messages.size() == 2; }));
    EXPECT_TRUE(receiver.acks.empty());  // At most once: no report.
}

TEST(PahoLink, KeepsItsWindowAndAnswersEveryPublication) {
    const Broker broker;
    host::Loop loop;
    Settings settings = settings_for(broker, "sender");
    settings.in_flight_max = 15;
    Client sender(loop, settings);
    EXPECT_EQ(sender.link->publish({.topic = "a"}).error().code, ErrorCode::unavailable);
    ASSERT_TRUE(sender.wait_up());
    std::size_t published = 0;
    bool was_full = false;
    ASSERT_TRUE(sender.wait([&] {
        while (published < 2000) {
            const auto ticket = sender.link->publish({.topic = "a/b", .payload = Bytes(200)});
            if (!ticket) {
                EXPECT_EQ(ticket.error().code, ErrorCode::exhausted);
                was_full = true;
                break;
            }
            ++published;
        }
        return published == 2000 && sender.acks.size() == 2000;
    }));
    EXPECT_TRUE(was_full);
}

TEST(PahoLink, RefusesWhatIsNotATopic) {
    const Broker broker;
    host::Loop loop;
    Client sender(loop, settings_for(broker, "sender"));
    ASSERT_TRUE(sender.wait_up());
    for (const char* topic : {"", "a/+", "#"}) {
        EXPECT_EQ(sender.link->publish({.topic = topic}).error().code, ErrorCode::invalid);
    }
    EXPECT_EQ(sender.link->subscribe("", Qos::at_most_once).error().code, ErrorCode::invalid);
}

TEST(PahoLink, ReconnectsAndSubscribesAgainWhenTheBrokerReturns) {
    Broker broker;
    host::Loop loop;
    Client client(loop, settings_for(broker, "client"));
    ASSERT_TRUE(client.link->subscribe("news/#", Qos::at_least_once));
    ASSERT_TRUE(client.wait_up());
    for (std::size_t round = 1; round <= 3; ++round) {
        broker.stop();
        ASSERT_TRUE(client.wait([&] { return client.downs.size() == round; }));
        EXPECT_FALSE(client.link->is_up());
        EXPECT_FALSE(client.link->publish({.topic = "news/x"}));
        client.loop.run_for(milliseconds(300));
        broker.start();
        ASSERT_TRUE(client.wait_up(round + 1));
        const std::string text = "round " + std::to_string(round);
        ASSERT_TRUE(client.link->publish({.topic = "news/today", .payload = bytes_of(text)}));
        ASSERT_TRUE(client.wait([&] { return client.messages.size() == round; }));
        EXPECT_EQ(client.messages.back().payload, bytes_of(text));
    }
    EXPECT_EQ(client.link->counters().connects, 4U);
    EXPECT_EQ(client.link->counters().disconnects, 3U);
}

TEST(PahoLink, StartsBeforeItsBrokerDoes) {
    Broker broker;
    broker.stop();
    host::Loop loop;
    Client client(loop, settings_for(broker, "client"));
    client.loop.run_for(milliseconds(700));
    EXPECT_EQ(client.ups, 0U);
    EXPECT_TRUE(client.downs.empty());
    EXPECT_FALSE(client.link->counters().last_trouble.empty());
    broker.start();
    EXPECT_TRUE(client.wait_up());
}

TEST(PahoLink, ReconnectsWhenTheBrokerSaysFarewell) {
    Broker broker;
    host::Loop loop;
    Client client(loop, settings_for(broker, "client"));
    ASSERT_TRUE(client.wait_up());
    broker.stop(SIGTERM);  // DISCONNECT with reason "server shutting down".
    ASSERT_TRUE(client.wait([&] { return client.downs.size() == 1; }));
    broker.start();
    EXPECT_TRUE(client.wait_up(2));
    client.loop.run_for(milliseconds(300));
    EXPECT_EQ(client.downs.size(), 1U);
}

TEST(PahoLink, LeavesNothingAtTheBrokerForItsNextConnection) {
    const Broker broker;
    host::Loop loop;
    Client sender(loop, settings_for(broker, "sender"));
    {
        Client once(loop, settings_for(broker, "once"));
        ASSERT_TRUE(once.link->subscribe("x", Qos::at_least_once));
        ASSERT_TRUE(once.wait_up() && sender.wait_up());
        loop.run_for(milliseconds(50));
    }
    ASSERT_TRUE(sender.link->publish({.topic = "x", .payload = Bytes(1)}));
    ASSERT_TRUE(sender.wait([&] { return sender.acks.size() == 1; }));
    Client again(loop, settings_for(broker, "once"));
    ASSERT_TRUE(again.wait_up());
    loop.run_for(milliseconds(200));
    EXPECT_TRUE(again.messages.empty());
    EXPECT_THAT(broker.log(), HasSubstr("as once (p5, c1,")) << "MQTT 5, clean start";
}

TEST(PahoLink, ReportsATakeoverByTheSameClientId) {
    const Broker broker;
    host::Loop loop;
    Settings settings = settings_for(broker, "twin");
    settings.reconnect_first = milliseconds(5000);
    settings.reconnect_max = milliseconds(5000);
    Client one(loop, settings);
    ASSERT_TRUE(one.wait_up());
    Client two(loop, settings);
    ASSERT_TRUE(one.wait([&] { return !one.downs.empty(); }));
    EXPECT_FALSE(one.downs[0].reason.empty());
    EXPECT_TRUE(two.wait([&] { return two.ups == 1; }));
}

/// Not a test: the program that DeliversRetainedMessagesAndTheLastWill starts. It says that it is
/// online and dies without a farewell.
TEST(PahoLink, DISABLED_MortalClient) {
    const char* url = std::getenv("VITRINE_TEST_BROKER");
    if (url == nullptr) return;
    host::Loop loop;
    Settings settings;
    settings.broker = url;
    settings.client_id = "mortal";
    settings.will = Publication{.topic = "agents/a1/status",
                                .payload = bytes_of("offline"),
                                .retain = true,
                                .content_type = "text/plain"};
    Client mortal(loop, settings);
    ASSERT_TRUE(mortal.wait_up());
    ASSERT_TRUE(mortal.link->publish(
        {.topic = "agents/a1/status", .payload = bytes_of("online"), .retain = true}));
    ASSERT_TRUE(mortal.wait([&] { return !mortal.acks.empty(); }));
    kill(getpid(), SIGKILL);
}

TEST(PahoLink, DeliversRetainedMessagesAndTheLastWill) {
    const Broker broker;
    host::Loop loop;
    Client watcher(loop, settings_for(broker, "watcher"));
    ASSERT_TRUE(watcher.link->subscribe("agents/+/status", Qos::at_least_once));
    ASSERT_TRUE(watcher.wait_up());

    const pid_t child = fork();
    if (child == 0) {  // A program of its own: Paho's threads do not survive a fork.
        setenv("VITRINE_TEST_BROKER", broker.url().c_str(), 1);
        execl("/proc/self/exe", "mortal", "--gtest_also_run_disabled_tests",
              "--gtest_filter=PahoLink.DISABLED_MortalClient", nullptr);
        _exit(127);
    }
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    ASSERT_TRUE(watcher.wait([&] { return watcher.messages.size() == 2; }));
    EXPECT_EQ(watcher.messages[0].payload, bytes_of("online"));
    EXPECT_FALSE(watcher.messages[0].retained);
    EXPECT_EQ(watcher.messages[1].payload, bytes_of("offline"));

    Client late(loop, settings_for(broker, "late"));
    ASSERT_TRUE(late.link->subscribe("agents/+/status", Qos::at_least_once));
    ASSERT_TRUE(late.wait([&] { return !late.messages.empty(); }));
    EXPECT_EQ(late.messages[0].payload, bytes_of("offline"));
    EXPECT_TRUE(late.messages[0].retained);
    EXPECT_EQ(late.messages[0].content_type, "text/plain");
}

TEST(PahoLink, EndsASubscriptionForGood) {
    Broker broker;
    host::Loop loop;
    Client client(loop, settings_for(broker, "client"));
    ASSERT_TRUE(client.link->subscribe("kept", Qos::at_least_once));
    ASSERT_TRUE(client.link->subscribe("ended", Qos::at_least_once));
    ASSERT_TRUE(client.wait_up());
    const auto received = [&] {
        client.messages.clear();
        for (const char* topic : {"ended", "kept"}) {
            EXPECT_TRUE(client.link->publish({.topic = topic, .payload = {1}}));
        }
        EXPECT_TRUE(client.wait(
            [&] { return !client.messages.empty() && client.messages.back().topic == "kept"; }));
        return client.messages.size();
    };
    EXPECT_EQ(received(), 2U);
    ASSERT_TRUE(client.link->unsubscribe("ended"));
    ASSERT_TRUE(client.link->unsubscribe("never there"));
    EXPECT_EQ(received(), 1U);
    broker.stop();
    broker.start();
    ASSERT_TRUE(client.wait_up(2));
    EXPECT_EQ(received(), 1U) << "nor after a connect";
}

TEST(PahoLink, SharesASubscriptionAmongWorkers) {
    const Broker broker;
    host::Loop loop;
    Client one(loop, settings_for(broker, "w1"));
    Client two(loop, settings_for(broker, "w2"));
    Client sender(loop, settings_for(broker, "sender"));
    const std::string filter = "$share/central/vitrine/v1/+/+/agents/+/up";
    ASSERT_TRUE(one.link->subscribe(filter, Qos::at_least_once));
    ASSERT_TRUE(two.link->subscribe(filter, Qos::at_least_once));
    ASSERT_TRUE(one.wait_up() && two.wait_up() && sender.wait_up());
    loop.run_for(milliseconds(200));
    for (int i = 0; i < 40; ++i) {
        ASSERT_TRUE(sender.wait([&] {
            return sender.link->publish({.topic = "vitrine/v1/t/s/agents/a/up"}).has_value();
        }));
    }
    ASSERT_TRUE(one.wait([&] { return one.messages.size() + two.messages.size() == 40; }));
    EXPECT_GT(one.messages.size(), 5U);
    EXPECT_GT(two.messages.size(), 5U);
}

TEST(PahoLink, RefusesWhatTheBrokerSaysIsTooLarge) {
    const Broker broker("max_packet_size 20000\n");
    host::Loop loop;
    Client client(loop, settings_for(broker, "client"));
    ASSERT_TRUE(client.wait_up());
    const auto refused = client.link->publish({.topic = "big", .payload = Bytes(20'001)});
    EXPECT_EQ(refused.error().code, ErrorCode::invalid);
    EXPECT_THAT(refused.error().message, HasSubstr("at most 20000"));
    EXPECT_TRUE(client.link->publish({.topic = "small", .payload = Bytes(19'000)}));
    ASSERT_TRUE(client.wait([&] { return client.acks.size() == 1; }));
}

TEST(PahoLink, ReportsWhatTheBrokerRefusesWithoutHavingSaidSo) {
    const Broker broker("message_size_limit 20000\n");
    host::Loop loop;
    Client client(loop, settings_for(broker, "client"));
    ASSERT_TRUE(client.wait_up());
    const auto sent = client.link->publish({.topic = "big", .payload = Bytes(30'000)});
    ASSERT_TRUE(sent);
    ASSERT_TRUE(client.wait([&] { return !client.failures.empty() || !client.downs.empty(); }))
        << "acks: " << client.acks.size();
    if (!client.failures.empty()) {
        EXPECT_EQ(client.failures[0].ticket, *sent);
        EXPECT_TRUE(client.failures[0].too_large) << client.failures[0].reason;
    } else {
        EXPECT_TRUE(client.downs[0].too_large) << client.downs[0].reason;
    }
}

TEST(PahoLink, NeverSeesWhatIsLargerThanItAccepts) {
    const Broker broker;
    host::Loop loop;
    Settings settings = settings_for(broker, "small");
    settings.packet_bytes_max = 5000;
    Client small(loop, settings);
    Client sender(loop, settings_for(broker, "sender"));
    ASSERT_TRUE(small.link->subscribe("x", Qos::at_least_once));
    ASSERT_TRUE(small.wait_up() && sender.wait_up());
    loop.run_for(milliseconds(100));
    ASSERT_TRUE(sender.link->publish({.topic = "x", .payload = Bytes(6000)}));
    ASSERT_TRUE(sender.link->publish({.topic = "x", .payload = Bytes(100)}));
    ASSERT_TRUE(small.wait([&] { return !small.messages.empty(); }));
    EXPECT_EQ(small.messages[0].payload.size(), 100U);
    EXPECT_TRUE(small.downs.empty());
}

TEST(PahoLink, BoundsWhatWaitsForABusyLoop) {
    const Broker broker;
    host::Loop loop;
    host::Loop busy_loop;
    Settings settings = settings_for(broker, "busy");
    settings.inbound_max = 10;
    Client busy(busy_loop, settings);
    Client sender(loop, settings_for(broker, "sender"));
    ASSERT_TRUE(busy.link->subscribe("x", Qos::at_most_once));
    ASSERT_TRUE(busy.wait_up() && sender.wait_up());
    busy_loop.run_for(milliseconds(100));
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(sender.wait([&] { return sender.link->publish({.topic = "x"}).has_value(); }));
    }
    ASSERT_TRUE(sender.wait([&] { return sender.acks.size() == 100; }));
    ASSERT_TRUE(sender.wait([&] { return busy.link->counters().inbound_dropped == 90; }));
    busy_loop.run_for(milliseconds(50));
    EXPECT_EQ(busy.messages.size(), 10U);
}

}  // namespace
}  // namespace vitrine::mqtt
