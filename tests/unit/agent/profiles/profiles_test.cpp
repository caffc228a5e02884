#include <gtest/gtest.h>

#include "agent/profiles/snapshot.hpp"

namespace vitrine::profiles {
namespace {

constexpr WallTime kNow = wall_at(std::chrono::hours(1000));

Catalogue taxonomy() {
    return {.epoch = Epoch(1),
            .categories = {{.id = CategoryId(1)},
                           {.id = CategoryId(2), .parent = CategoryId(1), .sensitive = true},
                           {.id = CategoryId(3), .parent = CategoryId(2)},
                           {.id = CategoryId(4), .parent = CategoryId(1)},
                           {.id = CategoryId(5), .parent = CategoryId(6)},
                           {.id = CategoryId(6), .parent = CategoryId(5)}}};
}

TEST(Catalogue, SensitivityIsInheritedAndTheUnknownIsSensitive) {
    const Catalogue catalogue = taxonomy();
    EXPECT_FALSE(catalogue.sensitive(CategoryId(1)));
    EXPECT_TRUE(catalogue.sensitive(CategoryId(2)));
    EXPECT_TRUE(catalogue.sensitive(CategoryId(3)));
    EXPECT_FALSE(catalogue.sensitive(CategoryId(4)));
    EXPECT_TRUE(catalogue.sensitive(CategoryId(99)));
    EXPECT_TRUE(catalogue.sensitive(CategoryId(5))) << "a loop in the taxonomy must not pass";
    EXPECT_EQ(catalogue.root_of(CategoryId(3)), CategoryId(1));
}

TEST(ProfileBook, ReadsOnlyTheMemberWhoPermitted) {
    const ProfileBook book(Epoch(1),
                           {{.member = MemberId(2), .level = Level::full},
                            {.member = MemberId(1), .level = Level::basic},
                            {.member = MemberId(1), .level = Level::full}},
                           {});
    EXPECT_EQ(book.size(), 2U);
    consent::Ledger ledger;
    ledger.learn({.subject = MemberId(1),
                  .purpose = consent::Purpose::personalise,
                  .decision = consent::Decision::granted});
    const consent::Gate gate(ledger);
    const auto permitted = gate.permit<consent::Purpose::personalise>(MemberId(1), kNow);
    ASSERT_TRUE(permitted.has_value());
    EXPECT_EQ(book.read(*permitted)->level, Level::full) << "the last of two counts";
    EXPECT_FALSE(gate.permit<consent::Purpose::personalise>(MemberId(2), kNow).has_value());
}

}  // namespace
}  // namespace vitrine::profiles
