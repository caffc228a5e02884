#pragma once

#include <string>
#include <vector>

#include "agent/base/random.hpp"
#include "agent/consent/gate.hpp"
#include "agent/offers/chooser.hpp"
#include "tests/unit/agent/offers/rule_builder.hpp"

namespace vitrine::offers::testing {

using profiles::Category;
using profiles::Habit;
using profiles::Level;
using profiles::Offer;
using profiles::Placement;
using profiles::Profile;

inline constexpr std::int32_t kToday = 20'000;
inline constexpr WallTime kNow = wall_at(std::chrono::days(kToday) + std::chrono::hours(10));
inline constexpr MemberId kAna{7};

// Top categories 1 to 8; 11 to 18 and 21 to 28 lie below them. 8 and below is sensitive, 7 and
// below needs an age.
inline constexpr std::uint16_t kTops = 8;
inline constexpr CategoryId kSensitive{18};
inline constexpr CategoryId kWine{17};

inline std::vector<Category> taxonomy() {
    std::vector<Category> categories;
    for (std::uint16_t level = 0; level < 3; ++level) {
        for (std::uint16_t i = 1; i <= kTops; ++i) {
            Category category{.id = CategoryId(static_cast<std::uint16_t>(10 * level + i))};
            if (level > 0) category.parent = CategoryId(i);
            category.sensitive = level == 0 && i == 8;
            category.needs_age_proof = level == 0 && i == 7;
            category.rhythm_days = static_cast<std::uint16_t>(5 + 3 * i);
            categories.push_back(category);
        }
    }
    return categories;
}

/// Offers 1 to `count`, spread over the lower categories; every third of a product, some seasonal.
inline std::vector<Offer> plain_offers(std::uint32_t count) {
    std::vector<Offer> offers;
    for (std::uint32_t i = 1; i <= count; ++i) {
        const auto top = static_cast<std::uint16_t>(i % kTops + 1);
        const auto level = static_cast<std::uint16_t>((i / kTops) % 2 + 1);
        Offer offer{.id = OfferId(i),
                    .category = CategoryId(static_cast<std::uint16_t>(10 * level + top))};
        if (i % 3 == 0) offer.products = {ProductId(100 + i)};
        if (i % 12 == 0) offer.products = {ProductId(90 + i), ProductId(100 + i)};
        if (i % 7 == 0) offer.also = {CategoryId(12), CategoryId(23)};
        offer.price_tier = static_cast<std::int8_t>(i % 4);
        offer.value = static_cast<std::int32_t>(100 + 7 * i);
        offer.price = Cents(100 + i % 400);
        offer.prior_price = Cents(150 + i % 500);
        offer.popularity = static_cast<std::int16_t>((i * 37) % 1000);
        offer.season = static_cast<std::int8_t>(i % 5 == 0 ? i % 12 + 1 : 0);
        offer.weather = static_cast<std::int8_t>(static_cast<int>(i % 3) - 1);
        offers.push_back(std::move(offer));
    }
    return offers;
}

/// Something in every direction.
inline std::vector<profiles::ItemVector> directions() {
    Rng rng(77);
    std::vector<profiles::ItemVector> vectors;
    for (const Category& category : taxonomy()) {
        profiles::ItemVector vector{.category = category.id};
        for (std::int8_t& each : vector.direction) {
            each = static_cast<std::int8_t>(static_cast<int>(rng.below(255)) - 127);
        }
        vectors.push_back(vector);
    }
    return vectors;
}

/// A shop with one agent's engine parts around it.
struct Shop {
    profiles::Snapshot snapshot;
    Learner learner;
    Chooser chooser;
    Exposures exposures;
    consent::Ledger ledger;
    Context context{.now = kNow, .store = StoreId("paris"), .hour = 10, .month = 6};

    explicit Shop(std::uint32_t offers = 60) {
        snapshot.catalogue = {
            .epoch = Epoch(3), .categories = taxonomy(), .offers = plain_offers(offers)};
        snapshot.policy.holdout_permille = 0;
        snapshot.policy.epoch = Epoch(4);
    }

    void know(std::vector<Profile> profiles) {
        for (const Profile& profile : profiles) {
            ledger.learn({.subject = profile.member,
                          .purpose = consent::Purpose::personalise,
                          .decision = consent::Decision::granted});
        }
        snapshot.profiles = profiles::ProfileBook(Epoch(5), std::move(profiles), {});
    }
    void prepare() { chooser.prepare(snapshot, learner); }

