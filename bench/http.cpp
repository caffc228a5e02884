// The part of W1 that the server has: from a Screen to its event in the hands of the kiosk's page.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "agent/http/kiosk_routes.hpp"
#include "bench/figure.hpp"

namespace vitrine {
namespace {

constexpr int kRuns = 9;
constexpr int kScreens = 1000;

session::Screen tailored_screen() {
    session::Screen screen{.kiosk = KioskId("door"), .mode = session::Mode::tailored};
    for (std::uint32_t i = 1; i <= 3; ++i) {
        screen.cards.push_back({.offer = OfferId(i),
                                .title = {"Café moulu pur arabica 250 g", "Ground arabica 250 g"},
                                .detail = {std::string(300, 'd'), std::string(300, 'd')},
                                .terms = {std::string(200, 't'), std::string(200, 't')},
                                .category = {"Boissons chaudes", "Hot drinks"},
                                .image = "/images/coffee.webp",
                                .price = Cents(399),
                                .why = {{offers::ReasonCode::you_often_buy, {"Café", "Coffee"}}}});
    }
    return screen;
}

/// A page that follows the kiosk, on a blocking socket of its own.
int follow(host::Loop& loop, std::uint16_t port, const http::KioskRoutes& routes) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    constexpr std::string_view kRequest = "GET /events/kiosk/door HTTP/1.1\r\nHost: k\r\n\r\n";
    CHECK(send(fd, kRequest.data(), kRequest.size(), 0) == static_cast<ssize_t>(kRequest.size()));
    while (routes.pages(KioskId("door")) == 0) loop.run_for(std::chrono::milliseconds(1));
    return fd;
}

/// Runs the loop only where the event is not there yet.
void read_event(host::Loop& loop, int fd) {
    static std::string buffer(1 << 20, '\0');
    std::string_view received;
    while (!received.ends_with("\n\n")) {
        const ssize_t size = recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
        received =
            std::string_view(buffer).substr(0, size > 0 ? static_cast<std::size_t>(size) : 0);
        if (size <= 0) loop.run_for(std::chrono::microseconds(50));
    }
}

void measure_publishing() {
    host::Loop loop;
    host::Metrics metrics;
    const auto ui = http::StaticFiles::list(std::filesystem::path(VITRINE_SOURCE_DIR) / "bench");
    http::Server server(loop, metrics);
    http::KioskRoutes routes(loop, metrics, server, {KioskId("door")}, ui.value(),
                             {.touch = [](const session::Touch&) { return Result<void>(); }});
    CHECK(server.listen("127.0.0.1", 0).has_value());
    session::Screen screen = tailored_screen();
    const int page = follow(loop, server.port(), routes);
    routes.publish(screen);
    read_event(loop, page);

    bench::Figure median("http", "W1 part: screen to page, p50", "ms");
    bench::Figure tail("http", "W1 part: screen to page, p99", "ms");
    for (int run = 0; run < kRuns; ++run) {
        std::vector<double> times;
        for (int i = 0; i < kScreens; ++i) {
            loop.run_for(std::chrono::microseconds(50));  // The write before completes.
            ++screen.revision;
            times.push_back(1e3 * bench::wall_seconds([&] {
                                routes.publish(screen);
                                read_event(loop, page);
                            }));
        }
        median.add(bench::median_of(times));
        tail.add(bench::quantile_of(times, 0.99));
    }
    close(page);
    median.print();
    tail.print();
}

}  // namespace
}  // namespace vitrine

int main() { vitrine::measure_publishing(); }
