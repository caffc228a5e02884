#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "sync/wire/catalogue_json.hpp"
#include "sync/wire/policy_json.hpp"
#include "sync/wire/rfc3339.hpp"

namespace vitrine::wire {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

/// A catalogue with these offers, each on a line of its own, the first on line 5. Category 40 and
/// 41 below it are sensitive.
std::string with(const std::vector<std::string>& offers) {
    std::string json = R"({"format": "vitrine-catalogue-1",
 "categories": [{"id": 10, "name": {"fr": "Épicerie"}}, {"id": 11, "parent": 10, "name": {"fr": "Café"}},
  {"id": 40, "sensitive": true, "name": {"fr": "Santé"}}, {"id": 41, "parent": 40, "name": {"fr": "Tests"}}],
 "offers": [)";
    for (std::size_t i = 0; i < offers.size(); ++i) {
        json += std::string(i == 0 ? "\n" : ",\n") + R"({"id": )" + std::to_string(100 + i) +
                R"(, "category": 11, )" + offers[i] + "}";
    }
    return json + "\n]}";
}

constexpr const char* kTitle = R"("title": {"fr": "Café en grains"}, )";
const std::string kPrice = std::string(kTitle) + R"("value_kind": "price", "price_cents": 399)";

std::vector<std::string> problems(const std::string& json) {
    std::vector<std::string> lines;
    for (const Problem& each : check_catalogue(json)) lines.push_back(line_of(each, "c.json"));
    return lines;
}
std::vector<std::string> found_in(const std::vector<std::string>& offers) {
    return problems(with(offers));
}

TEST(CatalogueCheck, NamesTheLineOfEachMistake) {
    EXPECT_THAT(
        found_in({kPrice, kPrice + R"(, "season": 13)",
                  R"("title": {"en": "Beans"}, "value_kind": "service")"}),
        ElementsAre(StartsWith("c.json:6: offers[1].season: expected"),
                    StartsWith("c.json:7: offers[2].title.fr: the French text is missing")));
    std::string spread = with({kPrice + ",\n\n  \"caps\":\n  {\n   \"per_day\": 3}"});
    EXPECT_THAT(problems(spread),
                ElementsAre(StartsWith("c.json:9: offers[0].caps.per_day: unknown field")));
    EXPECT_THAT(problems("{\n\"format\": 1,\n\"format\": 2}"),
                ElementsAre(AllOf(StartsWith("c.json:3: "), HasSubstr("stands twice"))));
    EXPECT_THAT(problems("{\n\n oops"), ElementsAre(StartsWith("c.json:3: parse error at line 3")));
    EXPECT_THAT(problems("[]"), ElementsAre(StartsWith("c.json:1: expected an object")));
}

TEST(CatalogueCheck, NamesWithEscapesDotsAndBracketsDoNotMisleadTheLine) {
    const std::string odd = kPrice +
                            ",\n\"segment\": {\"==\": [\n{\"var\": [\"a\\\"]}[.b\",\n 1]},\n"
                            "\"x\"]},\n\"season\": 99";
    EXPECT_THAT(found_in({odd}), ElementsAre(StartsWith("c.json:7: offers[0].segment.==[0].var: "),
                                             StartsWith("c.json:10: offers[0].season")));
}

TEST(CatalogueCheck, ReadsAndWritesEveryFieldOfACampaign) {
    const auto read = decode_catalogue(with({kPrice + R"(, "also": [40, 10], "products": [9, 4],
        "price_tier": "premium", "reward": "bought", "reward_window_hours": 48, "season": 3,
        "cool_down_days": 30, "budget": 500, "experiment": {"id": "layout", "arm": "b"})"}));
    ASSERT_TRUE(read) << read.error().message;
    const profiles::Offer& offer = read->offers.front();
    EXPECT_THAT(offer.also, ElementsAre(CategoryId(10), CategoryId(40)));
    EXPECT_THAT(offer.products, ElementsAre(ProductId(4), ProductId(9)));
    EXPECT_EQ(offer.price_tier, 3);
    EXPECT_EQ(offer.reward, profiles::Reward::bought);
    EXPECT_EQ(offer.cool_down_days, 30);
    EXPECT_EQ(offer.budget, 500U);
    EXPECT_EQ(offer.experiment, "layout");
    EXPECT_EQ(offer.arm, "b");
    const auto again = decode_catalogue(encode_catalogue(*read).value());
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, *read);
    for (const char* reward : {"opened", "saved", "claimed", "bought"}) {
        const auto one =
            decode_catalogue(with({kPrice + R"(, "reward": ")" + reward + R"(")"})).value();
        EXPECT_EQ(decode_catalogue(encode_catalogue(one).value()).value(), one);
    }
}

TEST(CatalogueCheck, BoundsEveryFieldOfACampaign) {
    const auto refused = [](const std::string& fields) {
        const auto found = check_catalogue(with({kPrice + ", " + fields}));
        return found.size() == 1 ? found[0].path.substr(10) : std::to_string(found.size());
    };
    EXPECT_EQ(refused(R"("price_tier": "cheap")"), "price_tier");
    EXPECT_EQ(refused(R"("reward": "seen")"), "reward");
    EXPECT_EQ(refused(R"("cool_down_days": 366)"), "cool_down_days");
    EXPECT_EQ(refused(R"("budget": 0)"), "budget");
    EXPECT_EQ(refused(R"("budget": 4294967296)"), "budget");
    EXPECT_EQ(refused(R"("experiment": "layout")"), "experiment");
    EXPECT_EQ(refused(R"("experiment": {"id": "Big Test", "arm": "b"})"), "experiment.id");
    EXPECT_EQ(refused(R"("experiment": {"id": "layout"})"), "2");
    EXPECT_EQ(refused(R"("experiment": {"id": "layout", "arm": ""})"), "experiment.arm");
    EXPECT_EQ(refused(R"("also": [11])"), "also");
    EXPECT_EQ(refused(R"("also": [77])"), "also");
    EXPECT_EQ(refused(R"("also": [10, 10])"), "also");
}

TEST(CatalogueCheck, ATextThatAnnouncesAReductionIsOne) {
    const auto found = [](const std::string& title, const std::string& rest = "") {
        return found_in({R"("title": {"fr": ")" + title +
                         R"("}, "value_kind": "price", "price_cents": 399)" + rest});
    };
    for (const char* title : {"-20 % sur le café", "Café −20%", "Café (- 20 %)", "20 % de remise",
                              "3,50 € de réduction", "Beans, 20% off", "€5 off",
                              "Café au lieu de 4,99 €", "instead of €5", "– 20\u202f% sur tout"}) {
        EXPECT_THAT(found(title), ElementsAre(HasSubstr("announces a reduction"))) << title;
        EXPECT_THAT(found(title, R"(, "prior_price_cents": 499)"), IsEmpty()) << title;
    }
    for (const char* title : {"Chocolat noir 70 %", "Chocolat - 70 % de cacao", "De 20 - 30 %",
                              "20 % offerts", "Demi-sel", "Du miel au lieu de sucre", "500 g"}) {
        EXPECT_THAT(found(title), IsEmpty()) << title;
    }
    EXPECT_THAT(found_in({R"("title": {"fr": "Café"}, "detail": {"fr": "Soit 1 € de réduction"},
                              "value_kind": "points", "value": 100)"}),
                ElementsAre(HasSubstr("offers[0].detail.fr: \"1 € de réduction\" announces")));
    EXPECT_THAT(
        found_in({R"("title": {"fr": "-50 % sur le deuxième"}, "value_kind": "multi_buy")"}),
        IsEmpty());
    EXPECT_THAT(found_in({std::string(kTitle) + R"("value_kind": "amount_off", "value": 500,
                              "prior_price_cents": 500)"}),
                ElementsAre(HasSubstr("takes off all of the price before")));
}

TEST(CatalogueCheck, ASegmentCannotAskForWhatIsProtected) {
    const auto found = [](const std::string& name) {
        return found_in({kPrice + R"(, "segment": {"==": [{"var": ")" + name + R"("}, 1]})"});
    };
    for (const auto& [name, what] : std::initializer_list<std::pair<const char*, const char*>>{
             {"age", "age"},
             {"birthDate", "age"},
             {"date_de_naissance", "age"},
             {"member.sexe", "sex or gender"},
             {"gender", "sex or gender"},
             {"civilité", "sex or gender"},
             {"NATIONALITÉ", "origin"},
             {"ethnic_origin", "origin"},
             {"religion", "religion"},
             {"halal", "religion"},
             {"état_de_santé", "health"},
             {"handicap", "disability"},
             {"is_pregnant", "pregnancy"},
             {"enceinte", "pregnancy"},
             {"sexual_orientation", "orientation"},
             {"opinion_politique", "political"},
             {"syndiqué", "union"},
             {"revenu_mensuel", "income"},
             {"situation_familiale", "family"},
             {"maritalStatus", "family"},
             {"children.count", "family"},
             {"code_postal", "residence"}}) {
        EXPECT_THAT(found(name), ElementsAre(AllOf(HasSubstr("offers[0].segment.==[0].var: "),
                                                   HasSubstr("protected"), HasSubstr(what))))
            << name;
    }
    for (const char* name : {"price_tier", "price_sensitivity", "sensibilité_prix"}) {
        EXPECT_THAT(found(name), ElementsAre(HasSubstr("is for ranking only"))) << name;
    }
    // Parts of words are not words.
    for (const char* name : {"percentage", "message", "shoe_size", "sextant", "villagers"}) {
        EXPECT_THAT(found(name), ElementsAre(HasSubstr("is no field of a rule"))) << name;
    }
    EXPECT_THAT(found_in({kPrice + R"(, "segment": {"missing": ["hour", "gender"]})"}),
                ElementsAre(HasSubstr("'gender' asks for sex or gender")));
    EXPECT_THAT(found("age_proven"), IsEmpty());
}

TEST(CatalogueCheck, ASegmentCannotAskForASensitiveOrUnknownCategory) {
    const auto found = [](const std::string& name) {
        return found_in({kPrice + R"(, "segment": {">": [{"var": ")" + name + R"("}, 1]})"});
    };
    EXPECT_THAT(found("purchases.11"), IsEmpty());
    EXPECT_THAT(found("purchases.40"), ElementsAre(HasSubstr("asks for a sensitive category")));
    EXPECT_THAT(found("days_since_bought.41"),
                ElementsAre(HasSubstr("offers[0].segment: 'days_since_bought.41' asks")));
    EXPECT_THAT(found("favourite.12"), ElementsAre(HasSubstr("no category has the id 12")));
    EXPECT_THAT(found("days_since_product.41"), IsEmpty());
}

const std::string kRegulars = R"(, "segment": {">": [{"var": "visits_30_days"}, 3]})";
const std::string kMornings = R"(, "segment": {"<": [{"var": "hour"}, 12]})";

std::string product(int price, const std::string& rest = "", int number = 5) {
    return std::string(kTitle) + R"("value_kind": "price", "price_cents": )" +
           std::to_string(price) + R"(, "products": [1, )" + std::to_string(number) + "]" + rest;
}

TEST(OneValue, TheSameProductCannotCostRegularsLess) {
    EXPECT_THAT(found_in({product(399), product(349, kRegulars)}),
                ElementsAre(AllOf(StartsWith("c.json:6: offers[1].segment: gives product 1 "),
                                  HasSubstr("offers[0] (id 100)"), HasSubstr("T12"))));
    EXPECT_THAT(found_in({product(399, kRegulars), product(349)}),
                ElementsAre(StartsWith("c.json:5: offers[0].segment")));
    EXPECT_THAT(found_in({product(399, kRegulars), product(349, kRegulars)}), SizeIs(1));
    const std::string level = R"(, "segment": {"==": [{"var": "level"}, "full"]})";
    EXPECT_THAT(found_in({product(399), product(349, level)}), SizeIs(1));
}

TEST(OneValue, WhatDoesNotDependOnThePersonMayDiffer) {
    EXPECT_THAT(found_in({product(399), product(349)}), IsEmpty());
    EXPECT_THAT(found_in({product(399), product(349, kMornings)}), IsEmpty());
    EXPECT_THAT(found_in({product(399), product(399, kRegulars)}), IsEmpty());
    EXPECT_THAT(found_in({product(399, kRegulars)}), IsEmpty());
}

TEST(OneValue, OnlyWhatMeetsInTimeAndPlaceIsCompared) {
    const auto between = [](const char* from, const char* until) {
        return std::string(R"(, "valid_from": "2026-11-)") + from +
               R"(T00:00:00Z", "valid_until": "2026-11-)" + until + R"(T00:00:00Z")";
    };
    EXPECT_THAT(found_in({product(399, between("01", "10")),
                          product(349, kRegulars + between("10", "20"))}),
                IsEmpty());
    EXPECT_THAT(found_in({product(399, between("01", "11")),
                          product(349, kRegulars + between("10", "20"))}),
                SizeIs(1));
    const std::string lyon = R"(, "stores": ["lyon", "paris"])";
    EXPECT_THAT(found_in({product(399, lyon), product(349, kRegulars + R"(, "stores": ["nice"])")}),
                IsEmpty());
    EXPECT_THAT(
        found_in({product(399, lyon), product(349, kRegulars + R"(, "stores": ["paris"])")}),
        SizeIs(1));
    EXPECT_THAT(found_in({product(399, lyon), product(349, kRegulars)}), SizeIs(1));
    const std::string kiosk = R"(, "placements": ["kiosk"])";
    EXPECT_THAT(
        found_in({product(399, kiosk), product(349, kRegulars + R"(, "placements": ["staff"])")}),
        IsEmpty());
    EXPECT_THAT(found_in({product(399, kiosk), product(349, kRegulars)}), SizeIs(1));
}

TEST(OneValue, ArmsOfAnExperimentHaveOneValueToo) {
    const auto arm = [](const char* name) {
        return std::string(R"(, "experiment": {"id": "price", "arm": ")") + name + R"("})";
    };
    EXPECT_THAT(found_in({product(399, arm("a")), product(349, arm("b"))}),
                ElementsAre(HasSubstr("offers[1].experiment: gives product 1 another value")));
    EXPECT_THAT(found_in({product(399, arm("a")), product(399, arm("b"))}), IsEmpty());
}

TEST(OneValue, ComparesCategoriesWhereNoProductIsNamed) {
    const std::string offer = std::string(kTitle) + R"("value_kind": "points", "value": )";
    EXPECT_THAT(found_in({offer + "100", offer + "200" + kRegulars}),
                ElementsAre(HasSubstr("gives category 11 another value")));
    EXPECT_THAT(found_in({product(399), offer + "200" + kRegulars}), IsEmpty());
    // An invitation is no price.
    const std::string tasting = std::string(kTitle) + R"("value_kind": "service")";
    EXPECT_THAT(found_in({offer + "100", tasting + kRegulars}), IsEmpty());
}

TEST(OneValue, APriceIsAPriceWhateverItIsCalled) {
    const std::string reduced = std::string(kTitle) +
                                R"("value_kind": "percent_off", "value": 20, "price_cents": 399,
                                   "prior_price_cents": 499, "products": [1])";
    EXPECT_THAT(found_in({product(399, kRegulars), reduced}), IsEmpty());
    EXPECT_THAT(found_in({product(398, kRegulars), reduced}), SizeIs(1));
}

// Offers of one product that never meet: whoever compared every pair would not come to an end.
TEST(OneValue, TwentyThousandOffersAreCheckedInOneSweep) {
    std::vector<std::string> offers;
    for (int i = 0; i < 20'000; ++i) {
        const auto day = wall_at(std::chrono::days(20'000 + i));
        const auto date = [](WallTime time) { return format_time(time).value(); };
        offers.push_back(
            product(300 + i % 7, R"(, "valid_from": ")" + date(day) + R"(", "valid_until": ")" +
                                     date(day + std::chrono::days(1)) + "\"" + kRegulars));
    }
    EXPECT_THAT(found_in(offers), IsEmpty());
    offers.back() = product(299, kRegulars);
    EXPECT_THAT(found_in(offers), Contains(HasSubstr("another value")));
}

TEST(CatalogueCheck, AgainstAPolicyTheExperimentsOfOffersExist) {
    profiles::Policy policy;
    policy.experiments = {{.id = "layout", .arms = {"a", "b"}, .weights = {1, 1}}};
    const auto found = [&](const char* id, const char* arm) {
        const auto list = check_catalogue(
            with({kPrice + R"(, "experiment": {"id": ")" + id + R"(", "arm": ")" + arm + R"("})"}),
            policy);
        return list.empty() ? std::string("good") : line_of(list.front(), "c");
    };
    EXPECT_EQ(found("layout", "b"), "good");
    EXPECT_EQ(found("layout", "c"),
              "c:5: offers[0].experiment.arm: the experiment 'layout' has no arm 'c'");
    EXPECT_EQ(found("other", "a"),
              "c:5: offers[0].experiment.id: the policy has no experiment 'other'");
}

TEST(PolicyCheck, ReadsAndWritesLayersAndExplorations) {
    profiles::Policy policy;
    policy.rest_after_unopened = 9;
    policy.rest_days = 3;
    policy.exploration = profiles::Exploration::thompson;
    policy.experiments = {
        {.id = "one",
         .arms = {"a", "b"},
         .weights = {1, 3},
         .explorations = {std::nullopt, profiles::Exploration::thompson},
         .layer = "page",
         .permille = 400},
        {.id = "two", .arms = {"a", "b"}, .weights = {1, 1}, .layer = "page", .permille = 600},
        {.id = "three", .arms = {"a", "b"}, .weights = {1, 1}, .permille = 1000}};
    const auto text = encode_policy(policy);
    ASSERT_TRUE(text) << text.error().message;
    EXPECT_EQ(decode_policy(*text).value(), policy);
    policy.experiments[1].permille = 601;
    EXPECT_THAT(encode_policy(policy).error().message,
                HasSubstr("experiments[1].permille: takes the layer 'page' to 1001 of 1000"));
}

TEST(PolicyCheck, NamesMistakesOfExperimentsWithTheirLines) {
    const auto found = check_policy(R"({"format": "vitrine-policy-1", "exploration": "greedy",
 "experiments": [
  {"id": "one", "arms": ["a", "a"], "weights": [1, 1]},
  {"id": "one", "arms": ["a", ""], "weights": [1, 0], "layer": "A b", "permille": 0},
  {"id": "two", "arms": ["a", "b"], "weights": [1, 1], "explorations": [null]}]})");
    std::vector<std::string> lines;
    for (const Problem& each : found) lines.push_back(line_of(each, "p"));
    EXPECT_THAT(lines, Contains(StartsWith("p:1: exploration: expected inverse_gap or thompson")));
    EXPECT_THAT(lines, Contains("p:3: experiments[0].arms[1]: stands twice"));
    EXPECT_THAT(lines, Contains("p:4: experiments[1].arms[1]: is empty"));
    EXPECT_THAT(lines, Contains("p:4: experiments[1].id: is also the id of [0]"));
    EXPECT_THAT(lines, Contains(StartsWith("p:4: experiments[1].weights[1]: expected")));
    EXPECT_THAT(lines, Contains(StartsWith("p:4: experiments[1].layer: expected 1 to 31")));
    EXPECT_THAT(lines, Contains(StartsWith("p:4: experiments[1].permille: expected")));
    EXPECT_THAT(lines, Contains(StartsWith("p:5: experiments[2].explorations: needs one an arm")));
}

}  // namespace
}  // namespace vitrine::wire
