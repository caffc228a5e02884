#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "agent/presence/belief.hpp"
#include "agent/presence/level_window.hpp"
#include "agent/presence/roster.hpp"
#include "tests/unit/agent/presence/shop.hpp"

namespace vitrine::presence {
namespace {

using std::chrono::milliseconds;
using test::at_s;

constexpr milliseconds kWindow{3000};

TEST(LevelWindow, AveragesWhatTheWindowHolds) {
    LevelWindow window;
    EXPECT_FALSE(window.mean_dbm(at_s(0), kWindow).has_value());
    window.add(Rssi(-60), at_s(0), kWindow);
    window.add(Rssi(-70), at_s(1), kWindow);
    EXPECT_DOUBLE_EQ(*window.mean_dbm(at_s(1), kWindow), -65);
    EXPECT_DOUBLE_EQ(*window.mean_dbm(at_s(3.5), kWindow), -70);
    EXPECT_FALSE(window.mean_dbm(at_s(9), kWindow).has_value());
}

TEST(LevelWindow, PutsALateReadingWhereItBelongs) {
    LevelWindow window;
    window.add(Rssi(-60), at_s(2), kWindow);
    window.add(Rssi(-80), at_s(1), kWindow);
    window.add(Rssi(-20), at_s(-60), kWindow);  // long gone
    EXPECT_DOUBLE_EQ(*window.mean_dbm(at_s(2), kWindow), -70);
    EXPECT_DOUBLE_EQ(*window.mean_dbm(at_s(4.5), kWindow), -60);
}

TEST(LevelWindow, StaysInBoundsUnderAnyNumberOfReadings) {
    LevelWindow window;
    for (int i = 0; i < 100'000; ++i) window.add(Rssi(-127), at_s(0), kWindow);
    EXPECT_DOUBLE_EQ(*window.mean_dbm(at_s(0), kWindow), -127);
}

TEST(LevelWindow, CountsNoMoreThanAPhoneCanSend) {
    LevelWindow window;
    int counted = 0;
    for (int i = 0; i < 30'000; ++i) counted += window.add(Rssi(-40), at_s(i * 0.0001), kWindow);
    EXPECT_GE(counted, 150) << "fifty a second are possible";
    EXPECT_LE(counted, 16 * 13);
    EXPECT_TRUE(window.add(Rssi(-40), at_s(3.5), kWindow));
}

RC_GTEST_PROP(Roster, BehavesLikeAMap, (const std::vector<std::pair<bool, std::uint8_t>>& steps)) {
    constexpr std::size_t kSeats = 16;
    Roster roster(kSeats);
    std::map<std::uint64_t, std::uint32_t> model;
    for (const auto& [leaves, number] : steps) {
        const std::uint64_t id = number % 40;
        const MemberId member(id);
        const auto known = model.find(id);
        if (known == model.end()) {
            RC_ASSERT(!roster.find(member).has_value());
            const auto seat = roster.seat(member);
            RC_ASSERT(seat.has_value() == (model.size() < kSeats));
            if (seat) model[id] = *seat;
        } else if (leaves) {
            roster.leave(member);
            model.erase(known);
        }
        RC_ASSERT(roster.taken() == model.size());
        for (const auto& [each, seat] : model) RC_ASSERT(roster.find(MemberId(each)) == seat);
    }
}

TEST(Grid, KeepsABeliefAProbability) {
    Grid grid(test::hall(), {});
    Belief belief;
    grid.reset(belief);
    Rng chance(7);
    for (int i = 0; i < 2000; ++i) {
        grid.spread(belief, chance.uniform() * (i % 50 == 0 ? 100 : 1));
        const auto rssi =
            Rssi(static_cast<std::int8_t>(-127 + static_cast<int>(chance.below(148))));
        grid.weigh(belief, static_cast<std::uint16_t>(chance.below(9)), rssi);
        double sum = 0;
        for (const float cell : belief) {
            ASSERT_GE(cell, 0);
            sum += double{cell};
        }
        ASSERT_NEAR(sum, 1, 1e-4);
    }
}

TEST(Grid, SpreadsWithoutDrifting) {
    Grid grid(test::hall(), {});
    Belief belief;
    grid.reset(belief);
    for (int i = 0; i < 20; ++i) {
        for (std::uint16_t s = 0; s < 9; ++s) {
            grid.weigh(belief, s, test::expected_rssi(test::hall().scanners[s], {8, 8, 1.6}));
        }
    }
    const auto before = grid.nearness(belief, 4);
    EXPECT_GT(before.enter, 0.95);
    grid.spread(belief, 3);
    EXPECT_NEAR(grid.centre(belief).x_m, 8, 0.1);
    EXPECT_NEAR(grid.centre(belief).y_m, 8, 0.1);
    EXPECT_LT(grid.nearness(belief, 4).enter, before.enter);
    EXPECT_GE(grid.nearness(belief, 4).exit, grid.nearness(belief, 4).enter);
}

TEST(Grid, StaysWithinItsCellsOnTheLargestFloor) {
    Layout layout = test::shop(2, 2, 499);
    Grid grid(layout, {});
    EXPECT_LE(grid.cells(), Grid::kCellsMax);
    EXPECT_GT(grid.cells(), Grid::kCellsMax / 2);
}

TEST(Layout, NamesWhatIsWrong) {
    EXPECT_TRUE(test::hall().check());
    const auto told = [](auto spoil) {
        Layout layout = test::hall();
        spoil(layout);
        const Result<void> checked = layout.check();
        return checked ? std::string("good") : checked.error().message;
    };
    EXPECT_THAT(told([](Layout& l) { l.scanners[1].id = l.scanners[0].id; }),
                testing::HasSubstr("scanner 2 repeats the id 'place-0'"));
    EXPECT_THAT(told([](Layout& l) { l.scanners[2].zone = 40; }), testing::HasSubstr("zone"));
    EXPECT_THAT(told([](Layout& l) { l.kiosks[3].exit_m = 1; }), testing::HasSubstr("place-3"));
    EXPECT_THAT(told([](Layout& l) { l.kiosks[3].at.x_m = NAN; }), testing::HasSubstr("finite"));
    EXPECT_THAT(told([](Layout& l) { l.kiosks[3].at.x_m = 900; }), testing::HasSubstr("metres"));
    EXPECT_THAT(told([](Layout& l) { l.scanners.clear(); }), testing::HasSubstr("needs a scanner"));
}

TEST(Calibration, NamesTheFieldThatMakesNoSense) {
    EXPECT_TRUE(Calibration{}.check());
    const auto told = [](auto spoil) {
        Calibration calibration;
        spoil(calibration);
        const Result<void> checked = calibration.check();
        return checked ? std::string("good") : checked.error().message;
    };
    EXPECT_THAT(told([](Calibration& c) { c.radio.sigma_db = 0; }),
                testing::HasSubstr("radio.sigma_db"));
    EXPECT_THAT(told([](Calibration& c) { c.radio.exponent = NAN; }),
                testing::HasSubstr("radio.exponent"));
    EXPECT_THAT(told([](Calibration& c) { c.level.exit_dbm = -50; }),
                testing::HasSubstr("level.exit_dbm"));
    EXPECT_THAT(told([](Calibration& c) {
                    c.radio.frame = {.columns = 2, .rows = 2};
                    c.radio.maps = {{ScannerId("till"), {1, 2, 3}}};
                }),
                testing::HasSubstr("'till' has 3 points"));
}

TEST(RadioModel, InterpolatesDeparturesAndHoldsTheBorder) {
    RadioModel radio;
    radio.offsets = {{ScannerId("till"), 2}};
    radio.frame = {.origin_x_m = 1, .origin_y_m = 1, .spacing_m = 2, .columns = 2, .rows = 2};
    radio.maps = {{ScannerId("till"), {0, 4, 8, 12}}};
    EXPECT_DOUBLE_EQ(radio.departure_db(ScannerId("till"), 1, 1), 2);
    EXPECT_DOUBLE_EQ(radio.departure_db(ScannerId("till"), 2, 2), 8);
    EXPECT_DOUBLE_EQ(radio.departure_db(ScannerId("till"), 90, 90), 14);
    EXPECT_DOUBLE_EQ(radio.departure_db(ScannerId("door"), 2, 2), 0);
}

}  // namespace
}  // namespace vitrine::presence
