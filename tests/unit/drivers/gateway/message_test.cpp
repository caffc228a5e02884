#include "drivers/gateway/message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "agent/radio/frame.hpp"

namespace vitrine::gateway {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

constexpr radio::EddystoneEid kEid{-21, {{1, 2, 3, 4, 5, 6, 7, 8}}};

std::vector<Overheard> read(Format format, std::string_view text) {
    auto heard = parse_message(format, view_of(text));
    EXPECT_TRUE(heard) << (heard ? "" : heard.error().message);
    return heard ? *heard : std::vector<Overheard>{};
}

std::string mistake_in(Format format, std::string_view text) {
    const auto heard = parse_message(format, view_of(text));
    return heard ? "nothing wrong" : heard.error().message;
}

TEST(TheengsMessage, PutsAnEddystoneEidTogetherAgain) {
    const auto heard = read(
        Format::theengs,
        R"({"id":"AA:BB:CC:DD:EE:FF","mac_type":1,"rssi":-61,"servicedata":"30eb0102030405060708","servicedatauuid":"0xfeaa"})");
    ASSERT_EQ(heard.size(), 1U);
    EXPECT_EQ(heard[0].rssi, Rssi(-61));
    EXPECT_EQ(radio::classify(heard[0].data.view()), radio::Frame(kEid));
}

TEST(TheengsMessage, TakesTheLongFormOfAnAssignedUuid) {
    const auto heard = read(
        Format::theengs,
        R"({"rssi":-70,"servicedata":"30eb0102030405060708","servicedatauuid":"0000FEAA-0000-1000-8000-00805F9B34FB"})");
    ASSERT_EQ(heard.size(), 1U);
    EXPECT_EQ(radio::classify(heard[0].data.view()), radio::Frame(kEid));
}

TEST(TheengsMessage, KeepsManufacturerDataAsTheAirHasIt) {
    const radio::IBeacon beacon{.uuid = {0xe2, 0xc5, 0x6d}, .major = 7, .minor = 9};
    Bytes data;
    radio::AdWalk walk(radio::encode(beacon).view());
    const radio::Payload payload = radio::encode(beacon);
    radio::AdWalk again(payload.view());
    while (const auto each = again.next()) {
        if (each->type == 0xff) data.assign(each->data.begin(), each->data.end());
    }
    const auto heard =
        read(Format::theengs, R"({"rssi":-50,"manufacturerdata":")" + to_hex(data) + "\"}");
    ASSERT_EQ(heard.size(), 1U);
    EXPECT_EQ(radio::classify(heard[0].data.view()), radio::Frame(beacon));
}

TEST(TheengsMessage, OfADecodedSensorIsNobodysAdvert) {
    const auto heard = read(Format::theengs, R"({"id":"AA","rssi":-50,"tempc":21.5,"hum":40})");
    ASSERT_EQ(heard.size(), 1U);
    EXPECT_TRUE(heard[0].data.view().empty());
}

TEST(TheengsMessage, NamesTheFieldThatIsWrong) {
    const auto wrong = [](std::string_view text) { return mistake_in(Format::theengs, text); };
    EXPECT_THAT(wrong("online"), HasSubstr("not a JSON object"));
    EXPECT_THAT(wrong(R"({"servicedata":"30","servicedatauuid":"feaa"})"), HasSubstr("'rssi'"));
    EXPECT_THAT(wrong(R"({"rssi":"-60"})"), HasSubstr("'rssi' is not a number"));
    EXPECT_THAT(wrong(R"({"rssi":-60,"servicedata":"30"})"), HasSubstr("'servicedatauuid'"));
    EXPECT_THAT(wrong(R"({"rssi":-60,"servicedata":"3","servicedatauuid":"feaa"})"),
                HasSubstr("'servicedata'"));
    EXPECT_THAT(wrong(R"({"rssi":-60,"servicedata":"30","servicedatauuid":"feaaf"})"),
                HasSubstr("'servicedatauuid'"));
    EXPECT_THAT(wrong(R"({"rssi":-60,"manufacturerdata":")" + std::string(200, 'a') + "\"}"),
                HasSubstr("longer than"));
}

