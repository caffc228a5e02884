#include "sync/central/publisher.hpp"

#include <gtest/gtest.h>

#include <map>

#include "tests/unit/sync/central/fixture.hpp"

namespace vitrine::central {
namespace {

using bundle::Kind;

/// A centre with two shops and a publisher of profiles.
class Chain : public Centre {
  public:
    const bundle::SecretKey key = bundle::SecretKey::from_seed({1, 2, 3});
    Publisher publisher{{TenantId("halle")}, connection, members, trainer, key};

    Chain() {
        for (const StoreId shop : {kLyon, StoreId("nice")}) {
            CHECK(add_shop(connection, shop).has_value());
        }
        std::string row = kAnaRow;
        row.insert(row.size() - 1, R"(,"measure":true)");
        CHECK(enrol(row).taken == 1);
    }

    /// The epoch that each shop has after another look.
    std::map<StoreId, std::uint64_t> refreshed(WallTime now) {
        publisher.touched(Kind::profiles);
        CHECK(publisher.refresh(now).has_value());
        std::map<StoreId, std::uint64_t> epochs;
        for (const auto& each : publisher.published()) epochs[each.store] = each.epoch.value();
        return epochs;
    }
};

TEST(Publisher, WhatIsSeenInOneShopIsNewsOnlyForTheOthers) {
    const StoreId nice("nice");
    Chain chain;
    const std::map<StoreId, std::uint64_t> first{{kLyon, 1}, {nice, 1}};
    EXPECT_EQ(chain.refreshed(kNow), first);
    EXPECT_EQ(chain.refreshed(kNow), first) << "nothing is new";
    session::PromotionViewed viewed;
    viewed.decision.path = offers::Path::personal;
    viewed.decision.slot_count = 1;
    viewed.decision.slots[0].offer = OfferId(100);
    (void)chain.merge({event(1, viewed)}).value();
    EXPECT_EQ(chain.refreshed(kNow), first) << "not with every look at a screen";
    const std::map<StoreId, std::uint64_t> later{{kLyon, 1}, {nice, 2}};
    EXPECT_EQ(chain.refreshed(kNow + Elsewhere::kEvery), later);
    EXPECT_EQ(chain.refreshed(kNow + Elsewhere::kEvery), later);
}

}  // namespace
}  // namespace vitrine::central
