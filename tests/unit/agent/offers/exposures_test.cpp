#include "agent/offers/exposures.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace vitrine::offers {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kNow = wall_at(std::chrono::days(20'000) + 10h);
constexpr MemberId kAna{7};
constexpr CategoryId kTea{3};

TEST(Exposures, CountsBySumAndByDay) {
    Exposures exposures;
    exposures.shown(kAna, OfferId(1), kTea, kNow);
    exposures.shown(kAna, OfferId(1), kTea, kNow + 1h);
    exposures.decided(kAna, kNow);
    const Exposure& today = exposures.of(kAna);
    EXPECT_EQ(today.of(OfferId(1))->today, 2);
    EXPECT_EQ(today.decisions_today, 1);
    ASSERT_EQ(today.categories.size(), 1U);
    EXPECT_EQ(today.categories[0].today, 2);

    exposures.shown(kAna, OfferId(1), kTea, kNow + 24h);
    const Exposure& tomorrow = exposures.of(kAna);
    EXPECT_EQ(tomorrow.of(OfferId(1))->today, 1);
    EXPECT_EQ(tomorrow.of(OfferId(1))->total, 3);
    EXPECT_EQ(tomorrow.decisions_today, 0);
    EXPECT_EQ(tomorrow.categories[0].today, 1);
}

TEST(Exposures, AClockThatStepsBackByADayDoesNotResetTheCounts) {
    Exposures exposures;
    exposures.shown(kAna, OfferId(1), kTea, kNow);
    exposures.shown(kAna, OfferId(1), kTea, kNow - 24h);
    EXPECT_EQ(exposures.of(kAna).of(OfferId(1))->today, 2);
    // One that was wrong by years does not block the member for years.
    exposures.shown(kAna, OfferId(1), kTea, kNow - 24h * 4000);
    EXPECT_EQ(exposures.of(kAna).of(OfferId(1))->today, 1);
}

TEST(Exposures, QuietComesAfterDismissalsInARowAndATapEndsTheRow) {
    Exposures exposures;
    exposures.dismissed(kAna, OfferId(1), kNow, 3, 30min);
    exposures.dismissed(kAna, OfferId(2), kNow, 3, 30min);
    exposures.opened(kAna, OfferId(2));
    exposures.dismissed(kAna, OfferId(3), kNow, 3, 30min);
    exposures.dismissed(kAna, OfferId(4), kNow, 3, 30min);
    EXPECT_EQ(exposures.of(kAna).quiet_until, WallTime::min());
    exposures.dismissed(kAna, OfferId(5), kNow, 3, 30min);
    EXPECT_EQ(exposures.of(kAna).quiet_until, kNow + 30min);
    EXPECT_TRUE(exposures.of(kAna).of(OfferId(1))->dismissed);
}

TEST(Exposures, DropsTheLeastRecentOfferAndKeepsARefusal) {
    Exposures exposures;
    exposures.dismissed(kAna, OfferId(1), kNow, 0, 0min);
    for (std::uint32_t i = 2; i <= Exposure::kOffersMax; ++i) {
        exposures.shown(kAna, OfferId(i), kTea, kNow + 24h * i);
    }
    exposures.shown(kAna, OfferId(1000), kTea, kNow + 24h * 1000);
    const Exposure& exposure = exposures.of(kAna);
    EXPECT_EQ(exposure.offers.size(), Exposure::kOffersMax);
    EXPECT_NE(exposure.of(OfferId(1)), nullptr) << "a refusal is older but must stay";
    EXPECT_EQ(exposure.of(OfferId(2)), nullptr);
    EXPECT_NE(exposure.of(OfferId(1000)), nullptr);
}

TEST(Exposures, MembersAreBoundedAndTheLongestAbsentGoFirst) {
    Exposures exposures;
    exposures.decided(MemberId(1), kNow - 24h * 30);
    for (std::uint64_t i = 2; i <= Exposures::kMembersMax + 10; ++i) {
        exposures.decided(MemberId(i), kNow);
    }
    EXPECT_LE(exposures.size(), Exposures::kMembersMax);
    EXPECT_EQ(exposures.of(MemberId(1)), Exposure());
    EXPECT_EQ(exposures.of(MemberId(Exposures::kMembersMax + 10)).decisions_today, 1);
}

TEST(Exposures, ForgetLeavesNothing) {
    Exposures exposures;
    exposures.shown(kAna, OfferId(1), kTea, kNow);
    exposures.forget(kAna);
    EXPECT_EQ(exposures.of(kAna), Exposure());
    EXPECT_EQ(exposures.size(), 0U);
}

RC_GTEST_PROP(ExposuresLaw, DecodesWhatItEncoded, ()) {
    Exposures exposures;
    const auto steps =
        *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::inRange<std::uint32_t>(0, 4000));
    for (const std::uint32_t step : steps) {
        const WallTime now = kNow + std::chrono::hours(step);
        const OfferId offer(step % 23);
        if (step % 5 == 0) exposures.dismissed(kAna, offer, now, 2, 30min);
        if (step % 5 != 0)
            exposures.shown(kAna, offer, CategoryId(static_cast<std::uint16_t>(step % 7)), now);
        if (step % 3 == 0) exposures.decided(kAna, now);
    }
    Exposures back;
    RC_ASSERT(back.restore(kAna, exposures.encode(kAna)).has_value());
    RC_ASSERT(back.of(kAna) == exposures.of(kAna));
}

RC_GTEST_PROP(ExposuresLaw, RefusesBytesThatItDidNotWrite, (std::vector<std::uint8_t> noise)) {
    Exposures exposures;
    RC_ASSERT(!exposures.restore(kAna, noise).has_value());
    RC_ASSERT(exposures.size() == 0U);

    exposures.shown(kAna, OfferId(3), kTea, kNow);
    Bytes bytes = exposures.encode(kAna);
    const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
    const auto flip = *rc::gen::inRange<int>(1, 256);
    bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ flip);
    RC_ASSERT(exposures.restore(kAna, bytes).error().code == ErrorCode::corrupt);
}

}  // namespace
}  // namespace vitrine::offers
