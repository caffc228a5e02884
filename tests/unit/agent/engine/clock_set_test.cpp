#include <gtest/gtest.h>

#include "tests/unit/agent/engine/world.hpp"

namespace vitrine::engine {
namespace {

TEST(Engine, ChoosesAnewWhenTheClockIsSet) {
    World world;
    Engine& engine = world.engine();
    const DecisionId before = world.screen().decision;
    const auto tick = [&](std::chrono::seconds passed, std::chrono::hours set) {
        engine.tick({world.now().instant + passed, world.now().wall + passed + set},
                    world.effects());
        return world.screen().decision;
    };
    EXPECT_EQ(tick(5s, 0h), before);
    const DecisionId ahead = tick(6s, 1h);
    EXPECT_NE(ahead, before);
    EXPECT_EQ(tick(7s, 1h), ahead) << "once is enough";
    EXPECT_NE(tick(8s, -1h), ahead);
}

}  // namespace
}  // namespace vitrine::engine
