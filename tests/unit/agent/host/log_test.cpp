#include "agent/host/log.hpp"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/base/bytes.hpp"
#include "agent/base/utf8.hpp"
#include "tests/unit/agent/host/fake_clock.hpp"

namespace vitrine::host {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using namespace std::chrono_literals;

// What must never be logged does not compile as a field.
static_assert(Loggable<int> && Loggable<double> && Loggable<std::string> && Loggable<KioskId>);
static_assert(!Loggable<MemberId> && !Loggable<DecisionId> && !Loggable<Bytes> &&
              !Loggable<Digest> && !Loggable<char> && !Loggable<const void*>);

class LogTest : public testing::Test {
  protected:
    LogTest() : file_(std::tmpfile(), &std::fclose) {}

    Log::Options options(Log::Format format, Level level = Level::info) {
        return {.level = level, .format = format, .fd = fileno(file_.get())};
    }

    std::vector<std::string> lines() {
        std::rewind(file_.get());
        std::vector<std::string> all;
        std::string line;
        for (int c = std::fgetc(file_.get()); c != EOF; c = std::fgetc(file_.get())) {
            if (c != '\n') {
                line += static_cast<char>(c);
                continue;
            }
            all.push_back(std::exchange(line, {}));
        }
        EXPECT_TRUE(line.empty()) << "the last line is whole";
        return all;
    }

    FakeClock clock_;
    std::unique_ptr<FILE, int (*)(FILE*)> file_;
};

TEST_F(LogTest, WritesPrioritiesAndFieldsForTheJournal) {
    Log log(clock_, options(Log::Format::journal, Level::debug));
    log.debug("a");
    log.info("scanner started", {{"scanner", ScannerId("door")}, {"adverts", 3U}, {"share", 0.25}});
    log.notice("b", {{"ok", true}, {"offset", -4}, {"took", 1500us}});
    log.warning("c", {{"empty", ""}, {"text", "two words"}});
    log.error("d", {{"reason", std::string("a=\"b\"")}});
    EXPECT_THAT(lines(),
                ElementsAre("<7>a", "<6>scanner started scanner=door adverts=3 share=0.25",
                            "<5>b ok=true offset=-4 took=1.5", "<4>c empty=\"\" text=\"two words\"",
                            "<3>d reason=\"a=\\\"b\\\"\""));
}

TEST_F(LogTest, WritesTimeAndLevelForPeople) {
    Log log(clock_, options(Log::Format::human));
    log.warning("disk low", {{"free_bytes", 10}});
    EXPECT_THAT(
        lines(),
        ElementsAre(MatchesRegex("2023-11-1[45] ..:13:20.000 warning disk low free_bytes=10")));
}

TEST_F(LogTest, ChoosesTheJournalOnlyForItsOwnStream) {
    struct stat status {};
    ASSERT_EQ(fstat(fileno(file_.get()), &status), 0);
    const std::string stream = std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
    setenv("JOURNAL_STREAM", stream.c_str(), 1);
    Log(clock_, options(Log::Format::automatic)).info("here");
    setenv("JOURNAL_STREAM", "1:1", 1);
    Log(clock_, options(Log::Format::automatic)).info("elsewhere");
    unsetenv("JOURNAL_STREAM");
    EXPECT_THAT(lines(), ElementsAre("<6>here", HasSubstr(" info    elsewhere")));
}

TEST_F(LogTest, KeepsHostileTextOnOneLineAndShort) {
    Log log(clock_, options(Log::Format::journal));
    log.info("x", {{"text", "a\n<0>forged\x7f"}, {"long", std::string(5000, 'y')}});
    const auto all = lines();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_THAT(all[0], HasSubstr("text=a\\x0a<0>forged\\x7f"));
    EXPECT_LT(all[0].size(), 600U);
}

TEST_F(LogTest, StaysInUtf8WhateverAForeignTextHolds) {
    Log log(clock_, options(Log::Format::journal));
    log.info("x",
             {{"text", "d\xe9j\xc3\xa0"}, {"terminal", "\xc2\x9b\x33m"}, {"half", "\xe2\x82"}});
    log.info("y", {{"cut", std::string(511, 'y') + "\xc3\xa9 and more"}});
    const auto all = lines();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0], "<6>x text=d\\xe9j\xc3\xa0 terminal=\\xc2\\x9b3m half=\\xe2\\x82");
    for (const std::string& line : all) EXPECT_EQ(first_not_utf8(line), line.size()) << line;
}

TEST_F(LogTest, LeavesOutWhatIsBelowItsLevel) {
    Log log(clock_, options(Log::Format::journal, Level::warning));
    log.notice("quiet");
    log.warning("loud");
    EXPECT_THAT(lines(), ElementsAre("<4>loud"));
}

TEST_F(LogTest, LimitsARepeatedWarningByItsCallSite) {
    Log log(clock_, options(Log::Format::journal));
    const auto broken = [&] { log.warning("broker gone"); };
    for (int i = 0; i < 100; ++i) broken();
    log.warning("another site");
    EXPECT_EQ(lines().size(), 6U);
    clock_.instant += 10s;
    broken();
    const auto all = lines();
    ASSERT_EQ(all.size(), 7U);
    EXPECT_THAT(all.back(), EndsWith("broker gone suppressed=95"));
}

TEST_F(LogTest, NeverLimitsWhatIsNormal) {
    Log log(clock_, options(Log::Format::journal));
    for (int i = 0; i < 50; ++i) log.info("visit");
    EXPECT_EQ(lines().size(), 50U);
}

TEST(Log, ReadsLevels) {
    EXPECT_EQ(Log::parse_level("notice").value(), Level::notice);
    EXPECT_FALSE(Log::parse_level("loud").has_value());
}

}  // namespace
}  // namespace vitrine::host
