#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <sstream>
#include <string>

#include "ctl/commands.hpp"

namespace vitrine::ctl {
namespace {

using testing::HasSubstr;

struct Said {
    int code = 0;
    std::string out;
    std::string err;
};

/// vitrinectl evaluate …, with `input` on standard input.
template <class... Words>
Said evaluate(const std::string& input, Words... words) {
    std::istringstream in(input);
    std::streambuf* const terminal = std::cin.rdbuf(in.rdbuf());
    std::cin.clear();
    const char* const arguments[] = {"vitrinectl", "evaluate", words...};
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    Said said{.code = run(static_cast<int>(std::size(arguments)), arguments)};
    std::cout.flush();
    said.out = testing::internal::GetCapturedStdout();
    said.err = testing::internal::GetCapturedStderr();
    std::cin.rdbuf(terminal);
    return said;
}

const std::string kOffers =
    R"({"offers":[{"id":"tea","features":[1,0]},{"id":7,"features":[0,1]}]})"
    "\n";

TEST(EvaluatePolicy, AnswersAContextWithASlateOfTheWorldsOwnIds) {
    const Said said = evaluate(kOffers +
                                   "{\"context\":[1]}\n{\"rewards\":[0,1]}\n"
                                   "{\"context\":[0]}\n{\"reward\":1}\n",
                               "policy", "--stdio", "--slots", "2");
    EXPECT_EQ(said.code, 0) << said.err;
    EXPECT_EQ(std::count(said.out.begin(), said.out.end(), '\n'), 2);
    EXPECT_THAT(said.out, HasSubstr(R"({"slate":[{"offer":)"));
    EXPECT_THAT(said.out, HasSubstr(R"("offer":"tea")"));
    EXPECT_THAT(said.out, HasSubstr(R"("offer":7)"));
}

TEST(EvaluatePolicy, NamesTheLineThatItCannotTake) {
    const auto mistake = [](const std::string& lines) {
        const Said said = evaluate(lines, "policy", "--stdio");
        EXPECT_EQ(said.code, 1) << lines;
        return said.err;
    };
    EXPECT_THAT(mistake("{\"context\":[1]}\n"),
                HasSubstr("standard input:1: `offers` comes first"));
    EXPECT_THAT(mistake(kOffers + "{\"reward\":1}\n"), HasSubstr(":2: a reward for no slate"));
    EXPECT_THAT(mistake(kOffers + "{\"context\":[1]}\n{\"reward\":0.5}\n"),
                HasSubstr(":3: `reward` is 0 or 1"));
    EXPECT_THAT(mistake(kOffers + "{\"context\":[\"a\"]}\n"), HasSubstr("`context[0]`"));
    EXPECT_THAT(mistake("{\"offers\":[{\"id\":1,\"features\":[]},{\"id\":1,\"features\":[]}]}\n"),
                HasSubstr("`offers[1]`: its `id` is another one's already"));
    std::string many = "{\"offers\":[0";
    for (int i = 0; i < 5000; ++i) many += ",0";
    EXPECT_THAT(mistake(many + "]}\n"), HasSubstr("more than 5000"));
}

TEST(EvaluateLogs, TellsValuesAndAVerdictAsJson) {
    std::string log;
    for (int i = 0; i < 2000; ++i) {
        // Two offers, evenly: the first is rewarded twice as often, and the judged policy knows.
        const bool first = i % 2 == 0;
        log += std::string("{\"p\":0.5,\"target\":") + (first ? "0.9" : "0.1") +
               ",\"reward\":" + (i % (first ? 4 : 8) < 2 ? "1" : "0") + "}\n";
    }
    const Said said = evaluate(log, "logs", "--log", "-", "--json");
    EXPECT_EQ(said.code, 0) << said.err;
    EXPECT_THAT(said.out, HasSubstr(R"("verdict":"better")"));
    EXPECT_THAT(said.out, HasSubstr(R"("choices":2000)"));
    EXPECT_THAT(said.out, HasSubstr(R"("dr":null)"));
}

TEST(EvaluateLogs, NamesFileLineAndField) {
    const Said said =
        evaluate("{\"p\":0.5,\"target\":1,\"reward\":0}\n\n{\"p\":\"x\"}\n", "logs", "--log", "-");
    EXPECT_EQ(said.code, 1);
    EXPECT_THAT(said.err, HasSubstr("-:3: `p` is not a number"));
    EXPECT_THAT(evaluate("", "logs", "--log", "/nowhere.jsonl").err,
                HasSubstr("/nowhere.jsonl: cannot be read"));
}

}  // namespace
}  // namespace vitrine::ctl
