#include "agent/http/kiosk_routes.hpp"

#include <unistd.h>

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

constexpr std::string_view kTouches = "/api/v1/kiosks/door/touches";
constexpr std::string_view kTouch = R"({"decision":"0000000000000abc","kind":"open","offer":12})";

class KioskRoutesTest : public testing::Test {
  protected:
    KioskRoutesTest()
        : folder_(fs::path(testing::TempDir()) / ("vitrine-kiosk-" + std::to_string(getpid()))) {
        fs::create_directories(folder_);
        std::ofstream(folder_ / "kiosk.html") << "<!doctype html>";
        ui_ = std::make_unique<StaticFiles>(StaticFiles::list(folder_).value());
        KioskHooks hooks;
        hooks.touch = [this](const session::Touch& touch) {
            touches_.push_back(touch);
            return answer_;
        };
        hooks.alive = [this](const Alive& alive) { alive_.push_back(alive); };
        routes_ = std::make_unique<KioskRoutes>(
            loop_, metrics_, server_, std::vector{KioskId("door"), KioskId("back")}, *ui_, hooks);
        add_operator_routes(server_.router(), metrics_, [this] { return health_; });
        EXPECT_TRUE(server_.listen("127.0.0.1", 0).has_value());
        client_ = std::make_unique<Client>(loop_, server_.port());
    }
    ~KioskRoutesTest() override { fs::remove_all(folder_); }

    fs::path folder_;
    host::Loop loop_;
    host::Metrics metrics_;
    std::unique_ptr<StaticFiles> ui_;
    std::vector<session::Touch> touches_;
    std::vector<Alive> alive_;
    Result<void> answer_;
    Health health_{.ok = true, .detail = "2 kiosks"};
    std::unique_ptr<KioskRoutes> routes_;
    Server server_{loop_, metrics_};
    std::unique_ptr<Client> client_;
};

TEST_F(KioskRoutesTest, ServesThePageOfAKnownKiosk) {
    EXPECT_EQ(client_->get("/kiosk/door").body, "<!doctype html>");
    EXPECT_EQ(client_->get("/kiosk/other").status, 404U);
    EXPECT_EQ(client_->get("/kiosk/NO").status, 404U);
    EXPECT_EQ(client_->get("/events/kiosk/other").status, 404U);
    EXPECT_EQ(client_->post("/api/v1/kiosks/other/touches", kTouch).status, 404U);
}

TEST_F(KioskRoutesTest, ShowsEachKioskItsOwnScreens) {
    session::Screen back{.kiosk = KioskId("back"), .revision = 1};
    routes_->publish(full_screen());
    routes_->publish(back);
    client_->send("GET /events/kiosk/door HTTP/1.1\r\nHost: k\r\n\r\n");
    client_->read_until("\r\n\r\n");
    const std::string data = "data: " + to_json(full_screen()) + "\n\n";
    EXPECT_THAT(client_->read_until(data), HasSubstr("event: screen\nid: "));
    EXPECT_EQ(routes_->pages(KioskId("door")), 1U);
    EXPECT_EQ(routes_->pages(KioskId("back")), 0U);
    EXPECT_THAT(metrics_.exposition(), HasSubstr("vitrine_kiosk_streams{kiosk=\"door\"} 1"));
    routes_->publish(back);
    EXPECT_TRUE(client_->is_quiet(std::chrono::milliseconds(5)));
}

TEST_F(KioskRoutesTest, HandsTouchesOn) {
    EXPECT_EQ(client_->post(kTouches, kTouch).status, 204U);
    EXPECT_THAT(touches_, ElementsAre(session::Touch{.kiosk = KioskId("door"),
                                                     .decision = DecisionId(0xabc),
                                                     .kind = session::TouchKind::open,
                                                     .offer = OfferId(12)}));
}

TEST_F(KioskRoutesTest, SaysWhyATouchWasRefused) {
    answer_ = conflict("the screen is gone");
    const Answer refused = client_->post(kTouches, kTouch);
    EXPECT_EQ(refused.status, 409U);
    EXPECT_EQ(refused.body, R"({"error":{"code":"conflict","message":"the screen is gone"}})");
}

TEST_F(KioskRoutesTest, HandsOnNothingThatIsNotATouch) {
    EXPECT_THAT(client_->post(kTouches, "{}").body, HasSubstr("field 'decision' is missing"));
    EXPECT_EQ(client_->post(kTouches, std::string(2000, ' ')).status, 413U);
    EXPECT_EQ(client_->get(kTouches).status, 405U);
    const Answer form = client_->exchange(
        "POST /api/v1/kiosks/door/touches HTTP/1.1\r\nHost: k\r\nContent-Type: text/plain\r\n"
        "Content-Length: 2\r\n\r\n{}");
    EXPECT_EQ(form.status, 415U) << "a foreign page can send this without asking";
    EXPECT_THAT(touches_, ElementsAre());
}

TEST_F(KioskRoutesTest, HearsThatAPagePaints) {
    EXPECT_EQ(client_->post("/api/v1/kiosks/door/alive", R"({"revision":7,"frames":60})").status,
              204U);
    EXPECT_THAT(alive_, ElementsAre(Alive{KioskId("door"), 7, 60}));
}

TEST_F(KioskRoutesTest, TellsTheOperator) {
    EXPECT_EQ(client_->get("/healthz").body, "2 kiosks\n");
    health_ = {.ok = false, .detail = "no scanner"};
    EXPECT_EQ(client_->get("/healthz").status, 503U);
    const Answer metrics = client_->get("/metrics");
    EXPECT_EQ(metrics.value("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_THAT(metrics.body, HasSubstr("vitrine_http_answers_total"));
}

TEST(OperatorRoutes, KeepTheMetricsToThisMachine) {
    const host::Metrics metrics;
    const Request request{.path = "/metrics", .peer = "192.0.2.1", .from_loopback = false};
    EXPECT_EQ(answer_metrics(request, metrics).status, 403U);
}

}  // namespace
}  // namespace vitrine::http
