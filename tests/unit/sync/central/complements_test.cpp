#include "sync/central/complements.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "agent/base/random.hpp"
#include "sync/central/eigen_rows.hpp"
#include "sync/wire/model_binary.hpp"
#include "tests/unit/sync/central/fixture.hpp"

namespace vitrine::central {
namespace {

using profiles::ItemVector;

/// The cosine of two directions.
double closeness(const ItemVector& a, const ItemVector& b) {
    double product = 0;
    double one = 0;
    double other = 0;
    for (std::size_t k = 0; k < ItemVector::kSize; ++k) {
        product += a.direction[k] * b.direction[k];
        one += a.direction[k] * a.direction[k];
        other += b.direction[k] * b.direction[k];
    }
    return product / std::sqrt(one * other);
}

CategoryId nearest(const std::vector<ItemVector>& vectors, CategoryId to) {
    const auto self = std::ranges::find(vectors, to, &ItemVector::category);
    CategoryId best;
    double closest = -2;
    for (const ItemVector& each : vectors) {
        if (each.category == to || closeness(each, *self) <= closest) continue;
        closest = closeness(each, *self);
        best = each.category;
    }
    return best;
}

bool has(const std::vector<ItemVector>& vectors, CategoryId category) {
    return std::ranges::find(vectors, category, &ItemVector::category) != vectors.end();
}

/// 2k − 1 and 2k belong together: who buys one often buys the other, beside what comes by chance.
std::vector<ReceiptLine> planted(std::uint16_t pairs, std::uint64_t members, std::uint64_t seed) {
    Rng rng(seed);
    std::vector<ReceiptLine> lines;
    for (std::uint64_t member = 1; member <= members; ++member) {
        for (std::int32_t day = 0; day < 20; ++day) {
            const auto add = [&](std::uint64_t category) {
                lines.push_back(
                    {MemberId(member), day, CategoryId(static_cast<std::uint16_t>(category))});
            };
            const std::uint64_t pair = rng.below(pairs);
            add(2 * pair + 1);
            if (rng.uniform() < 0.6) add(2 * pair + 2);
            for (int i = 0; i < 2; ++i) add(1 + rng.below(2 * std::uint64_t{pairs}));
        }
    }
    return lines;
}

TEST(Complements, WhatIsPlantedTogetherComesOutAsNearest) {
    const auto vectors = complements_of(planted(20, 300, 1));
    ASSERT_EQ(vectors.size(), 40U);
    for (std::uint16_t pair = 0; pair < 20; ++pair) {
        const CategoryId one(static_cast<std::uint16_t>(2 * pair + 1));
        const CategoryId other(static_cast<std::uint16_t>(2 * pair + 2));
        EXPECT_EQ(nearest(vectors, one), other);
        EXPECT_EQ(nearest(vectors, other), one);
    }
}

TEST(Complements, MoreGroupsThanDimensionsStillStandApart) {
    const auto vectors = complements_of(planted(60, 900, 2));
    int found = 0;
    for (std::uint16_t pair = 0; pair < 60; ++pair) {
        found += nearest(vectors, CategoryId(static_cast<std::uint16_t>(2 * pair + 1))) ==
                 CategoryId(static_cast<std::uint16_t>(2 * pair + 2));
    }
    EXPECT_GE(found, 57);
}

TEST(Complements, TheSameLinesInAnyOrderGiveTheSameBytes) {
    auto lines = planted(10, 100, 3);
    const auto vectors = complements_of(lines);
    Rng rng(4);
    for (std::size_t i = lines.size(); i > 1; --i) std::swap(lines[i - 1], lines[rng.below(i)]);
    lines.insert(lines.end(), lines.begin(), lines.begin() + 50);
    EXPECT_EQ(complements_of(lines), vectors);
}

TEST(Complements, APairCountsFromFiveMembersOn) {
    const auto of_members = [](std::uint64_t members) {
        auto lines = planted(4, 40, 5);
        for (std::uint64_t member = 1; member <= members; ++member) {
            for (std::int32_t day = 100; day < 130; ++day) {
                lines.push_back({MemberId(member), day, CategoryId(100)});
                lines.push_back({MemberId(member), day, CategoryId(101)});
            }
        }
        return complements_of(lines);
    };
    EXPECT_FALSE(has(of_members(4), CategoryId(100)))
        << "what four members do says too much of them";
    const auto vectors = of_members(5);
    ASSERT_TRUE(has(vectors, CategoryId(100)));
    EXPECT_EQ(nearest(vectors, CategoryId(100)), CategoryId(101));
}

TEST(Complements, ARareCategoryHasNone) {
    auto lines = planted(4, 40, 6);
    for (std::uint64_t member = 1; member <= 19; ++member) {
        lines.push_back({MemberId(member), 500, CategoryId(100)});
        lines.push_back({MemberId(member), 500, CategoryId(1)});
    }
    EXPECT_FALSE(has(complements_of(lines), CategoryId(100)));
    lines.push_back({MemberId(20), 500, CategoryId(100)});
    lines.push_back({MemberId(20), 500, CategoryId(1)});
    EXPECT_TRUE(has(complements_of(lines), CategoryId(100)));
    EXPECT_TRUE(complements_of({}).empty());
}

TEST(EigenRows, ProductsOfRowsAreTheMatrixWhereItsRankIsLow) {
    // x xᵀ + y yᵀ − z zᵀ with orthogonal x, y, z: the negative part is left out.
    const std::vector<double> x{1, 2, 0, 1};
    const std::vector<double> y{2, -1, 0, 0};
    const std::vector<double> z{0, 0, 1, 0};
    SparseSymmetric matrix;
    matrix.rows.resize(4);
    for (std::uint32_t i = 0; i < 4; ++i) {
        for (std::uint32_t j = 0; j < 4; ++j) {
            matrix.rows[i].push_back({j, x[i] * x[j] + y[i] * y[j] - z[i] * z[j]});
        }
    }
    const auto rows = leading_rows(matrix, 3);
    for (std::size_t i = 0; i < 4; ++i) {
        for (std::size_t j = 0; j < 4; ++j) {
            double product = 0;
            for (std::size_t k = 0; k < 3; ++k) product += rows[i * 3 + k] * rows[j * 3 + k];
            EXPECT_NEAR(product, x[i] * x[j] + y[i] * y[j], 1e-9);
        }
    }
}

constexpr const char* kCatalogue = R"({"format":"vitrine-catalogue-1","categories":[
  {"id":41,"name":{"fr":"Café","en":"Coffee"}},{"id":42,"name":{"fr":"Filtres","en":"Filters"}},
  {"id":43,"name":{"fr":"Tests","en":"Tests"},"sensitive":true}],"offers":[]})";

