#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/daemon/calibration_json.hpp"
#include "ctl/presence_fit.hpp"
#include "ctl/walk_csv.hpp"

namespace vitrine::ctl {

using daemon::calibration_from_json;
using daemon::calibration_to_json;
using daemon::load_calibration;

namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

/// The labelled walks; empty where their folder is absent.
struct Labelled {
    std::vector<Sensor> sensors;
    std::vector<Walk> walks;
};

Labelled labelled() {
    const char* data = std::getenv("VITRINE_DATA");
    const fs::path folder =
        (data != nullptr ? fs::path(data) : fs::path(VITRINE_SOURCE_DIR) / "../shared/data") /
        "walks";
    Labelled labelled;
    if (!fs::exists(folder / "sensors.csv")) return labelled;
    labelled.sensors = *read_sensors(folder / "sensors.csv");
    for (const char* name : {"rectangular_without_rotation", "straight_01", "straight_03",
                             "straight_04", "zigzagging_with_rotation"}) {
        labelled.walks.push_back(
            *read_walk(folder / (std::string(name) + ".csv"), labelled.sensors));
    }
    return labelled;
}

double share(std::size_t said, std::size_t truly) {
    return static_cast<double>(said) / static_cast<double>(truly);
}

/// The margins below TARGETS allow for a handful of steps: there are twenty entries in all.
TEST(PresenceFigures, HoldOnWalksLeftOutOfTheFit) {
    const Labelled data = labelled();
    if (data.walks.empty()) GTEST_SKIP() << "no labelled walks in $VITRINE_DATA";
    const Fitting radio_only{.maps = true, .thresholds = false};
    const Tally fused = leave_one_out(data.walks, data.sensors, {}, radio_only);
    EXPECT_EQ(fused.true_entries, 20u);
    EXPECT_EQ(fused.true_switches, 17u);
    EXPECT_GE(fused.f1(), 0.73);
    EXPECT_LE(share(fused.entries, fused.true_entries), 1.3);
    EXPECT_GE(fused.zone_accuracy(), 0.67);
    EXPECT_LE(share(fused.zone_switches, fused.true_switches), 2);
    EXPECT_LE(*fused.median_error_m(), 1.8);
    EXPECT_EQ(fused.conflicts, 0u);
    const Tally single = leave_one_out(data.walks, data.sensors, {.single = true}, radio_only);
    EXPECT_GE(single.f1(), 0.62);
}

TEST(PresenceFigures, TheExampleCalibrationReadsAndFitsItsOwnHall) {
    const Labelled data = labelled();
    if (data.walks.empty()) GTEST_SKIP() << "no labelled walks in $VITRINE_DATA";
    const auto hall = load_calibration(VITRINE_SOURCE_DIR "/docs/examples/presence-hall.json");
    ASSERT_TRUE(hall.has_value());
    Tally tally;
    for (const Walk& walk : data.walks) tally.add(judge(walk, data.sensors, *hall, {}));
    EXPECT_GE(tally.f1(), 0.80);
}

/// A walk cut soon after its step at 30.0 s, with every reading after `from_s` made absurd.
Walk spoilt_after(const Walk& walk, double from_s) {
    Walk spoilt = walk;
    std::erase_if(spoilt.readings, [](const Reading& reading) { return reading.time_s > 30.48; });
    for (Reading& reading : spoilt.readings) {
        if (reading.time_s > from_s) reading.rssi = Rssi(reading.sensor % 2 == 0 ? -30 : -100);
    }
    return spoilt;
}

TEST(PresenceFigures, UseNothingThatIsHeardLater) {
    const Labelled data = labelled();
    if (data.walks.empty()) GTEST_SKIP() << "no labelled walks in $VITRINE_DATA";
    for (const Walk& walk : data.walks) {
        if (walk.readings.back().time_s < 31) continue;
        ASSERT_GT(spoilt_after(walk, 99).readings.back().time_s, 30.0);
        const Tally real = judge(spoilt_after(walk, 99), data.sensors, {}, {});
        const Tally after = judge(spoilt_after(walk, 30.0), data.sensors, {}, {});
        EXPECT_EQ(real.errors_m, after.errors_m) << walk.name;
        EXPECT_EQ(real.true_positives, after.true_positives) << walk.name;
        EXPECT_EQ(real.zone_switches, after.zone_switches) << walk.name;
        // Half a second earlier the same readings are heard: the comparison can fail.
        EXPECT_NE(real.errors_m, judge(spoilt_after(walk, 29.5), data.sensors, {}, {}).errors_m);
    }
}

class WalkCsv : public testing::Test {
  protected:
    fs::path file(const std::string& name, const std::string& text) {
        const fs::path path = fs::path(testing::TempDir()) / ("presence-" + name);
        std::ofstream(path) << text;
        return path;
    }
    std::vector<Sensor> sensors() {
        return *read_sensors(file("good.csv", "sensor_address,name,x_m,y_m,z_m\n01,till,1,2,3\n"));
    }
    std::string told(const std::string& rows) {
        const auto walk = read_walk(file("walk.csv", rows), sensors());
        return walk ? "good" : walk.error().message;
    }
};

TEST_F(WalkCsv, ReadsRowsOutOfOrderAndCountsFromTheFirst) {
    const auto walk =
        read_walk(file("walk.csv", "101.5,01,b,-70,1,1,1,9,9\r\n101,01,b,-60,0,0,0\n"), sensors());
    ASSERT_TRUE(walk.has_value());
    ASSERT_EQ(walk->readings.size(), 2u);
    EXPECT_DOUBLE_EQ(walk->readings[0].time_s, 0);
    EXPECT_EQ(walk->readings[0].rssi, Rssi(-60));
    EXPECT_DOUBLE_EQ(walk->readings[1].time_s, 0.5);
}

TEST_F(WalkCsv, NamesFileAndLineOfEveryMistake) {
    EXPECT_THAT(told("1,01,b,-70,0,0,0\n2,01,b,-70\n"), HasSubstr("walk.csv:2: expected"));
    EXPECT_THAT(told("1,01,b,-70,0,0,0\n2,77,b,-70,0,0,0\n"), HasSubstr("walk.csv:2: no sensor"));
    EXPECT_THAT(told("x,01,b,-70,0,0,0\n"), HasSubstr("walk.csv:1: time_s is 'x'"));
    EXPECT_THAT(told("1,01,b,-170,0,0,0\n"), HasSubstr("walk.csv:1: rssi_dbm is -170"));
    EXPECT_THAT(told("1,01,b,-70,nan,0,0\n"), HasSubstr("walk.csv:1: x_m is 'nan'"));
    EXPECT_THAT(told(""), HasSubstr("no readings"));
    EXPECT_THAT(told(std::string(70'000, '1')), HasSubstr("walk.csv:1: the row is too long"));
    EXPECT_THAT(told("0,01,b,-70,0,0,0\n1e9,01,b,-70,0,0,0\n"), HasSubstr("longer than a day"));
    const auto missing = read_walk("/nowhere/walk.csv", sensors());
    EXPECT_EQ(missing.error().code, ErrorCode::not_found);
    const auto twice = read_sensors(file("twice.csv", "01,till,0,0,0\n01,door,0,0,0\n"));
    EXPECT_THAT(twice.error().message, HasSubstr("twice.csv:2: sensor 'door'"));
}

TEST(CalibrationJson, ReadsWhatItWrote) {
    presence::Calibration calibration;
    calibration.radio.exponent = 1.75;
    calibration.radio.offsets = {{ScannerId("door"), -3.5}, {ScannerId("till"), 2}};
    calibration.radio.frame = {.origin_x_m = -1, .columns = 2, .rows = 1};
    calibration.radio.maps = {{ScannerId("till"), {0.5F, -1.5F}}};
    calibration.level.window = std::chrono::milliseconds(2500);
    calibration.locator.enter_probability = 0.55;
    const auto read = calibration_from_json(calibration_to_json(calibration));
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(*read, calibration);
}

TEST(CalibrationJson, NamesWhatIsWrong) {
    const auto told = [](const std::string& fields) {
        const auto read =
            calibration_from_json("{\"format\":\"vitrine-presence-1\"" + fields + "}");
        return read ? "good" : read.error().message;
    };
    EXPECT_EQ(told(""), "good");
    EXPECT_THAT(told(",\"radio\":{\"sigma\":5}"), HasSubstr("radio.sigma is no field"));
    EXPECT_THAT(told(",\"radio\":{\"sigma_db\":\"5\"}"), HasSubstr("radio.sigma_db is not a"));
    EXPECT_THAT(told(",\"radio\":{\"sigma_db\":500}"), HasSubstr("radio.sigma_db is 500"));
    EXPECT_THAT(told(",\"radio\":{\"offsets_db\":{\"T!\":5}}"), HasSubstr("is not a name"));
    EXPECT_THAT(told(",\"radio\":{\"frame\":{\"rows\":-1}}"), HasSubstr("radio.frame.rows"));
    EXPECT_THAT(told(",\"level\":{\"window_ms\":1e300}"), HasSubstr("level.window_ms"));
    EXPECT_THAT(told(",\"locator\":[]"), HasSubstr("locator is not an object"));
    EXPECT_THAT(calibration_from_json("[").error().message, HasSubstr("not JSON"));
    EXPECT_THAT(calibration_from_json("{}").error().message, HasSubstr("format"));
}

}  // namespace
}  // namespace vitrine::ctl
