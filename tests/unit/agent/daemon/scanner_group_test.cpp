#include "agent/daemon/scanner_group.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vitrine::daemon {
namespace {

using scanner::ScannerMode;

struct Fake final : scanner::Scanner {
    explicit Fake(ScannerMode in, bool can = true) : mode(in), works(can) {}
    Result<void> start(scanner::AdvertSink& given) override {
        if (!works) return invalid("no such adapter");
        sink = &given;
        return {};
    }
    void stop() override { sink = nullptr; }
    scanner::ScannerState state() const override {
        return {mode, "It is " + std::string(scanner::name_of(mode)) + "."};
    }
    ScannerMode mode;
    bool works;
    scanner::AdvertSink* sink = nullptr;
};

struct Sink final : scanner::AdvertSink {
    void on_advert(const radio::Advert&) override {}
};

/// A group, and its members for the test to look at.
struct Group {
    explicit Group(std::vector<std::pair<ScannerMode, bool>> of) {
        std::vector<ScannerGroup::Member> members;
        for (const auto& [mode, works] : of) {
            auto fake = std::make_unique<Fake>(mode, works);
            fakes.push_back(fake.get());
            members.push_back({"s" + std::to_string(fakes.size()), std::move(fake)});
        }
        group = std::make_unique<ScannerGroup>(std::move(members));
    }
    std::vector<Fake*> fakes;
    std::unique_ptr<ScannerGroup> group;
};

ScannerMode mode_of(std::vector<ScannerMode> modes) {
    std::vector<std::pair<ScannerMode, bool>> of;
    for (const ScannerMode mode : modes) of.emplace_back(mode, true);
    return Group(of).group->state().mode;
}

TEST(ScannerGroup, HearsWhileOneHearsAndSaysWhatEachDoes) {
    Group some({{ScannerMode::failed, true}, {ScannerMode::passive, true}});
    EXPECT_TRUE(some.group->state().hearing());
    EXPECT_EQ(some.group->state().sentence, "s1: It is failed. s2: It is passive.");
}

TEST(ScannerGroup, FlagsDiscoveryBeforeAnythingElse) {
    EXPECT_EQ(mode_of({ScannerMode::passive, ScannerMode::discovery_fallback}),
              ScannerMode::discovery_fallback);
    EXPECT_EQ(mode_of({ScannerMode::failed, ScannerMode::starting}), ScannerMode::starting);
    EXPECT_EQ(mode_of({ScannerMode::no_adapter, ScannerMode::failed}), ScannerMode::no_adapter);
}

TEST(ScannerGroup, StartsAllOrNone) {
    Sink sink;
    Group good({{ScannerMode::passive, true}, {ScannerMode::passive, true}});
    EXPECT_TRUE(good.group->start(sink));
    EXPECT_EQ(good.fakes[1]->sink, &sink);
    Group bad({{ScannerMode::passive, true}, {ScannerMode::passive, false}});
    const auto started = bad.group->start(sink);
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().message, "s2: no such adapter");
    EXPECT_EQ(bad.fakes[0]->sink, nullptr);
}

}  // namespace
}  // namespace vitrine::daemon
