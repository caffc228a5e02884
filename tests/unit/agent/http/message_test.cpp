#include "agent/http/message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vitrine::http {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(Message, DecodesEscapesOnceAndRefusesBrokenOnes) {
    EXPECT_EQ(percent_decode("a%20b%2Fc").value(), "a b/c");
    EXPECT_EQ(percent_decode("%252e").value(), "%2e");
    for (const char* broken : {"%", "%2", "a%g0", "%0", "%00", "x%2"}) {
        EXPECT_FALSE(percent_decode(broken).has_value()) << broken;
    }
}

TEST(Message, ReadsQueriesAndCookies) {
    EXPECT_THAT(parse_query("a=1+2&b=%26&&c").value(),
                ElementsAre(Pair("a", "1 2"), Pair("b", "&"), Pair("c", "")));
    std::string many;
    for (int i = 0; i < 33; ++i) many += "a=1&";
    EXPECT_FALSE(parse_query(many).has_value());
    EXPECT_THAT(parse_cookies("a=1; b = x=y ;junk; c="),
                ElementsAre(Pair("a", "1"), Pair("b", "x=y"), Pair("c", "")));
}

TEST(Message, KnowsJsonByItsType) {
    const auto typed = [](std::string type) {
        Request request;
        request.headers.emplace_back("content-type", std::move(type));
        return request.has_json();
    };
    EXPECT_TRUE(typed("application/json"));
    EXPECT_TRUE(typed("application/json; charset=utf-8"));
    EXPECT_FALSE(typed("text/plain"));
    EXPECT_FALSE(typed("application/json-patch"));
    EXPECT_FALSE(Request().has_json());
}

TEST(Message, WritesErrorsAsJsonWhateverIsInThem) {
    const Response response = Response::error(invalid("no \"x\"\n\xff"));
    EXPECT_EQ(response.status, 400U);
    EXPECT_EQ(response.body,
              "{\"error\":{\"code\":\"invalid\",\"message\":\"no \\\"x\\\"\\n\uFFFD\"}}");
}

TEST(Message, GivesEachErrorItsStatus) {
    EXPECT_EQ(Response::error(not_found("")).status, 404U);
    EXPECT_EQ(Response::error(unavailable("")).status, 503U);
    EXPECT_EQ(Response::error(denied("")).status, 403U);
    EXPECT_EQ(Response::error(exhausted("")).status, 429U);
    EXPECT_EQ(Response::error(corrupt("")).status, 500U);
    EXPECT_EQ(Response::error(conflict("")).status, 409U);
    EXPECT_THAT(Response::retry_later(429, std::chrono::milliseconds(1001), "").headers,
                ElementsAre(Pair("Retry-After", "2")));
}

}  // namespace
}  // namespace vitrine::http
