#include "agent/http/touch_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/base/random.hpp"

namespace vitrine::http {
namespace {

using session::TouchKind;
using testing::HasSubstr;
using testing::StartsWith;

const KioskId kKiosk("door");

TEST(TouchJson, ReadsATouch) {
    const auto touch =
        parse_touch(kKiosk, R"({"kind":"open","decision":"00ff00ff00ff00ff","offer":12})");
    ASSERT_TRUE(touch.has_value()) << touch.error().message;
    EXPECT_EQ(*touch, (session::Touch{.kiosk = kKiosk,
                                      .decision = DecisionId(0x00ff00ff00ff00ff),
                                      .kind = TouchKind::open,
                                      .offer = OfferId(12)}));
}

// Law: every touch that has a meaning reads back from what the page would write.
TEST(TouchJson, ReadsEveryTouchBack) {
    Rng rng(7);
    for (int round = 0; round < 2000; ++round) {
        session::Touch touch{.kiosk = kKiosk, .decision = DecisionId(rng.next())};
        touch.kind = static_cast<TouchKind>(rng.below(13));
        const bool about_an_offer = touch.kind < TouchKind::stay && touch.kind != TouchKind::close;
        touch.offer =
            OfferId(static_cast<std::uint32_t>(about_an_offer ? rng.below(1U << 31) + 1 : 0));
        std::string body = R"({"decision":")" + to_text(touch.decision) + R"(","kind":")" +
                           std::string(session::name_of(touch.kind)) + '"';
        if (about_an_offer) body += ",\"offer\":" + std::to_string(touch.offer.value());
        if (rng.below(2) == 0) {
            touch.language = rng.below(2) == 0 ? Language::fr : Language::en;
            body +=
                touch.language == Language::fr ? ",\"language\":\"fr\"" : ",\"language\":\"en\"";
        }
        body += '}';
        EXPECT_EQ(parse_touch(kKiosk, body).value(), touch) << body;
    }
}

struct Wrong {
    const char* body;
    const char* complaint;
};

TEST(TouchJson, NamesTheFieldThatIsWrong) {
    const std::vector<Wrong> all{
        {"", "the body is not JSON"},
        {"[]", "the body is not a JSON object"},
        {"3", "the body is not a JSON object"},
        {R"({"kind":"open"} x)", "the body is not JSON"},
        {R"({"kind":"stay"})", "field 'decision' is missing"},
        {R"({"decision":"0000000000000001","kind":"pause","offer":7})",
         "field 'offer' has no meaning for 'pause'"},
        {R"({"decision":"0000000000000001","kind":"pause","language":"de"})", "field 'language'"},
        {R"({"decision":"0000000000000001","kind":"pause","language":1})", "field 'language'"},
        {R"({"decision":1,"kind":"stay"})", "field 'decision' is not a text"},
        {R"({"decision":"xyz","kind":"stay"})", "field 'decision': expected 16"},
        {R"({"decision":"00000000000000001","kind":"stay"})", "field 'decision': expected 16"},
        {R"({"decision":"0000000000000001"})", "field 'kind' is missing"},
        {R"({"decision":"0000000000000001","kind":"steal"})", "field 'kind': unknown kind"},
        {R"({"decision":"0000000000000001","kind":"open"})", "field 'offer' is missing"},
        {R"({"decision":"0000000000000001","kind":"open","offer":-1})", "field 'offer' is not"},
        {R"({"decision":"0000000000000001","kind":"open","offer":1.5})", "field 'offer' is not"},
        {R"({"decision":"0000000000000001","kind":"open","offer":"1"})", "field 'offer' is not"},
        {R"({"decision":"0000000000000001","kind":"open","offer":4294967296})",
         "field 'offer' is too large"},
        {R"({"decision":"0000000000000001","kind":"stay","offer":1})",
         "field 'offer' has no meaning for 'stay'"},
        {R"({"decision":"0000000000000001","kind":"stay","member":1})",
         "field 'member' is not known"},
        {R"({"kind":"open","kind":"stay","decision":"0000000000000001"})",
         "field 'kind' stands twice"},
        {R"({"kind":[[[[[[1]]]]]]})", "nested too deeply"},
    };
    for (const Wrong& wrong : all) {
        const auto touch = parse_touch(kKiosk, wrong.body);
        ASSERT_FALSE(touch.has_value()) << wrong.body;
        EXPECT_EQ(touch.error().code, ErrorCode::invalid);
        EXPECT_THAT(touch.error().message, StartsWith(wrong.complaint)) << wrong.body;
    }
}

TEST(TouchJson, StandsUpToDeepAndLongBodies) {
    EXPECT_FALSE(parse_touch(kKiosk, std::string(60'000, '[')).has_value());
    EXPECT_FALSE(
        parse_touch(kKiosk, R"({"kind":")" + std::string(60'000, 'x') + "\"}").has_value());
    std::string many = "{";
    for (int i = 0; i < 5000; ++i) many += "\"a\":1,";
    EXPECT_FALSE(parse_touch(kKiosk, many + "\"a\":1}").has_value());
}

TEST(TouchJson, ReadsSignsOfLife) {
    EXPECT_EQ(parse_alive(kKiosk, R"({"revision":7,"frames":1234})").value(),
              (Alive{.kiosk = kKiosk, .revision = 7, .frames = 1234}));
    EXPECT_EQ(parse_alive(kKiosk, "{}").value(), (Alive{.kiosk = kKiosk}));
    const auto wrong = parse_alive(kKiosk, R"({"frames":-1})");
    ASSERT_FALSE(wrong.has_value());
    EXPECT_THAT(wrong.error().message, HasSubstr("'frames'"));
}

TEST(CheckInJson, ReadsTheTextAndNothingElse) {
    EXPECT_EQ(parse_check_in(R"({"check_in":"AQID"})").value(), "AQID");
    for (const char* body :
         {"", "{}", "[]", R"({"check_in":1})", R"({"check_in":"A","kiosk":"door"})",
          R"({"check_in":"A","check_in":"B"})", R"({"check_in":"A"} x)"}) {
        EXPECT_FALSE(parse_check_in(body).has_value()) << body;
    }
    EXPECT_FALSE(parse_check_in("{\"check_in\":\"" + std::string(129, 'A') + "\"}").has_value());
}

}  // namespace
}  // namespace vitrine::http
