#include "tests/unit/agent/daemon/downlink_world.hpp"

namespace vitrine::daemon {
namespace {

TEST(Downlink, FetchesTheWholeAndThenOnlyWhatChanged) {
    Retained broker;
    broker.whole(Kind::profiles, 10, state(10));
    AgentOf agent(broker);
    agent.connect();
    agent.run(10s);
    EXPECT_THAT(agent.applied, ElementsAre("profiles 10"));
    EXPECT_GT(agent.fetched, 1U << 20);

    agent.fetched = 0;
    broker.delta(Kind::profiles, 10, state(10), 11, state(11));
    broker.delta(Kind::profiles, 11, state(11), 12, state(12));
    agent.connect();
    agent.run(10s);
    EXPECT_THAT(agent.applied, ElementsAre("profiles 10", "profiles 11", "profiles 12"));
    EXPECT_TRUE(agent.cache.at(Kind::profiles).payload == state(12));
    EXPECT_LT(agent.fetched, 5000U);
}

TEST(Downlink, AsksForNothingThatItHas) {
    Retained broker;
    broker.whole(Kind::profiles, 10, state(10));
    broker.whole(Kind::catalogue, 3, state(3));
    AgentOf agent(broker);
    agent.connect();
    agent.run(10s);
    agent.connect();
    agent.run(60s);
    EXPECT_LT(agent.fetched, 3000U) << "two manifests";
    EXPECT_THAT(agent.subscribed, ElementsAre("vitrine/v1/halle/lyon/down/profiles/from/10"));
}

TEST(Downlink, AShopThatWasAwayForAMonthTakesTheWholeAndTheDeltasAfterIt) {
    Retained broker;
    broker.whole(Kind::profiles, 2, state(2));
    AgentOf agent(broker);
    agent.connect();
    agent.run(10s);
    broker.topics.clear();
    broker.whole(Kind::profiles, 40, state(40));
    broker.delta(Kind::profiles, 40, state(40), 41, state(41));
    broker.delta(Kind::profiles, 41, state(41), 42, state(42));
    agent.wall += std::chrono::hours(24 * 31);
    agent.connect();
    agent.run(10s);
    EXPECT_THAT(agent.applied,
                ElementsAre("profiles 2", "profiles 40", "profiles 41", "profiles 42"));
    EXPECT_THAT(agent.refusals, IsEmpty());
}

TEST(Downlink, TakesTheDeltaThatComesAfterTheManifestOfAWhole) {
    Retained broker;
    broker.whole(Kind::recognition, 5, state(5));
    AgentOf agent(broker);
    agent.connect();
    agent.run(5s);
    broker.whole(Kind::recognition, 6, state(6));  // Made anew; its delta is on the way.
    agent.connect();
    agent.run(1s);
    broker.delta(Kind::recognition, 5, state(5), 6, state(6));
    agent.subscribed.clear();
    agent.run(10s);
    EXPECT_EQ(agent.epoch(Kind::recognition), 6U);
    EXPECT_LT(agent.fetched, 4000U);
}

TEST(Downlink, FallsBackToTheWholeWhereADeltaIsBroken) {
    Retained broker;
    broker.whole(Kind::profiles, 5, state(5));
    AgentOf agent(broker);
    agent.connect();
    agent.run(5s);
    // A delta on top of another state that came to bear the same epoch; one that never comes.
    broker.delta(Kind::profiles, 5, state(4), 6, state(6));
    broker.whole(Kind::profiles, 6, state(6));
    agent.connect();
    agent.run(10s);
    EXPECT_EQ(agent.epoch(Kind::profiles), 6U);
    broker.delta(Kind::profiles, 6, state(6), 7, state(7));
    broker.whole(Kind::profiles, 7, state(7));
    agent.withheld = [](const std::string& topic) {
        return topic.find("/7-6/") != std::string::npos;
    };
    agent.connect();
    agent.run(Downlink::kHold + 10s);
    EXPECT_TRUE(agent.cache.at(Kind::profiles).payload == state(7));
}

TEST(Downlink, ComesBackAfterItsCacheWasLostWithoutShowingWhatIsOlder) {
    Retained broker;
    broker.whole(Kind::profiles, 10, state(10));
    broker.delta(Kind::profiles, 10, state(10), 11, state(11));
    broker.delta(Kind::profiles, 11, state(11), 12, state(12));
    broker.whole(Kind::catalogue, 4, state(4));
    AgentOf agent(broker);
    agent.connect();
    agent.run(10s);
    agent.cache.clear();
    agent.applied.clear();
    agent.start();
    agent.connect();
    agent.run(10s);
    EXPECT_THAT(agent.applied, ElementsAre("profiles 10 behind", "profiles 11 behind",
                                           "profiles 12", "catalogue 4"));
}

TEST(Downlink, NeverGoesBackWhateverTheBrokerRepeats) {
    Retained broker;
    broker.whole(Kind::catalogue, 4, state(4));
    broker.whole(Kind::profiles, 4, state(4));
    Retained old;
    old.topics = broker.topics;
    AgentOf agent(broker);
    broker.whole(Kind::catalogue, 5, state(5));
    broker.whole(Kind::profiles, 5, state(5));
    agent.connect();
    agent.run(10s);
    agent.applied.clear();
    agent.broker = &old;
    agent.connect();
    agent.run(60s);
    agent.start();
    agent.connect();
    agent.run(60s);
    EXPECT_THAT(agent.applied, IsEmpty());
    EXPECT_EQ(agent.epoch(Kind::catalogue), 5U);
    EXPECT_THAT(agent.refusals, Contains(HasSubstr("catalogue 4 is older than 5")));
}

TEST(Downlink, GoesOnAfterARestartWithTheChunksItHas) {
    Retained broker;
    broker.whole(Kind::profiles, 1, state(1, 3U << 20));
    AgentOf agent(broker);
    agent.withheld = [](const std::string& topic) { return topic.ends_with("7"); };
    agent.connect();
    agent.run(20s);
    EXPECT_EQ(agent.epoch(Kind::profiles), 0U);
    agent.withheld = [](const std::string&) { return false; };
    agent.fetched = 0;
    agent.start();
    agent.connect();
    agent.run(10s);
    EXPECT_EQ(agent.epoch(Kind::profiles), 1U);
    EXPECT_LT(agent.fetched, 500'000U) << "chunks 7 and 17";
}

TEST(Downlink, AsksAgainForWhatDoesNotCome) {
    Retained broker;
    broker.whole(Kind::catalogue, 1, state(1));
    AgentOf agent(broker);
    int losses = 3;
    agent.withheld = [&](const std::string& topic) {
        return topic.ends_with("/1/0") && losses-- > 0;
    };
    agent.connect();
    agent.run(2 * Downlink::kPatienceMax);
    EXPECT_EQ(agent.epoch(Kind::catalogue), 1U);
}

}  // namespace
}  // namespace vitrine::daemon
