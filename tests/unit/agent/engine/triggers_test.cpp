#include <gtest/gtest.h>

#include "agent/offers/rules.hpp"
#include "tests/unit/agent/engine/world.hpp"

namespace vitrine::engine {
namespace {

using consent::Purpose;
using profiles::RuleOp;
using session::Mode;

constexpr OfferId kTriggered(900);

/// A shop with one more offer, for one trigger only.
void campaign(World& world, const char* trigger) {
    profiles::Catalogue catalogue = World::catalogue();
    catalogue.epoch = Epoch(2);
    profiles::Offer offer = catalogue.offers.front();
    catalogue.offers.clear();
    offer.id = kTriggered;
    offer.segment = {.nodes = {{.op = RuleOp::var, .field = *offers::slot_of("trigger")},
                               {.op = RuleOp::literal_text, .text = 1},
                               {.op = RuleOp::equal, .argument_count = 2}},
                     .arguments = {0, 1},
                     .texts = {"trigger", trigger}};
    catalogue.offers.push_back(offer);
    world.engine().on(catalogue).value();
    world.settle();
}

bool shown(const World& world) {
    return std::ranges::any_of(world.screen().cards,
                               [](const session::Card& card) { return card.offer == kTriggered; });
}

const std::vector<Purpose> kAll{Purpose::recognise, Purpose::personalise, Purpose::context};

TEST(EngineTriggers, WhoArrivesAndWhoStaysAreDifferentMoments) {
    World world;
    campaign(world, "dwell");
    world.enrol(kAna, kAll);
    world.hear({kAna}, 30s);
    EXPECT_FALSE(shown(world));
    world.hear({kAna}, 4min);
    ASSERT_EQ(world.screen().mode, Mode::tailored);
    EXPECT_TRUE(shown(world)) << "after three minutes without a touch the choice is made anew";
}

TEST(EngineTriggers, AWeatherThatTurnedIsAMomentOfItsOwn) {
    World world;
    campaign(world, "weather_change");
    EXPECT_FALSE(shown(world));
    world.engine().on(Surroundings{.weather = 1});
    world.pass(11min);
    EXPECT_TRUE(shown(world));
    world.pass(11min);
    EXPECT_FALSE(shown(world)) << "once";
}

}  // namespace
}  // namespace vitrine::engine
