#include <gtest/gtest.h>

#include <map>
#include <set>
#include <tuple>

#include "agent/offers/layout.hpp"
#include "agent/offers/logistic.hpp"
#include "tests/unit/agent/offers/shop.hpp"

namespace vitrine::offers {
namespace {

using namespace testing;

constexpr int kWorlds = 200;

/// A shop whose offers have campaign rules over every kind of field.
struct CampaignShop : Shop {
    CampaignShop() {
        const auto with = [&](std::uint32_t id, Term term) { offer(id).segment = rule_of(term); };
        with(2, call(RuleOp::less, {field("hour"), num(12)}));
        with(4, call(RuleOp::equal, {field("weather"), num(1)}));
        with(6, call(RuleOp::less, {field("visits_30_days"), num(5)}));
        with(9, call(RuleOp::greater, {field("days_since_bought.11"), num(10)}));
        with(10, call(RuleOp::in, {num(2), field("favourites")}));
        with(13, call(RuleOp::not_, {field("holiday")}));
        with(14, call(RuleOp::some, {field("bought"), call(RuleOp::greater, {var(""), num(14)})}));
        with(20, call(RuleOp::missing_some, {num(1), list({text("hour"), text("spent_90_days")})}));
    }
};

Context random_context(Rng& rng) {
    Context context{.now = kNow, .store = StoreId("paris")};
    context.hour = static_cast<std::uint8_t>(rng.below(24));
    context.weekday = static_cast<std::uint8_t>(rng.below(7));
    context.month = static_cast<std::uint8_t>(1 + rng.below(12));
    context.weather = static_cast<std::int8_t>(static_cast<int>(rng.below(3)) - 1);
    context.holiday = rng.below(2) == 0;
    context.trigger = static_cast<Trigger>(rng.below(4));
    return context;
}

TEST(OffersLaw, WithoutThePurposeContextChangesNoDecision) {
    Rng rng(1);
    int would_have_changed = 0;
    for (std::uint64_t world = 0; world < kWorlds; ++world) {
        CampaignShop shop;
        shop.know({random_profile(rng, kAna, rng.below(2) == 0 ? Level::full : Level::basic)});
        shop.prepare();
        shop.context = random_context(rng);
        const Decision one = shop.personal(world, kAna, false);
        const Decision allowed = shop.personal(world, kAna, true);
        shop.context = random_context(rng);
        EXPECT_EQ(one, shop.personal(world, kAna, false));
        would_have_changed += allowed == shop.personal(world, kAna, true) ? 0 : 1;
    }
    EXPECT_GT(would_have_changed, kWorlds / 2) << "the test must be able to fail";
}

TEST(OffersLaw, AtLevelBasicPurchasesAndBehaviourChangeNoDecision) {
    Rng rng(2);
    int would_have_changed = 0;
    for (std::uint64_t world = 0; world < kWorlds; ++world) {
        CampaignShop shop;
        const Profile chosen = random_profile(rng, kAna, Level::basic);
        Profile other = random_profile(rng, kAna, Level::basic);
        other.favourites = chosen.favourites;
        other.age_proven = chosen.age_proven;
        const auto decide = [&](Profile profile, Level level) {
            profile.level = level;
            shop.know({profile});
            shop.prepare();
            return shop.personal(world);
        };
        EXPECT_EQ(decide(chosen, Level::basic), decide(other, Level::basic));
        would_have_changed += decide(chosen, Level::full) == decide(other, Level::full) ? 0 : 1;
    }
    EXPECT_GT(would_have_changed, kWorlds / 2);
}

TEST(OffersLaw, AtLevelNoneAndForStrangersNothingOfTheProfileCounts) {
    Rng rng(3);
    for (std::uint64_t world = 0; world < kWorlds; ++world) {
        CampaignShop shop;
        shop.know({random_profile(rng, kAna, Level::none)});
        shop.prepare();
        const Decision one = shop.personal(world);
        EXPECT_EQ(one.path, Path::mass);
        shop.know({random_profile(rng, kAna, Level::none)});
        shop.prepare();
        EXPECT_EQ(one, shop.personal(world));
        shop.snapshot.profiles = profiles::ProfileBook(Epoch(5), {}, {});
        shop.prepare();
        EXPECT_EQ(one, shop.personal(world)) << "a member whom the centre sent no profile of";
    }
}

TEST(OffersLaw, WhatIsSensitiveIsNeverShownAndLeavesNoTrace) {
    Rng rng(4);
    for (std::uint64_t world = 0; world < kWorlds; ++world) {
        CampaignShop shop;
        shop.offer(9).segment =
            rule_of(call(RuleOp::less, {field("days_since_bought.18"), num(1e9)}));
        Profile profile = random_profile(rng, kAna, Level::full);
        std::erase_if(profile.habits, [&](const Habit& habit) {
            return shop.snapshot.catalogue.sensitive(habit.category);
        });
        shop.know({profile});
        shop.prepare();
        const Decision without = shop.personal(world);
        profile.habits.push_back({CategoryId(28), 3, kToday - 1, 30.0F});
        profile.favourites.push_back(kSensitive);
        shop.know({profile});
        shop.prepare();
        const Decision with = shop.personal(world);
        EXPECT_EQ(without, with) << "sensitive purchases must not show through their relatives";
        for (const Decision& decision : {with, shop.group(world), shop.mass(world)}) {
            for (std::size_t i = 0; i < decision.slot_count; ++i) {
                const CategoryId category = shop.offer(decision.slots[i].offer.value()).category;
                EXPECT_FALSE(shop.snapshot.catalogue.sensitive(category));
                if (decision.path != Path::mass) {
                    EXPECT_FALSE(shop.snapshot.catalogue.needs_age_proof(category));
                }
            }
        }
    }
}

/// The value of an offer counts in its score, and counts the same for everyone: who you are adds to
/// the score, never to what a discount is worth to you.
TEST(OffersLaw, AnOffersValueCountsTheSameForEveryone) {
    Rng rng(5);
    for (int world = 0; world < kWorlds; ++world) {
        Shop shop;
        shop.know({random_profile(rng, MemberId(1), Level::full),
                   random_profile(rng, MemberId(2), Level::full)});
        const OfferId offer(static_cast<std::uint32_t>(1 + rng.below(60)));
        const auto effect_of_value = [&](MemberId member) {
            shop.prepare();
            const Example before =
                shop.chooser.example(shop.permit(member), true, shop.context, offer);
            Offer& changed = shop.offer(offer.value());
            const Offer kept = changed;
            changed.price = Cents(1);
            changed.value = 1;
            shop.prepare();
            const Example after =
                shop.chooser.example(shop.permit(member), true, shop.context, offer);
            changed = kept;
            std::vector<float> difference;
            for (std::size_t i = 0; i < before.size; ++i) {
                difference.push_back(after.features[i] - before.features[i]);
                if (i >= layout::kFirstPersonal) {
                    EXPECT_EQ(difference.back(), 0) << "weight " << i;
                }
            }
            return difference;
        };
        EXPECT_EQ(effect_of_value(MemberId(1)), effect_of_value(MemberId(2)));
    }
}

/// What ranks offers in a few additions is what the model says of the features that it is taught.
TEST(OffersLaw, AScoreIsTheModelsOwnSumOverTheFeaturesThatItLearnsFrom) {
    Rng rng(6);
    std::set<std::size_t> used;
    for (std::uint64_t world = 0; world < kWorlds; ++world) {
        Shop shop;
        shop.snapshot.model.vectors = directions();
        profiles::Model model = prior_model(Epoch(2), 0.05F);
        for (float& weight : model.mean) weight += static_cast<float>(rng.normal()) / 2;
        for (std::uint32_t id = 1; id <= 60; ++id) {
            model.offsets.push_back({profiles::offset_id(OfferId(id)), 0.01F * float(id), 8});
        }
        for (const Category& each : taxonomy()) {
            model.offsets.push_back({profiles::offset_id(each.id), 0.02F * each.id.value(), 8});
        }
        shop.learner.adopt(model).value();
        shop.know({random_profile(rng, kAna, Level::full)});
        shop.prepare();
        shop.context.hour = static_cast<std::uint8_t>(rng.below(24));
        shop.context.weekday = static_cast<std::uint8_t>(rng.below(7));
        shop.context.weather = static_cast<std::int8_t>(static_cast<int>(rng.below(3)) - 1);
        for (std::uint32_t id = 1; id <= 60; ++id) {
            const OfferId offer(id);
            shop.exposures.shown(kAna, offer, shop.offer(offer.value()).category, kNow);
        }
        const Decision decision = shop.personal(world);
        for (std::size_t i = 0; i < decision.slot_count; ++i) {
            const Slot& slot = decision.slots[i];
            const Example example = shop.chooser.example(shop.permit(kAna), true, shop.context,
                                                         slot.offer, &shop.exposures);
            float odds = 0.01F * float(slot.offer.value());
            odds += 0.02F * (example.category.value() + example.top.value());
            for (std::size_t w = 0; w < layout::kWeights; ++w) {
                odds += model.mean[w] * example.features[w];
                if (example.features[w] != 0) used.insert(w);
            }
            EXPECT_NEAR(slot.score, logistic(odds), 1e-4F * slot.score) << "world " << world;
        }
    }
    EXPECT_GT(used.size(), layout::kWeights * 3 / 4) << "nearly every feature took part";
}

/// Several kiosks and members in any order, across days: no count ever passes its cap.
TEST(OffersLaw, CapsAreNeverPassedWhateverTheInterleaving) {
    for (std::uint64_t world = 0; world < 30; ++world) {
        Rng rng(100 + world);
        Shop shop(40);
        shop.snapshot.policy.per_category_max = static_cast<std::uint8_t>(1 + rng.below(3));
        shop.snapshot.policy.category_per_member_day = static_cast<std::uint8_t>(1 + rng.below(4));
        shop.snapshot.policy.decisions_per_member_day = static_cast<std::uint8_t>(3 + rng.below(9));
        for (Offer& offer : shop.snapshot.catalogue.offers) {
            offer.caps = {.per_member_day = static_cast<std::uint8_t>(1 + rng.below(3)),
                          .per_member_total = static_cast<std::uint8_t>(2 + rng.below(5))};
        }
        std::vector<Profile> members;
        for (std::uint64_t m = 1; m <= 3; ++m) {
            members.push_back(random_profile(rng, MemberId(m), Level::full));
        }
        shop.know(members);
        shop.prepare();
        std::map<std::tuple<MemberId, OfferId, int>, int> by_day;
        std::map<std::pair<MemberId, OfferId>, int> by_offer;
        std::map<std::tuple<MemberId, CategoryId, int>, int> by_category;
        std::map<std::pair<MemberId, int>, int> decisions;
        for (std::uint64_t step = 0; step < 400; ++step) {
            if (rng.below(40) == 0) shop.context.now += std::chrono::hours(rng.below(40));
            const MemberId member(1 + rng.below(3));
            const Decision decision = shop.personal(rng.next(), member);
            if (decision.path != Path::personal) continue;
            const int today = day_of(shop.context.now);
            shop.exposures.decided(member, shop.context.now);
            EXPECT_LE((++decisions[{member, today}]),
                      shop.snapshot.policy.decisions_per_member_day);
            for (std::size_t i = 0; i < decision.slot_count; ++i) {
                const Offer& offer = shop.offer(decision.slots[i].offer.value());
                shop.exposures.shown(member, offer.id, offer.category, shop.context.now);
                EXPECT_LE((++by_day[{member, offer.id, today}]), offer.caps.per_member_day);
                EXPECT_LE((++by_offer[{member, offer.id}]), offer.caps.per_member_total);
                EXPECT_LE((++by_category[{member, offer.category, today}]),
                          shop.snapshot.policy.category_per_member_day);
            }
        }
        EXPECT_FALSE(by_offer.empty());
    }
}

}  // namespace
}  // namespace vitrine::offers
