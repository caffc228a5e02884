#include <map>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/agent/presence/shop.hpp"

namespace vitrine::presence {
namespace {

using test::advert;
using test::at_s;
using test::count;
using test::hall;
using test::kAna;
using test::one_scanner;
using test::stay;
using Kind = Change::Kind;

Layout any_shop(bool located) { return located ? hall() : one_scanner(); }

RC_GTEST_PROP(TrackerLaws, NoGhostOutlivesItsDeadline, (bool located, std::uint64_t seed)) {
    Rng chance(seed);
    Tracker tracker(any_shop(located), {}, {.members_max = 20});
    std::vector<Change> changes;
    double last_heard_s = 0;
    for (int i = 0; i < 300; ++i) {
        const double time_s = i * 0.1;
        const auto scanner = static_cast<std::uint16_t>(chance.below(12));
        const auto rssi =
            Rssi(static_cast<std::int8_t>(-127 + static_cast<int>(chance.below(160))));
        const double when_s = time_s + 6 * (chance.uniform() - 0.5);
        tracker.hear(MemberId(1 + chance.below(30)), scanner, rssi, at_s(when_s));
        last_heard_s = std::max(last_heard_s, when_s);
        if (chance.below(3) == 0) tracker.tick(at_s(time_s), changes);
    }
    // The weak silence and one sweep later nobody is left.
    for (double t = 30; t < last_heard_s + 21; t += 0.5) tracker.tick(at_s(t), changes);
    RC_ASSERT(tracker.members_present() == 0u);
    for (std::uint16_t k = 0; k < tracker.layout().kiosks.size(); ++k) {
        RC_ASSERT(tracker.audience(k).total == 0u);
    }
}

RC_GTEST_PROP(TrackerLaws, ArrivalsAndDeparturesAlternateInOrderOfTime,
              (bool located, std::uint64_t seed)) {
    Rng chance(seed);
    Tracker tracker(any_shop(located), {});
    std::vector<Change> changes;
    for (int i = 0; i < 200; ++i) {
        const Point place{chance.uniform() * 16, chance.uniform() * 16, 1.6};
        advert(tracker, MemberId(1 + chance.below(3)), place, i * 0.4, &chance);
        tracker.tick(at_s(i * 0.4 + 0.05), changes);
    }
    for (int i = 0; i < 60; ++i) tracker.tick(at_s(81 + i * 0.5), changes);
    std::set<std::pair<MemberId, std::uint16_t>> present;
    Instant last{};
    for (const Change& change : changes) {
        RC_ASSERT(change.at >= last);
        RC_ASSERT(change.confidence >= 0 && change.confidence <= 1);
        last = change.at;
        const auto key = std::pair(change.member, change.place);
        if (change.kind == Kind::arrived) RC_ASSERT(present.insert(key).second);
        if (change.kind == Kind::left) RC_ASSERT(present.erase(key) == 1u);
    }
    RC_ASSERT(present.empty());
}

RC_GTEST_PROP(TrackerLaws, NoConflictOutlivesItsDeadline, (std::uint64_t seed)) {
    Rng chance(seed);
    Tracker tracker(hall(), {});
    std::vector<Change> changes;
    const double cloned_s = 4 + 6 * chance.uniform();
    double now_s = 0;
    for (; now_s < cloned_s; now_s += 0.4) {
        tracker.hear(kAna, 0, Rssi(-50), at_s(now_s));
        tracker.hear(kAna, 8, Rssi(-50), at_s(now_s + 0.01));
        tracker.tick(at_s(now_s + 0.1), changes);
    }
    RC_ASSERT(count(changes, Kind::conflicted) == 1u);
    // The clone goes; she stays, is heard now and then, or goes too.
    const bool stays = chance.below(2) == 0;
    for (; now_s < cloned_s + 31; now_s += 0.4) {
        if (stays && chance.below(3) > 0) tracker.hear(kAna, 0, Rssi(-50), at_s(now_s));
        tracker.tick(at_s(now_s + 0.1), changes);
    }
    RC_ASSERT(count(changes, stays ? Kind::settled : Kind::gone) >= 1u);
    const auto where = tracker.whereabouts(kAna);
    RC_ASSERT(!where || !where->conflicted);
}

RC_GTEST_PROP(TrackerLaws, TheSameCallsGiveTheSameChanges, (bool located, std::uint64_t seed)) {
    const auto replay = [&] {
        Rng chance(seed);
        Tracker tracker(any_shop(located), {});
        std::vector<Change> changes;
        for (int i = 0; i < 100; ++i) {
            const Point place{chance.uniform() * 16, chance.uniform() * 16, 1.6};
            advert(tracker, MemberId(1 + chance.below(3)), place, i * 0.3, &chance);
            tracker.tick(at_s(i * 0.3), changes);
        }
        return changes;
    };
    RC_ASSERT(replay() == replay());
}

RC_GTEST_PROP(TrackerLaws, OthersDoNotMoveAMember, (bool located, std::uint64_t seed)) {
    const auto replay = [&](bool crowd) {
        Rng chance(seed);
        Tracker tracker(any_shop(located), {});
        std::vector<Change> changes, hers;
        for (int i = 0; i < 60; ++i) {
            const Point place{chance.uniform() * 16, chance.uniform() * 16, 1.6};
            advert(tracker, kAna, place, i * 0.5, &chance);
            if (crowd) advert(tracker, MemberId(7), {8, 8, 1.6}, i * 0.5);
            tracker.tick(at_s(i * 0.5), changes);
        }
        for (const Change& change : changes) {
            if (change.member == kAna) hers.push_back(change);
        }
        return hers;
    };
    RC_ASSERT(replay(true) == replay(false));
}

/// Between enter_m and exit_m, where nothing should happen.
Point border_of(bool located) { return located ? Point{8 + 3.0, 8, 1.6} : Point{3.0, 0, 1.6}; }

/// Arrivals of a member who stands at the border for ten minutes, under the noise of real walks.
std::size_t arrivals_at_the_border(bool located, std::uint64_t seed) {
    Rng noise(seed);
    Tracker tracker(any_shop(located), {});
    return count(stay(tracker, kAna, border_of(located), 0, 600, &noise), Kind::arrived);
}

/// The same, decided by the last advert at the kiosk's own scanner alone: the levels of enter_m and
/// exit_m are the thresholds.
std::size_t naive_arrivals(bool located, std::uint64_t seed) {
    Rng noise(seed);
    const Layout layout = any_shop(located);
    const Scanner& scanner = layout.scanners[located ? 4 : 0];
    const auto level_at = [&](double away_m, double noise_db) {
        const Point place{scanner.at->x_m + away_m, scanner.at->y_m, 1.6};
        return test::expected_rssi(scanner, place, noise_db);
    };
    bool at = false;
    std::size_t arrivals = 0;
    for (int advert = 0; advert < 1200; ++advert) {
        const Rssi heard = level_at(3.0, 5 * noise.normal());
        const bool was = at;
        at = heard >= (at ? level_at(3.5, 0) : level_at(2.5, 0));
        arrivals += at && !was;
    }
    return arrivals;
}

TEST(TrackerLaws, FlapAtTheBorderAtMostASixthAsOftenAsTheLastAdvert) {
    for (const bool located : {true, false}) {
        for (std::uint64_t seed = 1; seed <= 5; ++seed) {
            const std::size_t naive = naive_arrivals(located, seed);
            ASSERT_GT(naive, 100u);
            EXPECT_LE(6 * arrivals_at_the_border(located, seed), naive)
                << "located " << located << ", seed " << seed;
        }
    }
}

}  // namespace
}  // namespace vitrine::presence
