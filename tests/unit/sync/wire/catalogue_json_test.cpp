#include "sync/wire/catalogue_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "agent/offers/rules.hpp"
#include "sync/wire/policy_json.hpp"
#include "sync/wire/rule_json.hpp"

namespace vitrine::wire {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

/// A catalogue with one offer, written as people write it. `offer` is added to the offer's members.
std::string catalogue(const std::string& offer = "", const std::string& category = "") {
    return R"({
        "format": "vitrine-catalogue-1",
        "categories": [
            {"id": 10, "name": {"fr": "Épicerie", "en": "Grocery"}},
            {"id": 11, "parent": 10, "name": {"fr": "Café"}, "rhythm_days": 21)" +
           category + R"(}
        ],
        "offers": [
            {"id": 7, "category": 11, "title": {"fr": "Café en grains", "en": "Coffee beans"})" +
           offer + R"(}
        ]
    })";
}

const std::string kPrice = R"(, "value_kind": "price", "price_cents": 399)";

std::vector<std::string> problems(const std::string& json) {
    std::vector<std::string> lines;
    for (const Problem& each : check_catalogue(json)) {
        lines.push_back(each.path + ": " + each.message);
    }
    return lines;
}

TEST(Catalogue, ReadsWhatPeopleWrite) {
    const std::string field(offers::declared_fields().front().name);
    const std::string name = field + (field.ends_with('.') ? "12" : "");
    const auto read = decode_catalogue(catalogue(
        R"(, "value_kind": "percent_off", "value": 20, "price_cents": 399,
             "prior_price_cents": 499, "unit_price": "15,96 €/kg", "image": "/images/coffee.webp",
             "valid_from": "2026-11-01T00:00:00+01:00", "valid_until": "2026-11-30T23:59:59Z",
             "stores": ["lyon-1"], "placements": ["staff"], "exclusion_group": "coffee",
             "segment": {"!!": {"var": ")" +
        name + R"("}}, "caps": {"per_member_day": 1},
             "popularity": 800, "season": 12, "weather": "cold", "products": [4012])"));
    ASSERT_TRUE(read) << read.error().message;
    const profiles::Offer& offer = read->offers.front();
    EXPECT_EQ(offer.title.en, "Coffee beans");
    EXPECT_EQ(offer.value_kind, profiles::ValueKind::percent_off);
    EXPECT_EQ(offer.prior_price, Cents(499));
    EXPECT_EQ(offer.valid_from, wall_at(std::chrono::milliseconds(1'793'487'600'000)));
    EXPECT_EQ(offer.stores, std::vector{StoreId("lyon-1")});
    EXPECT_EQ(offer.placements, std::vector{profiles::Placement::staff});
    EXPECT_EQ(offer.weather, -1);
    EXPECT_EQ(offer.caps.per_member_day, 1);
    EXPECT_EQ(offer.caps.per_member_total, 20);
    EXPECT_FALSE(offer.segment.empty());
    EXPECT_EQ(read->category(CategoryId(11))->name.en, "Café");
    EXPECT_EQ(read->epoch, Epoch(0));

    const auto again = decode_catalogue(encode_catalogue(*read).value());
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, *read);
}

TEST(Catalogue, IsInOrderOfIdWhateverTheFileSays) {
    std::string json = catalogue(kPrice);
    const std::string other = R"({"id": 3, "category": 10, "title": {"fr": "Thé"}, )"
                              R"("value_kind": "service"})";
    json.insert(json.find_last_of('}', json.rfind(']')) + 1, "," + other);
    const auto read = decode_catalogue(json);
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ(read->offers.size(), 2U);
    EXPECT_EQ(read->offers[0].id, OfferId(3));
    EXPECT_NE(read->offer(OfferId(7)), nullptr);
}

