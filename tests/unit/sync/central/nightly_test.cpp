#include "sync/central/nightly.hpp"

#include <gtest/gtest.h>

#include "tests/unit/sync/central/fixture.hpp"

namespace vitrine::central {
namespace {

using namespace std::chrono_literals;

TEST(Nightly, RunsAtTheStartAndThenOnceANight) {
    Centre centre;
    Audit audit(centre.connection);
    Nightly nightly(centre.connection, centre.trainer, audit);
    EXPECT_TRUE(nightly.tick(kNow).value()) << "noon: the centre has just started";
    EXPECT_FALSE(nightly.tick(kNow + 14h).value()) << "two at night";
    EXPECT_TRUE(nightly.tick(kNow + 15h).value());
    EXPECT_EQ(audit.last()->as_of, kNow + 15h);
    EXPECT_FALSE(nightly.tick(kNow + 16h).value());
}

TEST(Nightly, DropsCountsThatNobodyNeedsAnyMore) {
    Centre centre;
    const std::int32_t old = day_of(kNow) - Nightly::kMemberDays;
    ASSERT_TRUE(centre.connection
                    .execute("INSERT INTO member_days VALUES (1, " + std::to_string(old - 1) +
                             ", 1, 'lyon', 1, 1, 0, 0, 0), (1, " + std::to_string(old) +
                             ", 1, 'lyon', 1, 1, 0, 0, 0)")
                    .has_value());
    const auto minute = (kNow - 48h).time_since_epoch() / 1min;
    ASSERT_TRUE(centre.connection
                    .execute("INSERT INTO minute_counts VALUES (" + std::to_string(minute - 1) +
                             ", 'lyon', 1, 1, 1), (" + std::to_string(minute) +
                             ", 'lyon', 1, 1, 1)")
                    .has_value());
    Audit audit(centre.connection);
    Nightly nightly(centre.connection, centre.trainer, audit);
    ASSERT_TRUE(nightly.tick(kNow).has_value());
    EXPECT_EQ(centre.number("SELECT count(*) FROM member_days"), 1);
    EXPECT_EQ(centre.number("SELECT count(*) FROM minute_counts"), 1);
}

}  // namespace
}  // namespace vitrine::central
