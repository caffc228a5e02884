#include "agent/http/static_files.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/http/server.hpp"
#include "tests/unit/agent/http/client.hpp"

namespace vitrine::http {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class StaticFilesTest : public testing::Test {
  protected:
    StaticFilesTest()
        : folder_(fs::path(testing::TempDir()) / ("vitrine-ui-" + std::to_string(getpid()))) {
        fs::create_directories(folder_ / "ui/assets/deep");
        write("secret.txt", "secret");
        write("ui/.hidden", "secret");
        write("ui/kiosk.html", "<!doctype html>");
        write("ui/assets/app-1a2b.js", "let plain;");
        write("ui/assets/app-1a2b.js.gz", "packed");
        write("ui/assets/deep/photo.webp", std::string(300'000, 'p'));
        files_ = std::make_unique<StaticFiles>(StaticFiles::list(folder_ / "ui").value());
        files_->serve(server_.router(), "/assets");
        server_.router().add(Method::get, "/kiosk", [this](const Request& request) {
            return files_->get(request, "kiosk.html");
        });
        EXPECT_TRUE(server_.listen("127.0.0.1", 0).has_value());
        client_ = std::make_unique<Client>(loop_, server_.port());
    }
    ~StaticFilesTest() override { fs::remove_all(folder_); }

    void write(const std::string& name, const std::string& text) const {
        std::ofstream(folder_ / name) << text;
    }

    fs::path folder_;
    host::Loop loop_;
    host::Metrics metrics_;
    std::unique_ptr<StaticFiles> files_;
    Server server_{loop_, metrics_};
    std::unique_ptr<Client> client_;
};

TEST_F(StaticFilesTest, ServesFilesWithTheirTypes) {
    const Answer page = client_->get("/kiosk");
    EXPECT_EQ(page.body, "<!doctype html>");
    EXPECT_EQ(page.value("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(page.value("Cache-Control"), "no-cache");
    EXPECT_TRUE(page.has("Content-Security-Policy"));
    const Answer photo = client_->get("/assets/deep/photo.webp");
    EXPECT_EQ(photo.body, std::string(300'000, 'p'));
    EXPECT_EQ(photo.value("Content-Type"), "image/webp");
    EXPECT_EQ(photo.value("Cache-Control"), "public, max-age=31536000, immutable");
    EXPECT_EQ(content_type_of("x.js"), "text/javascript; charset=utf-8");
    EXPECT_EQ(content_type_of("x.strange"), "application/octet-stream");
}

TEST_F(StaticFilesTest, SaysThatAFileHasNotChanged) {
    const std::string etag = client_->get("/kiosk").value("ETag");
    ASSERT_FALSE(etag.empty());
    const Answer again = client_->get("/kiosk", "If-None-Match: " + etag + "\r\n");
    EXPECT_EQ(again.status, 304U);
    EXPECT_EQ(again.value("ETag"), etag);
    EXPECT_EQ(client_->get("/kiosk", "If-None-Match: \"other\"\r\n").status, 200U);
}

TEST_F(StaticFilesTest, SendsThePackedFileToThoseWhoTakeIt) {
    const Answer packed = client_->get("/assets/app-1a2b.js", "Accept-Encoding: br, gzip\r\n");
    EXPECT_EQ(packed.body, "packed");
    EXPECT_EQ(packed.value("Content-Encoding"), "gzip");
    EXPECT_EQ(packed.value("Content-Type"), "text/javascript; charset=utf-8");
    EXPECT_EQ(packed.value("Vary"), "Accept-Encoding");
    EXPECT_EQ(client_->get("/assets/app-1a2b.js").body, "let plain;");
    EXPECT_EQ(client_->get("/assets/app-1a2b.js", "Accept-Encoding: gzip;q=0\r\n").body,
              "let plain;");
}

TEST_F(StaticFilesTest, AnswersHeadWithTheSize) {
    client_->send("HEAD /assets/deep/photo.webp HTTP/1.1\r\nHost: k\r\n\r\n");
    EXPECT_EQ(client_->read_answer(true).value("Content-Length"), "300000");
    EXPECT_EQ(client_->get("/kiosk").status, 200U);
}

TEST_F(StaticFilesTest, HasNoWayOutOfItsFolder) {
    for (const char* path :
         {"/assets/../../secret.txt", "/assets/%2e%2e/%2e%2e/secret.txt",
          "/assets/..%2f..%2fsecret.txt", "/assets/%2fetc/passwd", "/assets//etc/passwd",
          "/assets/..%5c..%5csecret.txt", "/assets/.hidden", "/assets/../.hidden", "/assets/",
          "/assets/deep", "/assets/deep/photo.webp%00.js", "/assets/kiosk.html"}) {
        const Answer answer = Client(loop_, server_.port()).get(path);
        EXPECT_TRUE(answer.status == 400 || answer.status == 404) << path << answer.status;
        EXPECT_THAT(answer.body, HasSubstr("\"error\"")) << path;
    }
}

TEST_F(StaticFilesTest, AnswersForAFileThatVanished) {
    fs::remove(folder_ / "ui/kiosk.html");
    EXPECT_EQ(client_->get("/kiosk").status, 404U);
    EXPECT_EQ(client_->get("/assets/app-1a2b.js").status, 200U);
}

TEST_F(StaticFilesTest, SaysThatThereIsNoFolder) {
    const auto none = StaticFiles::list(folder_ / "nothing");
    ASSERT_FALSE(none.has_value());
    EXPECT_EQ(none.error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace vitrine::http