    auto permit(MemberId member) const {
        return *consent::Gate(ledger).permit<consent::Purpose::personalise>(member, kNow);
    }
    Decision personal(std::uint64_t seed, MemberId member = kAna, bool context_allowed = true) {
        Rng rng(seed);
        return chooser.personal(permit(member), context_allowed, context, exposures,
                                DecisionId(seed), rng);
    }
    Decision group(std::uint64_t seed) {
        Rng rng(seed);
        return chooser.group(context, DecisionId(seed), rng);
    }
    Decision mass(std::uint64_t seed) {
        Rng rng(seed);
        return chooser.mass(context, DecisionId(seed), rng);
    }
    Offer& offer(std::uint32_t id) { return snapshot.catalogue.offers[id - 1]; }
};

inline Profile shopper(MemberId member = kAna, Level level = Level::full) {
    return {
        .member = member,
        .level = level,
        .as_of_day = kToday,
        .last_visit_day = kToday - 6,
        .visits_30_days = 4,
        .spent_90_days_cents = 12'300,
        .habits = {{CategoryId(11), 0, kToday - 20, 4.0F}, {CategoryId(23), 7, kToday - 8, 2.0F}},
        .products = {{ProductId(103), kToday - 40, 2.0F}},
        .favourites = {CategoryId(2)}};
}

/// Anything goes, within the limits of the format.
inline Profile random_profile(Rng& rng, MemberId member, Level level) {
    const auto below = [&](std::uint64_t bound) { return static_cast<int>(rng.below(bound)); };
    Profile profile{.member = member, .level = level};
    profile.age_proven = rng.below(2) == 0;
    profile.birth_month = static_cast<std::uint8_t>(rng.below(13));
    profile.last_visit_day = kToday - below(100);
    profile.visits_30_days = static_cast<std::uint16_t>(rng.below(20));
    profile.spent_90_days_cents = static_cast<std::uint32_t>(rng.below(100'000));
    profile.price_tier = static_cast<float>(below(21) - 10) / 10;
    profile.responses = static_cast<float>(rng.below(30)) / 10;
    profile.churn = static_cast<float>(rng.below(11)) / 10;
    profile.last_web_day = kToday - below(50);
    profile.basket_day = kToday - below(20);
    for (std::uint32_t product = 100 + static_cast<std::uint32_t>(rng.below(60)); product < 165;
         product += 1 + static_cast<std::uint32_t>(rng.below(40))) {
        profile.basket.push_back(ProductId(product));
    }
    for (const Category& category : taxonomy()) {
        if (rng.below(4) != 0) continue;
        profile.habits.push_back({category.id, static_cast<std::uint16_t>(rng.below(30)),
                                  kToday - below(60), static_cast<float>(rng.below(40)) / 4});
    }
    for (std::uint32_t product = 100; product < 180 && profile.products.size() < 20;
         product += 1 + static_cast<std::uint32_t>(rng.below(12))) {
        profile.products.push_back({ProductId(product), kToday - below(60), 1.5F});
    }
    for (int i = below(4); i > 0; --i) {
        profile.favourites.push_back(CategoryId(static_cast<std::uint16_t>(1 + rng.below(28))));
    }
    return profile;
}

inline std::size_t removed(const Decision& decision, Removal removal) {
    return decision.removals[static_cast<std::size_t>(removal)];
}

/// Whether an offer may stand on a slate beside the ones before it, by the policy's words and
/// without the engine's bookkeeping.
inline bool fits(const Shop& shop, OfferId id, const std::vector<OfferId>& before) {
    const profiles::Policy& policy = shop.snapshot.policy;
    const Offer& offer = *shop.snapshot.catalogue.offer(id);
    std::size_t of_root = 0;
    std::size_t of_category = 0;
    for (const OfferId shown : before) {
        const Offer& other = *shop.snapshot.catalogue.offer(shown);
        if (shown == id) return false;
        if (!offer.exclusion_group.empty() && offer.exclusion_group == other.exclusion_group) {
            return false;
        }
        const auto root = [&](const Offer& each) {
            return shop.snapshot.catalogue.root_of(each.category);
        };
        of_root += root(other) == root(offer) ? 1U : 0U;
        of_category += other.category == offer.category ? 1U : 0U;
    }
    return of_root < policy.per_category_max &&
           (policy.category_per_member_day == 0 || of_category < policy.category_per_member_day);
}

inline bool shows(const Decision& decision, OfferId offer) {
    for (std::size_t i = 0; i < decision.slot_count; ++i) {
        if (decision.slots[i].offer == offer) return true;
    }
    return false;
}

}  // namespace vitrine::offers::testing
