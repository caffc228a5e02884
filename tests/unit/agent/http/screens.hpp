#pragma once

#include "agent/session/screen.hpp"
#include "agent/session/staff.hpp"

namespace vitrine::http {

/// A screen with something in every field.
inline session::Screen full_screen() {
    session::Card card{.offer = OfferId(12),
                       .title = {"Café", "Coffee"},
                       .detail = {"Moulu", "Ground"},
                       .terms = {"Une fois", "Once"},
                       .category = {"Boissons", "Drinks"},
                       .image = "/images/12.webp",
                       .value_kind = profiles::ValueKind::percent_off,
                       .value = 20,
                       .price = Cents(399),
                       .prior_price = Cents(499),
                       .unit_price = "15,96 €/kg",
                       .valid_until = wall_at(std::chrono::milliseconds(1'800'000'000'000)),
                       .saved = true,
                       .why = {{offers::ReasonCode::you_often_buy, {"Café", "Coffee"}}}};
    return {.kiosk = KioskId("door"),
            .revision = 7,
            .mode = session::Mode::tailored,
            .decision = DecisionId(0xabc),
            .language = Language::en,
            .cards = {std::move(card)},
            .claim = session::Claim{OfferId(12), "https://shop.example/c/1",
                                    wall_at(std::chrono::milliseconds(1'700'000'300'000))},
            .check_in = session::CheckInCode{"https://shop.example/i/AQID",
                                             wall_at(std::chrono::milliseconds(1'700'000'300'000))},
            .verified = session::Verified{.recognise = false, .paused = true, .personalise = true},
            .condition = {.offline = true, .offers_stale = false, .recognition_off = true}};
}

inline session::StaffBoard full_board() {
    session::StaffBoard board{.revision = 3};
    board.members.push_back({.ref = "r1",
                             .calls_me = "Mme Dupont",
                             .wishes = "sans gluten",
                             .kiosk = KioskId("door"),
                             .place = "Entrée",
                             .since = wall_at(std::chrono::milliseconds(1'700'000'000'000)),
                             .tailored = true,
                             .often_buys = {{"Café", "Coffee"}},
                             .favourites = {{"Pain", "Bread"}},
                             .last_visit_day = 19'000,
                             .next_best = full_screen().cards});
    return board;
}

}  // namespace vitrine::http
