#include <cstdio>
#include <filesystem>
#include <string>

#include "bench/figure.hpp"
#include "ctl/csv_table.hpp"
#include "ctl/offer_judging.hpp"

/// O6 and O7: which coupons people redeemed, and whether they redeemed any, with weights learned on
/// earlier campaigns only. The same as `vitrinectl evaluate offers` (docs/evaluate-offers.md).
/// Targets: hit@3 0.54, MRR 0.44, AUC 0.78. One run: it is the same every time.
namespace vitrine {
namespace {

constexpr const char* kTrainUntil = "2017-05-08";

Result<ctl::OfferJudgement> judge(const std::string& folder) {
    const ctl::OfferHistory history =
        TRY(ctl::read_offer_history({.products = folder + "/products.csv.gz",
                                     .purchases = folder + "/transactions_sample.csv.gz",
                                     .offers = folder + "/coupons.csv.gz",
                                     .exposures = folder + "/campaigns.csv.gz",
                                     .redemptions = folder + "/coupon_redemptions.csv.gz",
                                     .campaigns = folder + "/campaign_descriptions.csv.gz"}));
    return ctl::judge_offers(history, TRY(ctl::parse_day(kTrainUntil)));
}

void print(const char* figure, const ctl::OfferJudgement& judgement,
           ctl::Measured ctl::RankerResult::*metric) {
    bench::Figure one{"retail", figure, ""};
    one.add((judgement.of(ctl::Ranker::engine).*metric).value);
    one.add_peer("bought before", (judgement.of(ctl::Ranker::bought_before).*metric).value);
    one.print();
}

}  // namespace
}  // namespace vitrine

int main() {
    using namespace vitrine;
    const std::string folder = bench::data_folder() + "/retail";
    if (!std::filesystem::exists(folder)) {
        bench::skip("retail", "O6, O7", "no folder " + folder);
        return 0;
    }
    const auto judgement = judge(folder);
    if (!judgement) {
        std::fprintf(stderr, "%s\n", judgement.error().message.c_str());
        return 1;
    }
    print("O6 redeemed coupons, hit@3 (target 0.54)", *judgement, &ctl::RankerResult::hit_at_3);
    print("O6 redeemed coupons, MRR (target 0.44)", *judgement, &ctl::RankerResult::mrr);
    print("O7 will a household redeem, AUC (target 0.78)", *judgement, &ctl::RankerResult::auc);
}
