#include "agent/engine/tills.hpp"

#include <gtest/gtest.h>

#include "tests/unit/agent/engine/world.hpp"

namespace vitrine::engine {
namespace {

using consent::Purpose;
using session::CouponRedeemed;
using session::OrderCompleted;
using session::Receipt;

constexpr KioskId kTill("till-3");

Receipt receipt(std::string order = "3/8841", std::optional<MemberId> member = kAna) {
    return {.order = std::move(order),
            .ordered = wall_at(std::chrono::seconds(0)),
            .member = member,
            .lines = {{ProductId(17), kFruit, 2, 398}}};
}

TEST(Tills, RememberTheLastReceiptsOfEachOverARestart) {
    Tills tills;
    for (std::size_t i = 0; i < Tills::kReceiptsPerTill; ++i) {
        EXPECT_TRUE(tills.add(kTill, std::to_string(i)));
    }
    EXPECT_FALSE(tills.add(kTill, "0"));
    EXPECT_TRUE(tills.add(KioskId("till-4"), "0")) << "another till counts for itself";
    Tills again;
    ASSERT_TRUE(again.restore(kTill, tills.encode(kTill)).has_value());
    EXPECT_FALSE(again.add(kTill, "7"));
    EXPECT_TRUE(again.add(kTill, "new"));
    EXPECT_TRUE(again.add(kTill, "0")) << "bounded: the oldest gave way";
    Bytes broken = tills.encode(kTill);
    broken[5] ^= 1;
    EXPECT_EQ(again.restore(kTill, broken).error().code, ErrorCode::corrupt);
}

TEST(Tills, ManyNamesOfTillsTakeNoMoreRoom) {
    World world;
    for (std::size_t i = 0; i < 2 * Tills::kTillsMax; ++i) {
        const KioskId till = KioskId::parse("t" + std::to_string(i)).value();
        EXPECT_TRUE(world.engine().on(receipt(), till, world.now(), world.effects()));
    }
    const auto& memos = world.effects().memos;
    const auto dropped = std::ranges::count_if(
        memos, [](const Memo& memo) { return memo.key.starts_with(kTillPrefix) && !memo.value; });
    EXPECT_EQ(dropped, static_cast<std::ptrdiff_t>(Tills::kTillsMax));
}

TEST(EngineTills, AReceiptCountsOnceAlsoOverARestart) {
    World world;
    world.enrol(kAna, {Purpose::recognise, Purpose::personalise, Purpose::measure});
    EXPECT_TRUE(world.engine().on(receipt(), kTill, world.now(), world.effects()));
    EXPECT_FALSE(world.engine().on(receipt(), kTill, world.now(), world.effects()));
    ASSERT_EQ(world.records<OrderCompleted>().size(), 1U);
    EXPECT_EQ(world.records<OrderCompleted>()[0].subject, kAna);
    World after;
    for (const Memo& memo : world.effects().memos) {
        ASSERT_TRUE(after.engine().restore(memo).has_value()) << memo.key;
    }
    EXPECT_FALSE(after.engine().on(receipt(), kTill, after.now(), after.effects()));
    EXPECT_TRUE(after.records<OrderCompleted>().empty());
}

TEST(EngineTills, WithoutPermissionToMeasureTheReceiptNamesNobody) {
    World world;
    world.enrol(kAna, {Purpose::recognise, Purpose::personalise});
    EXPECT_TRUE(world.engine().on(receipt(), kTill, world.now(), world.effects()));
    EXPECT_TRUE(world.engine().on(receipt("3/8842", kBob), kTill, world.now(), world.effects()));
    const auto orders = world.records<OrderCompleted>();
    ASSERT_EQ(orders.size(), 2U);
    for (const session::Record& order : orders) {
        EXPECT_FALSE(order.subject.has_value());
        EXPECT_EQ(std::get<OrderCompleted>(order.body).lines.size(), 1U);
    }
}

TEST(EngineTills, WhatWasJustBoughtIsKnownAtOnceAndOnlyWithPermission) {
    const auto habit = [](std::vector<Purpose> purposes) {
        World world;
        world.enrol(kAna, purposes);
        world.engine().on(receipt(), kTill, world.now(), world.effects());
        consent::Ledger ledger;
        consent::Consents consents;
        consents.of(Purpose::personalise) = {.granted = true};
        ledger.learn(kAna, consents);
        const auto permitted =
            consent::Gate(ledger).permit<Purpose::personalise>(kAna, world.now().wall);
        const auto* profile = world.engine().snapshot().profiles.read(*permitted);
        return profile->habit(kFruit) != nullptr && profile->bought(ProductId(17)) != nullptr;
    };
    EXPECT_TRUE(habit({Purpose::recognise, Purpose::personalise}));
    EXPECT_FALSE(habit({Purpose::recognise, Purpose::measure}));
}

TEST(EngineTills, ATillsClockThatIsAheadDoesNotMakeTomorrow) {
    World world;
    Receipt late = receipt();
    late.ordered = world.now().wall + std::chrono::hours(48);
    world.engine().on(late, kTill, world.now(), world.effects());
    EXPECT_EQ(std::get<OrderCompleted>(world.records<OrderCompleted>().at(0).body).ordered,
              world.now().wall);
}

TEST(EngineTills, EachPromotionIsRedeemedOnceByItsNumberOrItsCode) {
    World world;
    world.enrol(kAna, {Purpose::recognise, Purpose::personalise, Purpose::measure});
    world.hear({kAna}, 5s);
    const OfferId offer = world.first_offer();
    ASSERT_TRUE(world.touch(session::TouchKind::save, offer).has_value());
    const std::string url = world.screen().claim->url;
    const std::string code = world.engine().claim_code(url.substr(url.rfind('/') + 1));
    ASSERT_EQ(code.size(), 8U);
    Receipt used = receipt("3/9", std::nullopt);
    used.promotions = {offer};
    used.claim_codes = {code, "ZZZZZZZZ"};
    world.engine().on(used, kTill, world.now(), world.effects());
    const auto redeemed = world.records<CouponRedeemed>();
    ASSERT_EQ(redeemed.size(), 1U);
    EXPECT_EQ(std::get<CouponRedeemed>(redeemed[0].body).offer, offer);
    EXPECT_FALSE(redeemed[0].subject.has_value()) << "a code may have been passed on";
}

}  // namespace
}  // namespace vitrine::engine
