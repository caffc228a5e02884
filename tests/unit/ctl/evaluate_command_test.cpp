#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <iostream>
#include <sstream>
#include <string>

#include "tests/unit/ctl/command.hpp"
#include "tests/unit/ctl/retail_files.hpp"

namespace vitrine::ctl {
namespace {

using ::testing::HasSubstr;

/// vitrinectl evaluate …, with `input` on standard input.
template <class... Words>
Said evaluate(const std::string& input, Words... words) {
    std::istringstream in(input);
    std::streambuf* const terminal = std::cin.rdbuf(in.rdbuf());
    std::cin.clear();
    Said said = say("evaluate", words...);
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

/// vitrinectl evaluate offers on these files.
Said evaluate_offers(const OfferFiles& files, const char* date) {
    return evaluate("", "offers", "--products", files.products.c_str(), "--purchases",
                    files.purchases.c_str(), "--offers", files.offers.c_str(), "--exposures",
                    files.exposures.c_str(), "--redemptions", files.redemptions.c_str(),
                    "--campaigns", files.campaigns.c_str(), "--train-until", date, "--json");
}

TEST(EvaluateOffers, TellsOneJsonObjectAndNamesBadRows) {
    testing::RetailFiles town;
    town.purchases.push_back("m1,p99,2017-02-02,1,1");
    const Said said = evaluate_offers(town.files(), "2017-04-01");
    EXPECT_EQ(said.code, 0) << said.err;
    const auto out = nlohmann::json::parse(said.out);
    EXPECT_EQ(out["trained"]["outcomes"], 480);
    EXPECT_EQ(out["judged"]["members"], 60);
    EXPECT_GT(out["engine"]["mrr"]["value"].get<double>(),
              out["random"]["mrr"]["value"].get<double>());
    EXPECT_LT(out["engine"]["auc"]["low"].get<double>(),
              out["engine"]["auc"]["high"].get<double>());
    EXPECT_EQ(out["files"].size(), 6U);
    EXPECT_THAT(said.err,
                HasSubstr("purchases.csv:1202: product_id 'p99' is not among the products"));
}

TEST(EvaluateOffers, SaysWhyItCannotJudge) {
    const testing::RetailFiles town;
    EXPECT_THAT(evaluate_offers(town.files(), "8 May").err,
                HasSubstr("--train-until: '8 May' is not a date"));
    EXPECT_THAT(evaluate_offers(town.files(), "2016-01-01").err,
                HasSubstr("there is nothing to learn from"));
    EXPECT_THAT(evaluate_offers(town.files(), "2018-01-01").err,
                HasSubstr("nothing that was shown from the date on was redeemed"));
}

}  // namespace
}  // namespace vitrine::ctl
