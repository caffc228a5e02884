#include "agent/offers/rules.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/agent/offers/rule_builder.hpp"

namespace vitrine::offers {
namespace {

using namespace testing;

std::string run(const Term& term, const RuleData& data = PathData()) {
    RuleScratch scratch;
    return show(evaluate(rule_of(term), data, scratch));
}

RuleValue number(double value) { return {.kind = RuleValue::Kind::number, .number = value}; }
RuleValue words(std::string_view value) { return {.kind = RuleValue::Kind::text, .text = value}; }

// Expected values are those of json-logic-js 2.0.5.

TEST(Rules, AnEmptyRuleAdmitsEveryone) {
    RuleScratch scratch;
    EXPECT_TRUE(is_truthy(evaluate(Rule{}, PathData(), scratch)));
}

TEST(Rules, TruthIsJsonLogics) {
    EXPECT_EQ(run(call(RuleOp::truthy, {text("0")})), "true");
    EXPECT_EQ(run(call(RuleOp::truthy, {text("")})), "false");
    EXPECT_EQ(run(call(RuleOp::truthy, {list({})})), "false");
    EXPECT_EQ(run(call(RuleOp::truthy, {list({num(0)})})), "true");
    EXPECT_EQ(run(call(RuleOp::truthy, {num(std::nan(""))})), "false");
    EXPECT_EQ(run(call(RuleOp::not_, {null()})), "true");
    EXPECT_EQ(run(call(RuleOp::not_, {})), "true");
}

TEST(Rules, LooseEqualityConvertsAsJavaScriptDoes) {
    const auto equal = [](Term one, Term other) {
        return run(call(RuleOp::equal, {std::move(one), std::move(other)}));
    };
    EXPECT_EQ(equal(num(1), text("1")), "true");
    EXPECT_EQ(equal(num(1), text(" 1.0 ")), "true");
    EXPECT_EQ(equal(num(0), text("")), "true");
    EXPECT_EQ(equal(num(31), text("0x1f")), "true");
    EXPECT_EQ(equal(num(1), text("1x")), "false");
    EXPECT_EQ(equal(num(0), null()), "false");
    EXPECT_EQ(equal(no(), num(0)), "true");
    EXPECT_EQ(equal(yes(), text("1")), "true");
    EXPECT_EQ(equal(list({num(1), num(2)}), text("1,2")), "true");
    EXPECT_EQ(equal(list({}), no()), "true");
    EXPECT_EQ(equal(list({num(1)}), list({num(1)})), "false");
    EXPECT_EQ(equal(null(), var("nowhere")), "true");
    EXPECT_EQ(run(call(RuleOp::strict_equal, {num(1), text("1")})), "false");
    EXPECT_EQ(run(call(RuleOp::strict_not_equal, {num(1), text("1")})), "true");
    EXPECT_EQ(run(call(RuleOp::not_equal, {num(1), text("1")})), "false");
}

TEST(Rules, ComparisonConvertsAndKnowsBetween) {
    const auto less = [](std::vector<Term> terms) { return run(call(RuleOp::less, terms)); };
    EXPECT_EQ(less({num(1), num(2), num(3)}), "true");
    EXPECT_EQ(less({num(1), num(1), num(3)}), "false");
    EXPECT_EQ(less({num(1), num(4), num(3)}), "false");
    EXPECT_EQ(less({text("10"), text("9")}), "true") << "two texts compare by their characters";
    EXPECT_EQ(less({text("10"), num(9)}), "false");
    EXPECT_EQ(less({null(), num(1)}), "true");
    EXPECT_EQ(less({text("x"), num(1)}), "false");
    EXPECT_EQ(run(call(RuleOp::greater_equal, {text("x"), num(1)})), "false");
    EXPECT_EQ(run(call(RuleOp::less_equal, {num(1), num(1), num(3)})), "true");
    EXPECT_EQ(run(call(RuleOp::greater, {num(2)})), "false") << "undefined compares as NaN";
}

TEST(Rules, AddAndMultiplyReadNumbersOffTheFrontOfATextOthersConvertAllOfIt) {
    EXPECT_EQ(run(call(RuleOp::add, {text("3.14"), num(1)})), "4.14");
    EXPECT_EQ(run(call(RuleOp::add, {text("3 apples"), text("2")})), "5");
    EXPECT_EQ(run(call(RuleOp::add, {})), "0");
    EXPECT_EQ(run(call(RuleOp::multiply, {text("2x"), num(3)})), "6");
    EXPECT_EQ(run(call(RuleOp::multiply, {text("2")})), "\"2\"");
    EXPECT_EQ(run(call(RuleOp::subtract, {text("3"), num(1)})), "2");
    EXPECT_EQ(run(call(RuleOp::subtract, {num(3)})), "-3");
    EXPECT_EQ(run(call(RuleOp::divide, {num(4), num(2)})), "2");
    EXPECT_EQ(run(call(RuleOp::modulo, {num(-7), num(3)})), "-1");
    EXPECT_EQ(run(call(RuleOp::max, {num(1), text("3"), num(2)})), "3");
    EXPECT_EQ(run(call(RuleOp::min, {num(1), null()})), "0");
    EXPECT_EQ(run(call(RuleOp::truthy, {call(RuleOp::max, {text("x"), num(2)})})), "false");
}

TEST(Rules, AndAndOrGiveTheDecidingValue) {
    EXPECT_EQ(run(call(RuleOp::and_, {num(1), text(""), num(3)})), "\"\"");
    EXPECT_EQ(run(call(RuleOp::and_, {num(1), num(3)})), "3");
    EXPECT_EQ(run(call(RuleOp::or_, {num(0), list({}), text("a")})), "\"a\"");
    EXPECT_EQ(run(call(RuleOp::or_, {no(), num(0)})), "0");
}

TEST(Rules, IfHasAnyNumberOfBranches) {
    EXPECT_EQ(run(call(RuleOp::if_, {})), "null");
    EXPECT_EQ(run(call(RuleOp::if_, {text("a")})), "\"a\"");
    EXPECT_EQ(run(call(RuleOp::if_, {no(), text("a")})), "null");
    EXPECT_EQ(run(call(RuleOp::if_, {no(), num(1), no(), num(2), num(3)})), "3");
    EXPECT_EQ(run(call(RuleOp::if_, {no(), num(1), yes(), num(2), num(3)})), "2");
}

TEST(Rules, VarFindsPathsDefaultsAndElements) {
    const std::vector<RuleValue> items{number(7), words("é!")};
    const PathData data({{"a.b", number(1)},
                         {"none", {}},
                         {"word", words("été")},
                         {"list", {.kind = RuleValue::Kind::list, .list = items}}});
    EXPECT_EQ(run(var("a.b"), data), "1");
    EXPECT_EQ(run(var("z", num(9)), data), "9");
    EXPECT_EQ(run(var("word.1"), data), "\"t\"");
    EXPECT_EQ(run(var("word.3"), data), "null");
    EXPECT_EQ(run(var("word.length"), data), "3");
    EXPECT_EQ(run(var("none", num(9)), data), "null") << "null is there";
    EXPECT_EQ(run(var("z"), data), "null");
    EXPECT_EQ(run(call(RuleOp::var_computed, {call(RuleOp::cat, {text("a."), text("b")})}), data),
              "1");
    EXPECT_EQ(run(call(RuleOp::map, {list({list({num(4), num(5)})}), var("1")}), data), "[5]");
    EXPECT_EQ(run(call(RuleOp::map, {var("list"), var("0")}), data), "[null,\"é\"]");
}

TEST(Rules, ListsAreWalkedWithTheirElementsAsScope) {
    const Term numbers = list({num(1), num(2), num(3)});
    const Term odd = call(RuleOp::modulo, {var(""), num(2)});
    EXPECT_EQ(run(call(RuleOp::map, {numbers, call(RuleOp::multiply, {var(""), num(2)})})),
              "[2,4,6]");
    EXPECT_EQ(run(call(RuleOp::filter, {numbers, odd})), "[1,3]");
    EXPECT_EQ(run(call(RuleOp::all, {numbers, odd})), "false");
    EXPECT_EQ(run(call(RuleOp::some, {numbers, odd})), "true");
    EXPECT_EQ(run(call(RuleOp::none, {numbers, call(RuleOp::greater, {var(""), num(3)})})), "true");
    EXPECT_EQ(run(call(RuleOp::all, {list({}), yes()})), "false");
    EXPECT_EQ(run(call(RuleOp::none, {list({}), yes()})), "true");
    EXPECT_EQ(run(call(RuleOp::map, {null(), var("")})), "[]");
    const Term sum = call(RuleOp::add, {var("current"), var("accumulator")});
    EXPECT_EQ(run(call(RuleOp::reduce, {numbers, sum, num(10)})), "16");
    EXPECT_EQ(run(call(RuleOp::reduce, {null(), sum, num(10)})), "10");
    EXPECT_EQ(run(call(RuleOp::reduce, {null(), sum})), "null");
}

TEST(Rules, TextsAreJoinedCutAndSearched) {
    EXPECT_EQ(run(call(RuleOp::cat, {text("a"), num(1.5), null(), yes(), list({num(1), num(2)})})),
              "\"a1.5true1,2\"");
    EXPECT_EQ(run(call(RuleOp::cat, {num(1e21), text(" "), num(1e-7), text(" "), num(100000)})),
              "\"1e+21 1e-7 100000\"");
    EXPECT_EQ(run(call(RuleOp::cat, {num(123456789012345680000.0), num(-0.000001)})),
              "\"123456789012345680000-0.000001\"");
    EXPECT_EQ(run(call(RuleOp::substr, {text("jsonlogic"), num(4)})), "\"logic\"");
    EXPECT_EQ(run(call(RuleOp::substr, {text("jsonlogic"), num(-5)})), "\"logic\"");
    EXPECT_EQ(run(call(RuleOp::substr, {text("jsonlogic"), num(1), num(3)})), "\"son\"");
    EXPECT_EQ(run(call(RuleOp::substr, {text("jsonlogic"), num(4), num(-2)})), "\"log\"");
    EXPECT_EQ(run(call(RuleOp::substr, {text("crème"), num(-3), num(2)})), "\"èm\"");
    EXPECT_EQ(run(call(RuleOp::in, {text("Spring"), text("Springfield")})), "true");
    EXPECT_EQ(run(call(RuleOp::in, {num(1), list({text("1")})})), "false");
    EXPECT_EQ(run(call(RuleOp::in, {num(1), list({num(1)})})), "true");
    EXPECT_EQ(run(call(RuleOp::in, {num(1), null()})), "false");
    EXPECT_EQ(run(call(RuleOp::merge, {num(1), list({num(2), list({num(3)})})})), "[1,2,[3]]");
}

TEST(Rules, MissingNamesWhatIsNotThere) {
    const PathData data({{"a", words("apple")}, {"b", words("")}, {"c", {}}});
    EXPECT_EQ(run(call(RuleOp::missing, {text("a"), text("b"), text("c"), text("d")}), data),
              "[\"b\",\"c\",\"d\"]");
    EXPECT_EQ(run(call(RuleOp::missing, {list({text("a"), text("d")})}), data), "[\"d\"]");
    const Term keys = list({text("a"), text("b"), text("d")});
    EXPECT_EQ(run(call(RuleOp::missing_some, {num(1), keys}), data), "[]");
    EXPECT_EQ(run(call(RuleOp::missing_some, {num(2), keys}), data), "[\"b\",\"d\"]");
}

TEST(Rules, WorkAndDepthHaveALimit) {
    Term deep = num(1);
    for (int i = 0; i < 200; ++i) deep = call(RuleOp::not_, {deep});
    EXPECT_EQ(run(deep), "null");

    std::vector<Term> hundred(100, num(1));
    Term nested = num(1);
    for (int i = 0; i < 5; ++i) nested = call(RuleOp::map, {list(hundred), nested});
    EXPECT_EQ(run(nested), "null") << "ten thousand million steps must not be taken";

    const Term doubled = call(RuleOp::cat, {var("accumulator"), var("accumulator")});
    EXPECT_EQ(run(call(RuleOp::reduce, {list(hundred), doubled, text("xy")})), "null");
}

TEST(Rules, AValueOfOneEvaluationDoesNotLeakIntoTheNext) {
    RuleScratch scratch;
    const Rule joins = rule_of(call(RuleOp::cat, {text("first"), num(1)}));
    const Rule other = rule_of(call(RuleOp::cat, {text("second"), num(2)}));
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(show(evaluate(joins, PathData(), scratch)), "\"first1\"");
        EXPECT_EQ(show(evaluate(other, PathData(), scratch)), "\"second2\"");
    }
}

TEST(RuleFields, NamesAreResolvedOnceAndUnknownOnesRefused) {
    EXPECT_TRUE(slot_of("hour").has_value());
    EXPECT_TRUE(slot_of("days_since_bought.12").has_value());
    EXPECT_NE(slot_of("days_since_bought.12"), slot_of("days_since_bought.13"));
    EXPECT_NE(slot_of("days_since_bought.12"), slot_of("purchases.12"));
    for (const char* name : {"", "hours", "hour.1", "days_since_bought", "days_since_bought.",
                             "days_since_bought.0", "days_since_bought.65536", "favourite.-1",
                             "favourite.1x", "days_since_product.4294967296"}) {
        EXPECT_FALSE(slot_of(name).has_value()) << name;
    }
    for (const RuleField& each : declared_fields()) {
        EXPECT_FALSE(each.meaning.empty());
        const std::string name = std::string(each.name) + (each.name.ends_with('.') ? "7" : "");
        EXPECT_TRUE(slot_of(name).has_value()) << name;
    }
}

}  // namespace
}  // namespace vitrine::offers