/// Eight members who always buy coffee, filters, something sensitive and something unknown.
void fill(Centre& centre, bool measure) {
    ASSERT_TRUE(put_catalogue(centre.connection, kCatalogue).has_value());
    for (int member = 1; member <= 8; ++member) {
        const std::string id = "00000000000000a" + std::to_string(member);
        (void)centre.enrol(
            R"({"member":")" + id +
            R"(","identity_key":"000102030405060708090a0b0c0d0e0f","level":"full","language":"fr","measure":)" +
            (measure ? "true}" : "false}"));
        for (int day = 10; day < 20; ++day) {
            for (const char* category : {"41", "42", "43", "99"}) {
                (void)centre.buy(R"({"member":")" + id + R"(","day":"2024-09-)" +
                                 std::to_string(day) + R"(","product":)" + category +
                                 R"(,"category":)" + category + "}");
            }
        }
    }
}

TEST(LearnComplements, LeavesOutWhatIsSensitiveOrUnknown) {
    Centre centre;
    fill(centre, true);
    const auto vectors = learn_complements(centre.connection, kNow).value();
    EXPECT_THAT(vectors,
                testing::ElementsAre(testing::Field(&ItemVector::category, CategoryId(41)),
                                     testing::Field(&ItemVector::category, CategoryId(42))));
}

TEST(LearnComplements, UsesOnlyWhoAllowsToMeasure) {
    Centre centre;
    fill(centre, false);
    EXPECT_TRUE(learn_complements(centre.connection, kNow).value().empty());
}

TEST(Trainer, FreshVectorsAreANextModelAndOutcomesGoOnCounting) {
    Centre centre;
    const profiles::Model first = centre.trainer.current().value();
    const profiles::Model learned{.vectors = {{CategoryId(41), {127}}}};
    auto keep = centre.connection.prepare("INSERT INTO settings VALUES ('vectors', ?)").value();
    const Bytes bytes = wire::encode_model(learned).value();
    ASSERT_TRUE(keep.bind(bytes).run().has_value());
    const auto next = centre.trainer.refit(20).value();
    ASSERT_TRUE(next.has_value());
    EXPECT_EQ(next->epoch, first.epoch.next());
    EXPECT_EQ(next->vectors, learned.vectors);
    EXPECT_EQ(next->mean, first.mean);
    EXPECT_FALSE(centre.trainer.refit(20).value().has_value()) << "once";
}

TEST(Trainer, AModelOfAnOlderProgramGivesWayToThePriorWithALaterEpoch) {
    Centre centre;
    ASSERT_TRUE(centre.connection
                    .execute("INSERT INTO settings VALUES ('model', 'VTM1 and so on');"
                             "INSERT INTO bundles VALUES ('lyon', 5, 7, '', 0, 0)")
                    .has_value());
    EXPECT_EQ(centre.trainer.current().value().epoch, Epoch(8));
    profiles::Model old = centre.trainer.current().value();
    old.layout += 1;
    auto keep =
        centre.connection.prepare("UPDATE settings SET value = ? WHERE key = 'model'").value();
    const Bytes bytes = wire::encode_model(old).value();
    ASSERT_TRUE(keep.bind(bytes).run().has_value());
    EXPECT_NE(centre.trainer.current().value().layout, old.layout);
}

}  // namespace
}  // namespace vitrine::central
