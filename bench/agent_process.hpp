#pragma once

#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "agent/base/check.hpp"
#include "bench/figure.hpp"

namespace vitrine::bench {

/// A number behind `key` in /proc/<pid>/status, in kB.
inline double status_kb(pid_t pid, const std::string& key) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(key + ":")) return std::strtod(line.c_str() + key.size() + 1, nullptr);
    }
    return std::nan("");
}

/// Seconds of CPU that a process has used.
inline double cpu_seconds_of(pid_t pid) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string all((std::istreambuf_iterator<char>(stat)), {});
    const std::size_t after = all.rfind(')');
    std::istringstream fields(all.substr(after == std::string::npos ? 0 : after + 2));
    std::string skipped;
    double user = 0;
    double kernel = 0;
    for (int i = 0; i < 11; ++i) fields >> skipped;
    fields >> user >> kernel;
    return (user + kernel) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

/// Starts the agent and waits for READY=1, as the service manager would.
class AgentProcess {
  public:
    explicit AgentProcess(const std::filesystem::path& config)
        : socket_path_(config.parent_path() / "notify") {
        std::filesystem::remove(socket_path_);
        const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        bind_to_path(fd);
        const double begin = seconds_on(CLOCK_MONOTONIC);
        pid_ = fork();
        if (pid_ == 0) {
            setenv("NOTIFY_SOCKET", socket_path_.c_str(), 1);
            const std::string program =
                std::filesystem::read_symlink("/proc/self/exe").parent_path() / "vitrine-agent";
            execl(program.c_str(), "vitrine-agent", "--config", config.c_str(), nullptr);
            _exit(127);
        }
        std::array<char, 4096> text{};
        timeval limit{10, 0};
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ready = recv(fd, text.data(), text.size() - 1, 0) > 0 &&
                std::strstr(text.data(), "READY=1") != nullptr;
        seconds_to_ready = seconds_on(CLOCK_MONOTONIC) - begin;
        close(fd);
    }
    ~AgentProcess() {
        kill(pid_, SIGTERM);
        waitpid(pid_, nullptr, 0);
    }
    AgentProcess(const AgentProcess&) = delete;
    AgentProcess& operator=(const AgentProcess&) = delete;

    pid_t pid() const { return pid_; }
    bool ready = false;
    double seconds_to_ready = 0;

  private:
    void bind_to_path(int fd) const {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, socket_path_.c_str(), sizeof address.sun_path - 1);
        CHECK(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    }

    std::filesystem::path socket_path_;
    pid_t pid_ = -1;
};

}  // namespace vitrine::bench
