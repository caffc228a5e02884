#include "agent/presence/tracker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/agent/presence/shop.hpp"

namespace vitrine::presence {
namespace {

using test::advert;
using test::at_s;
using test::count;
using test::hall;
using test::kAna;
using test::kBen;
using test::one_scanner;
using test::silence;
using test::stay;
using test::tick;
using Kind = Change::Kind;

constexpr Point kAtMiddle{8.5, 8.5, 1.6};
constexpr Point kAtCorner{16, 16, 1.6};

/// Every promise holds with the locator and with one scanner's level.
class AnyShop : public testing::TestWithParam<bool> {
  protected:
    Layout layout() const { return GetParam() ? hall() : one_scanner(); }
    Point at_kiosk() const { return GetParam() ? kAtMiddle : Point{0.5, 0.5, 1.6}; }
    std::uint16_t kiosk() const { return GetParam() ? 4 : 0; }
    Point far_away() const { return GetParam() ? kAtCorner : Point{25, 0, 1.6}; }
};
INSTANTIATE_TEST_SUITE_P(Tracker, AnyShop, testing::Bool(),
                         [](const auto& shop) { return shop.param ? "ByLocation" : "ByLevel"; });

TEST_P(AnyShop, SeesAMemberArriveAndWalkAway) {
    Tracker tracker(layout(), {});
    const auto arriving = stay(tracker, kAna, at_kiosk(), 0, 5);
    ASSERT_EQ(count(arriving, Kind::arrived), 1u);
    EXPECT_EQ(tracker.audience(kiosk()).total, 1u);
    EXPECT_EQ(tracker.audience(kiosk()).listed[0].member, kAna);
    const auto leaving = stay(tracker, kAna, far_away(), 5, 20);
    EXPECT_EQ(count(leaving, Kind::left), 1u);
    EXPECT_EQ(tracker.audience(kiosk()).total, 0u);
    EXPECT_EQ(tracker.members_present(), 1u);
}

TEST_P(AnyShop, HoldsAVisitThroughAThreeSecondFade) {
    Tracker tracker(layout(), {});
    stay(tracker, kAna, at_kiosk(), 0, 5);
    const auto fading = silence(tracker, 5, 8);
    EXPECT_THAT(fading, testing::IsEmpty());
    EXPECT_TRUE(tracker.audience(kiosk()).unsure);
    const auto after = stay(tracker, kAna, at_kiosk(), 8, 12);
    EXPECT_EQ(count(after, Kind::arrived) + count(after, Kind::left), 0u);
    EXPECT_FALSE(tracker.audience(kiosk()).unsure);
}

TEST_P(AnyShop, LetsASilentMemberGoAtTheDeadlineWithLeftBeforeGone) {
    Tracker tracker(layout(), {});
    stay(tracker, kAna, at_kiosk(), 0, 5);  // last heard at 4.5 s
    EXPECT_THAT(silence(tracker, 5, 14.4), testing::IsEmpty());
    const auto changes = silence(tracker, 14.4, 15.1);
    ASSERT_EQ(changes.size(), 2u);
    EXPECT_EQ(changes[0].kind, Kind::left);
    EXPECT_EQ(changes[0].cause, Cause::silence);
    EXPECT_EQ(changes[1].kind, Kind::gone);
    EXPECT_EQ(tracker.members_present(), 0u);
    EXPECT_FALSE(tracker.whereabouts(kAna).has_value());
    EXPECT_EQ(tracker.audience(kiosk()).total, 0u);
}

TEST_P(AnyShop, WaitsLongerForAMemberWhoWasWeak) {
    Tracker tracker(layout(), {});
    tracker.hear(kAna, 0, Rssi(-92), at_s(0));
    EXPECT_EQ(count(silence(tracker, 0, 19.5), Kind::gone), 0u);
    EXPECT_EQ(count(silence(tracker, 19.5, 20.6), Kind::gone), 1u);
}

TEST_P(AnyShop, ForgetsAtOnceAndCompletely) {
    Tracker tracker(layout(), {});
    stay(tracker, kAna, at_kiosk(), 0, 5);
    advert(tracker, kAna, at_kiosk(), 5.05);  // still waiting for a decision
    std::vector<Change> changes;
    tracker.forget(kAna, at_s(5.06), changes);
    ASSERT_EQ(changes.size(), 2u);
    EXPECT_EQ(changes[0].kind, Kind::left);
    EXPECT_EQ(changes[1].kind, Kind::gone);
    EXPECT_EQ(changes[1].cause, Cause::withdrawal);
    EXPECT_EQ(tracker.members_present(), 0u);
    EXPECT_THAT(silence(tracker, 5.1, 40), testing::IsEmpty());
    tracker.forget(kBen, at_s(41), changes);
    EXPECT_EQ(changes.size(), 2u);
}

TEST_P(AnyShop, TakesFortyAddressesInThreeSecondsForOneMember) {
    // The tracker never sees an address: forty adverts of one member are one audience.
    Tracker tracker(layout(), {});
    std::vector<Change> changes;
    for (int i = 0; i < 40; ++i) {
        advert(tracker, kAna, at_kiosk(), i * 0.075);
        tracker.tick(at_s(i * 0.075), changes);
    }
    EXPECT_EQ(tracker.members_present(), 1u);
    EXPECT_EQ(tracker.audience(kiosk()).total, 1u);
    EXPECT_EQ(count(changes, Kind::arrived), 1u);
}

TEST_P(AnyShop, EndsAlikeWhenABurstArrivesInAnotherOrder) {
    const auto replay = [&](bool backwards) {
        Tracker tracker(layout(), {});
        std::vector<Change> changes;
        for (int i = 0; i < 20; ++i) {
            const double first = i * 0.5 + (backwards ? 0.012 : 0);
            const double second = i * 0.5 + (backwards ? 0 : 0.012);
            advert(tracker, kAna, at_kiosk(), first);
            advert(tracker, kAna, at_kiosk(), second);
            tracker.tick(at_s(i * 0.5 + 0.2), changes);
        }
        return changes;
    };
    const auto forwards = replay(false);
    EXPECT_EQ(count(forwards, Kind::arrived), 1u);
    EXPECT_EQ(forwards, replay(true));
}

TEST_P(AnyShop, DropsWhatIsTooLateOrFromTheFuture) {
    Tracker tracker(layout(), {});
    stay(tracker, kAna, at_kiosk(), 0, 5);
    const std::uint64_t heard = tracker.counts().heard;
    tracker.hear(kAna, 0, Rssi(-60), at_s(1));
    tracker.hear(kAna, 0, Rssi(-60), at_s(1e6));
    EXPECT_EQ(tracker.counts().heard, heard + 2);
    EXPECT_EQ(tracker.counts().late, 2u);
    EXPECT_EQ(count(silence(tracker, 5, 16), Kind::gone), 1u);
}

TEST(Tracker, CountsWhatItCannotUse) {
    Tracker tracker(one_scanner(), {});
    tracker.hear(kAna, 7, Rssi(-60), at_s(0));
    tracker.hear(kAna, 0, kRssiUnknown, at_s(0));
    tracker.hear(kAna, 0, Rssi(21), at_s(0));
    EXPECT_EQ(tracker.counts().unknown_scanner, 1u);
    EXPECT_EQ(tracker.counts().unknown_level, 2u);
    EXPECT_EQ(tracker.members_present(), 0u);
}

TEST(Tracker, BoundsTheMembersPresentAndTakesTheNextWhenOneLeaves) {
    Tracker tracker(one_scanner(), {}, {.members_max = 3});
    for (std::uint64_t i = 1; i <= 10; ++i) tracker.hear(MemberId(i), 0, Rssi(-60), at_s(0));
    EXPECT_EQ(tracker.members_present(), 3u);
    EXPECT_EQ(tracker.counts().crowded_out, 7u);
    EXPECT_EQ(count(silence(tracker, 0, 11), Kind::gone), 3u);
    tracker.hear(MemberId(10), 0, Rssi(-60), at_s(12));
    EXPECT_EQ(tracker.members_present(), 1u);
}

TEST(Tracker, ListsABoundedAudienceButCountsAll) {
    Tracker tracker(one_scanner(), {});
    for (int step = 0; step < 8; ++step) {
        for (std::uint64_t i = 1; i <= 12; ++i) {
            advert(tracker, MemberId(i), {0.5, 0.5, 1.6}, step * 0.5);
        }
        tick(tracker, step * 0.5);
    }
    const Audience audience = tracker.audience(0);
    EXPECT_EQ(audience.total, 12u);
    EXPECT_EQ(audience.members().size(), Audience::kListedMax);
}

TEST(Tracker, EndsAKioskVisitWhenOnlyOtherScannersStillHear) {
    Layout layout = hall();
    for (Scanner& scanner : layout.scanners) scanner.at.reset();
    Tracker tracker(layout, {});
    for (int i = 0; i < 10; ++i) {
        tracker.hear(kAna, 4, Rssi(-55), at_s(i * 0.5));
        tick(tracker, i * 0.5);
    }
    ASSERT_EQ(tracker.audience(4).total, 1u);
    std::vector<Change> changes;
    for (int i = 10; i < 40; ++i) {
        tracker.hear(kAna, 0, Rssi(-80), at_s(i * 0.5));
        tracker.tick(at_s(i * 0.5), changes);
    }
    EXPECT_EQ(count(changes, Kind::left), 1u);
    EXPECT_EQ(count(changes, Kind::gone), 0u);
    EXPECT_EQ(tracker.whereabouts(kAna)->zone, 0u);
}

TEST(Tracker, FlagsTheSameMemberAtTwoFarPlacesAndSettlesAgain) {
    Tracker tracker(hall(), {});
    std::vector<Change> changes;
    for (int i = 0; i < 20; ++i) {
        tracker.hear(kAna, 0, Rssi(-58), at_s(i * 0.5));
        tracker.hear(kAna, 8, Rssi(-58), at_s(i * 0.5 + 0.01));
        tracker.tick(at_s(i * 0.5 + 0.1), changes);
    }
    EXPECT_EQ(count(changes, Kind::conflicted), 1u);
    EXPECT_TRUE(tracker.whereabouts(kAna)->conflicted);
    const auto after = stay(tracker, kAna, kAtMiddle, 10, 30);
    EXPECT_EQ(count(after, Kind::settled), 1u);
    EXPECT_FALSE(tracker.whereabouts(kAna)->conflicted);
}

TEST(Tracker, CountsNoMoreOfAMemberThanAPhoneCanSend) {
    Tracker tracker(hall(), {});
    std::vector<Change> changes;
    for (int i = 0; i < 20; ++i) {
        for (int k = 0; k < 1000; ++k) tracker.hear(kAna, 0, Rssi(-40), at_s(i * 0.5));
        tracker.tick(at_s(i * 0.5 + 0.1), changes);
    }
    EXPECT_GE(tracker.counts().too_often, 19'000u);
    EXPECT_EQ(tracker.members_present(), 1u);
}

TEST(Tracker, NamesTheZoneAndThePlace) {
    Tracker tracker(hall(), {});
    stay(tracker, kAna, kAtCorner, 0, 5);
    const auto where = tracker.whereabouts(kAna);
    ASSERT_TRUE(where && where->at);
    EXPECT_EQ(where->zone, 8u);
    EXPECT_GT(where->zone_confidence, 0.8);
    EXPECT_NEAR(where->at->x_m, 16, 1.5);
    EXPECT_NEAR(where->at->y_m, 16, 1.5);
}

TEST(Tracker, ExplainsWithoutNamingTheMember) {
    Tracker tracker(hall(), {}, {.explain = true});
    const auto changes = stay(tracker, MemberId(0xfeedface), kAtMiddle, 0, 5);
    const auto arrived = std::find_if(changes.begin(), changes.end(), [](const Change& change) {
        return change.kind == Kind::arrived;
    });
    ASSERT_NE(arrived, changes.end());
    const std::string line = explain(*arrived, tracker.layout());
    EXPECT_THAT(line, testing::StartsWith("arrived at kiosk place-4: P=0."));
    EXPECT_THAT(line, testing::HasSubstr("by location, scanners place-4 -"));
    EXPECT_THAT(line, testing::HasSubstr(" dBm, place-"));
    EXPECT_THAT(line, testing::Not(testing::HasSubstr("feed")));
    EXPECT_THAT(line, testing::Not(testing::HasSubstr("4277009102")));
}

TEST(Limits, RefuseWhatWouldTrackNobodyOrNeverEnd) {
    EXPECT_TRUE(Limits{}.check());
    EXPECT_FALSE(Limits{.members_max = 0}.check());
    EXPECT_FALSE(Limits{.silence_max = std::chrono::milliseconds(0)}.check());
    EXPECT_FALSE(Limits{.weak_silence_max = std::chrono::milliseconds(5)}.check());
}

}  // namespace
}  // namespace vitrine::presence
