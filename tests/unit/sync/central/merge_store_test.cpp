#include "sync/central/merge_store.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "tests/unit/sync/central/fixture.hpp"

namespace vitrine::central {
namespace {

using session::PromotionTouched;
using session::VisitStarted;

TEST(MergeStore, MergesARecordOnceHoweverOftenItComes) {
    Centre centre;
    const std::vector<std::string> events{event(1, VisitStarted{9}), event(2, click())};
    const MergeReport first = centre.merge(events).value();
    EXPECT_EQ(first.merged, 2U);
    const MergeReport again = centre.merge(events).value();
    EXPECT_EQ(again.merged, 0U);
    EXPECT_EQ(again.duplicates, 2U);
    EXPECT_EQ(centre.number("SELECT count(*) FROM events"), 2);
    EXPECT_EQ(centre.number("SELECT clicked FROM offer_counts"), 1);
    EXPECT_EQ(centre.number("SELECT clicked FROM interactions"), 1);
    ASSERT_EQ(again.acks.size(), 1U)
        << "also a repeated batch is acknowledged, or it would come for ever";
    EXPECT_EQ(again.acks[0].watermark, Sequence(2));
}

TEST(MergeStore, CountsWhatCameInEachMinuteOnce) {
    Centre centre;
    const auto merge = [&](std::vector<std::string> events, WallTime received) {
        const MergeReport report =
            centre.store
                .merge({.store = kLyon, .agent = kAgent, .events = events, .floor = {}}, received)
                .value();
        return report.merged;
    };
    const session::PromotionViewed viewed{
        .visit = 9, .mode = session::Mode::ambient, .decision = {.id = DecisionId(1)}};
    EXPECT_EQ(merge({event(1, VisitStarted{9}), event(2, click())}, kNow), 2U);
    EXPECT_EQ(merge({event(2, click()), event(3, viewed)}, kNow + std::chrono::seconds(59)), 1U);
    EXPECT_EQ(merge({event(4, click())}, kNow + std::chrono::seconds(60)), 1U);
    const auto counted = [&](const std::string& what, int minute) {
        return centre.number(
            "SELECT " + what + " FROM minute_counts WHERE shop = 'lyon' AND minute = " +
            std::to_string(kNow.time_since_epoch() / std::chrono::minutes(1) + minute));
    };
    EXPECT_EQ(counted("records * 100 + views * 10 + clicks", 0), 311);
    EXPECT_EQ(counted("records * 100 + views * 10 + clicks", 1), 101);
}

TEST(MergeStore, AcknowledgesRangesBesideAHoleAndGivesUpWhatTheAgentLost) {
    Centre centre;
    const MergeReport report =
        centre.merge({event(1, click()), event(4, click()), event(5, click())}).value();
    ASSERT_EQ(report.acks.size(), 1U);
    EXPECT_EQ(report.acks[0].watermark, Sequence(1));
    ASSERT_EQ(report.acks[0].ranges.size(), 1U);
    EXPECT_EQ(report.acks[0].ranges[0], std::pair(Sequence(4), Sequence(5)));
    const MergeReport healed = centre.merge({event(6, click())}, Sequence(4)).value();
    EXPECT_EQ(healed.acks[0].watermark, Sequence(6));
    EXPECT_EQ(centre.number("SELECT given_up FROM sources"), 2);
}

TEST(MergeStore, WhatCannotBeReadIsSetAsideWithTheReasonAndAcknowledged) {
    Centre centre;
    std::string broken = event(2, click());
    broken.replace(broken.find("\"position\":0"), 12, "\"position\":-1");
    const MergeReport report = centre.merge({event(1, click()), broken, event(3, click())}).value();
    EXPECT_EQ(report.merged, 2U);
    EXPECT_EQ(report.dead, 1U);
    EXPECT_EQ(report.acks.at(0).watermark, Sequence(3));
    EXPECT_NE(centre.connection.text_of("SELECT reason FROM dead_letters").value().find("position"),
              std::string::npos);
}

TEST(MergeStore, AnUnknownTypeIsKeptRawForALaterProgram) {
    Centre centre;
    std::string future = event(1, click());
    future.replace(future.find("vitrine.promotion.clicked.v1"), 28, "vitrine.promotion.dreamed.v9");
    const MergeReport report = centre.merge({future}).value();
    EXPECT_EQ(report.acks.at(0).watermark, Sequence(1));
    EXPECT_EQ(centre.number("SELECT count(*) FROM events WHERE merged = 0"), 1);
    EXPECT_EQ(centre.connection.text_of("SELECT event FROM events").value(), future);
}

TEST(MergeStore, WhatWasKeptRawIsMergedAfterTheUpgradeAsIfItHadBeenWhenItCame) {
    Centre centre;
    ASSERT_EQ(centre.enrol(kAnaRow).taken, 1U);
    const std::vector<std::string> events{event(1, click()), event(2, click(101)),
                                          event(3, click(), MemberId(0xb2))};
    std::vector<std::string> unknown = events;
    for (std::string& one : unknown) {
        one.replace(one.find("vitrine.promotion.clicked.v1"), 28, "vitrine.promotion.dreamed.v9");
    }
    EXPECT_EQ(centre.merge(unknown).value().unknown, 3U);
    EXPECT_EQ(centre.store.merge_kept().value(), 0U) << "still unknown, still there";
    ASSERT_TRUE(centre.store.erase(MemberId(0xb2), kNow).has_value());
    EXPECT_EQ(centre.number("SELECT count(*) FROM events WHERE event LIKE '%b2%'"), 0)
        << "also of a type that nobody can read, the erased member's events go";

    // The upgrade: what they say can be read now.
    auto upgrade =
        centre.connection.prepare("UPDATE events SET event = ? WHERE sequence = ?").value();
    for (std::uint64_t i = 0; i < 2; ++i) {
        ASSERT_TRUE(upgrade.bind(events[i], i + 1).run().has_value());
    }
    EXPECT_EQ(centre.store.merge_kept().value(), 2U);
    EXPECT_EQ(centre.store.merge_kept().value(), 0U) << "once";
    EXPECT_EQ(centre.number("SELECT sum(clicked) FROM interactions"), 2);
    EXPECT_EQ(centre.number("SELECT sum(clicked) FROM offer_counts"), 2);
    EXPECT_EQ(centre.number("SELECT count(*) FROM events WHERE merged = 1 AND member <> 0"), 2);
}

TEST(MergeStore, OneBatchMayNameOneIdentityTwice) {
    Centre centre;
    const MergeReport report =
        centre.merge({event(1, click(100)), event(1, click(100)), event(1, click(101))}).value();
    EXPECT_EQ(report.merged, 1U);
    EXPECT_EQ(report.duplicates, 1U);
    EXPECT_EQ(report.cloned, 1U);
    EXPECT_EQ(centre.number("SELECT cloned FROM sources"), 1);
}

TEST(MergeStore, ManyBatchesMakeOneTransactionAndEachIsAcknowledged) {
    Centre centre;
    const auto at = [](std::uint64_t sequence, AgentId agent) {
        return event(sequence, click(), kAna, 5, agent);
    };
    const AgentId other("lyon-2");
    const std::vector<Batch> batches{
        {kLyon, kAgent, {at(3, kAgent), at(4, kAgent)}, Sequence(3)},
        {kLyon, other, {at(1, other), at(1, kAgent)}, Sequence(1)},
        {kLyon, kAgent, {at(4, kAgent), at(6, kAgent)}, Sequence(2)},
    };
    const MergeReport report = centre.store.merge(batches, kNow).value();
    EXPECT_EQ(report.merged, 4U);
    EXPECT_EQ(report.duplicates, 1U);
    EXPECT_EQ(report.dead_of, (std::map<AgentId, std::uint32_t>{{other, 1}}))
        << "what stands in another agent's batch is not taken";
    ASSERT_EQ(report.acks.size(), 2U);
    EXPECT_EQ(report.acks[0].agent, kAgent);
    EXPECT_EQ(report.acks[0].store, kLyon);
    EXPECT_EQ(report.acks[0].watermark, Sequence(4)) << "the floor of the first batch counts";
    EXPECT_EQ(report.acks[0].ranges.size(), 1U);
    EXPECT_EQ(report.acks[1].watermark, Sequence(1));
    EXPECT_EQ(centre.number("SELECT sum(clicked) FROM offer_counts"), 4);
}

TEST(MergeStore, ALetterIsKeptOnceHoweverOftenItComes) {
    Centre centre;
    for (int i = 0; i < 3; ++i) (void)centre.merge({"{\"no\": \"event\"}"}).value();
    EXPECT_EQ(centre.number("SELECT count(*) FROM dead_letters"), 1);
}

TEST(MergeStore, NoBytesOfAnybodyStopABatch) {
    Centre centre;
    std::string hostile = event(1, click());
    hostile.replace(hostile.find("promotion.clicked"), 17, std::string("\0\xff\xc0\x80'\\", 7));
    const MergeReport report =
        centre.merge({hostile, std::string("\xff\0\"{}", 5), event(2, click())}).value();
    EXPECT_EQ(report.merged, 1U);
    EXPECT_EQ(report.dead, 2U);
    EXPECT_EQ(centre.number("SELECT count(*) FROM dead_letters"), 2);
}

session::OrderCompleted order(std::string number = "3/8841", std::uint32_t quantity = 2) {
    return {.order = std::move(number),
            .ordered = kNow - std::chrono::hours(1),
            .lines = {{ProductId(17), CategoryId(5), quantity, 150}}};
}

TEST(MergeStore, ReceiptsAddUpAndTheSameReceiptCountsOnceForItsMember) {
    Centre centre;
    ASSERT_EQ(centre.enrol(kAnaRow).taken, 1U);
    ASSERT_TRUE(centre.merge({event(1, order()), event(2, order("3/8842"))}).has_value());
    // The agent's database was lost, and the till told it again.
    ASSERT_TRUE(centre.merge({event(1, order(), kAna, 6)}).has_value());
    ASSERT_EQ(centre
                  .buy(R"({"member":"00000000000000a1","day":"2024-10-03","product":17,)"
                       R"("category":5,"quantity":1,"cents":75})")
                  .taken,
              1U);
    EXPECT_EQ(centre.number("SELECT sum(quantity) FROM bought"), 5);
    EXPECT_EQ(centre.number("SELECT sum(cents) FROM bought"), 375);
    EXPECT_EQ(centre.number("SELECT orders FROM shop_counts"), 3);
    ASSERT_TRUE(centre.store.erase(kAna, kNow).has_value());
    EXPECT_EQ(centre.number("SELECT count(*) FROM bought"), 0);
    ASSERT_TRUE(centre.merge({event(3, order("3/8843"))}).has_value());
    EXPECT_EQ(centre.number("SELECT count(*) FROM bought"), 0);
    EXPECT_EQ(centre.number("SELECT orders FROM shop_counts"), 4)
        << "the shop sold it all the same";
}

TEST(MergeStore, AnAnonymousReceiptCountsForTheShopAlone) {
    Centre centre;
    ASSERT_TRUE(centre
                    .merge({event(1, order(), std::nullopt),
                            event(2, session::CouponRedeemed{"3/8841", OfferId(9)}, std::nullopt),
                            event(3, order("3/2"))})
                    .has_value());
    EXPECT_EQ(centre.number("SELECT orders FROM shop_counts"), 2);
    EXPECT_EQ(centre.number("SELECT orders_of_members FROM shop_counts"), 1);
    EXPECT_EQ(centre.number("SELECT items FROM shop_counts"), 4);
    EXPECT_EQ(centre.number("SELECT revenue_cents FROM shop_counts"), 300);
    EXPECT_EQ(centre.number("SELECT redeemed FROM offer_counts WHERE offer = 9"), 1);
    EXPECT_EQ(centre.number("SELECT count(*) FROM order_lines"), 1);
}

TEST(MergeStore, WhatTwoSayOfOneReceiptDoesNotDependOnTheirOrder) {
    for (const bool swapped : {false, true}) {
        Centre centre;
        const std::string one = event(1, order("3/1", 2));
        const std::string other = event(2, order("3/1", 7));
        ASSERT_TRUE(centre.merge({swapped ? other : one}).has_value());
        ASSERT_TRUE(centre.merge({swapped ? one : other}).has_value());
        EXPECT_EQ(centre.number("SELECT quantity FROM order_lines"), 7);
    }
}

TEST(MergeStore, AnAgentCannotSpeakForAnother) {
    Centre centre;
    const MergeReport report =
        centre.merge({event(1, click(), kAna, 5, AgentId("paris-1"))}).value();
    EXPECT_EQ(report.merged, 0U);
    EXPECT_EQ(report.dead, 1U);
    EXPECT_TRUE(report.acks.empty());
}

TEST(MergeStore, AClonedAgentIsNoticedAndItsRecordKeptApart) {
    Centre centre;
    (void)centre.merge({event(1, click(100))}).value();
    const MergeReport report = centre.merge({event(1, click(101))}).value();
    EXPECT_EQ(report.cloned, 1U);
    EXPECT_EQ(centre.number("SELECT count(*) FROM offer_counts WHERE offer = 101"), 0);
}

TEST(MergeStore, ErasedStaysErasedAlsoForWhatComesLater) {
    Centre centre;
    ASSERT_EQ(centre.enrol(kAnaRow).taken, 1U);
    (void)centre.merge({event(1, click())}).value();
    ASSERT_TRUE(centre.store.erase(kAna, kNow).has_value());
    const MergeReport late = centre.merge({event(2, click()), event(3, VisitStarted{9})}).value();
    EXPECT_EQ(late.acks.at(0).watermark, Sequence(3));
    const std::string pseudonym = to_text(kAna);
    EXPECT_EQ(centre.number("SELECT count(*) FROM events WHERE member <> 0 OR event LIKE '%" +
                            pseudonym + "%'"),
              0);
    for (const char* table :
         {"members", "consents", "consent_events", "purchases", "interactions"}) {
        EXPECT_EQ(centre.number("SELECT count(*) FROM " + std::string(table)), 0) << table;
    }
    EXPECT_EQ(centre.number("SELECT sum(clicked) FROM offer_counts"), 2)
        << "what names no one still counts";
    EXPECT_EQ(centre.enrol(kAnaRow).refused, 1U);
    EXPECT_EQ(centre.members.erasures().value().members, std::vector{kAna});
}

TEST(MergeStore, AWithdrawalFromAShopEndsWhatShopsAreTold) {
    Centre centre;
    (void)centre.enrol(kAnaRow);
    EXPECT_EQ(centre.members.recognition(1, 2, kNow).value().members.size(), 1U);
    const consent::Event withdrawn{.id = 77,
                                   .subject = kAna,
                                   .purpose = consent::Purpose::recognise,
                                   .decision = consent::Decision::withdrawn,
                                   .version = 1,
                                   .time = Hlc(5),
                                   .notice = {.id = "kiosk-notice", .version = 1}};
    const MergeReport report = centre.merge({event(1, session::ConsentChanged{withdrawn})}).value();
    EXPECT_TRUE(report.members_changed);
    EXPECT_TRUE(centre.members.recognition(1, 2, kNow).value().members.empty());
    EXPECT_TRUE(centre.members.profiles(kNow).value().profiles.empty());
    EXPECT_EQ(centre.members.profiles(kNow).value().consents.size(), 1U)
        << "shops must hear of the withdrawal";
}

TEST(MergeStore, WhoHasOnlyPausedKeepsTheKeysByWhichThePauseIsTakenBack) {
    Centre centre;
    (void)centre.enrol(kAnaRow);
    consent::Event decided{.id = 78,
                           .subject = kAna,
                           .purpose = consent::Purpose::recognise,
                           .decision = consent::Decision::paused,
                           .version = 1,
                           .time = Hlc(5),
                           .notice = {.id = "kiosk-pause", .version = 1}};
    (void)centre.merge({event(1, session::ConsentChanged{decided})}).value();
    const auto told = centre.members.recognition(1, 2, kNow).value();
    ASSERT_EQ(told.members.size(), 1U);
    EXPECT_FALSE(told.members[0].consents.of(consent::Purpose::recognise).allows(kNow))
        << "a shop recognises nobody by them";
    EXPECT_TRUE(centre.members.profiles(kNow).value().profiles.empty());
    decided.id = 79;
    decided.version = 2;
    decided.decision = consent::Decision::withdrawn;
    (void)centre.merge({event(2, session::ConsentChanged{decided})}).value();
    EXPECT_TRUE(centre.members.recognition(1, 2, kNow).value().members.empty());
}

// The law that makes offline shops possible: rows of the database are what sync/merge says, in any
// order and batching.
RC_GTEST_PROP(MergeStoreLaws, AnyOrderAndBatchingGiveTheSameRows, ()) {
    std::vector<std::string> events;
    const auto count = *rc::gen::inRange<std::uint64_t>(1, 12);
    for (std::uint64_t sequence = 1; sequence <= count; ++sequence) {
        const auto kind = static_cast<PromotionTouched::Kind>(*rc::gen::inRange(0, 4));
        session::PromotionTouched touched = click(100 + *rc::gen::inRange<std::uint32_t>(0, 3));
        touched.kind = kind;
        events.push_back(
            event(sequence, touched, MemberId(*rc::gen::inRange<std::uint64_t>(1, 3))));
    }
    const auto rows_of = [](const std::vector<std::vector<std::string>>& batches) {
        Centre centre;
        for (const auto& batch : batches) (void)centre.merge(batch).value();
        std::string all;
        for (const char* sql :
             {"SELECT member, offer, dismissed, wanted, clicked, saved, dismissals FROM "
              "interactions ORDER BY member, offer",
              "SELECT offer, path, clicked, dismissed, saved, explained, 0 FROM offer_counts ORDER "
              "BY offer, path",
              "SELECT watermark, records, cloned, given_up, 0, 0, 0 FROM sources"}) {
            auto select = centre.connection.prepare(sql).value();
            select.bind();
            while (select.step().value()) {
                for (int column = 0; column < 7; ++column) {
                    all += std::to_string(select.integer(column)) + ' ';
                }
            }
            all += '\n';
        }
        return all;
    };
    std::vector<std::string> shuffled = events;
    shuffled.insert(shuffled.end(), events.begin(),
                    events.begin() + static_cast<std::ptrdiff_t>(count / 2));
    for (std::size_t i = shuffled.size(); i > 1; --i) {
        std::swap(shuffled[i - 1], shuffled[*rc::gen::inRange<std::size_t>(0, i)]);
    }
    std::vector<std::vector<std::string>> batches;
    for (const std::string& one : shuffled) {
        if (batches.empty() || *rc::gen::arbitrary<bool>()) batches.emplace_back();
        batches.back().push_back(one);
    }
    RC_ASSERT(rows_of({events}) == rows_of(batches));
}

}  // namespace
}  // namespace vitrine::central
