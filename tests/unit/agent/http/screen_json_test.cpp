#include "agent/http/screen_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/unit/agent/http/screens.hpp"

namespace vitrine::http {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

const json kCard = json::parse(R"({
    "offer": 12, "title": {"fr": "Café", "en": "Coffee"}, "detail": {"fr": "Moulu", "en": "Ground"},
    "terms": {"fr": "Une fois", "en": "Once"}, "category": {"fr": "Boissons", "en": "Drinks"},
    "image": "/images/12.webp", "value_kind": "percent_off", "value": 20, "price": 399,
    "prior_price": 499, "unit_price": "15,96 €/kg", "valid_until": 1800000000000, "saved": true,
    "why": [{"code": "you_often_buy", "category": {"fr": "Café", "en": "Coffee"}}]})");

TEST(ScreenJson, WritesEveryFieldUnderItsOwnName) {
    const json expected{
        {"kiosk", "door"},
        {"revision", 7},
        {"mode", "tailored"},
        {"decision", "0000000000000abc"},
        {"language", "en"},
        {"cards", json::array({kCard})},
        {"claim",
         {{"offer", 12}, {"url", "https://shop.example/c/1"}, {"valid_until", 1'700'000'300'000}}},
        {"check_in", {{"url", "https://shop.example/i/AQID"}, {"valid_until", 1'700'000'300'000}}},
        {"verified", {{"recognise", false}, {"paused", true}, {"personalise", true}}},
        {"condition", {{"offline", true}, {"offers_stale", false}, {"recognition_off", true}}},
        {"idle_after", 30'000},
        {"idle_grace", 20'000}};
    EXPECT_EQ(json::parse(to_json(full_screen())), expected);
    EXPECT_EQ(json::parse(to_json(full_screen().cards[0])), kCard);
}

TEST(ScreenJson, WritesWhatIsAbsentAsNull) {
    session::Screen screen{.kiosk = KioskId("door"), .cards = {{.offer = OfferId(1)}}};
    const json written = json::parse(to_json(screen));
    EXPECT_TRUE(written["claim"].is_null());
    EXPECT_TRUE(written["check_in"].is_null());
    EXPECT_TRUE(written["verified"].is_null());
    const json& card = written["cards"][0];
    for (const char* name : {"price", "prior_price", "valid_until"}) {
        EXPECT_TRUE(card[name].is_null()) << name;
    }
    EXPECT_EQ(card["why"], json::array());
    EXPECT_EQ(written["mode"], "ambient");
}

TEST(ScreenJson, IsOneLineOfUtf8WhateverTheTexts) {
    session::Screen screen = full_screen();
    screen.cards[0].title.fr = "a\r\nb\xff\xe2\x80\xa8";
    const std::string line = to_json(screen);
    EXPECT_THAT(line, Not(HasSubstr("\n")));
    EXPECT_THAT(line, Not(HasSubstr("\r")));
    EXPECT_EQ(json::parse(line)["cards"][0]["title"]["fr"], "a\r\nb\uFFFD\u2028");
}

TEST(ScreenJson, WritesTheStaffBoard) {
    const json expected{
        {"revision", 3},
        {"members",
         {{{"ref", "r1"},
           {"calls_me", "Mme Dupont"},
           {"wishes", "sans gluten"},
           {"kiosk", "door"},
           {"place", "Entrée"},
           {"since", 1'700'000'000'000},
           {"tailored", true},
           {"often_buys", {{{"fr", "Café"}, {"en", "Coffee"}}}},
           {"favourites", {{{"fr", "Pain"}, {"en", "Bread"}}}},
           {"last_visit_day", 19'000},
           {"next_best", json::array({kCard})}}}},
        {"present_not_shown", 0},
        {"condition", {{"offline", false}, {"offers_stale", false}, {"recognition_off", false}}}};
    EXPECT_EQ(json::parse(to_json(full_board())), expected);
}

}  // namespace
}  // namespace vitrine::http
