#include "sync/central/audit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "sync/central/publisher.hpp"
#include "tests/unit/sync/central/fixture.hpp"

namespace vitrine::central {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kDeclared = R"({"dimension":"age_band","values":["18-59","60+"]})";

std::string pseudonym(std::uint64_t member) { return to_text(MemberId(member)); }

/// A chain whose members told their age band: the first half are 18-59, the others 60+.
class AuditWorld : public Centre {
  public:
    Audit audit{connection};

    ImportReport told(const std::string& rows) {
        std::istringstream in(rows);
        return import_audit(connection, in, kNow).value();
    }

    void enrol_one(std::uint64_t member, bool measure = true) {
        CHECK(enrol(R"({"member":")" + pseudonym(member) +
                    R"(","identity_key":"000102030405060708090a0b0c0d0e0f","level":"full",)"
                    R"("language":"fr","recognise":true,"personalise":true,"measure":)" +
                    (measure ? "true}" : "false}"))
                  .taken == 1);
    }

    /// Everybody saw something; of each band so many were shown a tailored offer.
    void live(std::uint64_t each, std::uint64_t young_shown, std::uint64_t old_shown) {
        CHECK(told(kDeclared).taken == 1);
        for (std::uint64_t i = 1; i <= 2 * each; ++i) {
            enrol_one(i);
            const bool old = i > each;
            CHECK(told(R"({"member":")" + pseudonym(i) + R"(","audit":{"age_band":")" +
                       (old ? "60+" : "18-59") + R"("}})")
                      .taken == 1);
            const std::uint64_t place = old ? i - each : i;
            saw(i, place <= (old ? old_shown : young_shown));
        }
        CHECK(audit.review(kNow).has_value());
    }

    void saw(std::uint64_t member, bool tailored, std::uint32_t claimed = 0) {
        auto insert =
            connection.prepare("INSERT INTO member_days VALUES (?, ?, 100, 'lyon', 1, ?, 0, 0, ?)")
                .value();
        insert.bind(member, day_of(kNow) - 1, tailored ? 1 : 0, claimed);
        CHECK(insert.run().has_value());
    }

    nlohmann::json report() { return nlohmann::json::parse(audit.json().value()); }
};

TEST(AuditImport, TakesWhatWasDeclaredOfThoseWhoAllowToMeasure) {
    AuditWorld world;
    world.enrol_one(1);
    world.enrol_one(2, false);
    const ImportReport report =
        world.told(R"({"member":"0000000000000001","audit":{"age_band":"60+"}})"
                   "\n" +
                   kDeclared +
                   "\n"
                   R"({"member":"0000000000000001","audit":{"age_band":"60+"}})"
                   "\n"
                   R"({"member":"0000000000000001","audit":{"age_band":"99+"}})"
                   "\n"
                   R"({"member":"0000000000000002","audit":{"age_band":"60+"}})"
                   "\n"
                   R"({"member":"0000000000000003","audit":{"age_band":"60+"}})"
                   "\n"
                   R"({"dimension":"religion","values":["a","b"]})"
                   "\n"
                   R"({"dimension":"household","values":["couple","handicap"]})"
                   "\n"
                   R"({"dimension":"Age","values":["couple"]})"
                   "\n"
                   R"({"member":"0000000000000001","audit":"60+"})");
    EXPECT_EQ(report.taken, 2U);
    ASSERT_EQ(report.refusals.size(), 8U);
    EXPECT_EQ(report.refusals[0].reason, "audit: age_band has no such declared value");
    EXPECT_EQ(report.refusals[1].reason, "audit: age_band has no such declared value");
    EXPECT_EQ(report.refusals[2].reason, "member: no such member who allows measure");
    EXPECT_EQ(report.refusals[3].reason, "member: no such member who allows measure");
    EXPECT_THAT(report.refusals[4].reason, HasSubstr("Art. 9"));
    EXPECT_THAT(report.refusals[5].reason, HasSubstr("Art. 9"));
    EXPECT_THAT(report.refusals[6].reason, HasSubstr("expected 1 to 31"));
    EXPECT_EQ(world.number("SELECT count(*) FROM audit_segments"), 1);
    EXPECT_EQ(world.told(R"({"member":"0000000000000001","audit":{}})").taken, 1U);
    EXPECT_EQ(world.number("SELECT count(*) FROM audit_segments"), 0) << "taken back";
}

