#include "drivers/replay/recording.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>

namespace vitrine::replay {
namespace {

using namespace std::chrono_literals;

const std::vector<ScannerId> kScanners{ScannerId("door"), ScannerId("till")};

Result<Recording> read(std::string_view text, OnMistake on_mistake = OnMistake::stop) {
    return parse_recording(text, "day.jsonl", kScanners, on_mistake);
}

constexpr std::string_view kTwoLines =
    R"({"t": 12.5, "scanner": "till", "rssi": -58, "address": "e78f135624ce", "data": "02011a"}

{"t": 12.25, "scanner": "door", "rssi": 127, "address": "6c:1f:a7:09:7a:33", "key": "000102030405060708090a0b0c0d0e0f"})";

TEST(Recording, PutsLinesInTheOrderOfTime) {
    const auto recording = read(kTwoLines);
    ASSERT_TRUE(recording) << recording.error().message;
    ASSERT_EQ(recording->heard.size(), 2U);
    const Heard& first = recording->heard[0];
    EXPECT_EQ(first.at, 0ns);
    EXPECT_EQ(first.scanner, 0);
    EXPECT_EQ(first.rssi, kRssiUnknown);
    EXPECT_EQ(std::get<identity::IdentityKey>(first.sent).bytes[15], 0x0f);
    const Heard& second = recording->heard[1];
    EXPECT_EQ(second.at, 250ms);
    EXPECT_EQ(second.address.bytes[0], 0xe7);
    EXPECT_EQ(to_hex(std::get<radio::Payload>(second.sent).view()), "02011a");
}

TEST(Recording, NamesFileLineAndFieldOfAMistake) {
    const auto message = [](std::string_view line) {
        const auto recording = read("\n" + std::string(line));
        return recording ? std::string("read") : recording.error().message;
    };
    EXPECT_EQ(message("t=1"), "day.jsonl:2: expected an object in braces");
    EXPECT_EQ(message(R"({"t": 1, "scaner": "door"})"),
              "day.jsonl:2: 'scaner' is not a field of this line");
    EXPECT_EQ(message(R"({"t": -1})"), "day.jsonl:2: 't' is not from 0 to 4294967295");
    EXPECT_EQ(message(R"({"t": 1, "scanner": "roof"})"),
              "day.jsonl:2: no scanner is called 'roof' (there are: door, till)");
    EXPECT_EQ(message(R"({"t": 1, "scanner": "door", "rssi": 60})"),
              "day.jsonl:2: a level is from -127 to 20 dBm, or 127 for unknown");
    EXPECT_EQ(message(R"({"t": 1, "scanner": "door", "rssi": -60, "address": "me"})"),
              "day.jsonl:2: 'address': not a Bluetooth address (twelve hexadecimal digits)");
    EXPECT_EQ(message(R"({"t": 1, "scanner": "door", "rssi": -60, "address": "e78f135624ce"})"),
              "day.jsonl:2: expected either 'data' (what was sent) or 'key' (whose phone it was)");
    const std::string start =
        R"({"t": 1, "scanner": "door", "rssi": -60, "address": "e78f135624ce", )";
    EXPECT_EQ(message(start + R"("data": "0"})").substr(0, 20), "day.jsonl:2: 'data':");
    EXPECT_EQ(message(start + R"("key": "00"})").substr(0, 19), "day.jsonl:2: 'key':");
    EXPECT_EQ(message(start + R"("data": ")" + std::string(130, '0') + "\"}"),
              "day.jsonl:2: 'data' is longer than 64 bytes");
    EXPECT_EQ(message(start + R"("data": ")" + std::string(128, '0') + "\"}"), "read");
}

TEST(Recording, GoesOnAfterMistakesWhenAskedTo) {
    std::string text(kTwoLines);
    for (int i = 0; i < 30; ++i) text += "\nbroken";
    const auto recording = read(text, OnMistake::skip);
    ASSERT_TRUE(recording);
    EXPECT_EQ(recording->heard.size(), 2U);
    EXPECT_EQ(recording->skipped, 30U);
    EXPECT_EQ(recording->mistakes.size(), kMistakesMax);
    EXPECT_EQ(recording->mistakes[0], "day.jsonl:4: expected an object in braces");
}

