#include "sync/central/enrolment.hpp"

#include <gtest/gtest.h>

#include "agent/identity/eid.hpp"
#include "tests/unit/sync/central/fixture.hpp"

namespace vitrine::central {
namespace {

// REQUIREMENTS T13: nothing is dropped silently.
TEST(Enrolment, NamesTheLineAndFieldOfEachRefusedRowAndTakesTheOthers) {
    Centre centre;
    const ImportReport report = centre.enrol(
        kAnaRow + "\n\nnot json\n" +
        R"({"member":"00000000000000b2","identity_key":"00","level":"full","language":"fr"})" +
        "\n" +
        R"({"member":"00000000000000b3","identity_key":"000102030405060708090a0b0c0d0e0f","level":"all","language":"fr"})" +
        "\n" +
        R"({"member":"00000000000000b4","identity_key":"000102030405060708090a0b0c0d0e0f","level":"full","language":"fr","agee":1})");
    EXPECT_EQ(report.rows, 5U);
    EXPECT_EQ(report.taken, 1U);
    ASSERT_EQ(report.refusals.size(), 4U);
    EXPECT_EQ(report.refusals[0].line, 3U);
    EXPECT_EQ(report.refusals[1].reason, "identity_key: expected 32 hexadecimal digits, got 2");
    EXPECT_EQ(report.refusals[2].reason, "level: expected none, basic or full");
    EXPECT_EQ(report.refusals[3].reason, "agee: is not known");
    EXPECT_EQ(centre.number("SELECT count(*) FROM members"), 1);
}

TEST(Enrolment, TheSameImportTwiceChangesNothing) {
    Centre centre;
    (void)centre.enrol(kAnaRow);
    (void)centre.enrol(kAnaRow);
    EXPECT_EQ(centre.number("SELECT count(*) FROM members"), 1);
    EXPECT_EQ(centre.number("SELECT count(*) FROM consent_events"), 3);
}

TEST(Enrolment, PurchasesOfTheFutureOrOfNobodyAreRefused) {
    Centre centre;
    (void)centre.enrol(kAnaRow);
    const ImportReport report = centre.buy(
        R"({"member":"00000000000000a1","day":"2024-10-01","product":7,"category":41,"cents":500})"
        "\n"
        R"({"member":"00000000000000a1","day":"2099-01-01","product":7,"category":41})"
        "\n"
        R"({"member":"00000000000000ff","day":"2024-10-01","product":7,"category":41})"
        "\n"
        R"({"member":"00000000000000a1","day":"2024-13-01","product":7,"category":41})");
    EXPECT_EQ(report.taken, 1U);
    ASSERT_EQ(report.refusals.size(), 3U);
    EXPECT_EQ(report.refusals[0].reason, "day: is in the future");
    EXPECT_EQ(report.refusals[1].reason, "no member 00000000000000ff");
    EXPECT_EQ(report.refusals[2].reason, "day: expected a date such as 2026-11-22");
}

TEST(Members, TellShopsOnlyWhatEachAllowed) {
    Centre centre;
    (void)centre.enrol(
        kAnaRow + "\n" +
        R"({"member":"00000000000000b2","identity_key":"100102030405060708090a0b0c0d0e0f","level":"full","language":"en","recognise":true})" +
        "\n" +
        R"({"member":"00000000000000b3","identity_key":"200102030405060708090a0b0c0d0e0f","level":"full","language":"en"})");
    (void)centre.buy(
        R"({"member":"00000000000000a1","day":"2024-10-01","product":7,"category":41,"cents":500})");
    const auto recognition = centre.members.recognition(27'000, 9, kNow).value();
    ASSERT_EQ(recognition.members.size(), 2U);
    EXPECT_EQ(recognition.members[0].keys.size(), 9U);
    identity::IdentityKey key;
    for (std::uint8_t i = 0; i < 16; ++i) key.bytes[i] = i;
    EXPECT_EQ(recognition.members[0].keys[1], identity::temporary_key(key, 27'001).bytes);
    const auto profiles = centre.members.profiles(kNow).value();
    ASSERT_EQ(profiles.profiles.size(), 1U);
    EXPECT_NE(profiles.profiles[0].habit(CategoryId(41)), nullptr);
    ASSERT_EQ(profiles.cards.size(), 1U);
    EXPECT_EQ(profiles.cards[0].calls_me, "Ana");
}

TEST(Members, ABasicLevelSendsNoPurchases) {
    Centre centre;
    std::string basic = kAnaRow;
    basic.replace(basic.find("\"full\""), 6, "\"basic\"");
    (void)centre.enrol(basic);
    (void)centre.buy(
        R"({"member":"00000000000000a1","day":"2024-10-01","product":7,"category":41,"cents":500})");
    const auto profiles = centre.members.profiles(kNow).value();
    ASSERT_EQ(profiles.profiles.size(), 1U);
    EXPECT_TRUE(profiles.profiles[0].habits.empty());
    EXPECT_EQ(profiles.profiles[0].spent_90_days_cents, 0U);
    EXPECT_EQ(profiles.profiles[0].favourites, std::vector{CategoryId(41)});
}

TEST(Enrolment, VisitsAndBasketsOfTheWebShopComeRowByRow) {
    Centre centre;
    (void)centre.enrol(kAnaRow);
    const ImportReport report =
        centre.visit(R"({"member":"00000000000000a1","day":"2024-10-01","channel":"app"})"
                     "\n"
                     R"({"member":"00000000000000a1","day":"2024-09-30","basket":[9,3]})"
                     "\n"
                     R"({"member":"00000000000000a1","day":"2024-09-20","basket":[8]})"
                     "\n"
                     R"({"member":"00000000000000a1","day":"2024-10-01","channel":"fax"})"
                     "\n"
                     R"({"member":"00000000000000a1","day":"2024-10-01"})"
                     "\n"
                     R"({"member":"00000000000000a1","day":"2099-10-01","channel":"web"})"
                     "\n"
                     R"({"member":"00000000000000ff","day":"2024-10-01","channel":"web"})"
                     "\n"
                     R"({"member":"00000000000000a1","day":"2024-10-01","basket":[0]})");
    EXPECT_EQ(report.taken, 3U);
    ASSERT_EQ(report.refusals.size(), 5U);
    EXPECT_EQ(report.refusals[0].reason, "channel: expected store, web or app");
    EXPECT_EQ(report.refusals[1].reason, "channel: is missing");
    EXPECT_EQ(report.refusals[2].reason, "day: is in the future");
    EXPECT_EQ(report.refusals[3].reason, "no member 00000000000000ff");
    EXPECT_EQ(report.refusals[4].reason, "basket: expected a whole number from 1 to 4294967295");
    const profiles::Profile profile = centre.profile_in(kLyon);
    EXPECT_EQ(profile.last_web_day, day_of(kNow) - 3);
    EXPECT_EQ(profile.basket_day, day_of(kNow) - 4) << "the older row changes nothing";
    EXPECT_EQ(profile.basket, (std::vector{ProductId(3), ProductId(9)}));
    (void)centre.visit(R"({"member":"00000000000000a1","day":"2024-09-30","basket":[]})");
    EXPECT_TRUE(centre.profile_in(kLyon).basket.empty());
}

std::string with_measure() {
    std::string row = kAnaRow;
    row.insert(row.size() - 1, R"(,"measure":true)");
    return row;
}

session::PromotionViewed shown_to_ana(std::uint32_t offer) {
    session::PromotionViewed viewed;
    viewed.decision.path = offers::Path::personal;
    viewed.decision.slot_count = 1;
    viewed.decision.slots[0].offer = OfferId(offer);
    return viewed;
}

// REQUIREMENTS T14: caps mean the same in every channel.
TEST(Members, EachShopIsToldWhatWasSeenInTheOthers) {
    Centre centre;
    (void)centre.enrol(with_measure());
    (void)centre.merge(
        {event(1, shown_to_ana(100)), event(2, shown_to_ana(100)), event(3, click())});
    const profiles::Profile elsewhere = centre.profile_in(StoreId("nice"));
    ASSERT_EQ(elsewhere.seen_elsewhere.size(), 1U);
    EXPECT_EQ(elsewhere.seen_elsewhere[0], (profiles::Seen{OfferId(100), 2, day_of(kNow), 2}));
    EXPECT_TRUE(centre.profile_in(kLyon).seen_elsewhere.empty()) << "the shop itself knows";
    (void)centre.merge({event(4, shown_to_ana(100))});
    EXPECT_EQ(centre.profile_in(StoreId("nice")).seen_elsewhere[0].total, 2U);
    const WallTime later = kNow + Elsewhere::kEvery;
    EXPECT_EQ(centre.profile_in(StoreId("nice"), later).seen_elsewhere[0].total, 3U);
    const WallTime month = kNow + std::chrono::hours(24 * Elsewhere::kDays);
    EXPECT_TRUE(centre.profile_in(StoreId("nice"), month).seen_elsewhere.empty());
}

TEST(Members, ResponsesCountWhileTheMemberAllowsToMeasure) {
    Centre centre;
    (void)centre.enrol(with_measure());
    session::PromotionTouched saved = click();
    saved.kind = session::PromotionTouched::Kind::saved;
    (void)centre.merge({event(1, saved), event(2, session::CouponClaimed{9, OfferId(100)}),
                        event(3, shown_to_ana(100))});
    EXPECT_EQ(centre.profile_in(StoreId("nice")).responses, 2);
    const consent::Event withdrawn{.id = 77,
                                   .subject = kAna,
                                   .purpose = consent::Purpose::measure,
                                   .decision = consent::Decision::withdrawn,
                                   .version = 1,
                                   .time = Hlc(5),
                                   .notice = {.id = "kiosk-notice", .version = 1}};
    (void)centre.merge({event(4, session::ConsentChanged{withdrawn})});
    const auto after = centre.profile_in(StoreId("nice"), kNow + Elsewhere::kEvery);
    EXPECT_EQ(after.responses, 0);
    EXPECT_TRUE(after.seen_elsewhere.empty());
}

TEST(Trainer, OutcomesOfAShopMakeTheNextModelOnce) {
    Centre centre;
    const profiles::Model first = centre.trainer.current().value();
    EXPECT_EQ(first.epoch, Epoch(1));
    offers::Learner learner;
    ASSERT_TRUE(learner.adopt(first).has_value());
    offers::Example example{.offer = OfferId(100),
                            .size = static_cast<std::uint16_t>(first.mean.size())};
    if (example.size == 0) example.size = static_cast<std::uint16_t>(learner.model().mean.size());
    example.features.fill(0.5F);
    for (int i = 0; i < 30; ++i) learner.learn_anonymous(example, i % 2 == 0);
    (void)centre.merge({event(1, session::ModelDelta{learner.statistics()}, std::nullopt)}).value();
    EXPECT_FALSE(centre.trainer.refit(100).value().has_value()) << "too little to be worth a model";
    const auto next = centre.trainer.refit(20).value();
    ASSERT_TRUE(next.has_value());
    EXPECT_EQ(next->epoch, Epoch(2));
    EXPECT_NE(next->mean, first.mean);
    EXPECT_FALSE(centre.trainer.refit(1).value().has_value())
        << "the same outcomes do not count twice";
    EXPECT_EQ(centre.trainer.current().value(), *next);
}

}  // namespace
}  // namespace vitrine::central
