#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/ctl/command.hpp"

namespace vitrine::ctl {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class OffersCheck : public ::testing::Test {
  protected:
    OffersCheck()
        : folder_(std::filesystem::temp_directory_path() /
                  ("vitrine-offers-check-" + std::to_string(::getpid()))) {
        std::filesystem::create_directories(folder_);
    }
    ~OffersCheck() override { std::filesystem::remove_all(folder_); }

    std::string file(const char* name, const std::string& text) const {
        std::ofstream(folder_ / name, std::ios::binary) << text;
        return folder_ / name;
    }
    template <class... Words>
    Said check(Words... words) const {
        return say("offers", "check", words...);
    }
    std::string catalogue(const std::string& offer) const {
        return file("catalogue.json", R"({"format": "vitrine-catalogue-1",
"categories": [{"id": 1, "name": {"fr": "Café"}}],
"offers": [
{"id": 7, "category": 1, "value_kind": "service", )" +
                                          offer + "}]}");
    }

    std::filesystem::path folder_;
};

TEST_F(OffersCheck, SaysWhatIsGoodAndWhereAMistakeIs) {
    const std::string good = catalogue(R"("title": {"fr": "Dégustation"})");
    EXPECT_THAT(check(good.c_str()).out, HasSubstr("good. 1 offers in 1 categories"));
    const std::string bad = catalogue("\n\"title\": {\"en\": \"Tasting\"},\n\"season\": 13");
    const Said said = check(bad.c_str());
    EXPECT_EQ(said.code, 1);
    EXPECT_EQ(said.out, "");
    EXPECT_THAT(said.err, StartsWith("vitrinectl: " + bad + ": 2 mistakes\n"));
    EXPECT_THAT(said.err,
                HasSubstr("\n" + bad + ":5: offers[0].title.fr: the French text is missing"));
    EXPECT_THAT(said.err, HasSubstr("\n" + bad + ":6: offers[0].season: expected"));
    EXPECT_THAT(check("/nowhere/at.all").err, HasSubstr("/nowhere/at.all: cannot be read"));
}

TEST_F(OffersCheck, WithAPolicyItKnowsTheExperiments) {
    const std::string offers =
        catalogue(R"("title": {"fr": "Dégustation"}, "experiment": {"id": "layout", "arm": "c"})");
    const auto policy = [this](const std::string& experiments) {
        return file("policy.json",
                    R"({"format": "vitrine-policy-1", "experiments": [)" + experiments + "]}");
    };
    EXPECT_EQ(check(offers.c_str()).code, 0) << "the policy is another file";
    const auto with = [&](const std::string& experiments) {
        return check(offers.c_str(), "--policy", policy(experiments).c_str());
    };
    EXPECT_THAT(with("").err, HasSubstr("the policy has no experiment 'layout'"));
    EXPECT_THAT(with(R"({"id": "layout", "arms": ["a", "b"], "weights": [1, 1]})").err,
                HasSubstr("has no arm 'c'"));
    EXPECT_EQ(with(R"({"id": "layout", "arms": ["a", "c"], "weights": [1, 1]})").code, 0);
    EXPECT_THAT(with(R"({"id": "layout", "arms": ["a"], "weights": [1]})").err,
                HasSubstr("policy.json:1: experiments[0]: needs at least two arms"));
}

}  // namespace
}  // namespace vitrine::ctl
