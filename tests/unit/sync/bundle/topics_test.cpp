#include "sync/bundle/topics.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string_view>
#include <vector>

namespace vitrine::bundle {
namespace {

const std::vector<std::string_view> kTopics{
    "vitrine/v1/coop/lyon-1/agents/agent-1/up",
    "vitrine/v1/coop/lyon-1/agents/agent-1/ack",
    "vitrine/v1/coop/lyon-1/agents/agent-1/status",
    "vitrine/v1/coop/lyon-1/down/recognition/manifest",
    "vitrine/v1/coop/lyon-1/down/catalogue/18446744073709551615/0",
    "vitrine/v1/coop/lyon-1/context/weather",
    "vitrine/v1/coop/lyon-1/till/kiosk-2",
    "vitrine/v1/coop/lyon-1/down/profiles/from/41",
    "vitrine/v1/coop/lyon-1/down/profiles/42-41/7",
};

TEST(Topics, ReadBackAsTheyAreWritten) {
    for (const auto text : kTopics) {
        const auto topic = parse_topic(text);
        ASSERT_TRUE(topic) << topic.error().message;
        EXPECT_EQ(format_topic(*topic), text);
        EXPECT_EQ(topic->tenant, TenantId("coop"));
        EXPECT_EQ(topic->store, StoreId("lyon-1"));
    }
    EXPECT_EQ(parse_topic(kTopics[4])->leaf,
              Leaf(DownChunk{Kind::catalogue, Epoch(18446744073709551615ULL), 0}));
    EXPECT_EQ(parse_topic(kTopics[7])->leaf, Leaf(DownLink{Kind::profiles, Epoch(41)}));
    EXPECT_EQ(parse_topic(kTopics[8])->leaf,
              Leaf(DownChunk{Kind::profiles, Epoch(42), 7, Epoch(41)}));
}

TEST(Topics, NothingElseIsRead) {
    constexpr std::array<std::string_view, 21> wrong{
        "",
        "vitrine/v1",
        "vitrine/v2/coop/lyon-1/agents/agent-1/up",
        "/vitrine/v1/coop/lyon-1/agents/agent-1/up",
        "vitrine/v1/coop/lyon-1/agents/agent-1/down",
        "vitrine/v1/coop/lyon-1/agents/agent-1/up/more",
        "vitrine/v1/coop/lyon-1/agents/Agent/up",
        "vitrine/v1/coop/+/agents/agent-1/up",
        "vitrine/v1/coop/lyon-1/down/secrets/manifest",
        "vitrine/v1/coop/lyon-1/down/model/01/0",
        "vitrine/v1/coop/lyon-1/down/model/18446744073709551616/0",
        "vitrine/v1/coop/lyon-1/down/model/1/-1",
        "vitrine/v1/coop/lyon-1/down/model/1/0/",
        "vitrine/v1/coop/lyon-1/down/model/1/0/0",
        "vitrine/v1/coop/lyon-1/down/model/from/01",
        "vitrine/v1/coop/lyon-1/down/model/from/x",
        "vitrine/v1/coop/lyon-1/down/model/2-/0",
        "vitrine/v1/coop/lyon-1/down/model/2-01/0",
        "vitrine/v1/coop/lyon-1/down/model/2-1-0/0",
        "vitrine/v1/coop/lyon-1/context/",
        "vitrine/v1/coop/lyon-1/till",
    };
    for (const auto text : wrong) EXPECT_FALSE(parse_topic(text)) << text;
}

TEST(Topics, FiltersCoverWhatTheyAreFor) {
    const TenantId tenant("coop");
    const StoreId store("lyon-1");
    EXPECT_EQ(ack_filter(tenant, store, AgentId("agent-1")), kTopics[1]);
    EXPECT_EQ(manifests_filter(tenant, store), "vitrine/v1/coop/lyon-1/down/+/manifest");
    EXPECT_EQ(context_filter(tenant, store), "vitrine/v1/coop/lyon-1/context/+");
    EXPECT_EQ(till_filter(tenant, store), "vitrine/v1/coop/lyon-1/till/+");
    EXPECT_EQ(central_up_filter(tenant), "$share/central/vitrine/v1/coop/+/agents/+/up");
    EXPECT_EQ(central_status_filter(tenant), "vitrine/v1/coop/+/agents/+/status");
}

}  // namespace
}  // namespace vitrine::bundle
