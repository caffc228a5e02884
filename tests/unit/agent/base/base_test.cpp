#include <gtest/gtest.h>

#include <set>

#include "agent/base/bytes.hpp"
#include "agent/base/random.hpp"
#include "agent/base/time.hpp"
#include "agent/base/units.hpp"

namespace vitrine {
namespace {

Result<int> half(int number) {
    if (number % 2 != 0) return invalid("odd");
    return number / 2;
}

Result<int> quarter(int number) { return half(TRY(half(number))); }

Result<void> must_be_small(int number) {
    if (number > 9) return exhausted("too large");
    return {};
}

Result<int> small_quarter(int number) {
    TRY(must_be_small(number));
    return TRY(quarter(number));
}

TEST(Result, TryPassesTheValueOnOrTheErrorOut) {
    EXPECT_EQ(quarter(8).value(), 2);
    EXPECT_EQ(quarter(6).error().message, "odd");
    EXPECT_EQ(small_quarter(8).value(), 2);
    EXPECT_EQ(small_quarter(16).error().code, ErrorCode::exhausted);
}

TEST(Result, WithinNamesThePlace) {
    EXPECT_EQ(half(3).within("line 4").error().message, "line 4: odd");
    EXPECT_TRUE(half(4).within("line 4").has_value());
}

TEST(ResultDeathTest, ValueOfAnErrorAborts) {
    EXPECT_DEATH({ (void)half(3).value(); }, "broken invariant");
}

TEST(Name, AcceptsWhatIsSafeInATopicAndAPath) {
    EXPECT_EQ(StoreId::parse("lyon-part-dieu").value(), StoreId("lyon-part-dieu"));
    for (const char* bad :
         {"", "-a", "Lyon", "a/b", "a+", "#", "é", "a b", "abcdefghijklmnopqrstuvwxyz0123456"}) {
        EXPECT_FALSE(StoreId::parse(bad).has_value()) << bad;
    }
    EXPECT_TRUE(StoreId::parse("abcdefghijklmnopqrstuvwxyz01234").has_value());
}

TEST(Number, SixtyFourBitsSurviveTheirText) {
    const MemberId member(0x00ff1234deadbeefULL);
    EXPECT_EQ(to_text(member), "00ff1234deadbeef");
    EXPECT_EQ(id_from_text<MemberId>("00ff1234deadbeef").value(), member);
    EXPECT_FALSE(id_from_text<MemberId>("ff1234deadbeef").has_value());
    EXPECT_FALSE(id_from_text<MemberId>("00ff1234deadbeeg").has_value());
}

TEST(Bytes, HexadecimalRoundTripsAndRefusesTheRest) {
    EXPECT_EQ(to_hex(from_hex("00fFa1").value()), "00ffa1");
    EXPECT_FALSE(from_hex("0").has_value());
    EXPECT_FALSE(from_hex("0g").has_value());
    EXPECT_FALSE(fixed_from_hex<2>("00").has_value());
}

TEST(Hlc, NeverGoesBackWhenTheWallClockDoes) {
    const Hlc first = advance(Hlc{}, wall_at(std::chrono::milliseconds(1000)));
    const Hlc second = advance(first, wall_at(std::chrono::milliseconds(10)));
    const Hlc third = advance(second, wall_at(std::chrono::milliseconds(2000)));
    EXPECT_LT(first, second);
    EXPECT_LT(second, third);
    EXPECT_EQ(wall_of(third), wall_at(std::chrono::milliseconds(2000)));
}

TEST(Rng, TheSameSeedGivesTheSameNumbers) {
    Rng one(7);
    Rng two(7);
    Rng other(8);
    bool differs = false;
    for (int i = 0; i < 100; ++i) {
        const auto draw = one.next();
        EXPECT_EQ(draw, two.next());
        differs |= draw != other.next();
    }
    EXPECT_TRUE(differs);
}

TEST(Rng, BelowReachesEveryValueAndUniformStaysInside) {
    Rng rng(1);
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 1000; ++i) {
        seen.insert(rng.below(7));
        const double u = rng.uniform();
        EXPECT_GE(u, 0.0);
        EXPECT_LT(u, 1.0);
    }
    EXPECT_EQ(seen.size(), 7u);
    EXPECT_EQ(*seen.rbegin(), 6u);
}

TEST(Day, IsTheUtcDateAlsoBefore1970) {
    EXPECT_EQ(day_of(wall_at(std::chrono::hours(25))), 1);
    EXPECT_EQ(day_of(wall_at(std::chrono::milliseconds(-1))), -1);
}

}  // namespace
}  // namespace vitrine
