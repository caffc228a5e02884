#include "agent/session/render.hpp"

#include <gtest/gtest.h>

#include "agent/session/record.hpp"
#include "agent/session/touch.hpp"

namespace vitrine::session {
namespace {

using offers::ReasonCode;

profiles::Catalogue shop() {
    return {.categories = {{.id = CategoryId(1), .name = {"Café", "Coffee"}},
                           {.id = CategoryId(2), .name = {"Santé", "Health"}, .sensitive = true}},
            .offers = {{.id = OfferId(10), .category = CategoryId(1), .title = {"Moka", "Mocha"}}}};
}

offers::Decision because(std::vector<offers::Reason> reasons) {
    offers::Decision decision;
    decision.slot_count = 1;
    decision.slots[0].offer = OfferId(10);
    for (const offers::Reason& reason : reasons) {
        decision.slots[0].reasons[decision.slots[0].reason_count++] = reason;
    }
    return decision;
}

// REQUIREMENTS P1: no purchases on a public screen.
TEST(Cards, APublicScreenDoesNotSayWhatSomebodyBuys) {
    const auto decision = because(
        {{ReasonCode::you_often_buy, CategoryId(1)}, {ReasonCode::popular_here, CategoryId(1)}});
    const auto shown = cards_of(decision, shop(), Readers::anyone, {});
    ASSERT_EQ(shown.at(0).why.size(), 2U);
    EXPECT_EQ(shown[0].why[0].category, LocalText{});
    EXPECT_EQ(shown[0].why[1].category.en, "Coffee")
        << "what is popular here says nothing about a person";
    EXPECT_EQ(cards_of(decision, shop(), Readers::staff, {})[0].why[0].category.en, "Coffee");
}

// REQUIREMENTS P2.
TEST(Cards, NoReasonNamesASensitiveCategoryNotEvenToStaff) {
    const auto decision = because({{ReasonCode::you_often_buy, CategoryId(2)}});
    EXPECT_EQ(cards_of(decision, shop(), Readers::staff, {})[0].why[0].category, LocalText{});
}

TEST(Cards, AnOfferThatLeftTheCatalogueIsLeftOut) {
    auto decision = because({});
    decision.slots[0].offer = OfferId(11);
    EXPECT_TRUE(cards_of(decision, shop(), Readers::anyone, {}).empty());
}

TEST(Cards, TwoMembersWithTheSameOfferSeeTheSameCard) {
    // REQUIREMENTS T12: nothing on a card is a function of the member but the reasons and "saved".
    const auto one = cards_of(because({{ReasonCode::you_often_buy, CategoryId(1)}}), shop(),
                              Readers::anyone, {});
    const auto other = cards_of(because({{ReasonCode::you_often_buy, CategoryId(2)}}), shop(),
                                Readers::anyone, {});
    EXPECT_EQ(one, other);
}

TEST(Names, EveryTouchReadsBack) {
    for (int i = 0; i <= static_cast<int>(TouchKind::leave); ++i) {
        const auto kind = static_cast<TouchKind>(i);
        EXPECT_EQ(touch_from(name_of(kind)).value(), kind);
    }
    EXPECT_FALSE(touch_from("poke").has_value());
}

TEST(Records, TheTypeSaysWhatTheTouchWas) {
    EXPECT_EQ(type_of({.body = PromotionTouched{.kind = PromotionTouched::Kind::saved}}),
              "vitrine.promotion.saved.v1");
}

}  // namespace
}  // namespace vitrine::session
