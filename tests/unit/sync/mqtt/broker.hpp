#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "agent/host/loop.hpp"

namespace vitrine::mqtt {

/// A port of the loopback interface that nobody uses now.
inline int free_port() {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(fd, generic, size) != 0 || getsockname(fd, generic, &size) != 0) std::abort();
    close(fd);
    return ntohs(address.sin_port);
}

/// A real mosquitto on the loopback interface, without persistence. Its absence fails the test.
class Broker {
  public:
    explicit Broker(const std::string& more_config = {}) : port_(free_port()) {
        std::string name = (std::filesystem::temp_directory_path() / "broker-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) std::abort();
        folder_ = name;
        std::filesystem::permissions(folder_, std::filesystem::perms::owner_all |
                                                  std::filesystem::perms::others_read |
                                                  std::filesystem::perms::others_exec);
        std::ofstream(folder_ / "mosquitto.conf") << "persistence false\n"
                                                  << "allow_anonymous true\n"
                                                  << "listener " << port_ << " 127.0.0.1\n"
                                                  << more_config;
        start();
    }
    ~Broker() {
        stop();
        std::filesystem::remove_all(folder_);
    }
    Broker(const Broker&) = delete;
    Broker& operator=(const Broker&) = delete;

    void start() {
        child_ = fork();
        if (child_ == 0) {
            const std::string config = (folder_ / "mosquitto.conf").string();
            const std::string log = (folder_ / "log").string();
            if (freopen(log.c_str(), "a", stdout) == nullptr) _exit(126);
            dup2(STDOUT_FILENO, STDERR_FILENO);
            execlp("/usr/sbin/mosquitto", "mosquitto", "-v", "-c", config.c_str(), nullptr);
            _exit(127);
        }
        for (int i = 0; i < 500 && !listens(); ++i) {
            int status = 0;
            if (waitpid(child_, &status, WNOHANG) == child_) {
                child_ = 0;
                break;
            }
            host::Loop().run_for(std::chrono::milliseconds(10));
        }
        if (!listens()) ADD_FAILURE() << "mosquitto does not start (is it installed?): " << log();
    }

    void stop(int signal = SIGKILL) {
        if (child_ <= 0) return;
        kill(child_, signal);
        waitpid(child_, nullptr, 0);
        child_ = 0;
    }

    std::string url() const { return "mqtt://127.0.0.1:" + std::to_string(port_); }
    std::string log() const {
        std::ifstream in(folder_ / "log");
        return {std::istreambuf_iterator<char>(in), {}};
    }

  private:
    bool listens() const {
        const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(static_cast<std::uint16_t>(port_));
        const bool yes =
            connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
        close(fd);
        return yes;
    }

    int port_;
    std::filesystem::path folder_;
    pid_t child_ = 0;
};

}  // namespace vitrine::mqtt
