#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "agent/base/random.hpp"
#include "ctl/offer_history.hpp"

namespace vitrine::ctl::testing {

/// A small town's files. Members like the products of one category of four and redeem what suits
/// them. Campaigns "early" (from 1 February), "middle" (1 March) and "late" (1 April) have one
/// offer a category; purchases run from January to May.
struct RetailFiles {
    using Rows = std::vector<std::string>;
    static constexpr int kMembers = 60;

    Rows products{"product_id,department,category,type"};
    Rows purchases{"member_id,product_id,bought_at,amount,quantity"};
    Rows offers{"offer_id,product_id,campaign_id"};
    Rows exposures{"campaign_id,member_id"};
    Rows redemptions{"member_id,offer_id,campaign_id,redeemed_at"};
    Rows campaigns{"campaign_id,start_date"};

    RetailFiles() {
        folder = std::filesystem::path(::testing::TempDir()) /
                 ::testing::UnitTest::GetInstance()->current_test_info()->name();
        std::filesystem::create_directories(folder);
        for (int i = 0; i < 20; ++i) {
            const std::string category = std::to_string(i % 4);
            products.push_back(product(i) + ",\"shop, the\",c" + category + ",t" + category);
        }
        for (const auto& [campaign, month] :
             {std::pair("early", "02"), {"middle", "03"}, {"late", "04"}}) {
            campaigns.push_back(std::string(campaign) + ",2017-" + month + "-01");
            for (int i = 0; i < 20; ++i) {
                offers.push_back(offer(campaign, i % 4) + "," + product(i) + "," + campaign);
            }
        }
        for (int m = 0; m < kMembers; ++m) live(m);
    }
    ~RetailFiles() { std::filesystem::remove_all(folder); }

    static std::string member(int m) { return "m" + std::to_string(m); }
    static std::string product(int p) { return "p" + std::to_string(p); }
    static std::string offer(const std::string& campaign, int category) {
        return campaign + "-o" + std::to_string(category);
    }

    void live(int m) {
        Rng chance(static_cast<std::uint64_t>(m) + 1);
        const int likes = m % 4;
        for (const char* month : {"01", "02", "03", "04", "05"}) {
            for (int i = 0; i < 4; ++i) {
                const int category =
                    chance.uniform() < 0.7 ? likes : static_cast<int>(chance.below(4));
                const int p = category + 4 * static_cast<int>(chance.below(5));
                purchases.push_back(member(m) + "," + product(p) + ",2017-" + month + "-" +
                                    std::to_string(10 + chance.below(18)) + "T10:00:00Z,2.50,1");
            }
        }
        for (const auto& [campaign, month] :
             {std::pair("early", "02"), {"middle", "03"}, {"late", "04"}}) {
            exposures.push_back(std::string(campaign) + "," + member(m));
            if (chance.uniform() > 0.4) continue;
            redemptions.push_back(member(m) + "," + offer(campaign, likes) + "," + campaign +
                                  ",2017-" + month + "-15");
        }
    }

    std::string write(const char* name, const Rows& rows) const {
        const std::string path = folder / (std::string(name) + ".csv");
        std::ofstream out(path, std::ios::binary);
        for (const std::string& row : rows) out << row << '\n';
        return path;
    }
    OfferFiles files() const {
        return {.products = write("products", products),
                .purchases = write("purchases", purchases),
                .offers = write("offers", offers),
                .exposures = write("exposures", exposures),
                .redemptions = write("redemptions", redemptions),
                .campaigns = campaigns.empty() ? "" : write("campaigns", campaigns)};
    }
    Result<OfferHistory> read() const { return read_offer_history(files()); }

    /// All but the header, the other way round.
    static void turn(Rows& rows) { std::reverse(rows.begin() + 1, rows.end()); }

    std::filesystem::path folder;
};

}  // namespace vitrine::ctl::testing
