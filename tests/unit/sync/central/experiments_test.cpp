#include "sync/central/experiments.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include <nlohmann/json.hpp>

#include "agent/base/random.hpp"
#include "agent/offers/experiments.hpp"
#include "sync/central/enrolment.hpp"
#include "sync/wire/policy_json.hpp"
#include "tests/unit/sync/central/fixture.hpp"

namespace vitrine::central {
namespace {

using nlohmann::json;

// REQUIREMENTS T10.

TEST(SampleRatio, AlarmsOnSizesThatChanceDoesNotMake) {
    const std::array<double, 2> even{1, 1};
    EXPECT_NEAR(sample_ratio_p(std::array<std::uint64_t, 2>{5000, 5000}, even), 1, 1e-9);
    // 10,000 members, 50 apart from even: chi-square 1, of which the tail is 0.3173.
    EXPECT_NEAR(sample_ratio_p(std::array<std::uint64_t, 2>{5050, 4950}, even), 0.3173, 1e-4);
    EXPECT_LT(sample_ratio_p(std::array<std::uint64_t, 2>{5200, 4800}, even), 0.001);
    // Two degrees of freedom: the tail of 2 is e^-1; three: of 7.815 it is 0.05.
    EXPECT_NEAR(
        sample_ratio_p(std::array<std::uint64_t, 3>{110, 90, 100}, std::array<double, 3>{1, 1, 1}),
        std::exp(-1.0), 1e-9);
    const std::array<double, 4> four{1, 1, 1, 1};
    EXPECT_NEAR(
        sample_ratio_p(std::array<std::uint64_t, 4>{1000000, 1001977, 998023, 1000000}, four), 0.05,
        1e-3);
    EXPECT_EQ(sample_ratio_p(std::array<std::uint64_t, 2>{7, 0}, std::array<double, 2>{1, 0}), 1);
}

/// Arms alike, looked at after every 20 members, 400 times over: the interval holds at all times
/// together, not only at the last look.
TEST(AlwaysValid, HoldsHoweverOftenOneLooks) {
    int missed = 0;
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        Rng rng(seed);
        std::array<ArmSums, 2> arms;
        bool out = false;
        for (int i = 1; i <= 4000; ++i) {
            arms[rng.below(2)].add(rng.below(10) < 2 ? 1 : 0);
            if (i < 200 || i % 20 != 0) continue;
            const auto interval = always_valid(arms[0], arms[1], 0.05);
            out = out || interval->low > 0 || interval->high < 0;
        }
        missed += out ? 1 : 0;
    }
    EXPECT_LE(missed, 20) << "of 400 at 5 %";
}

TEST(AlwaysValid, FindsADifferenceThatIsThere) {
    int found = 0;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        Rng rng(seed);
        std::array<ArmSums, 2> arms;
        for (int i = 1; i <= 4000; ++i) {
            const std::uint64_t arm = rng.below(2);
            arms[arm].add(rng.below(100) < (arm == 0 ? 28U : 20U) ? 1 : 0);
        }
        const auto interval = always_valid(arms[0], arms[1], 0.05);
        EXPECT_NEAR(interval->difference, 0.08, 0.06);
        found += interval->low > 0 ? 1 : 0;
    }
    EXPECT_GE(found, 95);
    EXPECT_EQ(always_valid({}, {}, 0.05), std::nullopt);
}

constexpr const char* kPolicy =
    R"({"format":"vitrine-policy-1","holdout_permille":200,"experiments":[)"
    R"({"id":"draw","arms":["igw","thompson"],"weights":[1,1]}]})";

class Chain : public Centre {
  public:
    Experiments experiments{connection};
    profiles::Policy policy = wire::decode_policy(kPolicy).value();

    Chain() { CHECK(put_policy(connection, kPolicy).has_value()); }