TEST(Catalogue, RefusesAnOfferWithoutFrench) {
    std::string json = catalogue(kPrice);
    const std::string fr = R"("fr": "Café en grains", )";
    json.erase(json.find(fr), fr.size());
    EXPECT_THAT(problems(json), ElementsAre(StartsWith("offers[0].title.fr: the French text")));
    EXPECT_THAT(problems(catalogue(kPrice + R"(, "detail": {"en": "Fresh"})")),
                ElementsAre(StartsWith("offers[0].detail.fr: the French text")));
}

TEST(Catalogue, RefusesAReductionWithoutThePriceBefore) {
    EXPECT_THAT(problems(catalogue(R"(, "value_kind": "percent_off", "value": 20)")),
                ElementsAre(StartsWith("offers[0].prior_price_cents: an announced reduction")));
    EXPECT_THAT(problems(catalogue(R"(, "value_kind": "amount_off", "value": 100)")),
                ElementsAre(StartsWith("offers[0].prior_price_cents: an announced reduction")));
}

TEST(Catalogue, RefusesAReductionThatThePricesDoNotShow) {
    const auto of = [](const std::string& kind, int value, int price, int prior) {
        return problems(catalogue(R"(, "value_kind": ")" + kind + R"(", "value": )" +
                                  std::to_string(value) + R"(, "price_cents": )" +
                                  std::to_string(price) + R"(, "prior_price_cents": )" +
                                  std::to_string(prior)));
    };
    EXPECT_THAT(of("percent_off", 20, 399, 499), IsEmpty());
    EXPECT_THAT(of("percent_off", 21, 399, 499),
                ElementsAre(StartsWith("offers[0].value: from 4,99 € to 3,99 € is less than")));
    EXPECT_THAT(of("amount_off", 100, 399, 499), IsEmpty());
    EXPECT_THAT(of("amount_off", 101, 399, 499), ElementsAre(StartsWith("offers[0].value: ")));
    EXPECT_THAT(
        of("price", 399, 499, 499),
        ElementsAre(StartsWith("offers[0].prior_price_cents: from 4,99 € to 4,99 € is no")));
}

TEST(Catalogue, CollectsEveryMistakeWithItsPath) {
    const auto found = problems(catalogue(
        R"(, "value_kind": "prize", "prior_prize_cents": 5, "image": "http://x/y.png",
            "season": 13, "stores": ["Lyon 1"], "placements": ["window"],
            "segment": {"==": [{"var": "shoe_size"}, 42]}, "caps": {"per_day": 3},
            "valid_until": "30/11/2026", "popularity": "high")",
        R"(, "sensitiv": true)"));
    EXPECT_THAT(found, Contains("categories[1].sensitiv: unknown field; is 'sensitive' meant?"));
    EXPECT_THAT(found, Contains(StartsWith("offers[0].value_kind: expected one of price, ")));
    EXPECT_THAT(found, Contains("offers[0].prior_prize_cents: unknown field; is "
                                "'prior_price_cents' meant?"));
    EXPECT_THAT(found, Contains(StartsWith("offers[0].image: expected a path like /images/")));
    EXPECT_THAT(found, Contains("offers[0].season: expected a whole number from 0 to 12, got 13"));
    EXPECT_THAT(found, Contains(StartsWith("offers[0].stores[0]: 'Lyon 1' is not a name")));
    EXPECT_THAT(found, Contains(StartsWith("offers[0].placements[0]: expected one of kiosk")));
    EXPECT_THAT(found, Contains("offers[0].segment.==[0].var: 'shoe_size' is no field of a rule"));
    EXPECT_THAT(found, Contains("offers[0].caps.per_day: unknown field"));
    EXPECT_THAT(found, Contains(StartsWith("offers[0].valid_until: '30/11/2026' is not a time")));
    EXPECT_THAT(found, Contains(HasSubstr("offers[0].popularity: expected a whole number")));
}

