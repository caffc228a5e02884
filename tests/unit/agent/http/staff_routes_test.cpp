#include "agent/http/staff_routes.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/http/screen_json.hpp"
#include "tests/unit/agent/http/client.hpp"
#include "tests/unit/agent/http/screens.hpp"

namespace vitrine::http {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

constexpr std::string_view kOurs = "X-Vitrine: 1\r\n";
constexpr std::string_view kRight = R"({"user":"ana","password":"correct horse"})";
constexpr std::string_view kWrong = R"({"user":"ana","password":"wrong horse"})";
constexpr std::string_view kUnknown = R"({"user":"eve","password":"correct horse"})";

class StaffRoutesTest : public testing::Test {
  protected:
    StaffRoutesTest()
        : folder_(fs::path(testing::TempDir()) / ("vitrine-staff-" + std::to_string(getpid()))) {
        fs::create_directories(folder_);
        std::ofstream(folder_ / "staff.html") << "<!doctype html>";
        ui_ = std::make_unique<StaticFiles>(StaticFiles::list(folder_).value());
        start({});
    }
    ~StaffRoutesTest() override {
        server_.reset();
        fs::remove_all(folder_);
    }

    void start(LoginOptions options) {
        static const std::string kHash = hash_password("correct horse").value();
        server_ = std::make_unique<Server>(loop_, metrics_);
        LoginHooks hooks;
        hooks.hash_of = [](const StaffId& user) -> std::optional<std::string> {
            if (user != StaffId("ana")) return std::nullopt;
            return kHash;
        };
        hooks.audit = [this](const StaffId& user, LoginOutcome outcome) {
            audit_.emplace_back(user.str(), outcome);
        };
        login_ = std::make_unique<Login>(loop_, clock_, metrics_, *server_, hooks, options);
        routes_ = std::make_unique<StaffRoutes>(
            loop_, metrics_, *server_, *login_, *ui_,
            [this](const StaffId& user) { looks_.push_back(user.str()); });
        ASSERT_TRUE(server_->listen("127.0.0.1", 0).has_value());
        client_ = std::make_unique<Client>(loop_, server_->port());
    }

    Answer log_in(std::string_view body, std::string_view headers = kOurs) {
        return client_->post("/api/v1/staff/login", body, headers);
    }

    /// The Cookie header of a new session.
    std::string session() {
        const Answer answer = log_in(kRight);
        EXPECT_EQ(answer.status, 200U) << answer.body;
        const std::string cookie = answer.value("Set-Cookie");
        return "Cookie: other=1; " + cookie.substr(0, cookie.find(';')) + "\r\n";
    }

    fs::path folder_;
    FakeClock clock_;
    host::Loop loop_;
    host::Metrics metrics_;
    std::unique_ptr<StaticFiles> ui_;
    std::vector<std::pair<std::string, LoginOutcome>> audit_;
    std::vector<std::string> looks_;
    std::unique_ptr<Login> login_;
    std::unique_ptr<StaffRoutes> routes_;
    std::unique_ptr<Server> server_;
    std::unique_ptr<Client> client_;
};

TEST_F(StaffRoutesTest, LogsInWithACookieThatScriptsCannotRead) {
    const Answer answer = log_in(kRight);
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.body, R"({"user":"ana"})");
    const std::string cookie = answer.value("Set-Cookie");
    EXPECT_THAT(cookie, StartsWith("vitrine-staff="));
    EXPECT_THAT(cookie, HasSubstr("; Path=/; HttpOnly; SameSite=Strict; Max-Age=28800"));
    EXPECT_FALSE(cookie.ends_with("Secure"));
    EXPECT_THAT(audit_, ElementsAre(std::pair("ana", LoginOutcome::succeeded)));
}

TEST_F(StaffRoutesTest, MarksTheCookieSecureUnderTls) {
    start({.secure = true});
    EXPECT_TRUE(log_in(kRight).value("Set-Cookie").ends_with("; Secure"));
}

