#include <filesystem>
#include <fstream>
#include <sstream>

#include <unistd.h>

#include "tests/unit/ctl/command.hpp"

namespace vitrine::ctl {
namespace {

class Import : public ::testing::Test {
  protected:
    void SetUp() override { std::filesystem::create_directories(folder_); }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string path(const std::string& file) const { return (folder_ / file).string(); }
    std::string put(const std::string& file, const std::string& text) const {
        std::ofstream(path(file), std::ios::binary) << text;
        return path(file);
    }
    std::string read(const std::string& file) const {
        std::ifstream in(path(file), std::ios::binary);
        std::ostringstream text;
        text << in.rdbuf();
        return text.str();
    }
    template <class... Words>
    Said import(const char* what, const std::string& file, Words... words) const {
        return say("import", what, file.c_str(), "--state", folder_.c_str(), words...);
    }

    const std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("vitrine-ctl-" + std::to_string(::getpid()));
};

constexpr const char* kMembers =
    "member;identity_key;level;language\n"
    "00000000000000a1;000102030405060708090a0b0c0d0e0f;full;fr\n";

TEST_F(Import, TellsEachRefusedRowAndPutsItAsideToBeMended) {
    const Said members = import("members", put("m.csv", kMembers));
    EXPECT_EQ(members.code, 0) << members.err;
    EXPECT_NE(members.out.find("m.csv: 1 of 1 rows taken"), std::string::npos) << members.out;
    const std::string file = put("p.csv",
                                 "member,day,product,category\n"
                                 "00000000000000a1,2024-09-01,1,41\n"
                                 "00000000000000a1,2099-09-01,1,41\n");
    const Said said = import("purchases", file);
    EXPECT_EQ(said.code, 1);
    EXPECT_NE(said.err.find("p.csv:3: day: is in the future"), std::string::npos) << said.err;
    EXPECT_NE(said.out.find("impossible         1  refused  day is in the future (line 3)"),
              std::string::npos)
        << said.out;
    EXPECT_NE(said.out.find("100.0%           quantity (may be)"), std::string::npos) << said.out;
    EXPECT_EQ(read("p.refused.csv"),
              "member,day,product,category\n00000000000000a1,2099-09-01,1,41\n");
    const Said again = import("purchases", file, "--resume");
    EXPECT_NE(again.out.find("is all in already"), std::string::npos) << again.out;
}

TEST_F(Import, ADryRunWithAReportWritesTheReportAlone) {
    const std::string report = path("report.json");
    const Said said =
        import("members", put("m.csv", kMembers), "--dry-run", "--report", report.c_str());
    EXPECT_EQ(said.code, 0) << said.err;
    EXPECT_NE(said.out.find("1 of 1 rows would be taken"), std::string::npos) << said.out;
    EXPECT_NE(read("report.json").find("\"taken\": 1"), std::string::npos);
    const Said after = import("members", path("m.csv"), "--resume");
    EXPECT_NE(after.out.find("1 of 1 rows taken"), std::string::npos) << "nothing was in";
}

TEST_F(Import, WhoWasErasedIsNotEnrolledAgain) {
    const std::string file = put("m.csv", kMembers);
    EXPECT_EQ(import("members", file).code, 0);
    const auto erase = [this](const char* member, const char* other = "00000000000000b2") {
        return say("erase", member, other, "--state", folder_.c_str());
    };
    const Said wrong = erase("00000000000000a1", "b2");
    EXPECT_EQ(wrong.code, 1);
    EXPECT_NE(wrong.err.find("b2: expected 16 hexadecimal digits"), std::string::npos) << wrong.err;
    EXPECT_NE(erase("0000000000000000").err.find("0 is nobody"), std::string::npos);
    const Said said = erase("00000000000000a1");
    EXPECT_EQ(said.code, 0) << said.err;
    EXPECT_EQ(said.out,
              "00000000000000a1: erased\n"
              "00000000000000b2: was not enrolled; never can be again\n");
    EXPECT_EQ(erase("00000000000000a1").out.find("00000000000000a1: was not enrolled"), 0u);
    const Said again = import("members", file);
    EXPECT_EQ(again.code, 1);
    EXPECT_NE(again.err.find("m.csv:2: "), std::string::npos) << again.err;
}

TEST_F(Import, AKindThatIsNoneIsWrongUsage) {
    EXPECT_EQ(import("colours", put("m.csv", kMembers)).code, 2);
    EXPECT_NE(import("members", path("none.csv")).err.find("cannot be read"), std::string::npos);
}

}  // namespace
}  // namespace vitrine::ctl
