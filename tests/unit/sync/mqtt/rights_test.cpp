// What a broker may refuse: connections at once from a whole fleet, subscriptions, publications.

#include <algorithm>
#include <array>
#include <fstream>

#include "tests/unit/sync/mqtt/client.hpp"

namespace vitrine::mqtt {
namespace {

TEST(Reconnecting, SpreadsAFleetThatLostItsBrokerOverTheWindow) {
    Settings settings;
    settings.spread = milliseconds(10'000);
    std::array<int, 10> arrivals{};  // Of 2,000 agents, by second.
    for (std::uint64_t agent = 0; agent < 2000; ++agent) {
        Rng rng(agent);
        const auto pause = pause_before_attempt(settings, 0, true, rng);
        ASSERT_LT(pause, settings.spread);
        ++arrivals[static_cast<std::size_t>(pause / seconds(1))];
    }
    EXPECT_LT(*std::ranges::max_element(arrivals), 260);  // Six deviations above 200.
    EXPECT_GT(*std::ranges::min_element(arrivals), 140);
}

TEST(Reconnecting, BeginsAtOnceWhereThereWasNoConnectionYetAndNeverWaitsTooLong) {
    Settings settings;
    settings.spread = milliseconds(10'000);
    Rng rng(1);
    for (int i = 0; i < 1000; ++i) {
        EXPECT_LT(pause_before_attempt(settings, 0, false, rng), settings.reconnect_first);
        EXPECT_LT(pause_before_attempt(settings, 4, false, rng), 16 * settings.reconnect_first);
        EXPECT_LT(pause_before_attempt(settings, 1000, true, rng), settings.reconnect_max);
    }
    settings.reconnect_max = milliseconds(500);
    EXPECT_LT(pause_before_attempt(settings, 0, true, rng), milliseconds(500));
}

/// mosquitto's own plugin: its plain access list grants every subscription and then delivers
/// nothing, so that only the plugin answers with a reason.
class PickyBroker {
  public:
    PickyBroker() {
        std::string name = (std::filesystem::temp_directory_path() / "picky-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) std::abort();
        folder_ = name;
        std::filesystem::permissions(folder_, std::filesystem::perms::all);
        const auto file = folder_ / "rights.json";
        std::ofstream(file) << R"({"defaultACLAccess": {"publishClientSend": true,
            "publishClientReceive": true, "subscribe": true, "unsubscribe": true}, "clients": [],
            "groups": [{"groupname": "all", "roles": [{"rolename": "agent"}], "clients": []}],
            "anonymousGroup": "all", "roles": [{"rolename": "agent", "acls": [
            {"acltype": "subscribePattern", "topic": "closed/#", "priority": 1, "allow": false},
            {"acltype": "publishClientSend", "topic": "closed/#", "priority": 1, "allow": false},
            {"acltype": "publishClientSend", "topic": "$CONTROL/#", "allow": true}]}]})";
        std::filesystem::permissions(file, std::filesystem::perms::all);
        broker = std::make_unique<Broker>("plugin " + plugin() + "\nplugin_opt_config_file " +
                                          file.string() + "\n");
    }
    ~PickyBroker() {
        broker.reset();
        std::filesystem::remove_all(folder_);
    }
    PickyBroker(const PickyBroker&) = delete;
    PickyBroker& operator=(const PickyBroker&) = delete;

    std::unique_ptr<Broker> broker;

  private:
    /// Debian keeps it in the folder of the machine's architecture.
    static std::string plugin() {
        for (const auto& entry : std::filesystem::directory_iterator("/usr/lib")) {
            const auto file = entry.path() / "mosquitto_dynamic_security.so";
            if (std::filesystem::exists(file)) return file.string();
        }
        ADD_FAILURE() << "mosquitto's dynamic security plugin is not installed";
        return {};
    }
    std::filesystem::path folder_;
};

TEST(PahoLink, NoticesARefusedSubscriptionAndAsksForItAlone) {
    const PickyBroker picky;
    host::Loop loop;
    Settings settings = settings_for(*picky.broker, "agent");
    settings.subscribe_again = milliseconds(300);
    std::vector<std::string> told;
    settings.on_trouble = [&](const std::string& reason) { told.push_back(reason); };
    Client client(loop, settings);
    ASSERT_TRUE(client.link->subscribe("closed/a", Qos::at_least_once));
    ASSERT_TRUE(client.link->subscribe("open/a", Qos::at_least_once));
    ASSERT_TRUE(client.wait_up());
    ASSERT_TRUE(client.link->publish({.topic = "open/a", .payload = Bytes(1), .retain = true}));
    ASSERT_TRUE(client.wait([&] { return client.link->counters().subscriptions_refused >= 3; }));
    EXPECT_EQ(client.unheard_of.size(), client.link->counters().subscriptions_refused);
    EXPECT_THAT(client.unheard_of[0], HasSubstr("closed/a"));
    EXPECT_THAT(told, testing::Contains(HasSubstr("'closed/a' refused")));
    EXPECT_EQ(client.messages.size(), 1U) << "what was granted is not asked for again";
    EXPECT_TRUE(client.downs.empty());

    ASSERT_TRUE(client.link->publish(
        {.topic = "$CONTROL/dynamic-security/v1",
         .payload = bytes_of(R"({"commands": [{"command": "removeRoleACL", "rolename": "agent",
             "acltype": "subscribePattern", "topic": "closed/#"}, {"command": "removeRoleACL",
             "rolename": "agent", "acltype": "publishClientSend", "topic": "closed/#"}]})")}));
    ASSERT_TRUE(client.wait([&] {
        static_cast<void>(client.link->publish({.topic = "closed/a", .payload = Bytes(2)}));
        loop.run_for(milliseconds(50));
        return client.messages.size() > 1;
    }));
    EXPECT_EQ(client.messages.back().topic, "closed/a");
}

TEST(PahoLink, BlamesRightsAndNotTheBytesOfWhatItMayNotPublish) {
    const PickyBroker picky;
    host::Loop loop;
    Client client(loop, settings_for(*picky.broker, "agent"));
    ASSERT_TRUE(client.wait_up());
    const auto sent = client.link->publish({.topic = "closed/a", .payload = Bytes(3)});
    ASSERT_TRUE(sent);
    ASSERT_TRUE(client.wait([&] { return !client.failures.empty(); }));
    EXPECT_EQ(client.failures[0].ticket, *sent);
    EXPECT_TRUE(client.failures[0].blameless) << client.failures[0].reason;
    EXPECT_FALSE(client.failures[0].too_large);
}

}  // namespace
}  // namespace vitrine::mqtt