TEST(Catalogue, RefusesWhatDoesNotBelongTogether) {
    std::string json = catalogue(kPrice);
    json.replace(json.find("\"category\": 11"), 14, "\"category\": 99");
    EXPECT_THAT(problems(json), ElementsAre("offers[0].category: no category has the id 99"));

    json = catalogue(kPrice);
    json.replace(json.find("\"id\": 11"), 8, "\"id\": 10");
    EXPECT_THAT(problems(json), Contains("categories[1].id: is also the id of [0]"));

    json = catalogue(kPrice);
    json.replace(json.find("\"parent\": 10"), 12, "\"parent\": 77");
    EXPECT_THAT(problems(json), ElementsAre("categories[1].parent: no category has the id 77"));
    json.replace(json.find("\"parent\": 77"), 12, "\"parent\": 11");
    EXPECT_THAT(problems(json), ElementsAre(StartsWith("categories[1].parent: leads to itself")));

    EXPECT_THAT(problems(catalogue(kPrice + R"(, "valid_from": "2026-11-02T00:00:00Z",
                                               "valid_until": "2026-11-01T00:00:00Z")")),
                ElementsAre("offers[0].valid_until: is not after valid_from"));
}

TEST(Catalogue, RefusesWhatIsNotJsonWithLineAndColumn) {
    EXPECT_THAT(problems("{\n  \"format\": oops\n}"), ElementsAre(HasSubstr("line 2, column")));
    EXPECT_THAT(problems("[]"), ElementsAre(": expected an object, got an array"));
    EXPECT_THAT(problems(R"({"format":"x","offers":[],"categories":[]})"),
                ElementsAre("format: expected \"vitrine-catalogue-1\""));
    EXPECT_THAT(decode_catalogue("{}").error().message, "format: is missing (and 2 more problems)");
}

TEST(Catalogue, StopsAtAHundredMistakes) {
    std::string json = R"({"format":"vitrine-catalogue-1","categories":[],"offers":[)";
    for (int i = 0; i < 5000; ++i) json += i == 0 ? "{}" : ",{}";
    EXPECT_EQ(check_catalogue(json + "]}").size(), kProblemsMax);
}

TEST(Policy, HasADefaultForEverythingAndReadsBack) {
    const auto defaults = decode_policy(R"({"format": "vitrine-policy-1"})");
    ASSERT_TRUE(defaults);
    EXPECT_EQ(*defaults, profiles::Policy{});
    profiles::Policy policy;
    policy.epoch = Epoch(4);
    policy.slate_size = 2;
    policy.exploration_floor = 0.07F;
    policy.idle_grace = std::chrono::milliseconds(25'000);
    policy.experiments = {{.id = "layout", .arms = {"a", "b"}, .weights = {1, 3}}};
    EXPECT_EQ(decode_policy(encode_policy(policy).value()).value(), policy);
}

TEST(Policy, StaysWithinWhatTheRequirementsAllow) {
    const auto refusal = [](const std::string& field) {
        const auto found = check_policy(R"({"format": "vitrine-policy-1", )" + field + "}");
        return found.empty() ? std::string("accepted") : found.front().path;
    };
    EXPECT_EQ(refusal("\"slate_size\": 4"), "slate_size");
    EXPECT_EQ(refusal("\"claim_valid_ms\": 300001"), "claim_valid_ms");
    EXPECT_EQ(refusal("\"idle_grace_ms\": 19999"), "idle_grace_ms");
    EXPECT_EQ(refusal("\"exploration_floor\": 0.6"), "exploration_floor");
    EXPECT_EQ(refusal("\"slate_sise\": 3"), "slate_sise");
    EXPECT_EQ(refusal(R"("experiments": [{"id": "x", "arms": ["a"], "weights": [1]}])"),
              "experiments[0]");
    profiles::Policy policy;
    policy.slate_size = 9;
    EXPECT_THAT(encode_policy(policy).error().message, StartsWith("slate_size: "));
}

}  // namespace
}  // namespace vitrine::wire
