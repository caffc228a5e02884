#include "sync/wire/rule_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/offers/rules.hpp"
#include "tests/unit/sync/wire/rule_cases.hpp"

namespace vitrine::wire {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string refusal(std::string_view rule, RuleScope scope) {
    const auto parsed = parse_rule(rule, scope);
    return parsed ? "accepted" : parsed.error().message;
}

TEST(RuleEvaluation, AgreesWithJsonLogicInJavaScript) {
    for (const RuleCase& each : kRuleCases) {
        const auto result = eval_rule_json(each.rule, each.data);
        EXPECT_EQ(result.has_value() ? *result : result.error().message, each.result)
            << each.rule << " on " << each.data;
    }
}

TEST(RuleFormat, ParsesToTheSameRule) {
    for (const RuleCase& each : kRuleCases) {
        const auto rule = parse_rule(each.rule, RuleScope::open);
        ASSERT_TRUE(rule) << each.rule;
        const auto again = parse_rule(format_rule(*rule), RuleScope::open);
        ASSERT_TRUE(again) << format_rule(*rule);
        EXPECT_EQ(*again, *rule) << each.rule << " became " << format_rule(*rule);
    }
    EXPECT_EQ(format_rule({}), "true");
}

TEST(RuleParsing, RefusesAnUnknownOperatorWithItsPlace) {
    EXPECT_EQ(refusal(R"({"and":[true,{"launch":[1]}]})", RuleScope::open),
              "and[1].launch: unknown operator");
    EXPECT_EQ(refusal(R"({"method":["x","length"]})", RuleScope::open), "method: unknown operator");
    EXPECT_THAT(refusal("{\"and\":[", RuleScope::open), HasSubstr("line 1, column"));
}

TEST(RuleParsing, IsBounded) {
    std::string deep;
    for (int i = 0; i < 40; ++i) deep += R"({"!":)";
    EXPECT_THAT(refusal(deep + "1" + std::string(40, '}'), RuleScope::open),
                HasSubstr("nested deeper"));
    std::string wide = "[0";
    for (int i = 0; i < 5000; ++i) wide += ",0";
    EXPECT_THAT(refusal(wide + "]", RuleScope::open), HasSubstr("more than 4096 parts"));
    EXPECT_EQ(parse_rule(std::string(kRuleBytesMax + 1, ' '), RuleScope::open).error().code,
              ErrorCode::exhausted);
}

TEST(DeclaredRule, MayAskForDeclaredFieldsOnly) {
    for (const auto& field : offers::declared_fields()) {
        const std::string name = std::string(field.name) + (field.name.ends_with('.') ? "12" : "");
        const std::string rule = R"({"!!":{"var":")" + name + R"("}})";
        const auto parsed = parse_rule(rule, RuleScope::declared);
        ASSERT_TRUE(parsed) << parsed.error().message;
        EXPECT_EQ(parsed->nodes.front().field, offers::slot_of(name));
        EXPECT_EQ(format_rule(*parsed), R"({"!!":[{"var":")" + name + R"("}]})");
    }
    EXPECT_EQ(refusal(R"({"==":[{"var":"shoe_size"},42]})", RuleScope::declared),
              "==[0].var: 'shoe_size' is no field of a rule");
    EXPECT_THAT(refusal(R"({"var":""})", RuleScope::declared), HasSubstr("is no field"));
    EXPECT_THAT(refusal(R"({"var":{"cat":["a","b"]}})", RuleScope::declared),
                HasSubstr("the name of a field is a text here"));
    EXPECT_THAT(refusal(R"({"missing":["shoe_size"]})", RuleScope::declared),
                HasSubstr("only names of fields"));
    EXPECT_THAT(refusal(R"({"missing":{"var":"x"}})", RuleScope::declared),
                HasSubstr("only names of fields"));
}

TEST(DeclaredRule, MayAskForTheElementInsideAList) {
    const std::string field(offers::declared_fields().front().name);
    const auto some = [&field](const std::string& condition) {
        return R"({"some":[[1,2],)" + condition + "]}";
    };
    EXPECT_EQ(refusal(some(R"({"==":[{"var":""},2]})"), RuleScope::declared), "accepted");
    EXPECT_THAT(refusal(some(R"({"var":"other"})"), RuleScope::declared),
                StartsWith("some[1].var: in a list, only"));
    EXPECT_EQ(refusal(R"({"reduce":[[1],{"+":[{"var":"current"},{"var":"accumulator"}]},0]})",
                      RuleScope::declared),
              "accepted");
}

TEST(DeclaredRule, HasNoObjectsThatAreNoOperation) {
    EXPECT_THAT(refusal(R"({"if":[true,{"a":1,"b":2}]})", RuleScope::declared),
                StartsWith("if[1]: an object of a rule has exactly one member"));
    EXPECT_THAT(refusal(R"({"log":1})", RuleScope::declared), HasSubstr("unknown operator"));
}

TEST(RuleEvaluation, NamesTheSideThatIsNotJson) {
    EXPECT_THAT(eval_rule_json("{", "{}").error().message, StartsWith("rule: "));
    EXPECT_THAT(eval_rule_json("1", "{\"a\":}").error().message, StartsWith("data: "));
}

}  // namespace
}  // namespace vitrine::wire
