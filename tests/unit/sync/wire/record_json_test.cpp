#include "sync/wire/record_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <iostream>

#include "agent/base/random.hpp"
#include "tests/unit/sync/wire/any_record.hpp"

namespace vitrine::wire {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const RecordIdentity kWho{.store = StoreId("lyon-1"),
                          .agent = AgentId("agent-1"),
                          .epoch = 0x5f00000000000001,
                          .sequence = Sequence(42)};

session::Record clicked() {
    return {.time = wall_at(std::chrono::milliseconds(1'700'000'000'123)),
            .hlc = Hlc(0x18bcfe5687b0003),
            .kiosk = KioskId("entrance"),
            .subject = MemberId(0xabc),
            .body = session::PromotionTouched{.kind = session::PromotionTouched::Kind::clicked,
                                              .visit = 7,
                                              .decision = DecisionId(8),
                                              .offer = OfferId(1004),
                                              .position = 1,
                                              .probability = 0.25F,
                                              .path = offers::Path::personal}};
}

std::string encoded(const session::Record& record) {
    return encode_record(record, kWho).value_or("no event");
}

/// The event of `clicked` with one piece replaced.
std::string with(std::string_view piece, std::string_view other) {
    std::string event = encoded(clicked());
    const std::size_t at = event.find(piece);
    EXPECT_NE(at, event.npos) << piece;
    return event.replace(at, piece.size(), other);
}

std::string refusal(std::string_view event) {
    const auto decoded = decode_record(event);
    return decoded ? "accepted" : decoded.error().message;
}

TEST(Record, IsACloudEvent) {
    EXPECT_EQ(encoded(clicked()),
              R"({"specversion":"1.0","id":"agent-1/5f00000000000001/42",)"
              R"("source":"/stores/lyon-1/agents/agent-1","type":"vitrine.promotion.clicked.v1",)"
              R"("time":"2023-11-14T22:13:20.123Z","subject":"0000000000000abc",)"
              R"("hlc":"018bcfe5687b0003","kiosk":"entrance","datacontenttype":"application/json",)"
              R"("data":{"visit_id":"0000000000000007","decision_id":"0000000000000008",)"
              R"("promotion_id":1004,"position":1,"probability":0.25,"path":"personal"}})");
}

RC_GTEST_PROP(RecordLaws, DecodingGivesBackWhatWasEncoded, ()) {
    const session::Record record = any::record();
    const RecordIdentity identity = any::identity();
    const auto event = encode_record(record, identity);
    RC_ASSERT(event.has_value());
    const auto decoded = decode_record(*event);
    if (!decoded) RC_LOG() << decoded.error().message << "\n" << *event;
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(decoded->identity == identity);
    RC_ASSERT(decoded->record == record);
    RC_ASSERT(decoded->type == session::type_of(record));
    RC_ASSERT(decode_identity(*event).value() == identity);
}

RC_GTEST_PROP(RecordLaws, ACutEventIsRefused, ()) {
    const auto event = encode_record(any::record(), any::identity());
    RC_ASSERT(event.has_value());
    const std::string cut = event->substr(0, any::below(event->size()));
    RC_ASSERT(!decode_record(cut).has_value());
}

TEST(Record, AnUnknownTypeIsKeptAndNotRead) {
    const auto decoded = decode_record(with("clicked.v1", "clicked.v2"));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->type, "vitrine.promotion.clicked.v2");
    EXPECT_EQ(decoded->identity, kWho);
    EXPECT_FALSE(decoded->record);
}

TEST(Record, UnknownExtensionAttributesAreSkipped) {
    const auto decoded = decode_record(with(R"("kiosk":)", R"("traceparent":"00-ab","kiosk":)"));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->record, clicked());
}