TEST_F(StaffRoutesTest, TellsNobodyWhetherTheUserExists) {
    const Answer wrong = log_in(kWrong);
    const Answer unknown = log_in(kUnknown);
    EXPECT_EQ(wrong.status, 401U);
    EXPECT_EQ(wrong.head, unknown.head);
    EXPECT_EQ(wrong.body, unknown.body);
    EXPECT_EQ(log_in(R"({"user":"no name","password":"correct horse"})").body, wrong.body);
    EXPECT_THAT(audit_, ElementsAre(std::pair("ana", LoginOutcome::failed),
                                    std::pair("", LoginOutcome::failed),
                                    std::pair("", LoginOutcome::failed)));
}

TEST_F(StaffRoutesTest, ServesOthersWhileAPasswordIsChecked) {
    Client busy(loop_, server_->port());
    busy.send("POST /api/v1/staff/login HTTP/1.1\r\nHost: k\r\nX-Vitrine: 1\r\nContent-Length: " +
              std::to_string(kRight.size()) + "\r\n\r\n" + std::string(kRight));
    loop_.run_for(2ms);
    EXPECT_EQ(client_->get("/staff").body, "<!doctype html>");
    EXPECT_TRUE(busy.pending().empty());
    EXPECT_EQ(busy.read_answer().status, 200U);
}

TEST_F(StaffRoutesTest, RefusesLoginsThatAreNotWhole) {
    EXPECT_EQ(log_in("{}").status, 400U);
    EXPECT_EQ(log_in(R"({"user":"ana"})").status, 400U);
    EXPECT_EQ(log_in(R"({"user":"ana","password":1})").status, 400U);
    EXPECT_EQ(log_in(R"({"user":"ana","password":")" + std::string(300, 'x') + "\"}").status, 400U);
    EXPECT_TRUE(audit_.empty());
}

TEST_F(StaffRoutesTest, RefusesWhatAForeignPageCouldSend) {
    EXPECT_EQ(log_in(kRight, "").status, 403U);
    const std::string cookie = session();
    EXPECT_EQ(client_->post("/api/v1/staff/logout", "", cookie).status, 403U);
    EXPECT_EQ(client_->get("/api/v1/staff/session", cookie).status, 200U);
}

TEST_F(StaffRoutesTest, HoldsOffAUserWhoKeepsFailing) {
    for (int i = 0; i < 5; ++i) EXPECT_EQ(log_in(kWrong).status, 401U);
    const Answer held_off = log_in(kRight);
    EXPECT_EQ(held_off.status, 429U);
    EXPECT_EQ(held_off.value("Retry-After"), "1");
    EXPECT_EQ(audit_.back().second, LoginOutcome::held_off);
    clock_.instant += 1s;
    EXPECT_EQ(log_in(kRight).status, 200U);
    EXPECT_EQ(log_in(kWrong).status, 401U) << "success wipes the slate";
}

TEST_F(StaffRoutesTest, HoldsOffAClientThatTriesManyUsers) {
    start({.per_peer = {.free_failures = 3}});
    for (const char* user : {"a", "b", "c"}) {
        const std::string body = R"({"user":")" + std::string(user) + R"(","password":"12345678"})";
        EXPECT_EQ(log_in(body).status, 401U);
    }
    EXPECT_EQ(log_in(kRight).status, 429U);
}

TEST_F(StaffRoutesTest, HoldsOffManyTriesAtOnce) {
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 12; ++i) {
        clients.push_back(std::make_unique<Client>(loop_, server_->port()));
        clients.back()->send(
            "POST /api/v1/staff/login HTTP/1.1\r\nHost: k\r\nX-Vitrine: 1\r\nContent-Length: " +
            std::to_string(kWrong.size()) + "\r\n\r\n" + std::string(kWrong));
    }
    std::size_t checked = 0;
    for (const auto& client : clients) checked += client->read_answer().status == 401 ? 1U : 0U;
    EXPECT_EQ(checked, 5U);
}