TEST(AuditImport, NoMoreThanEightDimensionsAndGoneAnswersGo) {
    AuditWorld world;
    world.enrol_one(1);
    (void)world.told(kDeclared);
    (void)world.told(R"({"member":"0000000000000001","audit":{"age_band":"60+"}})");
    for (int i = 2; i <= 8; ++i) {
        EXPECT_EQ(
            world.told(R"({"dimension":"d)" + std::to_string(i) + R"(","values":["a"]})").taken,
            1U);
    }
    EXPECT_EQ(world.told(R"({"dimension":"d9","values":["a"]})").refused, 1U);
    EXPECT_EQ(world.told(R"({"dimension":"age_band","values":["18-49","50+"]})").taken, 1U);
    EXPECT_EQ(world.number("SELECT count(*) FROM audit_segments"), 0);
}

TEST(Audit, ABiasIsFoundOnceAndSignedOffByName) {
    AuditWorld world;
    world.live(150, 140, 60);
    const auto findings = world.audit.findings().value();
    ASSERT_EQ(findings.size(), 2U) << "of all offers, and of the only one";
    EXPECT_EQ(findings[1].value, "60+");
    EXPECT_EQ(findings[1].best, "18-59");
    EXPECT_EQ(findings[1].measure, "shown");
    EXPECT_NEAR(findings[1].ratio.ratio, 60.0 / 140.0, 1e-9);
    EXPECT_LT(findings[1].ratio.high, 0.8);
    ASSERT_TRUE(world.audit.review(kNow).has_value());
    EXPECT_EQ(world.audit.findings().value().size(), 2U);

    const StaffId marie("marie");
    EXPECT_EQ(world.audit.sign_off(findings[1].id, marie, "  ", kNow).error().code,
              ErrorCode::invalid);
    EXPECT_EQ(world.audit.sign_off(99, marie, "seen", kNow).error().code, ErrorCode::not_found);
    ASSERT_TRUE(world.audit.sign_off(findings[1].id, marie, "A campaign for students", kNow));
    EXPECT_EQ(world.audit.sign_off(findings[1].id, marie, "again", kNow).error().code,
              ErrorCode::conflict);
    const auto after = world.report()["findings"];
    EXPECT_EQ(after[0]["state"], "open");
    EXPECT_EQ(after[1]["state"], "signed_off");
    EXPECT_EQ(after[1]["signed_by"], "marie");
    EXPECT_EQ(after[1]["reason"], "A campaign for students");
    ASSERT_TRUE(world.audit.review(kNow).has_value());
    EXPECT_EQ(world.audit.findings().value().size(), 2U) << "a signed one is not raised at once";
}

TEST(Audit, AFairWorldHasNoFinding) {
    AuditWorld world;
    world.live(150, 100, 97);
    EXPECT_TRUE(world.audit.findings().value().empty());
    EXPECT_EQ(world.report()["groups"].size(), 2U);
    EXPECT_EQ(world.report()["groups"][0]["members"], 150);
}

TEST(Audit, SmallGroupsAreHidden) {
    AuditWorld world;
    world.live(19, 19, 0);
    const auto report = world.report();
    ASSERT_EQ(report["groups"].size(), 2U);
    EXPECT_TRUE(report["groups"][0]["members"].is_null());
    EXPECT_FALSE(report["groups"][0].contains("exposures_per_member"));
    EXPECT_TRUE(report["comparisons"].empty());
    EXPECT_TRUE(report["findings"].empty());
}

