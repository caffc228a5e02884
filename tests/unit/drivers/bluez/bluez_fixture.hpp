#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/host/clock.hpp"
#include "agent/radio/frame.hpp"
#include "drivers/bluez/adapter_guest.hpp"
#include "drivers/bluez/bluez_scanner.hpp"
#include "drivers/bluez/bus.hpp"
#include "tests/unit/drivers/bluez/fake_bluez.hpp"

namespace vitrine::bluez {

using scanner::ScannerMode;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

inline constexpr const char* kPhone = "C0:00:00:00:00:01";
inline constexpr const char* kOther = "C0:00:00:00:00:02";
inline const Bytes kEid{0x30, 0xee, 1, 2, 3, 4, 5, 6, 7, 8};
inline const Bytes kStranger{0x00, 0xee, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 1, 2, 3, 4, 5, 6, 0, 0};
inline const radio::Eid kSent{{1, 2, 3, 4, 5, 6, 7, 8}};

struct Sink final : scanner::AdvertSink {
    void on_advert(const radio::Advert& advert) override {
        heard.push_back(advert);
        if (stop_at_once != nullptr) stop_at_once->stop();
    }
    std::vector<radio::Advert> heard;
    scanner::Scanner* stop_at_once = nullptr;
};

struct Guest final : AdapterGuest {
    void adapter_ready(Bus& bus, const std::string& adapter_path) override {
        EXPECT_TRUE(at.empty());
        at = adapter_path;
        unique_name = bus.connection().getUniqueName();
        ++welcomes;
    }
    void adapter_gone() override {
        EXPECT_FALSE(at.empty());
        at.clear();
    }
    std::string at;
    std::string unique_name;
    int welcomes = 0;
};

struct Bluez : testing::Test {
    void start(bool discovery_allowed = true, std::string adapter = {}) {
        start({.adapter = std::move(adapter), .discovery_allowed = discovery_allowed});
    }
    void start(Settings settings) {
        settings.bus_address = fake.address();
        settings.guest = &guest;
        scanner = std::make_unique<BluezScanner>(loop, clock, log, std::move(settings));
        ASSERT_TRUE(scanner->start(sink));
    }
    void start_daemon_with_adapter() {
        fake.start_bus();
        fake.start_daemon();
        add_adapter();
    }
    void add_adapter() { fake.call("AddLeAdapter", std::string("hci0")); }

    template <class Done>
    bool wait(Done done, seconds limit = seconds(30)) {
        for (int i = 0; i < limit.count() * 100 && !done(); ++i) loop.run_for(milliseconds(10));
        return done();
    }
    testing::AssertionResult comes_to(ScannerMode mode) {
        if (wait([&] { return scanner->state().mode == mode; })) return testing::AssertionSuccess();
        return testing::AssertionFailure()
               << "still " << name_of(scanner->state().mode) << ": " << scanner->state().sentence;
    }
    testing::AssertionResult says(const std::string& part) {
        if (wait([&] { return sentence().find(part) != std::string::npos; }))
            return testing::AssertionSuccess();
        return testing::AssertionFailure() << sentence();
    }
    std::string sentence() const { return scanner->state().sentence; }
    bool hears(std::size_t adverts) {
        return wait([&] { return sink.heard.size() >= adverts; });
    }

    host::SystemClock clock;
    host::Log log{clock};
    host::Loop loop;
    FakeBluez fake;
    Guest guest;
    Sink sink;
    std::unique_ptr<BluezScanner> scanner;
};

}  // namespace vitrine::bluez