TEST_F(StaffRoutesTest, BoundsTheLoginsThatWait) {
    start(
        {.per_user = {.free_failures = 100}, .per_peer = {.free_failures = 100}, .waiting_max = 2});
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 8; ++i) {
        clients.push_back(std::make_unique<Client>(loop_, server_->port()));
        clients.back()->send(
            "POST /api/v1/staff/login HTTP/1.1\r\nHost: k\r\nX-Vitrine: 1\r\nContent-Length: " +
            std::to_string(kWrong.size()) + "\r\n\r\n" + std::string(kWrong));
    }
    std::vector<unsigned> statuses;
    for (const auto& client : clients) statuses.push_back(client->read_answer().status);
    EXPECT_GE(std::count(statuses.begin(), statuses.end(), 503U), 3);
    EXPECT_GE(std::count(statuses.begin(), statuses.end(), 401U), 3);
}

TEST_F(StaffRoutesTest, ShowsTheBoardToStaffAloneAndNotesWhoLooked) {
    routes_->publish(full_board());
    EXPECT_EQ(client_->get("/api/v1/staff/members").status, 401U);
    EXPECT_EQ(client_->get("/events/staff").status, 401U);
    EXPECT_EQ(client_->get("/api/v1/staff/members", "Cookie: vitrine-staff=0\r\n").status, 401U);
    EXPECT_TRUE(looks_.empty());
    const Answer board = client_->get("/api/v1/staff/members", session());
    EXPECT_EQ(board.status, 200U);
    EXPECT_EQ(board.body, to_json(full_board()));
    EXPECT_EQ(board.value("Cache-Control"), "no-store");
    EXPECT_THAT(looks_, ElementsAre("ana"));
}

TEST_F(StaffRoutesTest, NotesEachBoardThatAStreamHandsOut) {
    routes_->publish(full_board());
    const std::string cookie = session();
    client_->send("GET /events/staff HTTP/1.1\r\nHost: k\r\n" + cookie + "\r\n");
    client_->read_until("event: board\n");
    client_->read_until(to_json(full_board()) + "\n\n");
    EXPECT_THAT(looks_, ElementsAre("ana"));
    session::StaffBoard next{.revision = 4};
    routes_->publish(next);
    client_->read_until(to_json(next) + "\n\n");
    EXPECT_THAT(looks_, ElementsAre("ana", "ana"));
}

TEST_F(StaffRoutesTest, EndsStreamsAtLogout) {
    routes_->publish(full_board());
    const std::string cookie = session();
    Client stream(loop_, server_->port());
    stream.send("GET /events/staff HTTP/1.1\r\nHost: k\r\n" + cookie + "\r\n");
    stream.read_until("event: board\n");
    const Answer out = client_->post("/api/v1/staff/logout", "", std::string(kOurs) + cookie);
    EXPECT_EQ(out.status, 204U);
    EXPECT_THAT(out.value("Set-Cookie"), HasSubstr("Max-Age=0"));
    EXPECT_TRUE(stream.closes());
    EXPECT_EQ(client_->get("/api/v1/staff/members", cookie).status, 401U);
    EXPECT_EQ(audit_.back(), std::pair(std::string("ana"), LoginOutcome::logged_out));
}

TEST_F(StaffRoutesTest, EndsStreamsOfIdleSessions) {
    routes_->publish(full_board());
    const std::string cookie = session();
    client_->send("GET /events/staff HTTP/1.1\r\nHost: k\r\n" + cookie + "\r\n");
    client_->read_until("event: board\n");
    clock_.instant += 15min;
    session::StaffBoard next{.revision = 4};
    routes_->publish(next);
    EXPECT_TRUE(client_->closes());
    EXPECT_THAT(looks_, ElementsAre("ana"));
}

TEST_F(StaffRoutesTest, EndsIdleSessionsButNotBusyOnes) {
    const std::string cookie = session();
    for (int i = 0; i < 3; ++i) {
        clock_.instant += 14min;
        EXPECT_EQ(client_->get("/api/v1/staff/session", cookie).body, R"({"user":"ana"})");
    }
    clock_.instant += 15min;
    EXPECT_EQ(client_->get("/api/v1/staff/session", cookie).status, 401U);
}

}  // namespace
}  // namespace vitrine::http