TEST(Messages, WithALevelThatNoRadioMeasuresAreRefused) {
    for (const char* const level : {"-128", "21", "1e300", "127"}) {
        const std::string rest = std::string("\"rssi\":") + level + "}";
        EXPECT_THAT(mistake_in(Format::theengs, "{" + rest), HasSubstr("'rssi'")) << level;
        EXPECT_THAT(mistake_in(Format::raw, "{\"adv\":\"\"," + rest), HasSubstr("'rssi'"));
        EXPECT_THAT(mistake_in(Format::vitrine, "{\"data\":\"\"," + rest), HasSubstr("'rssi'"));
    }
}

TEST(RawMessage, IsTheWholeAdvertWithTheGatewaysTime) {
    const std::string hex = to_hex(radio::encode(kEid).view());
    const auto heard = read(Format::raw, R"({"addr":"AA:BB:CC:DD:EE:FF","rssi":-75,"adv":")" + hex +
                                             R"(","t":12.345})");
    ASSERT_EQ(heard.size(), 1U);
    EXPECT_EQ(heard[0].heard_at, milliseconds(12'345));
    EXPECT_EQ(radio::classify(heard[0].data.view()), radio::Frame(kEid));
    EXPECT_THAT(mistake_in(Format::raw, R"({"rssi":-75})"), HasSubstr("'adv' is missing"));
    EXPECT_THAT(mistake_in(Format::raw, R"({"rssi":-75,"adv":"","t":-1})"), HasSubstr("'t'"));
    EXPECT_THAT(mistake_in(Format::raw, R"({"rssi":-75,"adv":5})"), HasSubstr("'adv'"));
}

TEST(VitrineMessage, NamesTheLineThatIsWrong) {
    EXPECT_THAT(mistake_in(Format::vitrine, "{\"rssi\":-60,\"data\":\"00\"}\n{\"rssi\":-60}\n"),
                HasSubstr("line 2: 'data' is missing"));
    EXPECT_THAT(mistake_in(Format::vitrine, R"({"rssi":-60,"data":"","address":"x"})"),
                HasSubstr("'address' is not a field"));
}

TEST(Messages, ThatAreEmptyAreASignOfLife) {
    for (const Format format : {Format::vitrine, Format::theengs, Format::raw}) {
        EXPECT_TRUE(read(format, "").empty());
    }
}

TEST(VitrineMessage, HasALimitOfAdvertsAndBytes) {
    const std::string line = "{\"rssi\":-60,\"data\":\"00\"}\n";
    std::string text;
    for (std::size_t i = 0; i < kAdvertsInMessageMax; ++i) text += line;
    EXPECT_EQ(read(Format::vitrine, text).size(), kAdvertsInMessageMax);
    EXPECT_THAT(mistake_in(Format::vitrine, text + line), HasSubstr("too many"));
    EXPECT_THAT(mistake_in(Format::raw, std::string(kMessageBytesMax + 1, ' ')),
                HasSubstr("longer than"));
}

RC_GTEST_PROP(VitrineMessage, ReadsBackWhatIsWritten, ()) {
    std::vector<Overheard> all;
    std::string text;
    const auto count = *rc::gen::inRange<std::size_t>(1, kAdvertsInMessageMax + 1);
    for (std::size_t i = 0; i < count; ++i) {
        auto bytes = *rc::gen::arbitrary<Bytes>();
        bytes.resize(std::min<std::size_t>(bytes.size(), radio::Payload::kSizeMax));
        Overheard heard{.rssi = Rssi(*rc::gen::inRange<std::int8_t>(-127, 21)),
                        .data = *radio::Payload::from(bytes),
                        .heard_at = std::nullopt};
        if (*rc::gen::arbitrary<bool>()) {
            heard.heard_at = milliseconds(*rc::gen::inRange<std::int64_t>(0, 4'000'000'000'000));
        }
        all.push_back(heard);
        text += to_line(heard);
    }
    if (text.size() > kMessageBytesMax) return;
    const auto read = parse_message(Format::vitrine, view_of(text));
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == all);
}

TEST(Formats, HaveNames) {
    EXPECT_EQ(*format_from("vitrine"), Format::vitrine);
    EXPECT_EQ(*format_from("theengs"), Format::theengs);
    EXPECT_EQ(*format_from("raw"), Format::raw);
    EXPECT_THAT(format_from("esphome").error().message, HasSubstr("known: vitrine, theengs, raw"));
}

}  // namespace
}  // namespace vitrine::gateway
