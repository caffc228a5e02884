#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/bluetooth/vm/air/btair.hpp"

namespace btair {

Options options;
std::mt19937 rng(1);
std::vector<std::unique_ptr<Controller>> controllers;
std::map<std::string, Sender> tags;

namespace {

// Wait for and handle input on all descriptors, at most until DEADLINE.
void serve(int listener, Clock::time_point deadline) {
    static std::map<int, std::string> clients;  // fd -> incomplete line
    auto wait =
        std::chrono::duration_cast<std::chrono::nanoseconds>(deadline - Clock::now()).count();
    timespec ts{wait > 0 ? time_t(wait / 1000000000) : 0, wait > 0 ? wait % 1000000000 : 0};
    std::vector<pollfd> fds{{listener, POLLIN, 0}};  // negative fds are ignored
    for (auto& c : controllers) {
        fds.push_back({c->vhci, POLLIN, 0});
        fds.push_back({c->srv, POLLIN, 0});
    }
    for (auto& c : clients) fds.push_back({c.first, POLLIN, 0});
    if (ppoll(fds.data(), fds.size(), &ts, nullptr) <= 0) return;
    for (size_t i = 0; i < controllers.size(); i++) {
        Controller& c = *controllers[i];
        if (fds[1 + 2 * i].revents & POLLIN) from_host(c);
        if (fds[2 + 2 * i].revents && !from_controller(c)) fail("btvirt closed the connection");
    }
    for (size_t i = 1 + 2 * controllers.size(); i < fds.size(); i++) {
        if (!fds[i].revents) continue;
        char b[4096];
        ssize_t n = read(fds[i].fd, b, sizeof b);
        if (n <= 0) {
            close(fds[i].fd);
            clients.erase(fds[i].fd);
            continue;
        }
        std::string& buf = clients[fds[i].fd].append(b, size_t(n));
        for (size_t nl; (nl = buf.find('\n')) != buf.npos; buf.erase(0, nl + 1)) {
            std::string r = command(buf.substr(0, nl));
            send_all(fds[i].fd, reinterpret_cast<const uint8_t*>(r.data()), r.size());
        }
    }
    if (fds[0].revents) {
        int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd >= 0) clients[fd];
    }
}

sockaddr_un ctl_addr() {
    sockaddr_un a{};
    a.sun_family = AF_UNIX;
    snprintf(a.sun_path, sizeof a.sun_path, "%s", options.control_path.c_str());
    return a;
}

int ctl_client(int argc, char** argv) {
    std::vector<std::string> lines;
    std::string l;
    if (argc == 1 && !strcmp(argv[0], "-"))
        while (std::getline(std::cin, l)) {
            if (!l.empty()) lines.push_back(l);
        }
    else {
        for (int i = 0; i < argc; i++) l += std::string(i ? " " : "") + argv[i];
        lines.push_back(l);
    }
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un a = ctl_addr();
    if (connect(fd, reinterpret_cast<sockaddr*>(&a), sizeof a)) {
        perror("btair ctl");
        return 2;
    }
    int rc = 0;
    FILE* in = fdopen(fd, "r");
    char buf[4096];
    for (auto& line : lines) {
        std::string m = line + "\n";
        send_all(fd, reinterpret_cast<const uint8_t*>(m.data()), m.size());
        while (fgets(buf, sizeof buf, in)) {
            if (!strcmp(buf, "ok\n")) break;
            if (!strncmp(buf, "err ", 4)) {
                fputs(buf, stderr);
                rc = 1;
                break;
            }
            fputs(buf, stdout);
        }
    }
    return rc;
}

}  // namespace

int run(int argc, char** argv) try {
    if (const char* p = getenv("BTAIR_SOCKET")) options.control_path = p;
    if (argc > 2 && !strcmp(argv[1], "ctl")) return ctl_client(argc - 2, argv + 2);
    int count = 2, opt;
    while ((opt = getopt(argc, argv, "n:t:c:f:S:d")) != -1) {
        if (opt == 'n')
            count = atoi(optarg);
        else if (opt == 't')
            options.server_type = optarg;
        else if (opt == 'c')
            options.control_path = optarg;
        else if (opt == 'f')
            options.duplicate_filter = optarg;
        else if (opt == 'S')
            rng.seed(unsigned(atoi(optarg)));
        else if (opt == 'd')
            options.model_duty = true;
        else
            return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, nullptr, _IOLBF, 0);
    for (int i = 0; i < count; i++) {
        controllers.push_back(std::make_unique<Controller>());
        Controller& c = *controllers.back();
        plug(c);
        // Creating a controller blocks for long on a slow machine, and the kernel
        // gives up on a command after 2 s: finish this one's set-up dialogue first.
        for (auto t = Clock::now(), end = t + std::chrono::seconds(20);
             t < end && t - c.last < milliseconds(200); t = Clock::now())
            serve(-1, t + milliseconds(50));
        printf("hci%d is up\n", c.index);
    }
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un a = ctl_addr();
    unlink(a.sun_path);
    if (bind(listener, reinterpret_cast<sockaddr*>(&a), sizeof a) || listen(listener, 16))
        fail("control socket");

    for (;;) serve(listener, run_air());
} catch (const std::exception& e) {
    fprintf(stderr, "btair: %s\n", e.what());
    return 1;
}

}  // namespace btair

int main(int argc, char** argv) { return btair::run(argc, argv); }