TEST(Audit, WhoTookBackTheConsentIsCountedNoMore) {
    AuditWorld world;
    world.live(20, 20, 20);
    EXPECT_EQ(world.report()["groups"][0]["members"], 20);
    consent::Event decided{.id = 7,
                           .subject = MemberId(1),
                           .purpose = consent::Purpose::measure,
                           .decision = consent::Decision::paused,
                           .version = 1,
                           .time = Hlc(5),
                           .notice = {.id = "kiosk", .version = 1}};
    (void)world.merge({event(1, session::ConsentChanged{decided}, MemberId(1))}).value();
    ASSERT_TRUE(world.audit.review(kNow).has_value());
    EXPECT_TRUE(world.report()["groups"][0]["members"].is_null()) << "nineteen are too few";
    EXPECT_EQ(world.number("SELECT count(*) FROM audit_segments"), 40) << "only paused";
    decided.id = 8;
    decided.version = 2;
    decided.decision = consent::Decision::withdrawn;
    (void)world.merge({event(2, session::ConsentChanged{decided}, MemberId(1))}).value();
    ASSERT_TRUE(world.audit.review(kNow).has_value());
    EXPECT_EQ(world.number("SELECT count(*) FROM audit_segments"), 39);
}

TEST(Audit, AnErasureTakesTheAnswersAndWhatComesLater) {
    AuditWorld world;
    world.live(20, 20, 20);
    ASSERT_TRUE(world.store.erase(MemberId(1), kNow).has_value());
    EXPECT_EQ(world.number("SELECT count(*) FROM audit_segments WHERE member = 1"), 0);
    session::PromotionViewed viewed;
    viewed.decision.slot_count = 1;
    viewed.decision.slots[0].offer = OfferId(100);
    (void)world.merge({event(1, viewed, MemberId(1))}).value();
    EXPECT_EQ(world.number("SELECT count(*) FROM member_days WHERE member = 1"), 0);
    ASSERT_TRUE(world.audit.review(kNow).has_value());
    EXPECT_TRUE(world.report()["groups"][0]["members"].is_null());
}

TEST(Audit, TheBenefitIsInMoneyWhereThatIsKnown) {
    AuditWorld world;
    ASSERT_TRUE(put_catalogue(world.connection, R"({"format":"vitrine-catalogue-1","categories":[
        {"id":41,"name":{"fr":"Café","en":"Coffee"}}],"offers":[{"id":101,"category":41,
        "title":{"fr":"Café","en":"Coffee"},"value_kind":"price","value":299,"price_cents":299,
        "prior_price_cents":399}]})")
                    .has_value());
    world.live(20, 20, 20);
    ASSERT_TRUE(world.connection
                    .execute("INSERT INTO member_days SELECT member, day, 101, 'lyon', 1, 1, 0, 0, "
                             "2 FROM member_days WHERE member <= 10;"
                             "UPDATE member_days SET claimed = 1 WHERE offer = 100 AND member = 1")
                    .has_value());
    ASSERT_TRUE(world.audit.review(kNow).has_value());
    const auto group = world.report()["groups"][0];
    EXPECT_DOUBLE_EQ(group["benefit_cents_per_member"], 10 * 2 * 100 / 20.0);
    EXPECT_DOUBLE_EQ(group["claims_per_member"], 21 / 20.0);
    EXPECT_EQ(group["claims_of_no_value"], 1);
}

// What was said for the audit is in nothing that a shop is sent.
TEST(Audit, NoBundleHoldsIt) {
    AuditWorld world;
    const auto published = [&] {
        wire::ProfilesBundle bundle = world.members.profiles(kNow).value();
        CHECK(world.members.add_seen_elsewhere(kLyon, bundle, kNow).has_value());
        Bytes all = wire::encode_profiles(bundle).value();
        const Bytes keys =
            wire::encode_recognition(world.members.recognition(1, 2, kNow).value()).value();
        all.insert(all.end(), keys.begin(), keys.end());
        return all;
    };
    world.live(25, 20, 20);
    const Bytes with = published();
    EXPECT_THAT(std::string(text_of(with)), Not(HasSubstr("60+")));
    EXPECT_THAT(std::string(text_of(with)), Not(HasSubstr("age_band")));
    ASSERT_TRUE(world.connection.execute("DELETE FROM audit_segments; DELETE FROM audit_values")
                    .has_value());
    EXPECT_EQ(published(), with) << "the same bytes with and without the answers";
}

}  // namespace
}  // namespace vitrine::central
