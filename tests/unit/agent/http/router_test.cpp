#include "agent/http/router.hpp"

#include <gtest/gtest.h>

namespace vitrine::http {
namespace {

class RouterTest : public testing::Test {
  protected:
    RouterTest() {
        const auto handler = [](const Request&) { return Response::nothing(); };
        router_.add(Method::get, "/", handler);
        router_.add(Method::get, "/kiosk/{id}", handler);
        router_.add(Method::post, "/api/v1/kiosks/{id}/touches", handler);
        router_.add(Method::get, "/assets/{path*}", handler);
        router_.add(Method::get, "/both", handler);
        router_.add(Method::post, "/both", handler);
    }

    /// 0 where a handler was found, else the refusal's status.
    unsigned match(Method method, std::string path) {
        request_ = Request{.method = method, .path = std::move(path)};
        match_ = router_.match(request_);
        return match_.handler == nullptr ? match_.refusal.status : 0;
    }

    Router router_;
    Request request_;
    Router::Match match_;
};

TEST_F(RouterTest, FillsInParameters) {
    EXPECT_EQ(match(Method::get, "/kiosk/door%2d1"), 0U);
    EXPECT_EQ(request_.param("id"), "door-1");
    EXPECT_EQ(match(Method::post, "/api/v1/kiosks/k1/touches"), 0U);
    EXPECT_EQ(request_.param("id"), "k1");
    EXPECT_EQ(match(Method::get, "/assets/a/b.js"), 0U);
    EXPECT_EQ(request_.param("path"), "a/b.js");
    EXPECT_EQ(match(Method::get, "/"), 0U);
    EXPECT_EQ(match(Method::head, "/kiosk/k1"), 0U);
}

TEST_F(RouterTest, RefusesWhatFitsNoPattern) {
    for (const char* path :
         {"/kiosk", "/kiosk/", "/kiosk/a/b", "//kiosk/a", "/nothing", "/api/v1"}) {
        EXPECT_EQ(match(Method::get, path), 404U) << path;
    }
}

TEST_F(RouterTest, SaysWhichMethodsAnAddressAnswers) {
    EXPECT_EQ(match(Method::put, "/both"), 405U);
    ASSERT_EQ(match_.refusal.headers.size(), 1U);
    EXPECT_EQ(match_.refusal.headers[0].second, "GET, POST");
}

TEST_F(RouterTest, RefusesEveryWayUp) {
    for (const char* path :
         {"/assets/../x", "/assets/%2e%2e/x", "/assets/.%2E/x", "/assets/./x", "/assets/..%2fx",
          "/assets/a%5cb", "/assets/%00", "/kiosk/%zz", "/..", "x", ""}) {
        EXPECT_EQ(match(Method::get, path), 400U) << path;
    }
}

TEST(Reply, WithoutAConnectionDoesNothing) {
    Reply reply;
    reply.send(Response::nothing());
    Reply other(std::weak_ptr<Connection>{});
    reply = std::move(other);
}

}  // namespace
}  // namespace vitrine::http