TEST(Record, ARefusalNamesTheField) {
    EXPECT_THAT(refusal(with("1004", "-1")), StartsWith("data.promotion_id: expected a whole"));
    EXPECT_THAT(refusal(with("1004", "4294967296")), StartsWith("data.promotion_id: "));
    EXPECT_THAT(refusal(with("0.25", "\"x\"")), StartsWith("data.probability: "));
    EXPECT_THAT(refusal(with("0.25", "1e39")), StartsWith("data.probability: "));
    EXPECT_THAT(refusal(with("\"personal\"", "\"other\"")), StartsWith("data.path: "));
    EXPECT_THAT(refusal(with("\"position\":1,", "")), StartsWith("data.position: is missing"));
    EXPECT_THAT(refusal(with("\"position\":1", "\"position\":1,\"postion\":2")),
                StartsWith("data.postion: unknown field; is 'position' meant?"));
    EXPECT_THAT(refusal(with("\"position\":1", "\"position\":1,\"position\":2")),
                HasSubstr("'position' stands twice"));
    EXPECT_THAT(refusal(with("\"1.0\"", "\"0.3\"")), StartsWith("specversion: "));
    EXPECT_THAT(refusal(with("20.123Z", "61.000Z")), StartsWith("time: "));
    EXPECT_THAT(refusal(with("018bcfe5687b0003", "18bcfe5687b0003")), StartsWith("hlc: "));
    EXPECT_THAT(refusal(with("entrance", "../x")), StartsWith("kiosk: "));
    EXPECT_THAT(refusal(with("agent-1/5f", "agent-2/5f")), StartsWith("id: expected"));
    EXPECT_THAT(refusal(with("/42", "/042")), StartsWith("id: expected"));
    EXPECT_THAT(refusal(with("/42", "/0")), StartsWith("id: expected"));
    EXPECT_THAT(refusal(with("/42", "/18446744073709551616")), StartsWith("id: expected"));
    EXPECT_THAT(refusal(with("/stores/", "/shops/")), StartsWith("source: expected"));
    EXPECT_THAT(refusal(with("application/json", "text/plain")), StartsWith("datacontenttype: "));
    EXPECT_THAT(refusal("[]"), HasSubstr("expected an object"));
}

TEST(Record, AnEventWithWrongDataStillSaysWhoItIs) {
    const auto identity = decode_identity(with("1004", "-1"));
    ASSERT_TRUE(identity);
    EXPECT_EQ(*identity, kWho);
}

TEST(Record, DeepOrLargeJsonIsRefusedBeforeItCosts) {
    const std::string deep(100'000, '[');
    EXPECT_THAT(refusal(deep), HasSubstr("nested deeper"));
    const std::string large(kEventBytesMax + 1, ' ');
    EXPECT_EQ(decode_record(large).error().code, ErrorCode::exhausted);
    std::string wide = "{";
    for (int i = 0; i < 1000; ++i) wide += "\"k" + std::to_string(i) + "\":0,";
    EXPECT_THAT(refusal(wide + "\"z\":0}"), HasSubstr("more than 64 members"));
}

TEST(Record, WhatJsonCannotCarryIsRefusedWithTheField) {
    session::Record record = clicked();
    std::get<session::PromotionTouched>(record.body).probability =
        std::numeric_limits<float>::infinity();
    EXPECT_EQ(encode_record(record, kWho).error().message, "data: probability: is not finite");
    record = clicked();
    record.time = WallTime::max();
    EXPECT_THAT(encode_record(record, kWho).error().message, StartsWith("time: "));
    record = clicked();
    record.body = session::AgentHealth{.scanner = "\xff"};
    EXPECT_FALSE(encode_record(record, kWho));
    EXPECT_FALSE(encode_record(clicked(), RecordIdentity{}));
}

TEST(Record, AModelsTotalsStayFarBelowAnOutboxRow) {
    Rng rng(1);
    offers::Statistics statistics{
        .model = Epoch(7), .layout = 1, .outcomes = 5000, .positives = 150};
    constexpr std::size_t weights = offers::Example::kWeightsMax;
    // Totals of 5,000 outcomes: some 2^34 in size.
    const auto total = [&rng] { return static_cast<std::int64_t>(rng.normal() * 1e10); };
    for (std::size_t i = 0; i < weights; ++i) statistics.gradient.push_back(total());
    for (std::size_t i = 0; i < weights * (weights + 1) / 2; ++i) {
        statistics.curvature.push_back(total());
    }
    for (std::uint32_t i = 0; i < 200; ++i) {
        statistics.offsets.push_back({profiles::OffsetId(i), {}, total(), total()});
    }
    const session::Record record{.body = session::ModelDelta{statistics}};
    const auto event = encode_record(record, kWho);
    ASSERT_TRUE(event) << event.error().message;
    RecordProperty("bytes", static_cast<int>(event->size()));
    EXPECT_LT(event->size(), 88'000U);
    EXPECT_EQ(decode_record(*event)->record, record);
}

TEST(Record, TotalsThatDoNotHaveTheirShapeAreRefused) {
    const session::Record record{
        .body = session::ModelDelta{{.gradient = {1, -2}, .curvature = {3, 4, 5}}}};
    std::string event = encoded(record);
    const std::size_t at = event.find("\"pairs\":3");
    ASSERT_NE(at, event.npos);
    EXPECT_THAT(refusal(event.replace(at, 9, "\"pairs\":2")), StartsWith("data.totals: "));
}

}  // namespace
}  // namespace vitrine::wire
