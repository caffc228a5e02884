#include "sync/merge/cursor.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>
#include <set>
#include <vector>

namespace vitrine::merge {
namespace {

using Added = AgentCursor::Added;
using Ranges = std::vector<AgentCursor::Range>;

AgentCursor::Range range(std::uint64_t first, std::uint64_t last) {
    return {Sequence(first), Sequence(last)};
}

AgentCursor of(const std::set<std::uint64_t>& sequences) {
    AgentCursor cursor;
    for (const auto each : sequences) cursor.add(Sequence(each));
    return cursor;
}

std::set<std::uint64_t> any_sequences() {
    // Not a generated set: there are fewer sequences than a large one wants different ones.
    const auto drawn =
        *rc::gen::container<std::vector<std::uint64_t>>(rc::gen::inRange<std::uint64_t>(1, 30));
    return {drawn.begin(), drawn.end()};
}

RC_GTEST_PROP(CursorLaws, ItIsTheSetOfWhatWasAdded, ()) {
    const auto order =
        *rc::gen::container<std::vector<std::uint64_t>>(rc::gen::inRange<std::uint64_t>(1, 30));
    AgentCursor cursor;
    std::set<std::uint64_t> model;
    for (const auto each : order) {
        const Added wanted = model.insert(each).second ? Added::fresh : Added::duplicate;
        RC_ASSERT(cursor.add(Sequence(each)) == wanted);
    }
    for (std::uint64_t i = 0; i < 32; ++i) {
        RC_ASSERT(cursor.contains(Sequence(i)) == model.contains(i));
    }
    RC_ASSERT(cursor == of(model));
    RC_ASSERT(AgentCursor(cursor.watermark(), cursor.ranges()) == cursor);
}

RC_GTEST_PROP(CursorLaws, JoiningIsASemilattice, ()) {
    const AgentCursor a = of(any_sequences());
    const AgentCursor b = of(any_sequences());
    const AgentCursor c = of(any_sequences());
    RC_ASSERT(join(a, b) == join(b, a));
    RC_ASSERT(join(a, join(b, c)) == join(join(a, b), c));
    RC_ASSERT(join(a, a) == a);
}

RC_GTEST_PROP(CursorLaws, JoiningIsTheUnion, ()) {
    const auto a = any_sequences();
    auto b = any_sequences();
    const AgentCursor joined = join(of(a), of(b));
    b.insert(a.begin(), a.end());
    RC_ASSERT(joined == of(b));
}

RC_GTEST_PROP(CursorLaws, GivingUpCountsExactlyWhatIsMissing, ()) {
    const auto have = any_sequences();
    const std::uint64_t floor = *rc::gen::inRange<std::uint64_t>(0, 35);
    AgentCursor cursor = of(have);
    std::uint64_t missing = 0;
    for (std::uint64_t i = 1; i < floor; ++i) missing += have.contains(i) ? 0U : 1U;
    RC_ASSERT(cursor.give_up_below(Sequence(floor)) == missing);
    RC_ASSERT(cursor.give_up_below(Sequence(floor)) == 0U);
    for (std::uint64_t i = 1; i < floor; ++i) RC_ASSERT(cursor.contains(Sequence(i)));
    for (std::uint64_t i = std::max<std::uint64_t>(floor, 1); i < 32; ++i) {
        RC_ASSERT(cursor.contains(Sequence(i)) == have.contains(i));
    }
}

TEST(Cursor, ShowsGapsAsRanges) {
    const AgentCursor cursor = of({1, 2, 3, 5, 6, 9});
    EXPECT_EQ(cursor.watermark(), Sequence(3));
    EXPECT_EQ(cursor.ranges(), (Ranges{range(5, 6), range(9, 9)}));
}

TEST(Cursor, HasNoSequenceZeroAndHasTheLastOne) {
    AgentCursor cursor;
    EXPECT_EQ(cursor.add(Sequence(0)), Added::refused);
    constexpr std::uint64_t last = std::numeric_limits<std::uint64_t>::max();
    EXPECT_EQ(cursor.add(Sequence(last)), Added::fresh);
    EXPECT_EQ(cursor.add(Sequence(last - 1)), Added::fresh);
    EXPECT_EQ(cursor.ranges(), (Ranges{range(last - 1, last)}));
    EXPECT_EQ(AgentCursor(Sequence(last), {range(last, last)}).ranges(), Ranges{});
}

TEST(Cursor, IsBounded) {
    AgentCursor cursor;
    for (std::uint64_t i = 1; i <= AgentCursor::kRangesMax; ++i) {
        ASSERT_EQ(cursor.add(Sequence(2 * i)), Added::fresh);
    }
    EXPECT_EQ(cursor.add(Sequence(100'000)), Added::refused);
    EXPECT_FALSE(cursor.contains(Sequence(100'000)));
    EXPECT_EQ(cursor.add(Sequence(1)), Added::fresh);  // Closes a gap: there is room again.
    EXPECT_EQ(cursor.add(Sequence(100'000)), Added::fresh);
}

}  // namespace
}  // namespace vitrine::merge
