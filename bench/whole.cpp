// The agent as a whole. W1: from the advert that completes an arrival to the event on the kiosk's
// stream. W3 and W5: memory and time to ready of the program with 20,000 members, 200 offers and 4
// kiosks in its cache. W4: CPU while nothing happens.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/daemon/shop.hpp"
#include "agent/host/clock.hpp"
#include "agent/radio/frame.hpp"
#include "bench/agent_process.hpp"
#include "bench/figure.hpp"
#include "bench/shop_folder.hpp"

namespace vitrine {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMembers = 20'000;

/// Time that passes only when told to.
class StillClock final : public Clock {
  public:
    explicit StillClock(WallTime start) : start_(start) {}
    Instant monotonic() const override { return instant_at(1h) + passed_; }
    WallTime wall() const override {
        return start_ + std::chrono::floor<std::chrono::milliseconds>(passed_);
    }
    void pass(std::chrono::nanoseconds time) { passed_ += time; }

  private:
    WallTime start_;
    std::chrono::nanoseconds passed_{0};
};

/// A page that follows the first kiosk.
class Page {
  public:
    Page(host::Loop& loop, std::uint16_t port)
        : loop_(loop), fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        CHECK(connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        constexpr std::string_view kRequest =
            "GET /events/kiosk/kiosk-1 HTTP/1.1\r\nHost: k\r\n\r\n";
        CHECK(send(fd_, kRequest.data(), kRequest.size(), 0) ==
              static_cast<ssize_t>(kRequest.size()));
        while (read().empty()) loop_.run_for(1ms);
    }
    ~Page() { close(fd_); }
    Page(const Page&) = delete;
    Page& operator=(const Page&) = delete;

    /// What has come since the last call.
    std::string read() {
        std::string all;
        std::array<char, 65536> part{};
        for (ssize_t size = 1; size > 0;) {
            size = recv(fd_, part.data(), part.size(), MSG_DONTWAIT);
            if (size > 0) all.append(part.data(), static_cast<std::size_t>(size));
        }
        return all;
    }

  private:
    host::Loop& loop_;
    int fd_;
};

radio::Advert advert_of(std::uint64_t member, const Clock& clock) {
    const radio::Eid eid = identity::current_eid(bench::key_of(member), clock.wall());
    return {.at = clock.monotonic(),
            .scanner = 0,
            .rssi = Rssi(-45),
            .data = radio::encode(radio::EddystoneEid{-20, eid})};
}

/// One member arrives: seconds from the advert that completes it to the event, or nothing if it did
/// not come within 20 s of shop time.
double arrival(daemon::Shop& shop, StillClock& clock, host::Loop& loop, Page& page,
               std::uint64_t member) {
    for (int i = 0; i < 20; ++i) {
        clock.pass(1s);
        const radio::Advert advert = advert_of(member, clock);
        const double begin = bench::seconds_on(CLOCK_MONOTONIC);
        shop.on_advert(advert);
        loop.run_for(300us);
        std::string news = page.read();
        if (news.find("\"mode\":\"tailored\"") != std::string::npos)
            return bench::seconds_on(CLOCK_MONOTONIC) - begin;
    }
    return std::nan("");
}

void measure_w1(const bench::ShopFolder& folder, WallTime now) {
    StillClock clock(now);
    host::Loop loop;
    host::Log log(clock, {.level = host::Level::error});
    auto reading = daemon::read_config(folder.config());
    auto shop = daemon::Shop::open(std::move(reading.config), {}, loop, clock, log).value();
    shop->start().value();
    Page page(loop, shop->port());
    for (int i = 0; i < 200; ++i) loop.run_for(1ms);  // the recognition table fills
    std::vector<double> seconds;
    for (std::uint64_t member = 1; member <= 60; ++member) {
        const double took = arrival(*shop, clock, loop, page, member);
        if (!std::isnan(took)) seconds.push_back(took);
        for (int i = 0; i < 60; ++i) {  // everybody leaves
            clock.pass(1s);
            loop.run_for(300ms / 60);
        }
    }
    bench::Figure p50("whole", "W1 advert to kiosk event, p50", "ms");
    bench::Figure p99("whole", "W1 advert to kiosk event, p99", "ms");
    if (seconds.size() >= 50) {
        p50.add(1e3 * bench::quantile_of(seconds, 0.5));
        p99.add(1e3 * bench::quantile_of(seconds, 0.99));
    }
    p50.print();
    p99.print();
}

void measure_program(const bench::ShopFolder& folder) {
    bench::Figure ready("whole", "W5 start to ready, 20,000 members", "ms");
    bench::Figure memory("whole", "W3 resident memory, 20,000 members, 200 offers, 4 kiosks", "MB");
    bench::Figure idle("whole", "W4 CPU while idle, share of a core", "%");
    for (int run = 0; run < 5; ++run) {
        const bench::AgentProcess agent(folder.config());
        if (!agent.ready)
            return bench::skip("whole", "W3 and W5", "vitrine-agent did not become ready");
        ready.add(1e3 * agent.seconds_to_ready);
        usleep(2'000'000);  // the recognition table is filled
        memory.add(bench::status_kb(agent.pid(), "VmRSS") / 1024);
        if (run > 0) continue;
        const double before = bench::cpu_seconds_of(agent.pid());
        usleep(10'000'000);
        idle.add(10 * (bench::cpu_seconds_of(agent.pid()) - before));
    }
    ready.print();
    memory.print();
    idle.print();
}

}  // namespace
}  // namespace vitrine

int main() {
    const vitrine::WallTime now = vitrine::host::SystemClock().wall();
    const auto folder =
        std::filesystem::temp_directory_path() / ("vitrine-bench-" + std::to_string(getpid()));
    const vitrine::bench::ShopFolder shop(folder, vitrine::kMembers, now);
    vitrine::measure_program(shop);
    vitrine::measure_w1(shop, now);
    std::filesystem::remove_all(folder);
}