    void enrol_one(std::uint64_t member, bool measure = true) {
        CHECK(enrol(R"({"member":")" + to_text(MemberId(member)) +
                    R"(","identity_key":"000102030405060708090a0b0c0d0e0f","level":"full",)"
                    R"("language":"fr","recognise":true,"personalise":true,"measure":)" +
                    (measure ? "true}" : "false}"))
                  .taken == 1);
    }
    void saw(std::uint64_t member, bool clicked, std::int32_t day = day_of(kNow)) {
        auto insert =
            connection.prepare("INSERT INTO member_days VALUES (?, ?, 100, 'lyon', 1, 0, ?, 0, 0)")
                .value();
        insert.bind(member, day, clicked ? 1 : 0);
        CHECK(insert.run().has_value());
    }
    json report(WallTime now = kNow) { return json::parse(experiments.json(now).value()); }

    /// Everybody saw something; who is tailored opened by so many of 20, the others by so many.
    void live(std::uint64_t count, std::uint64_t tailored, std::uint64_t held) {
        Rng rng(3);
        for (std::uint64_t m = 1; m <= count; ++m) {
            const bool out = offers::in_holdout(MemberId(m), policy.holdout_permille);
            enrol_one(m);
            saw(m, rng.below(20) < (out ? held : tailored));
        }
    }
};

TEST(Experiments, TailoringIsHigherThanTheHoldoutWhereItIs) {
    Chain chain;
    chain.report();
    chain.live(3000, 8, 3);
    const json report = chain.report(kNow + std::chrono::minutes(61));
    const json& holdout = report["experiments"][0];
    EXPECT_EQ(holdout["id"], "holdout");
    const std::uint64_t held = holdout["arms"][0]["members"];
    EXPECT_NEAR(static_cast<double>(held), 600, 80);
    EXPECT_EQ(holdout["arms"][1]["members"], 3000 - held);
    EXPECT_FALSE(holdout["sample_ratio"]["alarm"]);
    EXPECT_EQ(holdout["comparisons"][0]["measure"], "responded");
    EXPECT_EQ(holdout["comparisons"][0]["verdict"], "higher");
    EXPECT_EQ(holdout["comparisons"][1]["verdict"], "too_few") << "nobody took anything";
    EXPECT_EQ(holdout["comparisons"][1]["low"], nullptr);

    const json& draw = report["experiments"][1];
    EXPECT_EQ(draw["id"], "draw");
    EXPECT_EQ(draw["arms"][0]["members"].get<std::uint64_t>() +
                  draw["arms"][1]["members"].get<std::uint64_t>(),
              3000 - held)
        << "who is held out is in no experiment";
    EXPECT_EQ(draw["comparisons"][0]["verdict"], "undecided") << "the arms are alike";
}

TEST(Experiments, FewMembersCarryNoVerdict) {
    Chain chain;
    chain.report();
    chain.live(150, 8, 3);
    const json report = chain.report(kNow + std::chrono::minutes(61));
    for (const json& each : report["experiments"][1]["comparisons"]) {
        EXPECT_EQ(each["verdict"], "too_few");
    }
}

TEST(Experiments, ArmsOfTheWrongSizesCarryNoVerdict) {
    Chain chain;
    chain.report();
    for (std::uint64_t m = 1; m <= 3000; ++m) {
        const bool out = offers::in_holdout(MemberId(m), chain.policy.holdout_permille);
        if (out && m % 3 != 0) continue;  // Something loses two of three who are held out.
        chain.enrol_one(m);
        chain.saw(m, m % 5 == 0);
    }
    const json holdout = chain.report(kNow + std::chrono::minutes(61))["experiments"][0];
    EXPECT_TRUE(holdout["sample_ratio"]["alarm"]);
    EXPECT_EQ(holdout["comparisons"][0]["verdict"], "sample_ratio");
}

TEST(Experiments, CountOnlySinceTheyAreAsTheyAreAndWhoAllowsToMeasure) {
    Chain chain;
    chain.enrol_one(1);
    chain.enrol_one(2, false);
    chain.enrol_one(3);
    chain.saw(1, true);
    chain.saw(2, true);
    chain.saw(3, true, day_of(kNow) - 5);
    const auto members = [](const json& experiment) {
        std::uint64_t sum = 0;
        for (const json& arm : experiment["arms"]) sum += arm["members"].get<std::uint64_t>();
        return sum;
    };
    EXPECT_EQ(members(chain.report()["experiments"][0]), 1U);
    // Another share of the holdout is another experiment: it begins today.
    const WallTime later = kNow + std::chrono::hours(48);
    CHECK(put_policy(chain.connection, R"({"format":"vitrine-policy-1","holdout_permille":300})")
              .has_value());
    const json changed = chain.report(later);
    EXPECT_EQ(changed["experiments"].size(), 1U);
    EXPECT_EQ(changed["experiments"][0]["since_day"], day_of(later));
    EXPECT_EQ(members(changed["experiments"][0]), 0U);
}

}  // namespace
}  // namespace vitrine::central
