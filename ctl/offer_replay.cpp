#include "ctl/offer_replay.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <tuple>

#include "agent/base/check.hpp"

namespace vitrine::ctl {

namespace {

using consent::Purpose;

/// Everyone in the files agreed to be in them: their shop says so.
consent::Ledger ledger_of(std::size_t members) {
    consent::Consents all;
    for (const Purpose purpose : consent::kPurposes) all.of(purpose).granted = true;
    consent::Ledger ledger;
    for (std::uint32_t member = 0; member < members; ++member) ledger.learn(member_id(member), all);
    return ledger;
}

WallTime noon_of(std::int32_t day) {
    return wall_at(std::chrono::days(day) + std::chrono::hours(12));
}

}  // namespace

OfferReplay::OfferReplay(const OfferHistory& history)
    : history_(history),
      knowledge_(history),
      sales_by_product_(history.products.size()),
      bought_by_product_(history.products.size()),
      ledger_(ledger_of(history.members.size())) {
    std::map<std::pair<std::int32_t, std::uint64_t>, Occasion> occasions;
    for (std::uint32_t i = 0; i < history.shown.size(); ++i) {
        const Shown& shown = history.shown[i];
        const std::uint64_t hash = hash_of(history.campaign_names.of(shown.campaign));
        Occasion& occasion = occasions[{shown.day, hash}];
        occasion.day = shown.day;
        occasion.campaign = shown.campaign;
        occasion.shown.push_back(i);
    }
    for (auto& [key, occasion] : occasions) {
        // The order of the files says nothing.
        std::ranges::sort(occasion.shown, {}, [&](std::uint32_t i) {
            return history.members.of(history.shown[i].member);
        });
        occasions_.push_back(std::move(occasion));
    }
    for (const auto& some : history.purchases) {
        for (const central::Purchase& each : some) {
            sales_.push_back({each.day, each.product.value() - 1, each.quantity, each.cents});
        }
    }
    std::ranges::sort(sales_, {}, [](const Sale& each) {
        return std::tuple(each.day, each.product, each.quantity, each.cents);
    });
}

void OfferReplay::sell_until(std::int32_t day) {
    if (sold_ > 0 && sales_[sold_ - 1].day >= day) {
        sold_ = 0;
        std::ranges::fill(sales_by_product_, 0.0);
    }
    for (; sold_ < sales_.size() && sales_[sold_].day < day; ++sold_) {
        sales_by_product_[sales_[sold_].product] += static_cast<double>(sales_[sold_].cents) / 100;
    }
}

double OfferReplay::sales_of(const CampaignOffer& offer) const {
    double sales = 0;
    for (const std::uint32_t product : offer.products) sales += sales_by_product_[product];
    return sales;
}

/// Its category is the one that most of its products are of; it covers those of the others too.
profiles::Offer OfferReplay::offer_of(const CampaignOffer& covered) const {
    profiles::Offer offer{.id = offer_id(covered.offer)};
    std::map<CategoryId, std::size_t> counts;
    for (const std::uint32_t product : covered.products) {
        ++counts[history_.category_of[product]];
        offer.products.push_back(product_id(product));
    }
    std::vector<std::pair<CategoryId, std::size_t>> ranked(counts.begin(), counts.end());
    std::ranges::stable_sort(ranked, std::ranges::greater{},
                             &std::pair<CategoryId, std::size_t>::second);
    if (!ranked.empty()) offer.category = ranked.front().first;
    for (std::size_t i = 1; i < ranked.size() && i <= profiles::Offer::kAlsoMax; ++i) {
        offer.also.push_back(ranked[i].first);
    }
    std::ranges::sort(offer.also);
    return offer;
}

std::vector<profiles::Offer> OfferReplay::catalogue_of(const Campaign& campaign) const {
    std::vector<profiles::Offer> offers;
    std::vector<double> sales;
    double largest = 0;
    for (const CampaignOffer& covered : campaign.offers) {
        offers.push_back(offer_of(covered));
        sales.push_back(sales_of(covered));
        largest = std::max(largest, sales.back());
    }
    for (std::size_t i = 0; i < offers.size() && largest > 0; ++i) {
        const double share = std::log1p(sales[i]) / std::log1p(largest);
        offers[i].popularity = static_cast<std::int16_t>(std::lround(1 + 999 * share));
    }
    return offers;
}

void OfferReplay::count_bought(std::uint32_t member, std::int32_t day) {
    for (const std::uint32_t product : bought_) bought_by_product_[product] = 0;
    bought_.clear();
    for (const central::Purchase& each : history_.purchases[member]) {
        if (each.day >= day) break;
        bought_.push_back(each.product.value() - 1);
        bought_by_product_[bought_.back()] += 1;
    }
}

void OfferReplay::mark_redeemed(std::uint32_t shown, std::vector<Candidate>& candidates) const {
    for (const Redemption& each : history_.redemptions[history_.shown[shown].member]) {
        if (each.shown != shown) continue;
        const auto at = std::ranges::find(candidates, each.offer, &Candidate::offer);
        CHECK(at != candidates.end());
        at->redeemed_day = std::min(at->redeemed_day, each.day);
    }
}

/// Everything that the engine would have been sent by that day.
profiles::Snapshot OfferReplay::snapshot_of(const Occasion& occasion) {
    sell_until(occasion.day);
    knowledge_.move_to(occasion.day);
    profiles::Snapshot snapshot{
        .catalogue = {.epoch = Epoch(1),
                      .categories = history_.taxonomy,
                      .offers = catalogue_of(history_.campaigns[occasion.campaign])}};
    snapshot.model.vectors = knowledge_.vectors();
    std::vector<profiles::Profile> profiles;
    for (const std::uint32_t i : occasion.shown) {
        profiles.push_back(profile_of(history_, history_.shown[i].member, occasion.day,
                                      knowledge_.usual_prices()));
    }
    snapshot.profiles = profiles::ProfileBook(Epoch(1), std::move(profiles), {});
    return snapshot;
}

/// Those that the member was shown, still without what the engine sees in them.
std::vector<Candidate> OfferReplay::candidates_of(const Campaign& campaign,
                                                  const Shown& shown) const {
    std::vector<Candidate> candidates;
    for (const CampaignOffer& covered : campaign.offers) {
        const bool was_shown =
            shown.offers.empty() || std::ranges::binary_search(shown.offers, covered.offer);
        if (!was_shown) continue;
        Candidate& candidate = candidates.emplace_back();
        candidate.offer = covered.offer;
        for (const std::uint32_t product : covered.products) {
            candidate.bought_before += bought_by_product_[product];
        }
        candidate.sales_before = sales_of(covered);
    }
    // The order of the files says nothing, also where the order of learning does.
    std::ranges::sort(candidates, {}, [&](const Candidate& each) -> const std::string& {
        return history_.offers.of(each.offer);
    });
    return candidates;
}

void OfferReplay::visit_occasion(const Occasion& occasion, const Visit& visit) {
    const profiles::Snapshot snapshot = snapshot_of(occasion);
    const offers::Learner learner;
    offers::Chooser chooser;
    chooser.prepare(snapshot, learner);
    const offers::Context context{.now = noon_of(occasion.day)};
    const consent::Gate gate(ledger_);
    for (const std::uint32_t i : occasion.shown) {
        const Shown& shown = history_.shown[i];
        const auto permitted =
            gate.permit<Purpose::personalise>(member_id(shown.member), context.now);
        count_bought(shown.member, occasion.day);
        std::vector<Candidate> candidates =
            candidates_of(history_.campaigns[occasion.campaign], shown);
        for (Candidate& each : candidates) {
            // Nobody knows at which moment a mailing was read: nothing of the context counts.
            each.example = chooser.example(permitted, false, context, offer_id(each.offer));
        }
        mark_redeemed(i, candidates);
        visit(shown, candidates);
    }
}

void OfferReplay::run(std::int32_t first_day, std::int32_t end_day, const Visit& visit) {
    for (const Occasion& occasion : occasions_) {
        if (occasion.day >= first_day && occasion.day < end_day) visit_occasion(occasion, visit);
    }
}

}  // namespace vitrine::ctl
