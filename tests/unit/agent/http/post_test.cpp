#include "agent/http/post.hpp"

#include <gtest/gtest.h>

namespace vitrine::http {
namespace {

TEST(ParseUrl, TakesAnAddressApart) {
    EXPECT_EQ(*parse_url("https://store.example/i/AQAB?x=1"),
              (Url{true, "store.example", "443", "/i/AQAB?x=1"}));
    EXPECT_EQ(*parse_url("http://127.0.0.1:8080"), (Url{false, "127.0.0.1", "8080", "/"}));
}

TEST(ParseUrl, RefusesWhatIsNoPlainAddress) {
    for (const std::string text :
         {"", "store.example", "ftp://a/", "http://", "http://:80/", "http://a:/", "http://a:x/",
          "http://a:123456/", "http://user@a/", "http://a/#b", "http://a/ b",
          "http://a/\r\nx: y"}) {
        EXPECT_FALSE(parse_url(text)) << text;
    }
    EXPECT_FALSE(parse_url("http://a/" + std::string(3000, 'b')));
}

TEST(PostJson, SaysWhoDoesNotAnswer) {
    const auto told = post_json({false, "127.0.0.1", "9", "/"}, "{}", "");
    ASSERT_FALSE(told);
    EXPECT_EQ(told.error().code, ErrorCode::unavailable);
    EXPECT_NE(told.error().message.find("127.0.0.1:9"), std::string::npos);
}

TEST(PostJson, RefusesAnAuthorityThatCannotBeRead) {
    const auto told = post_json({true, "127.0.0.1", "9", "/"}, "{}", "/nowhere.pem");
    ASSERT_FALSE(told);
    EXPECT_EQ(told.error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace vitrine::http
