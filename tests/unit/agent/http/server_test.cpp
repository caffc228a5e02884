#include "agent/http/server.hpp"

#include <memory>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/base/random.hpp"
#include "tests/unit/agent/http/client.hpp"

namespace vitrine::http {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

class ServerTest : public testing::Test {
  protected:
    ServerTest() { start({}); }

    void start(Limits limits) {
        server_ = std::make_unique<Server>(loop_, metrics_, ServerOptions{.limits = limits});
        Router& router = server_->router();
        router.add(Method::get, "/hello", [](const Request&) { return Response::text("hello"); });
        router.add(Method::post, "/echo",
                   [](const Request& request) { return Response::text(request.body); });
        router.add(Method::get, "/query", [](const Request& request) {
            return Response::text(std::string(request.query_value("q").value_or("none")) + " " +
                                  request.peer + (request.from_loopback ? " loopback" : ""));
        });
        router.add_async(Method::get, "/later",
                         [this](const Request&, Reply reply) { owed_ = std::move(reply); });
        router.add_async(Method::get, "/never", [](const Request&, Reply) {});
        ASSERT_TRUE(server_->listen("127.0.0.1", 0).has_value());
        port_ = server_->port();
    }

    host::Loop loop_;
    host::Metrics metrics_;
    std::optional<Reply> owed_;
    std::unique_ptr<Server> server_;
    std::uint16_t port_ = 0;
};

TEST_F(ServerTest, AnswersAndKeepsTheConnection) {
    Client client(loop_, port_);
    for (int i = 0; i < 3; ++i) {
        const Answer answer = client.get("/hello");
        EXPECT_EQ(answer.status, 200U);
        EXPECT_EQ(answer.body, "hello");
        EXPECT_EQ(answer.value("Content-Type"), "text/plain; charset=utf-8");
    }
    EXPECT_EQ(client.get("/query?q=a%20b").body, "a b 127.0.0.1 loopback");
    EXPECT_EQ(client.post("/echo", "{\"x\":1}").body, "{\"x\":1}");
    EXPECT_EQ(server_->connections(), 1U);
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
    Client client(loop_, port_);
    client.send(
        "GET /query?q=1 HTTP/1.1\r\nHost: k\r\n\r\n"
        "POST /echo HTTP/1.1\r\nHost: k\r\nContent-Length: 2\r\n\r\nab"
        "GET /nothing HTTP/1.1\r\nHost: k\r\n\r\n"
        "GET /query?q=4 HTTP/1.1\r\nHost: k\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(client.read_answer().body, HasSubstr("1 "));
    EXPECT_EQ(client.read_answer().body, "ab");
    EXPECT_EQ(client.read_answer().status, 404U);
    EXPECT_THAT(client.read_answer().body, HasSubstr("4 "));
    EXPECT_TRUE(client.closes());
}

TEST_F(ServerTest, AnswersHeadWithoutABody) {
    Client client(loop_, port_);
    client.send("HEAD /hello HTTP/1.1\r\nHost: k\r\n\r\n");
    const Answer answer = client.read_answer(true);
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.value("Content-Length"), "5");
    EXPECT_EQ(client.get("/hello").body, "hello") << "the next answer follows at once";
}

TEST_F(ServerTest, PutsTheSecurityHeadersOnEveryAnswer) {
    for (const char* request :
         {"GET /hello HTTP/1.1\r\nHost: k\r\n\r\n", "GET /nothing HTTP/1.1\r\nHost: k\r\n\r\n",
          "PUT /hello HTTP/1.1\r\nHost: k\r\n\r\n", "BREW /hello HTTP/1.1\r\nHost: k\r\n\r\n",
          "GET /never HTTP/1.1\r\nHost: k\r\n\r\n", "\x01\x02 garbage\r\n\r\n"}) {
        Client client(loop_, port_);
        const Answer answer = client.exchange(request);
        EXPECT_TRUE(answer.has("\r\nContent-Security-Policy: default-src 'self'; ")) << request;
        EXPECT_TRUE(answer.has("frame-ancestors 'none'\r\n")) << request;
        EXPECT_FALSE(answer.has("unsafe")) << request;
        EXPECT_EQ(answer.value("X-Content-Type-Options"), "nosniff") << request;
        EXPECT_EQ(answer.value("Referrer-Policy"), "no-referrer") << request;
        EXPECT_EQ(answer.value("Cache-Control"), "no-store") << request;
    }
}

struct Hostile {
    const char* what;
    std::string request;
    unsigned status;
};

TEST_F(ServerTest, RefusesHostileRequestsAndGoesOn) {
    const std::string post = "POST /echo HTTP/1.1\r\nHost: k\r\n";
    const std::vector<Hostile> requests{
        {"garbage", "\x16\x03\x01\x02\r\n\r\n", 400},
        {"no version", "GET /hello\r\n\r\n", 400},
        {"no host", "GET /hello HTTP/1.1\r\n\r\n", 400},
        {"absolute form", "GET http://k/hello HTTP/1.1\r\nHost: k\r\n\r\n", 400},
        {"asterisk", "GET * HTTP/1.1\r\nHost: k\r\n\r\n", 400},
        {"broken escape", "GET /hello%zz HTTP/1.1\r\nHost: k\r\n\r\n", 400},
        {"broken query", "GET /hello?a=%g HTTP/1.1\r\nHost: k\r\n\r\n", 400},
        {"way up", "GET /../etc/passwd HTTP/1.1\r\nHost: k\r\n\r\n", 400},
        {"unknown method", "BREW /hello HTTP/1.1\r\nHost: k\r\n\r\n", 501},
        {"long header", "GET /hello HTTP/1.1\r\nHost: k\r\nA: " + std::string(20'000, 'a'), 431},
        {"long address", "GET /" + std::string(20'000, 'a'), 431},
        {"large body", post + "Content-Length: 70000\r\n\r\n", 413},
        {"negative length", post + "Content-Length: -1\r\n\r\n", 400},
        {"two lengths", post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
        {"length and chunks",
         post + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400},
        {"large chunk",
         post + "Transfer-Encoding: chunked\r\n\r\n20000\r\n" + std::string(0x20000, 'a') +
             "\r\n0\r\n\r\n",
         413},
        {"broken chunk", post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
        {"header injection", "GET /hello HTTP/1.1\r\nHost: k\r\nA\x01: b\r\n\r\n", 400},
    };
    for (const Hostile& hostile : requests) {
        Client client(loop_, port_);
        EXPECT_EQ(client.exchange(hostile.request).status, hostile.status) << hostile.what;
    }
    Client client(loop_, port_);
    EXPECT_EQ(client.get("/hello").status, 200U);
}

TEST_F(ServerTest, SurvivesRandomBytes) {
    Rng rng(20240607);
    const std::string_view valid =
        "POST /echo HTTP/1.1\r\nHost: k\r\nContent-Length: 4\r\n\r\nbody";
    for (int round = 0; round < 200; ++round) {
        std::string request(valid);
        for (int change = 0; change < 4; ++change) {
            request[rng.below(request.size())] = static_cast<char>(rng.below(256));
        }
        request.resize(rng.below(request.size() + 1));
        Client client(loop_, port_);
        client.send(request);
    }
    loop_.run_for(5ms);
    Client client(loop_, port_);
    EXPECT_EQ(client.get("/hello").status, 200U);
    EXPECT_TRUE(run_until(loop_, [&] { return server_->connections() == 1; })) << "none is left";
}

TEST_F(ServerTest, AcceptsABodyOfExactlyTheLimit) {
    Client client(loop_, port_);
    const std::string body(64 * 1024, 'x');
    EXPECT_EQ(client.post("/echo", body).body, body);
}

TEST_F(ServerTest, InvitesABodyThatIsAnnounced) {
    Client client(loop_, port_);
    client.send(
        "POST /echo HTTP/1.1\r\nHost: k\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_EQ(client.exchange("ok").body, "ok");
}

TEST_F(ServerTest, WaitsForALateAnswer) {
    Client client(loop_, port_);
    client.send("GET /later HTTP/1.1\r\nHost: k\r\n\r\n");
    ASSERT_TRUE(run_until(loop_, [&] { return owed_.has_value(); }));
    EXPECT_TRUE(client.is_quiet(5ms));
    owed_->send(Response::text("late"));
    EXPECT_EQ(client.read_answer().body, "late");
}

TEST_F(ServerTest, AnswersForAHandlerThatNeverDoes) {
    Client client(loop_, port_);
    const Answer answer = client.get("/never");
    EXPECT_EQ(answer.status, 500U);
    EXPECT_THAT(answer.body, HasSubstr("\"error\""));
}

TEST_F(ServerTest, ForgetsAnAnswerWhoseClientIsGone) {
    {
        Client client(loop_, port_);
        client.send("GET /later HTTP/1.1\r\nHost: k\r\n\r\n");
        ASSERT_TRUE(run_until(loop_, [&] { return owed_.has_value(); }));
    }
    owed_->send(Response::text("nobody"));
    EXPECT_TRUE(run_until(loop_, [&] { return server_->connections() == 0; }));
}

TEST_F(ServerTest, ForgetsAnAnswerWhoseServerIsGone) {
    Client client(loop_, port_);
    client.send("GET /later HTTP/1.1\r\nHost: k\r\n\r\n");
    ASSERT_TRUE(run_until(loop_, [&] { return owed_.has_value(); }));
    server_.reset();
    owed_->send(Response::text("nobody"));
    EXPECT_TRUE(client.closes());
}

TEST_F(ServerTest, DropsAClientThatSendsTooSlowly) {
    start({.request_timeout = 40ms});
    Client client(loop_, port_);
    client.send("GET /hello HTTP/1.1\r\n");
    for (int i = 0; i < 4; ++i) {
        loop_.run_for(15ms);
        client.send("A: b\r\n");  // Each line alone is in time.
    }
    EXPECT_TRUE(client.closes());
    EXPECT_EQ(server_->connections(), 0U);
}

TEST_F(ServerTest, DropsAClientThatIsIdle) {
    start({.idle_timeout = 30ms});
    Client client(loop_, port_);
    EXPECT_EQ(client.get("/hello").status, 200U);
    EXPECT_TRUE(client.closes());
}

TEST_F(ServerTest, AnswersInTimeEvenIfAHandlerDoesNot) {
    start({.reply_timeout = 20ms});
    Client client(loop_, port_);
    const Answer answer = client.get("/later");
    EXPECT_EQ(answer.status, 503U);
    EXPECT_TRUE(client.closes());
    owed_->send(Response::text("too late"));
}

TEST_F(ServerTest, RefusesConnectionsOverTheLimit) {
    start({.connections_max = 2});
    Client first(loop_, port_);
    Client second(loop_, port_);
    EXPECT_EQ(first.get("/hello").status, 200U);
    EXPECT_EQ(second.get("/hello").status, 200U);
    {
        Client third(loop_, port_);
        EXPECT_TRUE(third.closes());
    }
    EXPECT_EQ(first.get("/hello").status, 200U) << "the others are served on";
    EXPECT_THAT(metrics_.exposition(), HasSubstr("vitrine_http_connections_refused_total 1"));
}

TEST_F(ServerTest, StopsAfterTheAnswersUnderWay) {
    Client idle(loop_, port_);
    EXPECT_EQ(idle.get("/hello").status, 200U);
    Client busy(loop_, port_);
    busy.send("GET /later HTTP/1.1\r\nHost: k\r\n\r\n");
    ASSERT_TRUE(run_until(loop_, [&] { return owed_.has_value(); }));
    bool stopped = false;
    server_->stop(5s, [&] { stopped = true; });
    EXPECT_TRUE(idle.closes());
    EXPECT_FALSE(stopped);
    owed_->send(Response::text("last"));
    const Answer answer = busy.read_answer();
    EXPECT_EQ(answer.body, "last");
    EXPECT_EQ(answer.value("Connection"), "close");
    EXPECT_TRUE(run_until(loop_, [&] {
        busy.receive();
        return stopped || busy.closes();
    }));
}

TEST_F(ServerTest, StopsAtLastWithoutThem) {
    Client busy(loop_, port_);
    busy.send("GET /later HTTP/1.1\r\nHost: k\r\n\r\n");
    ASSERT_TRUE(run_until(loop_, [&] { return owed_.has_value(); }));
    bool stopped = false;
    server_->stop(20ms, [&] {
        stopped = true;
        server_.reset();
    });
    EXPECT_TRUE(run_until(loop_, [&] { return stopped; }));
}

TEST_F(ServerTest, SaysWhyItCannotListen) {
    EXPECT_EQ(server_->listen("kiosk.example", 0).error().code, ErrorCode::invalid);
    const auto taken = server_->listen("127.0.0.1", port_);
    ASSERT_FALSE(taken.has_value());
    EXPECT_EQ(taken.error().code, ErrorCode::unavailable);
    EXPECT_THAT(taken.error().message, HasSubstr("Address already in use"));
}

TEST_F(ServerTest, CountsAnswersByClass) {
    Client client(loop_, port_);
    client.get("/hello");
    client.get("/nothing");
    const std::string text = metrics_.exposition();
    EXPECT_THAT(text, HasSubstr("vitrine_http_answers_total{status=\"2xx\"} 1"));
    EXPECT_THAT(text, HasSubstr("vitrine_http_answers_total{status=\"4xx\"} 1"));
    EXPECT_THAT(text, HasSubstr("vitrine_http_connections 1"));
}

}  // namespace
}  // namespace vitrine::http
