#include "sync/wire/batch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sync/wire/ack.hpp"
#include "sync/wire/compress.hpp"
#include "tests/unit/sync/wire/any_record.hpp"

namespace vitrine::wire {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Result<std::vector<std::string>> decode(const Bytes& bytes) {
    return decode_batch(bytes, kBatchContentType, kZstd);
}

Result<std::vector<std::string>> decode_plain(std::string_view text) {
    return decode_batch(view_of(text), kBatchContentType, "");
}

RC_GTEST_PROP(BatchLaws, DecodingGivesBackEveryEventByteForByte, ()) {
    std::vector<std::string> events;
    for (auto i = any::below<int>(6); i > 0; --i) {
        events.push_back(encode_record(any::record(), any::identity()).value());
    }
    const std::vector<std::string_view> views(events.begin(), events.end());
    const auto decoded = decode(encode_batch(views));
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(*decoded == events);
}

TEST(Batch, KeepsBlanksInsideAndDropsThoseAround) {
    const auto events = decode_plain(" [ {\"a\" : \"}],\\\"{\"} , {\"b\":[1, {}]}\n] ");
    ASSERT_TRUE(events);
    EXPECT_EQ(*events, (std::vector<std::string>{"{\"a\" : \"}],\\\"{\"}", "{\"b\":[1, {}]}"}));
    EXPECT_EQ(decode_plain("[]")->size(), 0U);
}

TEST(Batch, ASingleEventIsTakenToo) {
    const std::string event = R"({"specversion":"1.0"})";
    const auto single =
        decode_batch(view_of(event), "application/cloudevents+json; charset=utf-8", "");
    ASSERT_TRUE(single);
    EXPECT_EQ(*single, std::vector{event});
}

TEST(Batch, RefusesWhatIsNoArrayOfObjects) {
    for (const std::string_view text :
         {"", "{}", "[1]", "[{}", "[{},]", "[{} {}]", "[{}]x", "[{\"a]", "[,{}]", "[{\"a\\"}) {
        const auto events = decode_plain(text);
        EXPECT_FALSE(events) << text;
    }
    EXPECT_THAT(decode_plain("[{},7]").error().message, StartsWith("event 2"));
}

TEST(Batch, RefusesOtherTypesAndEncodings) {
    EXPECT_THAT(decode_batch({}, "text/plain", "").error().message, HasSubstr("text/plain"));
    EXPECT_THAT(decode_batch({}, kBatchContentType, "gzip").error().message, HasSubstr("gzip"));
}

TEST(Batch, ABombIsRefusedHoweverSmall) {
    const Bytes bomb = compress(Bytes(64U << 20, ' '), 1);
    ASSERT_LT(bomb.size(), 10'000U);
    EXPECT_EQ(decode(bomb).error().code, ErrorCode::exhausted);
    std::string many = "[";
    for (std::size_t i = 0; i <= kBatchEventsMax; ++i) many += i == 0 ? "{}" : ",{}";
    EXPECT_EQ(decode_plain(many + "]").error().code, ErrorCode::exhausted);
}

TEST(Batch, DamagedBytesAreRefused) {
    const Bytes good = encode_batch(std::vector<std::string_view>{"{\"a\":1}", "{\"b\":2}"});
    ASSERT_TRUE(decode(good));
    for (std::size_t i = 0; i < good.size(); ++i) {
        Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(i));
        EXPECT_FALSE(decode(cut)) << "cut at " << i;
    }
    Bytes trailing = good;
    trailing.push_back(0);
    EXPECT_FALSE(decode(trailing));
    Bytes flipped = good;
    flipped.back() ^= 1;  // The checksum.
    EXPECT_FALSE(decode(flipped));
}

TEST(Batch, FiftyEventsPackWell) {
    std::vector<std::string> events;
    for (std::uint64_t i = 1; i <= 50; ++i) {
        const session::Record record{
            .time = wall_at(std::chrono::milliseconds(1'700'000'000'000 + 977 * i)),
            .hlc = Hlc((1'700'000'000'000 + 977 * i) << 16),
            .kiosk = KioskId("entrance"),
            .body = session::PromotionTouched{.visit = i * 0x9e3779b97f4a7c15,
                                              .decision = DecisionId(i * 0xbf58476d1ce4e5b9),
                                              .offer = OfferId(static_cast<std::uint32_t>(i)),
                                              .probability = 0.3F}};
        const RecordIdentity who{StoreId("lyon"), AgentId("agent-1"), 0x5f00000000000001,
                                 Sequence(i)};
        events.push_back(encode_record(record, who).value());
    }
    const std::vector<std::string_view> views(events.begin(), events.end());
    std::size_t plain = 0;
    for (const auto& each : events) plain += each.size();
    const std::size_t packed = encode_batch(views).size();
    RecordProperty("plain_bytes", static_cast<int>(plain));
    RecordProperty("packed_bytes", static_cast<int>(packed));
    EXPECT_LT(packed * 5, plain);
}

RC_GTEST_PROP(AckLaws, DecodingGivesBackWhatWasEncoded, ()) {
    Ack ack{.agent = any::name<AgentId>(),
            .epoch = any::number<std::uint64_t>(),
            .watermark = Sequence(any::number<std::uint64_t>() >> 1)};
    std::uint64_t at = ack.watermark.value();
    for (auto i = any::below<int>(5); i > 0; --i) {
        const std::uint64_t first = at + 2 + any::below<std::uint64_t>(1000);
        at = first + any::below<std::uint64_t>(1000);
        ack.ranges.emplace_back(first, at);
    }
    RC_ASSERT(decode_ack(encode_ack(ack)).value() == ack);
}

TEST(Ack, ReadsAsWritten) {
    EXPECT_EQ(encode_ack({.agent = AgentId("a"),
                          .epoch = 1,
                          .watermark = Sequence(7),
                          .ranges = {{Sequence(9), Sequence(12)}}}),
              R"({"agent":"a","epoch":"0000000000000001","watermark":7,"ranges":[[9,12]]})");
}

TEST(Ack, RefusesWhatIsNone) {
    const auto refusal = [](std::string_view watermark_and_ranges) {
        const std::string json = R"({"agent":"a","epoch":"0000000000000001","watermark":)" +
                                 std::string(watermark_and_ranges) + "}";
        const auto ack = decode_ack(json);
        return ack ? std::string("accepted") : ack.error().message;
    };
    EXPECT_EQ(refusal(R"(7,"ranges":[])"), "accepted");
    EXPECT_THAT(refusal(R"(-7,"ranges":[])"), StartsWith("watermark: "));
    EXPECT_THAT(refusal(R"("7","ranges":[])"), StartsWith("watermark: "));
    EXPECT_THAT(refusal(R"(7,"ranges":[[8,9]])"), StartsWith("ranges[0]: "));
    EXPECT_THAT(refusal(R"(7,"ranges":[[10,9]])"), StartsWith("ranges[0]: "));
    EXPECT_THAT(refusal(R"(7,"ranges":[[10,11],[12,13]])"), StartsWith("ranges[1]: "));
    EXPECT_THAT(refusal(R"(7,"ranges":[[10]])"), StartsWith("ranges[0]: "));
    EXPECT_THAT(refusal(R"(7)"), StartsWith("ranges: is missing"));
    std::string many;
    for (int i = 0; i <= 256; ++i) {
        many += (i == 0 ? "[" : ",[") + std::to_string(10 + 2 * i) + "," +
                std::to_string(10 + 2 * i) + "]";
    }
    EXPECT_THAT(refusal(R"(7,"ranges":[)" + many + "]"), HasSubstr("at most 256"));
}

TEST(Ack, LeavesOutTheRangesThatDoNotFit) {
    Ack ack{.agent = AgentId("a")};
    for (std::uint64_t i = 0; i < 300; ++i) {
        ack.ranges.emplace_back(Sequence(10 + 2 * i), Sequence(10 + 2 * i));
    }
    const auto decoded = decode_ack(encode_ack(ack));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->ranges.size(), kAckRangesMax);
}

}  // namespace
}  // namespace vitrine::wire
