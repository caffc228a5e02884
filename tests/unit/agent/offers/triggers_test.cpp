#include <gtest/gtest.h>

#include "tests/unit/agent/offers/shop.hpp"

namespace vitrine::offers {
namespace {

using namespace testing;

/// One offer under a rule, and whether a member sees it.
struct Campaign {
    Shop shop{1};
    Profile profile = shopper();

    explicit Campaign(const Term& rule) { shop.offer(1).segment = rule_of(rule); }

    bool reaches(bool context_allowed = true) {
        shop.know({profile});
        shop.prepare();
        return shows(shop.personal(1, kAna, context_allowed), OfferId(1));
    }
};

// REQUIREMENTS T4: each trigger, the condition that it is worded as, and the permission it needs.

TEST(Triggers, ArrivalDwellAndWeatherAreTheMomentsOwn) {
    Campaign campaign(call(RuleOp::equal, {field("trigger"), text("dwell")}));
    EXPECT_FALSE(campaign.reaches());
    campaign.shop.context.trigger = Trigger::dwell;
    EXPECT_TRUE(campaign.reaches());
    EXPECT_FALSE(campaign.reaches(false)) << "without the permission for context";
}

TEST(Triggers, AReturnAfterAbsence) {
    Campaign campaign(call(RuleOp::greater_equal, {field("days_since_visit"), num(30)}));
    EXPECT_FALSE(campaign.reaches());
    campaign.profile.last_visit_day = kToday - 45;
    EXPECT_TRUE(campaign.reaches());
    campaign.profile.level = Level::basic;
    EXPECT_FALSE(campaign.reaches());
}

TEST(Triggers, ABirthdayMonth) {
    Campaign campaign(field("birthday_month"));
    EXPECT_FALSE(campaign.reaches());
    campaign.profile.birth_month = campaign.shop.context.month;
    EXPECT_TRUE(campaign.reaches());
}

TEST(Triggers, ABasketLeftBehind) {
    Campaign campaign(call(RuleOp::less, {field("days_since_basket"), num(7)}));
    EXPECT_FALSE(campaign.reaches()) << "no basket is infinitely long ago";
    campaign.profile.basket = {ProductId(5)};
    campaign.profile.basket_day = kToday - 3;
    EXPECT_TRUE(campaign.reaches());
    campaign.profile.basket_day = kToday - 8;
    EXPECT_FALSE(campaign.reaches());
}

TEST(Triggers, SomethingRunsOut) {
    Campaign campaign(field("due.3"));
    campaign.profile.habits = {{CategoryId(23), 7, kToday - 6, 2.0F}};
    EXPECT_FALSE(campaign.reaches());
    campaign.profile.habits[0].last_bought_day = kToday - 7;
    EXPECT_TRUE(campaign.reaches()) << "a category below the asked one";
    campaign.profile.habits[0] = {CategoryId(28), 7, kToday - 9, 2.0F};
    Campaign sensitive(field("due.8"));
    sensitive.profile.habits = campaign.profile.habits;
    EXPECT_FALSE(sensitive.reaches()) << "of a sensitive category nothing shows";
}

TEST(Triggers, LowStock) {
    Campaign campaign(call(RuleOp::equal, {field("stock.55"), text("low")}));
    EXPECT_FALSE(campaign.reaches());
    campaign.shop.snapshot.stock.scarce = {{ProductId(55), profiles::StockLevel::low}};
    EXPECT_TRUE(campaign.reaches());
}

TEST(Triggers, SegmentsByBehaviourAndForecast) {
    Campaign loyal(call(RuleOp::and_, {call(RuleOp::greater, {field("responses"), num(1)}),
                                       call(RuleOp::less, {field("churn"), num(0.5)}),
                                       call(RuleOp::less, {field("days_since_web"), num(10)})}));
    EXPECT_FALSE(loyal.reaches());
    loyal.profile.responses = 1.5F;
    loyal.profile.churn = 0.2F;
    loyal.profile.last_web_day = kToday - 2;
    EXPECT_TRUE(loyal.reaches());
    loyal.profile.churn = 0.7F;
    EXPECT_FALSE(loyal.reaches());
}

}  // namespace
}  // namespace vitrine::offers
