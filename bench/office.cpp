// R4: the agent in an office, at the 322 adverts a second that shared/data/adverts was heard at. By
// way of D-Bus and all of members' kind, which is more than an office brings: strangers' adverts
// never get so far there.

#include <arpa/inet.h>
#include <netinet/in.h>

#include <optional>
#include <vector>

#include "agent/host/clock.hpp"
#include "agent/http/client.hpp"
#include "bench/agent_process.hpp"
#include "bench/figure.hpp"
#include "bench/shop_folder.hpp"

namespace vitrine {
namespace {

constexpr double kSeconds = 30;

/// A program beside the agent, ended with its owner.
class Helper {
  public:
    explicit Helper(std::vector<std::string> words, const std::filesystem::path& log) {
        std::vector<char*> argv;
        for (std::string& word : words) argv.push_back(word.data());
        argv.push_back(nullptr);
        pid_ = fork();
        if (pid_ != 0) return;
        if (std::freopen(log.c_str(), "a", stdout) == nullptr) _exit(126);
        dup2(STDOUT_FILENO, STDERR_FILENO);
        execvp(argv[0], argv.data());
        _exit(127);
    }
    ~Helper() {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    Helper(const Helper&) = delete;
    Helper& operator=(const Helper&) = delete;

  private:
    pid_t pid_ = -1;
};

/// 26 phones, 81 messages four times a second, once the agent listens.
constexpr const char* kOffice = R"(
import dbus, time
bus = dbus.SystemBus()
while not bus.name_has_owner('org.bluez'): time.sleep(0.1)
mock = dbus.Interface(bus.get_object('org.bluez', '/'), 'org.bluez.Mock')
mock.AddLeAdapter('hci0')
while mock.Calls('RegisterMonitor') == 0: time.sleep(0.1)
due = time.monotonic()
while True:
    mock.Storm('hci0', 55, 26)
    due += 0.25
    time.sleep(max(0, due - time.monotonic()))
)";

std::uint16_t free_port() {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    CHECK(bind(fd, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    CHECK(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    close(fd);
    return ntohs(address.sin_port);
}

/// How many adverts the agent says that it heard.
double heard(std::uint16_t port) {
    constexpr std::string_view kName = "\nvitrine_adverts_heard_total ";
    const auto metrics = http::fetch(port, "/metrics");
    const std::size_t at = metrics ? metrics->body.find(kName) : std::string::npos;
    if (at == std::string::npos) return 0;
    return std::strtod(metrics->body.c_str() + at + kName.size(), nullptr);
}

void measure(const std::filesystem::path& folder) {
    bench::Figure cpu("office", "R4 CPU at 322 adverts/s by way of D-Bus, share of a core", "%");
    bench::Figure rate("office", "R4 adverts heard", "1/s");
    bench::Figure growth("office", "R4 growth of resident memory in 30 s of them", "KB");
    const std::uint16_t port = free_port();
    const bench::ShopFolder shop(folder, 20'000, host::SystemClock().wall(),
                                 "[radio]\nsource = \"bluez\"\n[[scanner]]\nid = \"s1\"\n"
                                 "kiosk = \"kiosk-1\"\n",
                                 port);
    const std::string mock = VITRINE_SOURCE_DIR "/tests/bluetooth/mock/";
    const std::string address = "unix:path=" + (folder / "bus").string();
    setenv("DBUS_SYSTEM_BUS_ADDRESS", address.c_str(), 1);
    const Helper bus({"dbus-daemon", "--nofork", "--config-file=" + mock + "private-bus.conf",
                      "--address=" + address},
                     folder / "bus.log");
    usleep(500'000);
    const Helper bluez({"/usr/bin/python3", "-m", "dbusmock", "--template", mock + "bluez_le.py"},
                       folder / "bluez.log");
    usleep(2'000'000);
    const Helper office({"/usr/bin/python3", "-c", kOffice}, folder / "office.log");
    const bench::AgentProcess agent(shop.config());
    for (int i = 0; i < 100 && heard(port) == 0; ++i) usleep(100'000);
    if (heard(port) == 0) return bench::skip("office", "R4", "the agent hears nothing");
    usleep(5'000'000);
    const double heard_before = heard(port);
    const double cpu_before = bench::cpu_seconds_of(agent.pid());
    const double memory_before = bench::status_kb(agent.pid(), "VmRSS");
    const double begin = bench::seconds_on(CLOCK_MONOTONIC);
    usleep(static_cast<useconds_t>(kSeconds * 1e6));
    const double took = bench::seconds_on(CLOCK_MONOTONIC) - begin;
    cpu.add(100 * (bench::cpu_seconds_of(agent.pid()) - cpu_before) / took);
    growth.add(bench::status_kb(agent.pid(), "VmRSS") - memory_before);
    rate.add((heard(port) - heard_before) / took);
    cpu.print();
    rate.print();
    growth.print();
}

}  // namespace
}  // namespace vitrine

int main() {
    const auto folder =
        std::filesystem::temp_directory_path() / ("vitrine-office-" + std::to_string(getpid()));
    vitrine::measure(folder);
    std::filesystem::remove_all(folder);
}
