#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "tests/unit/agent/offers/shop.hpp"

namespace {
std::size_t allocations = 0;
}  // namespace

// Every allocation of this program comes through here. Not inlined: the compiler would see free
// where it expects delete.
[[gnu::noinline]] void* operator new(std::size_t size) {
    ++allocations;
    void* memory = std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) std::abort();
    return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace vitrine::offers {
namespace {

using namespace testing;

TEST(Allocation, ADecisionAllocatesNothing) {
    Shop shop(400);
    Rng rng(9);
    Profile profile = random_profile(rng, kAna, Level::full);
    profile.dismissed = {OfferId(5), OfferId(3)};
    profile.seen_elsewhere = {{.offer = OfferId(8), .total = 2, .day = kToday, .that_day = 2}};
    shop.snapshot.policy.experiments = {
        {.id = "x", .arms = {"a", "b"}, .weights = {1, 1}, .layer = "page", .permille = 900}};
    for (std::uint32_t id = 2; id < 400; id += 5) {
        shop.offer(id).experiment = "x";
        shop.offer(id).arm = id % 2 == 0 ? "a" : "b";
        shop.offer(id).also = {CategoryId(1), CategoryId(12)};
    }
    shop.know({profile});
    const Term joined =
        call(RuleOp::in, {text("par"), call(RuleOp::cat, {field("store"), num(1)})});
    const Term any =
        call(RuleOp::some, {field("bought"), call(RuleOp::greater, {var(""), num(3)})});
    for (std::uint32_t id = 1; id < 400; id += 3) {
        shop.offer(id).segment = rule_of(id % 2 == 0 ? joined : any);
    }
    for (std::uint32_t id = 1; id < 200; ++id) {
        shop.exposures.shown(kAna, OfferId(id), shop.offer(id).category,
                             kNow - std::chrono::days(id % 40));
    }
    shop.prepare();
    const auto permitted = shop.permit(kAna);
    Rng chance(1);
    // The scratch grows during the first decisions only.
    for (int i = 0; i < 3; ++i) {
        shop.chooser.personal(permitted, true, shop.context, shop.exposures, DecisionId(1), chance);
    }
    const std::size_t before = allocations;
    std::size_t slots = 0;
    for (int i = 0; i < 200; ++i) {
        slots += shop.chooser
                     .personal(permitted, true, shop.context, shop.exposures, DecisionId(1), chance)
                     .slot_count;
        slots += shop.chooser.mass(shop.context, DecisionId(2), chance).slot_count;
        slots += shop.chooser.group(shop.context, DecisionId(3), chance).slot_count;
    }
    EXPECT_EQ(allocations - before, 0U);
    EXPECT_GT(slots, 600U);
}

TEST(Allocation, AThompsonDrawAndItsEstimateAllocateNothing) {
    Shop shop(200);
    shop.know({shopper()});
    shop.snapshot.policy.exploration = profiles::Exploration::thompson;
    shop.prepare();
    const auto permitted = shop.permit(kAna);
    Rng chance(1);
    const auto decide = [&](std::uint64_t id) {
        Decision decision = shop.chooser.personal(permitted, true, shop.context, shop.exposures,
                                                  DecisionId(id), chance);
        shop.chooser.estimate(decision);
        return decision.slot_count;
    };
    for (std::uint64_t i = 1; i < 4; ++i) decide(i);
    const std::size_t before = allocations;
    std::size_t slots = 0;
    for (std::uint64_t i = 4; i < 24; ++i) slots += decide(i);
    EXPECT_EQ(allocations - before, 0U);
    EXPECT_EQ(slots, 60U);
}

TEST(Allocation, LearningAllocatesOnlyForAnOfferNotSeenBefore) {
    Shop shop;
    shop.prepare();
    const Example example = shop.chooser.example(std::nullopt, true, shop.context, OfferId(1));
    shop.learner.learn_anonymous(example, false);
    const std::size_t before = allocations;
    for (int i = 0; i < 100; ++i) shop.learner.learn_anonymous(example, i % 7 == 0);
    EXPECT_EQ(allocations - before, 0U);
}

}  // namespace
}  // namespace vitrine::offers
