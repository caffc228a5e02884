#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "agent/base/check.hpp"

/// Brokers and centres as programs of their own, each in a folder that goes with it.
namespace vitrine::bench {

/// A folder on the disk that the benchmark is started on (a temporary folder may be memory).
class Folder {
  public:
    explicit Folder(const std::string& name)
        : path_(std::filesystem::absolute("bench-" + name + "-" + std::to_string(getpid()))) {
        std::filesystem::remove_all(path_);
        std::filesystem::create_directories(path_);
        // mosquitto gives up root before it writes.
        std::filesystem::permissions(path_, std::filesystem::perms::all);
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::string file(const std::string& name) const { return (path_ / name).string(); }

  private:
    std::filesystem::path path_;
};

inline sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/// A port of the loopback interface that nobody uses now.
inline int free_port() {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    CHECK(bind(fd, generic, size) == 0 && getsockname(fd, generic, &size) == 0);
    close(fd);
    return ntohs(address.sin_port);
}

inline bool listens(int port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    const bool yes = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    close(fd);
    return yes;
}

/// A program of ours, which lies beside the benchmark.
inline std::string beside_us(const std::string& name) {
    return std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
}

/// A program that ends with its owner, by SIGKILL, as a power cut would end it.
class Program {
  public:
    Program(std::vector<std::string> words, const std::string& log) {
        std::vector<char*> argv;
        for (std::string& word : words) argv.push_back(word.data());
        argv.push_back(nullptr);
        pid_ = fork();
        if (pid_ != 0) return;
        const int fd = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
        dup2(fd, STDOUT_FILENO);
        dup2(fd, STDERR_FILENO);
        execv(argv[0], argv.data());
        _exit(127);
    }
    ~Program() {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    pid_t pid() const { return pid_; }

    /// Waits until something listens there; false when the program ends before.
    bool ready_on(int port) const {
        for (int i = 0; i < 1000; ++i) {
            if (listens(port)) return true;
            if (waitpid(pid_, nullptr, WNOHANG) != 0) return false;
            usleep(10'000);
        }
        return false;
    }

  private:
    pid_t pid_ = -1;
};

/// A mosquitto on the loopback interface.
class Mosquitto {
  public:
    Mosquitto(const Folder& folder, const std::string& name, int port,
              const std::string& more_config = "persistence false\n")
        : port_(port),
          program_({"/usr/sbin/mosquitto", "-c", config(folder, name, port, more_config)},
                   folder.file(name + ".log")),
          ready_(program_.ready_on(port)) {}
    bool ready() const { return ready_; }
    int port() const { return port_; }
    pid_t pid() const { return program_.pid(); }
    std::string url() const { return "mqtt://127.0.0.1:" + std::to_string(port_); }

  private:
    static std::string config(const Folder& folder, const std::string& name, int port,
                              const std::string& more) {
        const std::string file = folder.file(name + ".conf");
        std::ofstream(file) << "allow_anonymous true\nlog_type none\nmax_queued_messages 0\n"
                            << "listener " << port << " 127.0.0.1\n"
                            << more;
        return file;
    }

    int port_;
    Program program_;
    bool ready_;
};

/// A vitrine-central with a database of its own, SQLite in the folder unless a URL is given.
class CentreProgram {
  public:
    CentreProgram(const Folder& folder, const std::string& tenant, const std::string& broker,
                  const std::string& database = {})
        : port_(free_port()),
          program_(words(folder, tenant, broker, database, port_), folder.file("centre.log")),
          ready_(program_.ready_on(port_)) {}
    bool ready() const { return ready_; }
    pid_t pid() const { return program_.pid(); }

  private:
    static std::vector<std::string> words(const Folder& folder, const std::string& tenant,
                                          const std::string& broker, const std::string& database,
                                          int port) {
        const std::string ui = folder.file("ui");
        std::filesystem::create_directories(ui);
        std::ofstream(ui + "/console.html") << "<!doctype html><title>console</title>";
        std::vector<std::string> words = {beside_us("vitrine-central"),
                                          "--state",
                                          folder.file("centre"),
                                          "--tenant",
                                          tenant,
                                          "--broker",
                                          broker,
                                          "--ui",
                                          ui,
                                          "--port",
                                          std::to_string(port),
                                          "--log-level",
                                          "warning"};
        if (!database.empty()) words.insert(words.end(), {"--database", database});
        return words;
    }

    int port_;
    Program program_;
    bool ready_;
};

}  // namespace vitrine::bench
