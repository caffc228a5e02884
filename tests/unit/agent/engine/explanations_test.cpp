#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/agent/engine/world.hpp"

namespace vitrine::engine {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

/// What presence says of Ana, who comes to the kiosk's scanner and goes again.
std::vector<std::string> explanations(bool asked_for) {
    const WallTime start = wall_at(std::chrono::milliseconds(1'700'000'000'000));
    const auto at = [&](std::chrono::milliseconds since) {
        return Now{instant_at(1h + since), start + since};
    };
    Setup setup{.store = StoreId("lyon")};
    setup.layout.kiosks = {{.id = kKiosk}};
    setup.layout.scanners = {{.id = ScannerId("door"), .kiosk = 0}};
    setup.presence_limits.explain = asked_for;
    Engine engine(setup);
    const auto period = identity::period_of(identity::beacon_seconds(start));
    Recognition recognition{.epoch = Epoch(1)};
    recognition.keys = {{.member = kAna,
                         .first_period = period,
                         .keys = {identity::temporary_key(key_of(kAna), period).bytes}}};
    consent::Consents consents;
    consents.of(consent::Purpose::recognise) = {.granted = true};
    recognition.consents = {{kAna, consents}};
    EXPECT_TRUE(engine.on(recognition, at(0ms)));
    std::vector<std::string> lines;
    for (auto since = 0ms; since < 40s; since += 100ms) {
        const radio::Eid eid = identity::current_eid(key_of(kAna), at(since).wall);
        const auto payload = radio::encode(radio::EddystoneEid{.tx_power_dbm = -20, .eid = eid});
        if (since > 1s && since < 10s && since % 500ms == 0ms) {
            engine.on(radio::Advert{.at = at(since).instant, .rssi = Rssi(-45), .data = payload},
                      at(since));
        }
        Effects effects;
        engine.tick(at(since), effects);
        lines.insert(lines.end(), effects.explanations.begin(), effects.explanations.end());
    }
    return lines;
}

TEST(Explanations, OfEachChangeOfPresenceNameNoMember) {
    const std::vector<std::string> lines = explanations(true);
    EXPECT_THAT(lines, Contains(HasSubstr("arrived at kiosk kiosk-1: P=")));
    EXPECT_THAT(lines, Contains(HasSubstr("scanners door -45 dBm")));
    EXPECT_THAT(lines, Contains(HasSubstr("gone: P=1.00 by silence")));
    for (const std::string& line : lines) {
        EXPECT_THAT(line, testing::Not(HasSubstr(to_text(kAna))));
        EXPECT_THAT(line, testing::Not(HasSubstr(std::to_string(kAna.value()))));
    }
}

TEST(Explanations, AreGivenOnlyWhereTheyAreAskedFor) {
    EXPECT_THAT(explanations(false), IsEmpty());
}

}  // namespace
}  // namespace vitrine::engine
