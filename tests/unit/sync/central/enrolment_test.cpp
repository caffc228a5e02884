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
