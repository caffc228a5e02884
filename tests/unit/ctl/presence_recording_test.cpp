#include "ctl/presence_recording.hpp"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/base/random.hpp"
#include "ctl/presence_fit.hpp"
#include "ctl/record_filter.hpp"

namespace vitrine::ctl {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr identity::IdentityKey kPhone{{1, 2, 3}};

presence::Layout shop() {
    presence::Layout layout;
    layout.kiosks = {{.id = KioskId("door"), .at = {0, 0, 1}},
                     {.id = KioskId("till"), .at = {10, 0, 1}},
                     {.id = KioskId("back"), .at = {10, 8, 1}}};
    layout.scanners = {{.id = ScannerId("spare")},
                       {.id = ScannerId("a"), .at = Point{0, 1, 2}},
                       {.id = ScannerId("b"), .at = Point{10, 1, 2}},
                       {.id = ScannerId("c"), .at = Point{9, 8, 2}}};
    return layout;
}

/// A walk of a minute: at the door, to the till, to the back. Scanner b hears 6 dB too little.
replay::Recording walk() {
    replay::Recording recording;
    recording.marks = {{0s, KioskId("door")},
                       {20s, KioskId("door")},
                       {30s, KioskId("till")},
                       {50s, KioskId("till")},
                       {60s, KioskId("back")}};
    const presence::Layout layout = shop();
    Rng noise(7);
    for (int i = -4; i < 140; ++i) {
        const double t = i * 0.5;
        const Point at = t < 20   ? Point{0, 0, 1.6}
                         : t < 30 ? Point{t - 20, 0, 1.6}
                         : t < 50 ? Point{10, 0, 1.6}
                                  : Point{10, 0.8 * (t - 50), 1.6};
        for (std::uint16_t s = 1; s < 4; ++s) {
            const Point& hangs = *layout.scanners[s].at;
            const double away = std::hypot(at.x_m - hangs.x_m, at.y_m - hangs.y_m, at.z_m - 2);
            const double dbm = -60 - 20 * std::log10(away) - (s == 2 ? 6 : 0) + noise.normal();
            recording.heard.push_back({.at = std::chrono::milliseconds(i * 500),
                                       .scanner = s,
                                       .rssi = Rssi(static_cast<std::int8_t>(std::lround(dbm))),
                                       .sent = kPhone});
        }
    }
    return recording;
}

TEST(RecordedWalk, KnowsThePlaceBetweenTwoMarks) {
    const Walk read = walk_of(walk(), "walk.jsonl", shop()).value();
    // From the first mark to the last, and with it 121 steps of three scanners.
    EXPECT_EQ(read.readings.size(), 363U);
    EXPECT_EQ(read.readings.front().time_s, 0);
    EXPECT_EQ(read.readings.front().sensor, 0);
    const auto place_at = [&](double time_s) {
        return std::ranges::find(read.readings, time_s, &Reading::time_s)->at;
    };
    EXPECT_EQ(place_at(10), (Point{0, 0, 1.6}));
    EXPECT_EQ(place_at(25), (Point{5, 0, 1.6}));
    EXPECT_EQ(place_at(55), (Point{10, 4, 1.6}));
}

TEST(RecordedWalk, CalibratesTheScannersThatHeardIt) {
    const presence::Layout layout = shop();
    const std::vector<Walk> walks{walk_of(walk(), "walk.jsonl", layout).value()};
    const std::vector<Sensor> sensors = sensors_of(layout);
    const presence::Calibration fitted =
        fit(walks, sensors, {}, {.maps = false, .thresholds = false});
    EXPECT_TRUE(fitted.check());
    const auto offset = [&](const char(&name)[2]) {
        return fitted.radio.offset_db(ScannerId(name));
    };
    EXPECT_NEAR(offset("b") - (offset("a") + offset("c")) / 2, -6, 2);
    EXPECT_TRUE(hard_of_hearing(walks, sensors).empty());
    std::vector<Walk> deaf = walks;
    std::erase_if(deaf[0].readings, [](const Reading& each) { return each.sensor == 1; });
    EXPECT_THAT(hard_of_hearing(deaf, sensors), ElementsAre(ScannerId("b")));
}

std::string mistake_in(const replay::Recording& recording, const presence::Layout& layout) {
    const auto read = walk_of(recording, "walk.jsonl", layout);
    return read ? "nothing wrong" : read.error().message;
}

TEST(RecordedWalk, SaysWhatIsMissing) {
    replay::Recording wrong = walk();
    wrong.marks.resize(2);
    EXPECT_THAT(mistake_in(wrong, shop()), HasSubstr("walk.jsonl: marks of at least two kiosks"));
    wrong = walk();
    wrong.marks[1].kiosk = KioskId("attic");
    EXPECT_THAT(mistake_in(wrong, shop()), HasSubstr("a mark at 'attic'"));
    wrong = walk();
    wrong.heard[9].sent = identity::IdentityKey{{9}};
    EXPECT_THAT(mistake_in(wrong, shop()), HasSubstr("several phones"));
    wrong = walk();
    for (replay::Heard& each : wrong.heard) each.sent = radio::Payload{};
    EXPECT_THAT(mistake_in(wrong, shop()), HasSubstr("--key-file"));
    wrong = walk();
    wrong.heard.resize(60);
    EXPECT_THAT(mistake_in(wrong, shop()), HasSubstr("only 48 readings"));
    presence::Layout few = shop();
    few.scanners[1].at.reset();
    EXPECT_THAT(mistake_in(walk(), few), HasSubstr("three or more scanners"));
}

TEST(RecordKeys, AreReadLineByLine) {
    const std::string key = "000102030405060708090a0b0c0d0e0f";
    EXPECT_EQ(read_keys("# ours\n" + key + "\n\n" + key + "\r\n", "k")->size(), 2U);
    EXPECT_THAT(read_keys(key + "\n12\n", "k").error().message, HasSubstr("k:2: "));
    EXPECT_THAT(read_keys("", "k").error().message, HasSubstr("holds no key"));
}

/// A shop that recognises one member, who consented, and knows another, who did not.
struct Recorded : testing::Test {
    Recorded() {
        const auto period = identity::period_of(identity::beacon_seconds(now.wall));
        engine::Recognition recognition{.epoch = Epoch(1)};
        for (const std::uint8_t who : {std::uint8_t{1}, std::uint8_t{2}}) {
            recognition.keys.push_back(
                {.member = MemberId(who),
                 .first_period = period,
                 .keys = {identity::temporary_key(key_of(who), period).bytes}});
        }
        consent::Consents consents;
        consents.of(consent::Purpose::recognise) = {.granted = true};
        recognition.consents = {{MemberId(1), consents}};
        engine.on(recognition, now).value();
        engine::Effects effects;
        for (int i = 0; i < 50; ++i) engine.tick(now, effects);
    }
    static engine::Setup setup() {
        engine::Setup made{.store = StoreId("lyon")};
        made.layout.scanners = {{.id = ScannerId("door")}};
        return made;
    }
    static identity::IdentityKey key_of(std::uint8_t who) { return {{who}}; }
    radio::Advert advert(std::uint8_t who, std::string_view beside = {}) const {
        const radio::Payload frame =
            radio::encode(radio::EddystoneEid{-21, identity::current_eid(key_of(who), now.wall)});
        Bytes data(beside.begin(), beside.end());
        data.insert(data.end(), frame.view().begin(), frame.view().end());
        return {.at = now.instant,
                .rssi = Rssi(-60),
                .address = {{1, 2, 3, 4, 5, 6}},
                .data = *radio::Payload::from(data)};
    }
    const engine::Now now{instant_at(1h), wall_at(1'700'000'000'000ms)};
    engine::Engine engine{setup()};
};

TEST_F(Recorded, HoldsMembersWhoConsentedAndOwnPhonesAndNobodyElse) {
    RecordFilter filter(engine, {key_of(3)});
    const auto member = filter.pass(advert(1), 5s, now);
    ASSERT_TRUE(member);
    EXPECT_TRUE(std::holds_alternative<radio::Payload>(member->sent));
    const auto own = filter.pass(advert(3), 6s, now);
    ASSERT_TRUE(own);
    EXPECT_EQ(std::get<identity::IdentityKey>(own->sent), key_of(3));
    EXPECT_EQ(own->at, 6s);
    EXPECT_FALSE(filter.pass(advert(2), 5s, now)) << "known, but without consent";
    EXPECT_FALSE(filter.pass(advert(9), 5s, now)) << "a stranger's identifier";
    radio::Advert stranger = advert(1);
    stranger.data = *radio::Payload::from(view_of("\x03\x09Jo"));
    EXPECT_FALSE(filter.pass(stranger, 5s, now));
}

TEST_F(Recorded, HoldsNeitherAddressNorName) {
    RecordFilter filter(engine, {});
    const auto member = filter.pass(advert(1, "\x03\x09Jo"), 5s, now);
    ASSERT_TRUE(member);
    EXPECT_EQ(member->address, radio::Address{});
    EXPECT_EQ(std::get<radio::Payload>(member->sent), advert(1).data);
}

}  // namespace
}  // namespace vitrine::ctl
