#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <sdbus-c++/sdbus-c++.h>

#include "agent/base/bytes.hpp"
#include "agent/host/loop.hpp"

namespace vitrine::bluez {

/// A child process whose output goes to a file; killed with its owner. One that cannot be started
/// shows as a test that fails.
class Child {
  public:
    Child(std::vector<std::string> words, const std::filesystem::path& log) {
        std::vector<char*> argv;
        for (std::string& word : words) argv.push_back(word.data());
        argv.push_back(nullptr);
        pid_ = fork();
        if (pid_ != 0) return;
        if (freopen(log.c_str(), "a", stdout) == nullptr) _exit(126);
        dup2(STDOUT_FILENO, STDERR_FILENO);
        execvp(argv[0], argv.data());
        _exit(127);
    }
    ~Child() {
        if (pid_ <= 0) return;
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

  private:
    pid_t pid_ = -1;
};

/// A private bus, and on it, while asked for, a Bluetooth daemon that a test makes up
/// (tests/bluetooth/mock). Without dbus-daemon or python3-dbusmock the tests fail.
class FakeBluez {
  public:
    FakeBluez() {
        std::string name = (std::filesystem::temp_directory_path() / "bluez-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) std::abort();
        folder_ = name;
    }
    ~FakeBluez() {
        stop_bus();
        std::filesystem::remove_all(folder_);
    }
    FakeBluez(const FakeBluez&) = delete;
    FakeBluez& operator=(const FakeBluez&) = delete;

    std::string address() const { return "unix:path=" + (folder_ / "bus").string(); }

    void start_bus() {
        const std::string config = kMock + "private-bus.conf";
        bus_ = std::make_unique<Child>(
            std::vector<std::string>{"dbus-daemon", "--nofork", "--config-file=" + config,
                                     "--address=" + address()},
            folder_ / "bus.log");
        for (int i = 0; i < 400 && !connection_; ++i) {
            host::Loop().run_for(std::chrono::milliseconds(25));
            try {
                connection_ = sdbus::createSessionBusConnectionWithAddress(address());
            } catch (const sdbus::Error&) {
                // Not there yet.
            }
        }
        if (!connection_) ADD_FAILURE() << "no bus (is dbus installed?): " << log("bus.log");
    }
    void stop_bus() {
        stop_daemon();
        connection_.reset();
        bus_.reset();
        std::filesystem::remove(folder_ / "bus");
    }

    void start_daemon() {
        daemon_ = std::make_unique<Child>(
            std::vector<std::string>{"env", "DBUS_SYSTEM_BUS_ADDRESS=" + address(),
                                     "/usr/bin/python3", "-m", "dbusmock", "--template",
                                     kMock + "bluez_le.py"},
            folder_ / "daemon.log");
        for (int i = 0; i < 1200 && !daemon_is_there(); ++i)
            host::Loop().run_for(std::chrono::milliseconds(25));
        if (!daemon_is_there()) {
            ADD_FAILURE() << "no daemon (is python3-dbusmock installed?): " << log("daemon.log");
        }
    }
    void stop_daemon() { daemon_.reset(); }

    /// A method of org.bluez.Mock. What it sends us may arrive before the answer or after.
    template <class... Arguments>
    void call(const std::string& method, const Arguments&... arguments) {
        try {
            sdbus::createProxy(*connection_, "org.bluez", "/")
                ->callMethod(method)
                .onInterface("org.bluez.Mock")
                .withArguments(arguments...);
        } catch (const sdbus::Error& error) {
            ADD_FAILURE() << method << ": " << error.getMessage() << "\n" << log("daemon.log");
        }
    }

    /// The next `times` calls of an adapter's method end in this error of org.bluez; -1: all.
    void fail(const std::string& method, const std::string& error, int times) {
        call("Fail", method, error, std::int32_t{times});
    }
    std::uint32_t calls(const std::string& method) {
        std::uint32_t count = 0;
        sdbus::createProxy(*connection_, "org.bluez", "/")
            ->callMethod("Calls")
            .onInterface("org.bluez.Mock")
            .withArguments(method)
            .storeResultsTo(count);
        return count;
    }
    /// A signal of the daemon's with whatever arguments.
    void emit(const std::string& path, const std::string& interface, const std::string& name,
              const std::string& signature, const std::vector<sdbus::Variant>& arguments) {
        sdbus::createProxy(*connection_, "org.bluez", path)
            ->callMethod("EmitSignal")
            .onInterface("org.freedesktop.DBus.Mock")
            .withArguments(interface, name, signature, arguments);
    }
    sdbus::IConnection& connection() { return *connection_; }

    /// A phone sends service data of Eddystone.
    void advert(const std::string& from, int rssi, const Bytes& eddystone) {
        call("Advert", std::string("hci0"), from, std::string("random"),
             static_cast<std::int16_t>(rssi), std::map<std::uint16_t, Bytes>{},
             std::map<std::string, Bytes>{{"0000feaa-0000-1000-8000-00805f9b34fb", eddystone}});
    }

    std::map<std::string, sdbus::Variant> discovery_filter() {
        std::map<std::string, sdbus::Variant> filter;
        sdbus::createProxy(*connection_, "org.bluez", "/")
            ->callMethod("DiscoveryFilter")
            .onInterface("org.bluez.Mock")
            .withArguments(std::string("hci0"))
            .storeResultsTo(filter);
        return filter;
    }

    bool is_discovering() {
        return sdbus::createProxy(*connection_, "org.bluez", "/org/bluez/hci0")
            ->getProperty("Discovering")
            .onInterface("org.bluez.Adapter1")
            .get<bool>();
    }

  private:
    inline static const std::string kMock = VITRINE_SOURCE_DIR "/tests/bluetooth/mock/";

    bool daemon_is_there() {
        bool there = false;
        if (!connection_) return false;
        sdbus::createProxy(*connection_, "org.freedesktop.DBus", "/")
            ->callMethod("NameHasOwner")
            .onInterface("org.freedesktop.DBus")
            .withArguments(std::string("org.bluez"))
            .storeResultsTo(there);
        return there;
    }
    std::string log(const char* name) const {
        std::ifstream in(folder_ / name);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    std::filesystem::path folder_;
    std::unique_ptr<Child> bus_;
    std::unique_ptr<Child> daemon_;
    std::unique_ptr<sdbus::IConnection> connection_;
};

}  // namespace vitrine::bluez
