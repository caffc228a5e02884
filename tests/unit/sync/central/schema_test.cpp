#include "sync/central/schema.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/unit/sync/central/fixture.hpp"

namespace vitrine::central {
namespace {

/// A database that can be opened twice.
std::string lasting_database() {
    const std::string database = fresh_database();
    if (database != ":memory:") return database;
    const auto file = std::filesystem::temp_directory_path() /
                      ("vitrine-schema-" + std::to_string(::getpid()) + ".db");
    std::filesystem::remove(file);
    return file.string();
}

TEST(Schema, ADatabaseOfVersion3IsUpgradedWithAllItHolds) {
    const std::string database = lasting_database();
    {
        const auto old = open_database(database, 3).value();
        ASSERT_TRUE(
            old->execute("INSERT INTO shop_counts VALUES ('lyon', 20000, 1, 2, 3, 4, 5, 6);"
                         "INSERT INTO offer_counts VALUES ('lyon', 20000, 9, 1, 1, 2, 3, 4, 5, 6);"
                         "INSERT INTO purchases VALUES (161, 19990, 17, 5, 2, 300)")
                .has_value());
        ASSERT_FALSE(old->integer_of("SELECT count(*) FROM bought").has_value());
    }
    const auto upgraded = open_database(database).value();
    EXPECT_EQ(upgraded->integer_of("SELECT staff_views FROM shop_counts").value(), 6);
    EXPECT_EQ(upgraded->integer_of("SELECT orders FROM shop_counts").value(), 0);
    EXPECT_EQ(upgraded->integer_of("SELECT claimed + redeemed FROM offer_counts").value(), 6);
    EXPECT_EQ(upgraded->integer_of("SELECT cents FROM bought WHERE member = 161").value(), 300);
    MergeStore store(*upgraded);
    ASSERT_TRUE(store
                    .merge({.store = kLyon,
                            .agent = kAgent,
                            .events = {event(1, session::CouponRedeemed{"1", OfferId(9)})},
                            .floor = {}},
                           kNow)
                    .has_value());
    EXPECT_EQ(upgraded->integer_of("SELECT sum(redeemed) FROM offer_counts").value(), 1);
    EXPECT_TRUE(open_database(database).has_value()) << "and opened again";
    if (!database.starts_with("postgresql:")) std::filesystem::remove(database);
}

}  // namespace
}  // namespace vitrine::central