TEST(Recording, HoldsMarksBesideAdverts) {
    const std::string advert =
        R"({"t": 10, "scanner": "door", "rssi": -71, "address": "6c1fa7097a33", "data": ""})";
    const std::vector<ScannerId> scanners{ScannerId("door")};
    const auto read = [&](const std::string& mark) {
        return parse_recording(mark + "\n" + advert + "\n", "f", scanners, OnMistake::stop);
    };
    const auto recording = read(R"({"t": 8.5, "at": "coffee"})");
    ASSERT_TRUE(recording);
    EXPECT_EQ(recording->heard.size(), 1u);
    ASSERT_EQ(recording->marks.size(), 1u);
    EXPECT_EQ(recording->marks[0], (Mark{std::chrono::milliseconds(-1500), KioskId("coffee")}));
    EXPECT_EQ(to_line(Mark{std::chrono::milliseconds(8500), KioskId("coffee")}),
              "{\"t\": 8.500000000, \"at\": \"coffee\"}\n");
    EXPECT_FALSE(read(R"({"t": 8.5, "at": "Coffee!"})"));
    EXPECT_FALSE(read(R"({"t": 8.5, "at": "coffee", "rssi": -3})"));
}

TEST(Recording, IsNoneWithoutAnAdvert) {
    EXPECT_EQ(read("").error().message, "day.jsonl: holds no advert");
    EXPECT_EQ(read("x", OnMistake::skip).error().message,
              "no line can be read; day.jsonl:1: expected an object in braces");
}

TEST(Recording, NoticesTimesThatAreNotSeconds) {
    const std::string rest =
        R"(, "scanner": "door", "rssi": -60, "address": "e78f135624ce", "data": ""})";
    const auto recording = read("{\"t\": 0" + rest + "\n{\"t\": 3000000" + rest);
    EXPECT_EQ(recording.error().message,
              "day.jsonl: spans more than 31 days: are its times in seconds?");
}

RC_GTEST_PROP(Recording, ReadsBackWhatIsWritten, ()) {
    Heard heard;
    heard.scanner = *rc::gen::inRange<std::uint16_t>(0, 2);
    heard.rssi = Rssi(*rc::gen::inRange<std::int8_t>(-127, 21));
    heard.address.bytes[3] = *rc::gen::arbitrary<std::uint8_t>();
    if (*rc::gen::arbitrary<bool>()) {
        heard.sent = identity::IdentityKey{{1, 2, 3, *rc::gen::arbitrary<std::uint8_t>()}};
    } else {
        const auto size = *rc::gen::inRange<std::size_t>(0, 65);
        heard.sent = *radio::Payload::from(Bytes(size, *rc::gen::arbitrary<std::uint8_t>()));
    }
    Heard later = heard;
    later.at = std::chrono::microseconds(*rc::gen::inRange<std::int64_t>(0, 2'000'000'000'000));
    const auto recording = read(to_line(heard, kScanners) + to_line(later, kScanners));
    RC_ASSERT(recording.has_value());
    RC_ASSERT(recording->heard.size() == 2U);
    RC_ASSERT(recording->heard[0] == heard);
    const auto apart = recording->heard[1].at - later.at;
    RC_ASSERT(std::chrono::abs(apart) < 1us);
    later.at = recording->heard[1].at;
    RC_ASSERT(recording->heard[1] == later);
}

constexpr std::string_view kSensors =
    "sensor_address,name,x_m,y_m,z_m\n"
    "b827eb4521b4,door,7.00,7.09,1.22\n"
    "000000000101,roof,7.18,0.68,2.30\n";

