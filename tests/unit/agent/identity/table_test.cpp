#include "agent/identity/table.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

#include "tests/unit/agent/identity/members.hpp"

namespace vitrine::identity {
namespace {

// Window 128 × 30,000 is the first of period 30,000.
constexpr std::uint32_t kPeriod = 30'000;
constexpr std::int64_t kFirstWindow = 128LL * kPeriod;

/// Members 1 to `count`, with keys for periods kPeriod − 1 to kPeriod + 2.
std::vector<MemberKeys> some_members(std::uint64_t count) {
    std::vector<MemberKeys> members;
    for (std::uint64_t id = 1; id <= count; ++id) members.push_back(keys_of(id, kPeriod - 1, 4));
    return members;
}

RecognitionTable table_at(std::int64_t window, std::uint64_t members) {
    RecognitionTable table;
    EXPECT_TRUE(table.load(some_members(members)));
    table.turn(wall_in_window(window));
    finish(table);
    return table;
}

TEST(RecognitionTable, KnowsThreeWindowsOfEveryMember) {
    const RecognitionTable table = table_at(kFirstWindow + 60, 500);
    for (std::uint64_t id = 1; id <= 500; ++id) {
        for (const std::int64_t offset : {-1, 0, 1}) {
            EXPECT_EQ(table.find(sent(id, kFirstWindow + 60 + offset)), MemberId(id));
        }
        EXPECT_EQ(table.find(sent(id, kFirstWindow + 58)), std::nullopt);
        EXPECT_EQ(table.find(sent(id, kFirstWindow + 62)), std::nullopt);
    }
    EXPECT_EQ(table.find(sent(501, kFirstWindow + 60)), std::nullopt);
    EXPECT_EQ(table.member_count(), 500U);
}

TEST(RecognitionTable, KnowsNobodyBeforeItKnowsTheTime) {
    RecognitionTable table;
    ASSERT_TRUE(table.load(some_members(3)));
    EXPECT_FALSE(table.busy());
    EXPECT_EQ(table.find(sent(1, kFirstWindow)), std::nullopt);
    EXPECT_EQ(table.unrecognisable_count(), 0U);
}

// The window before the first of a period is computed with the period before.
TEST(RecognitionTable, CrossesFromOnePeriodToTheNext) {
    const RecognitionTable table = table_at(kFirstWindow, 5);
    for (const std::int64_t offset : {-1, 0, 1}) {
        EXPECT_EQ(table.find(sent(5, kFirstWindow + offset)), MemberId(5)) << offset;
    }
}

TEST(RecognitionTable, KeepsTwoWindowsWhileTheThirdIsBuilt) {
    RecognitionTable table = table_at(kFirstWindow + 9, 300);
    table.turn(wall_in_window(kFirstWindow + 10));
    int steps = 0;
    do {
        for (const std::uint64_t id : {1U, 150U, 300U}) {
            EXPECT_EQ(table.find(sent(id, kFirstWindow + 9)), MemberId(id));
            EXPECT_EQ(table.find(sent(id, kFirstWindow + 10)), MemberId(id));
            EXPECT_EQ(table.find(sent(id, kFirstWindow + 8)), std::nullopt);
        }
        ++steps;
    } while (table.step(10));
    EXPECT_GE(steps, 30);  // Ten members a step: no step does it all.
    EXPECT_EQ(table.find(sent(300, kFirstWindow + 11)), MemberId(300));
}

TEST(RecognitionTable, StaysTheSameSizeFromWindowToWindow) {
    RecognitionTable table = table_at(kFirstWindow, 400);
    const std::size_t bytes = table.table_bytes();
    for (std::int64_t window = kFirstWindow + 1; window < kFirstWindow + 200; ++window) {
        table.turn(wall_in_window(window));
        finish(table);
    }
    EXPECT_EQ(table.find(sent(400, kFirstWindow + 200)), MemberId(400));
    EXPECT_EQ(table.find(sent(400, kFirstWindow + 197)), std::nullopt);
    EXPECT_EQ(table.table_bytes(), bytes);
}

TEST(RecognitionTable, ForgetsAMemberAtOnce) {
    RecognitionTable table = table_at(kFirstWindow, 3);
    EXPECT_TRUE(table.remove(MemberId(2)));
    EXPECT_EQ(table.find(sent(2, kFirstWindow)), std::nullopt);
    EXPECT_EQ(table.key_of(MemberId(2), kPeriod), std::nullopt);
    EXPECT_FALSE(table.remove(MemberId(2)));
    EXPECT_FALSE(table.remove(MemberId(99)));
    EXPECT_EQ(table.member_count(), 2U);
    table.turn(wall_in_window(kFirstWindow + 1));
    finish(table);
    EXPECT_EQ(table.find(sent(2, kFirstWindow + 2)), std::nullopt);
    EXPECT_EQ(table.find(sent(3, kFirstWindow + 2)), MemberId(3));
}

TEST(RecognitionTable, ReplacesEveryoneOnLoad) {
    RecognitionTable table = table_at(kFirstWindow, 3);
    ASSERT_TRUE(table.load(std::vector{keys_of(7, kPeriod, 1)}));
    EXPECT_EQ(table.find(sent(1, kFirstWindow)), std::nullopt);
    finish(table);
    EXPECT_EQ(table.find(sent(1, kFirstWindow)), std::nullopt);
    EXPECT_EQ(table.find(sent(7, kFirstWindow)), MemberId(7));
    ASSERT_TRUE(table.load({}));
    finish(table);
    EXPECT_EQ(table.find(sent(7, kFirstWindow)), std::nullopt);
}

TEST(RecognitionTable, CountsMembersWhoseHorizonHasEnded) {
    RecognitionTable table;
    ASSERT_TRUE(table.load(std::vector{keys_of(1, kPeriod, 1), keys_of(2, kPeriod, 2)}));
    table.turn(wall_in_window(kFirstWindow + 127));
    finish(table);
    EXPECT_EQ(table.unrecognisable_count(), 0U);
    EXPECT_EQ(table.find(sent(1, kFirstWindow + 127)), MemberId(1));
    EXPECT_EQ(table.find(sent(1, kFirstWindow + 128)), std::nullopt);
    EXPECT_EQ(table.find(sent(2, kFirstWindow + 128)), MemberId(2));
    table.turn(wall_in_window(kFirstWindow + 128));
    finish(table);
    EXPECT_EQ(table.unrecognisable_count(), 1U);
    EXPECT_TRUE(table.remove(MemberId(1)));
    EXPECT_EQ(table.unrecognisable_count(), 0U);
}

TEST(RecognitionTable, RecognisesNeitherOfTwoWithTheSameEid) {
    MemberKeys twin = keys_of(1, kPeriod, 1);
    twin.member = MemberId(2);
    RecognitionTable table;
    ASSERT_TRUE(table.load(std::vector{keys_of(1, kPeriod, 1), twin, keys_of(3, kPeriod, 1)}));
    table.turn(wall_in_window(kFirstWindow + 5));
    finish(table);
    EXPECT_EQ(table.find(sent(1, kFirstWindow + 5)), std::nullopt);
    EXPECT_EQ(table.find(sent(3, kFirstWindow + 5)), MemberId(3));
    EXPECT_EQ(table.collision_count(), 3U);
    table.turn(wall_in_window(kFirstWindow + 6));
    finish(table);
    EXPECT_EQ(table.collision_count(), 3U);
    ASSERT_TRUE(table.load(std::vector{keys_of(1, kPeriod, 1)}));
    finish(table);
    EXPECT_EQ(table.collision_count(), 0U);
}

TEST(RecognitionTable, RefusesWhatTheCentreWouldNeverSendAndStaysAsItWas) {
    RecognitionTable table = table_at(kFirstWindow, 3);
    MemberKeys nobody = keys_of(1, kPeriod, 1);
    nobody.member = MemberId();
    const std::vector<std::vector<MemberKeys>> bad{
        {nobody},
        {keys_of(4, kPeriod, 0)},
        {keys_of(4, kPeriod, RecognitionTable::kHorizonMax + 1)},
        {keys_of(4, kPeriod, 1), keys_of(5, kPeriod, 1), keys_of(4, kPeriod, 1)},
        {{.member = MemberId(4), .first_period = 0xffff, .keys = {{}, {}}}},
        {{.member = MemberId(4), .first_period = 0xffff'ffff, .keys = {{}}}},
    };
    for (const auto& members : bad) {
        const auto loaded = table.load(members);
        ASSERT_FALSE(loaded);
        EXPECT_EQ(loaded.error().code, ErrorCode::invalid);
    }
    EXPECT_EQ(table.find(sent(3, kFirstWindow)), MemberId(3));
    EXPECT_EQ(table.member_count(), 3U);
}

TEST(RecognitionTable, NeedsNoMoreThanSixteenBytesAnEid) {
    const RecognitionTable table = table_at(kFirstWindow, 2000);
    EXPECT_LE(table.table_bytes(), 2000U * 3 * 16);
}

TEST(RecognitionTable, MovesWithAllItKnows) {
    RecognitionTable from = table_at(kFirstWindow, 3);
    RecognitionTable to = table_at(kFirstWindow + 3, 1);
    to = std::move(from);
    EXPECT_EQ(to.find(sent(3, kFirstWindow)), MemberId(3));
    to.turn(wall_in_window(kFirstWindow + 1));
    finish(to);
    EXPECT_EQ(to.find(sent(3, kFirstWindow + 2)), MemberId(3));
}

/// The table against the plain truth: who is loaded, what time it is.
class Model {
  public:
    void load(std::set<std::uint64_t> ids) {
        std::vector<MemberKeys> members;
        for (const std::uint64_t id : ids) members.push_back(keys_of(id, kPeriod - 1, 3));
        RC_ASSERT(table_.load(members).has_value());
        ids_ = std::move(ids);
    }
    void turn(std::int64_t window) {
        table_.turn(wall_in_window(window));
        window_ = window;
    }
    void remove(std::uint64_t id) {
        RC_ASSERT(table_.remove(MemberId(id)) == (ids_.erase(id) > 0));
    }
    RecognitionTable& table() { return table_; }
    std::int64_t window() const { return window_; }

    void compare() {
        for (std::uint64_t id = 1; id <= 12; ++id) {
            for (std::int64_t window = window_ - 4; window <= window_ + 4; ++window) {
                const auto found = table_.find(sent(id, window));
                const bool should = ids_.contains(id) && std::abs(window - window_) <= 1 &&
                                    window >= kFirstWindow - 128 && window < kFirstWindow + 256;
                if (found) RC_ASSERT(should && *found == MemberId(id));
                if (!found && !table_.busy()) RC_ASSERT(!should);
            }
        }
    }

  private:
    RecognitionTable table_;
    std::set<std::uint64_t> ids_;
    std::int64_t window_ = 0;
};

// Whatever happens in whatever order: never the wrong member, never another window, and once the
// work is done everyone who should be known is.
RC_GTEST_PROP(RecognitionTable, AgreesWithThePlainTruthAfterAnyHistory, ()) {
    Model model;
    model.turn(kFirstWindow + *rc::gen::inRange<std::int64_t>(-2, 3));
    const auto member = rc::gen::inRange<std::uint64_t>(1, 13);
    for (int i = *rc::gen::inRange(1, 12); i > 0; --i) {
        switch (*rc::gen::inRange(0, 5)) {
            case 0:
                model.load(*rc::gen::container<std::set<std::uint64_t>>(member));
                break;
            case 1:
                model.turn(model.window() + *rc::gen::inRange<std::int64_t>(-1, 2));
                break;
            case 2:
                model.turn(kFirstWindow + *rc::gen::inRange<std::int64_t>(-3, 259));
                break;
            case 3:
                model.remove(*member);
                break;
            default:
                model.table().step(*rc::gen::inRange<std::size_t>(1, 8));
                break;
        }
        model.compare();
    }
    finish(model.table());
    model.compare();
}

}  // namespace
}  // namespace vitrine::identity
