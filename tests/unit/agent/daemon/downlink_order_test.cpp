#include "tests/unit/agent/daemon/downlink_world.hpp"

namespace vitrine::daemon {
namespace {

TEST(Downlink, AppliesInTheOrderOfKindsWhateverOrderTheyComeIn) {
    Retained broker;
    for (const Kind kind : {Kind::model, Kind::policy, Kind::catalogue, Kind::profiles,
                            Kind::recognition, Kind::erasures}) {
        broker.whole(kind, 1, state(1, 400'000));
    }
    AgentOf agent(broker);
    agent.withheld = [](const std::string& topic) {
        return topic.find("erasures/1/") != std::string::npos;
    };
    agent.connect();
    agent.run(20s);
    EXPECT_THAT(agent.applied, IsEmpty()) << "what is announced comes first";
    agent.withheld = [](const std::string&) { return false; };
    agent.run(20s);
    EXPECT_THAT(agent.applied, ElementsAre("erasures 1", "recognition 1", "profiles 1",
                                           "catalogue 1", "policy 1", "model 1"));
}

TEST(Downlink, WhatIsCompleteWaitsForWhatIsAnnouncedBeforeIt) {
    Retained broker;
    broker.whole(Kind::catalogue, 1, state(1, 600'000));
    AgentOf agent(broker);
    agent.connect();
    for (int i = 0; i < 9; ++i) agent.tick();  // All of it is here, within the first second.
    EXPECT_THAT(agent.applied, IsEmpty());
    broker.whole(Kind::erasures, 1, state(1, 1000));
    const std::string manifest = "vitrine/v1/halle/lyon/down/erasures/manifest";
    agent.say(manifest, broker.topics.at(manifest));
    agent.withheld = [](const std::string& topic) { return topic.ends_with("erasures/1/0"); };
    agent.run(10s);
    EXPECT_THAT(agent.applied, IsEmpty());
    agent.withheld = [](const std::string&) { return false; };
    agent.run(10s);
    EXPECT_THAT(agent.applied, ElementsAre("erasures 1", "catalogue 1"));
}

TEST(Downlink, ALostChunkOfErasuresDoesNotHoldBackTheRestForEver) {
    Retained broker;
    broker.whole(Kind::erasures, 1, state(1, 400'000));
    broker.whole(Kind::catalogue, 1, state(1, 400'000));
    AgentOf agent(broker);
    agent.withheld = [](const std::string& topic) { return topic.ends_with("erasures/1/2"); };
    agent.connect();
    agent.run(Downlink::kHold - 5s);
    EXPECT_THAT(agent.applied, IsEmpty());
    agent.run(10s);
    EXPECT_THAT(agent.applied, ElementsAre("catalogue 1"));
    agent.withheld = [](const std::string&) { return false; };
    agent.run(Downlink::kPatienceMax);
    EXPECT_THAT(agent.applied, Contains("erasures 1"));
}

TEST(Downlink, ErasuresOvertakeWhatIsUnderWay) {
    Retained broker;
    broker.whole(Kind::profiles, 1, state(1, 4U << 20));
    AgentOf agent(broker);
    agent.withheld = [](const std::string& topic) { return topic.ends_with("/1/30"); };
    agent.connect();
    agent.run(3s);
    broker.whole(Kind::erasures, 1, state(1, 1000));
    agent.say("vitrine/v1/halle/lyon/down/erasures/manifest",
              broker.topics.at("vitrine/v1/halle/lyon/down/erasures/manifest"));
    agent.run(200ms);
    EXPECT_THAT(agent.applied, ElementsAre("erasures 1"));
}

TEST(Downlink, WithAClockThatIsWrongKeepsWhatItHasAndAppliesOnceItIsRight) {
    Retained broker;
    broker.whole(Kind::erasures, 1, state(1, 100));
    broker.whole(Kind::catalogue, 1, state(1));
    AgentOf agent(broker);
    agent.wall = wall_at(1h);  // 1970
    agent.connect();
    agent.run(60s);
    EXPECT_THAT(agent.applied, ElementsAre("erasures 1"));
    agent.wall = kPublished + 1h;
    agent.run(200ms);
    EXPECT_THAT(agent.applied, ElementsAre("erasures 1", "catalogue 1"));
    EXPECT_THAT(agent.refusals, IsEmpty());
}

TEST(Downlink, TakesWhatHasExpired) {
    Retained broker;
    broker.whole(Kind::catalogue, 1, state(1));
    AgentOf agent(broker);
    agent.wall = kPublished + std::chrono::hours(24 * 300);
    agent.connect();
    agent.run(5s);
    ASSERT_EQ(agent.epoch(Kind::catalogue), 1U);
    EXPECT_LT(agent.downlink->present(Kind::catalogue)->expires, agent.wall);
}

TEST(Downlink, OfAForgerTakesNothing) {
    Retained broker;
    broker.signer = key(9);
    broker.whole(Kind::catalogue, 7, state(7));
    AgentOf agent(broker);
    agent.connect();
    agent.run(10s);
    EXPECT_THAT(agent.applied, IsEmpty());
    EXPECT_THAT(agent.refusals, Contains(HasSubstr("unknown key")));

    Retained honest;
    honest.whole(Kind::catalogue, 1, state(1));
    honest.whole(Kind::profiles, 1, state(1));
    honest.topics["vitrine/v1/halle/lyon/down/policy/manifest"] =
        honest.topics.at("vitrine/v1/halle/lyon/down/catalogue/manifest");
    auto& chunk = honest.topics.at("vitrine/v1/halle/lyon/down/profiles/1/3");
    const Bytes good = std::exchange(chunk, Bytes(chunk.size(), 7));
    agent.broker = &honest;
    agent.refusals.clear();
    agent.connect();
    agent.run(2s);
    EXPECT_EQ(agent.epoch(Kind::profiles), 0U);
    EXPECT_EQ(agent.epoch(Kind::policy), 0U);
    chunk = good;
    agent.run(20s);
    EXPECT_EQ(agent.epoch(Kind::profiles), 1U) << "a wrong chunk only delays";
    EXPECT_EQ(agent.epoch(Kind::catalogue), 1U);
}

TEST(Downlink, GoesOverToTheNextKeyWithoutFetchingAnythingAgain) {
    Retained broker;
    broker.whole(Kind::catalogue, 5, state(5));
    AgentOf agent(broker, {key(1).public_key(), key(2).public_key()});
    agent.connect();
    agent.run(5s);
    broker.signer = key(2);
    broker.whole(Kind::catalogue, 5, state(5));
    agent.connect();
    agent.run(5s);
    EXPECT_LT(agent.fetched, 1000U);
    EXPECT_EQ(agent.downlink->present(Kind::catalogue)->signer, key(2).public_key());
    // The old one is revoked: what is here stays.
    agent.trusted = {key(2).public_key()};
    agent.start();
    EXPECT_EQ(agent.epoch(Kind::catalogue), 5U);
}

TEST(Downlink, WhoseKeyIsRevokedIsGoneFromTheCacheToo) {
    Retained broker;
    broker.whole(Kind::catalogue, 500, state(5));
    AgentOf agent(broker);
    agent.connect();
    agent.run(5s);
    agent.trusted = {key(2).public_key()};
    agent.start();
    EXPECT_EQ(agent.epoch(Kind::catalogue), 0U);
    // A key that was lost is replaced by one that counts from 1 again.
    broker.signer = key(2);
    broker.whole(Kind::catalogue, 1, state(6));
    agent.connect();
    agent.run(5s);
    EXPECT_EQ(agent.epoch(Kind::catalogue), 1U);
}

TEST(Downlink, WhatCannotBeAppliedIsNotFetchedForEver) {
    Retained broker;
    broker.whole(Kind::catalogue, 1, state(1));
    AgentOf agent(broker);
    agent.downlink->connected(agent.now);
    agent.connect();
    while (!agent.downlink->next(agent.wall, agent.now)) {
        for (const auto& topic : agent.downlink->wanted(agent.now)) agent.subscribe(topic);
        agent.now += 100ms;
    }
    // next() keeps its answer until it is told.
    agent.downlink->refused(*agent.downlink->next(agent.wall, agent.now));
    agent.fetched = 0;
    agent.run(300s);
    EXPECT_EQ(agent.fetched, 0U);
    broker.whole(Kind::catalogue, 2, state(2));
    agent.connect();
    agent.run(5s);
    EXPECT_THAT(agent.applied, ElementsAre("catalogue 2"));
}

}  // namespace
}  // namespace vitrine::daemon