TEST(Walk, BecomesAdvertsOfOneMember) {
    const auto sensors = parse_sensors(kSensors, "sensors.csv");
    ASSERT_TRUE(sensors) << sensors.error().message;
    EXPECT_EQ((*sensors)[1].at, (Point{7.18, 0.68, 2.30}));
    const identity::IdentityKey key{{1, 2, 3}};
    const auto walk = parse_walk(
        "1581249601.5,b827eb4521b4,e78f135624ce,-87,18.031,8.465\n"
        "1581249601.6,000000000101,e78f135624ce,-80,18.031,8.465\r\n"
        "1581249602.0,b827eb4521b4,e78f135624ce,-86\n",
        "walk.csv", *sensors, kScanners, key, OnMistake::stop);
    ASSERT_TRUE(walk) << walk.error().message;
    ASSERT_EQ(walk->heard.size(), 2U);  // No scanner is called "roof".
    EXPECT_EQ(walk->heard[1].at, 500ms);
    EXPECT_EQ(walk->heard[1].rssi, Rssi(-86));
    EXPECT_EQ(walk->heard[1].scanner, 0);
    EXPECT_EQ(std::get<identity::IdentityKey>(walk->heard[1].sent), key);
}

TEST(Walk, NamesFileAndLineOfAMistake) {
    const auto sensors = parse_sensors(kSensors, "sensors.csv");
    const auto message = [&](std::string_view row) {
        const auto walk = parse_walk("1,b827eb4521b4,e78f135624ce,-87\n" + std::string(row),
                                     "w.csv", *sensors, kScanners, {}, OnMistake::stop);
        return walk ? std::string("read") : walk.error().message;
    };
    EXPECT_EQ(message("1,b827eb4521b4,e78f135624ce"), "w.csv:2: expected at least 4 columns");
    EXPECT_EQ(message("x,b827eb4521b4,e78f135624ce,-87"), "w.csv:2: 'x' is not a time in seconds");
    EXPECT_EQ(message("1,b827,e78f135624ce,-87"), "w.csv:2: no sensor has the address 'b827'");
    EXPECT_EQ(message("1,b827eb4521b4,e78f135624ce,loud"), "w.csv:2: 'loud' is not a level in dBm");
    EXPECT_EQ(message("1,b827eb4521b4,e78f135624ce,-87"), "read");
}

TEST(Sensors, NamesFileAndLineOfAMistake) {
    const auto message = [](std::string_view row) {
        return parse_sensors("heading\na,door,1,2,3\n" + std::string(row), "s.csv").error().message;
    };
    EXPECT_EQ(message("a,till,1,2,3"), "s.csv:3: sensor 'a' is listed twice");
    EXPECT_EQ(message("b,till,1,2"), "s.csv:3: expected at least 5 columns");
    EXPECT_EQ(message("b,till,1,far,3"), "s.csv:3: 'far' is not a coordinate in metres");
    EXPECT_EQ(message("b,The Till,1,2,3").substr(0, 8), "s.csv:3:");
    EXPECT_EQ(parse_sensors("heading\n", "s.csv").error().message, "s.csv: holds no sensor");
}

TEST(Walk, ReadsTheLabelledWalks) {
    const char* folder = std::getenv("VITRINE_DATA");
    const std::filesystem::path walks =
        (folder != nullptr ? std::filesystem::path(folder)
                           : std::filesystem::path(VITRINE_SOURCE_DIR) / "../shared/data") /
        "walks";
    const auto text = load_text(walks / "sensors.csv");
    if (!text) GTEST_SKIP() << "no labelled data: " << text.error().message;
    const auto sensors = parse_sensors(*text, "sensors.csv");
    ASSERT_TRUE(sensors);
    std::vector<ScannerId> scanners;
    for (const Sensor& sensor : *sensors) scanners.push_back(sensor.id);
    EXPECT_EQ(scanners.size(), 12U);
    for (const auto& [name, rows] :
         {std::pair{"straight_01.csv", 1365U}, std::pair{"rectangular_without_rotation.csv", 1949U},
          std::pair{"static_sensor10_30min.csv", 3441U}}) {
        const auto walk = parse_walk(load_text(walks / name).value(), name, *sensors, scanners, {},
                                     OnMistake::stop);
        ASSERT_TRUE(walk) << walk.error().message;
        EXPECT_EQ(walk->heard.size(), rows) << name;
    }
}

TEST(LoadText, NamesTheFileThatIsNotThere) {
    EXPECT_EQ(load_text("/nonexistent/day.jsonl").error().message,
              "/nonexistent/day.jsonl: cannot be opened");
}

}  // namespace
}  // namespace vitrine::replay
