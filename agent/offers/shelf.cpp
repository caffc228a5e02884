#include "agent/offers/shelf.hpp"

#include <algorithm>
#include <map>
#include <string_view>

#include "agent/offers/rule_fields.hpp"

namespace vitrine::offers {

namespace {

/// splitmix64's mixer: sums of mixed ids do not depend on the order and rarely collide.
std::uint64_t mixed(std::uint64_t value) {
    value += 0x9e3779b97f4a7c15ULL;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31);
}

std::uint16_t index_of(const std::vector<profiles::Category>& categories, CategoryId id) {
    const auto place = std::lower_bound(
        categories.begin(), categories.end(), id,
        [](const profiles::Category& category, CategoryId wanted) { return category.id < wanted; });
    const bool known = place != categories.end() && place->id == id;
    return static_cast<std::uint16_t>(known ? place - categories.begin() : std::ssize(categories));
}

std::uint8_t placement_bits(const profiles::Offer& offer) {
    if (offer.placements.empty()) return 0xff;
    std::uint8_t bits = 0;
    for (const profiles::Placement placement : offer.placements) {
        bits = static_cast<std::uint8_t>(bits | 1U << static_cast<unsigned>(placement));
    }
    return bits;
}

std::uint8_t tier_of(const profiles::Offer& offer) {
    return static_cast<std::uint8_t>(
        offer.price_tier == 0 ? 1 : std::clamp<int>(offer.price_tier, 1, 3) - 1);
}

/// By orders of magnitude: one product or a whole category 0, thousands 1.
float breadth_of(const profiles::Offer& offer) {
    int doublings = 0;
    for (std::size_t count = offer.products.size(); count > 1; count /= 2) ++doublings;
    return static_cast<float>(doublings) / 13;
}
static_assert(std::size_t{1} << 13 == profiles::Offer::kProductsMax);

}  // namespace

float discount_of(const profiles::Offer& offer) {
    using profiles::ValueKind;
    const auto part = [](std::int64_t saved, std::int64_t whole) {
        if (whole <= 0) return 0.0F;
        return std::clamp(static_cast<float>(saved) / static_cast<float>(whole), 0.0F, 1.0F);
    };
    switch (offer.value_kind) {
        case ValueKind::percent_off:
            return part(offer.value, 100);
        case ValueKind::amount_off:
            return offer.price ? part(offer.value, offer.price->value()) : 0;
        case ValueKind::multi_buy:
            return 1.0F / 3;
        case ValueKind::points:
            return 0.1F;
        case ValueKind::service:
            return 0;
        case ValueKind::price:
            break;
    }
    if (!offer.price || !offer.prior_price) return 0;
    return part(offer.prior_price->value() - offer.price->value(), offer.prior_price->value());
}

Shelf::Shelf(const profiles::Catalogue& shown, StoreId store) : catalogue(shown), here(store) {
    lay_out_taxonomy();
    for (const profiles::Offer& offer : catalogue.offers) {
        if (size() < kRowsMax) lay_out_offer(offer);
    }
    std::sort(products.begin(), products.end(), [](const Product& one, const Product& other) {
        return std::pair(one.product, one.row) < std::pair(other.product, other.row);
    });
    number_rules_and_groups();
    move_to(store);
}

void Shelf::lay_out_taxonomy() {
    const std::size_t count = catalogue.categories.size();
    for (const profiles::Category& each : catalogue.categories) {
        const bool is_top = each.parent == CategoryId{};
        const std::uint16_t above = index_of(catalogue.categories, each.parent);
        parent.push_back(is_top || above == count ? kNone : above);
        top.push_back(index_of(catalogue.categories, catalogue.root_of(each.id)));
        sensitive.push_back(catalogue.sensitive(each.id) ? 1 : 0);
        category_ids.push_back(each.id);
        rhythm_days.push_back(each.rhythm_days);
    }
    is_stocked_.resize(count + 1);
    parent.push_back(kNone);
    top.push_back(static_cast<std::uint16_t>(count));
    sensitive.push_back(1);
    rhythm_days.push_back(0);
}

void Shelf::lay_out_offer(const profiles::Offer& offer) {
    const std::uint16_t its_category = index_of(catalogue.categories, offer.category);
    const bool unordered = !ids.empty() && !(ids.back() < offer.id);
    std::uint8_t barred = 0;
    if (!offer.in_stock) barred |= bar_stock;
    if (sensitive[its_category] != 0) barred |= bar_sensitive;
    if (catalogue.needs_age_proof(offer.category)) barred |= bar_age;
    // One such category that it covers is enough.
    for (const CategoryId id : offer.also) {
        if (sensitive[index_of(catalogue.categories, id)] != 0) barred |= bar_sensitive;
        if (catalogue.needs_age_proof(id)) barred |= bar_age;
    }

    ids.push_back(offer.id);
    caps.push_back(offer.caps);
    cool_down_days.push_back(offer.cool_down_days);
    supply.push_back(profiles::StockLevel::normal);
    if (!offer.experiment.empty() || !offer.arm.empty()) {
        bound.push_back({.row = static_cast<std::uint32_t>(size())});
    }
    // An offer that stands twice, or out of order, is never valid rather than shown twice.
    from_ms.push_back(offer.valid_from.time_since_epoch().count());
    until_ms.push_back(unordered ? from_ms.back() : offer.valid_until.time_since_epoch().count());
    bars.push_back(barred);
    placements.push_back(placement_bits(offer));
    category.push_back(its_category);
    root.push_back(top[its_category]);
    identity.push_back(mixed(offer.id.value()));
    const CategoryId top_id = catalogue.root_of(offer.category);
    bucket.push_back(static_cast<std::uint8_t>(top_id.value() % layout::kBuckets));
    season.push_back(static_cast<std::uint8_t>(std::clamp<int>(offer.season, 0, 12)));
    weather.push_back(static_cast<std::uint8_t>(std::clamp<int>(offer.weather, -1, 1) + 1));
    tier.push_back(tier_of(offer));
    number_kind();
    breadth.push_back(breadth_of(offer));
    discount.push_back(discount_of(offer) - 0.2F);
    const auto rank = static_cast<float>(std::clamp<int>(offer.popularity, 0, 1000));
    popularity.push_back(rank == 0 ? 0 : rank / 1000 - 0.5F);
    for (const ProductId product : offer.products) {
        products.push_back({product, static_cast<std::uint32_t>(bars.size() - 1)});
    }
    stock(its_category);
    lay_out_spread(offer);
}

/// Of the offer laid out last.
void Shelf::lay_out_spread(const profiles::Offer& offer) {
    Spread spread{.row = static_cast<std::uint32_t>(size() - 1)};
    for (const CategoryId id : offer.also) {
        const std::uint16_t index = index_of(catalogue.categories, id);
        stock(index);
        if (index != category.back()) spread.also.push_back(index);
    }
    spread_of.push_back(spread.also.empty() ? kNoSpread
                                            : static_cast<std::uint32_t>(spreads.size()));
    if (!spread.also.empty()) spreads.push_back(std::move(spread));
}

void Shelf::stock(std::uint16_t index) {
    if (is_stocked_[index]) return;
    is_stocked_[index] = true;
    stocked.push_back(index);
}

/// Of the offer laid out last.
void Shelf::number_kind() {
    Kind its{.bucket = bucket.back(),
             .season = season.back(),
             .weather = weather.back(),
             .tier = tier.back()};
    its.kind = static_cast<std::uint16_t>(kind_of(its));
    kind.push_back(its.kind);
    const bool known = std::any_of(kinds.begin(), kinds.end(),
                                   [&](const Kind& each) { return each.kind == its.kind; });
    if (!known) kinds.push_back(its);
}

void Shelf::number_rules_and_groups() {
    std::map<std::string_view, std::uint16_t> groups{{"", std::uint16_t{0}}};
    std::map<std::pair<std::size_t, std::size_t>, std::vector<std::uint16_t>> alike;
    for (std::size_t row = 0; row < size(); ++row) {
        const profiles::Offer& offer = catalogue.offers[row];
        const auto next = static_cast<std::uint16_t>(groups.size());
        group.push_back(groups.emplace(offer.exclusion_group, next).first->second);
        if (offer.segment.empty()) {
            rule.push_back(kNone);
            continue;
        }
        ruled.push_back(static_cast<std::uint32_t>(row));
        std::vector<std::uint16_t>& some =
            alike[{offer.segment.nodes.size(), offer.segment.texts.size()}];
        const auto same = std::find_if(some.begin(), some.end(), [&](std::uint16_t each) {
            return *rules[each].rule == offer.segment;
        });
        if (same != some.end()) {
            rule.push_back(*same);
            continue;
        }
        rule.push_back(static_cast<std::uint16_t>(rules.size()));
        some.push_back(rule.back());
        rules.push_back({&offer.segment, needs_of(offer.segment)});
    }
    group_count = groups.size();
}

std::size_t Shelf::row_of(OfferId offer) const {
    const auto place = std::lower_bound(ids.begin(), ids.end(), offer);
    const bool known = place != ids.end() && *place == offer;
    return known ? static_cast<std::size_t>(place - ids.begin()) : size();
}

void Shelf::move_to(StoreId store) {
    here = store;
    ++revision_;
    for (std::size_t i = 0; i < size(); ++i) {
        const std::vector<StoreId>& stores = catalogue.offers[i].stores;
        const bool sold =
            stores.empty() || std::find(stores.begin(), stores.end(), store) != stores.end();
        bars[i] = static_cast<std::uint8_t>(sold ? bars[i] & ~bar_store : bars[i] | bar_store);
    }
}

void Shelf::bind(const profiles::Policy& policy) {
    const auto& experiments = policy.experiments;
    for (Bound& each : bound) {
        const profiles::Offer& offer = catalogue.offers[each.row];
        const auto experiment =
            std::ranges::find(experiments, offer.experiment, &profiles::Experiment::id);
        each.experiment = kNoExperiment;
        each.arm = 0;
        const auto index = experiment - experiments.begin();
        if (index >= std::ssize(experiments) || index >= kNoExperiment) continue;
        const auto arm = std::ranges::find(experiment->arms, offer.arm);
        if (arm == experiment->arms.end()) continue;
        each.experiment = static_cast<std::uint8_t>(index);
        each.arm = static_cast<std::uint8_t>(arm - experiment->arms.begin() + 1);
    }
}

void Shelf::restock(const profiles::Stock& stock) {
    using profiles::StockLevel;
    std::map<std::uint32_t, std::pair<std::size_t, std::size_t>> scarce;  // By row: out, low.
    for (const profiles::Stock::Item& item : stock.scarce) {
        auto at = std::lower_bound(
            products.begin(), products.end(), item.product,
            [](const Product& each, ProductId wanted) { return each.product < wanted; });
        for (; at != products.end() && at->product == item.product; ++at) {
            if (item.level == StockLevel::out) ++scarce[at->row].first;
            if (item.level == StockLevel::low) ++scarce[at->row].second;
        }
    }
    std::fill(supply.begin(), supply.end(), StockLevel::normal);
    for (const auto& [row, count] : scarce) {
        const std::size_t size = catalogue.offers[row].products.size();
        if (count.first + count.second >= size) supply[row] = StockLevel::low;
        if (count.first >= size) supply[row] = StockLevel::out;
    }
    for (std::size_t row = 0; row < size(); ++row) {
        const bool out = !catalogue.offers[row].in_stock || supply[row] == StockLevel::out;
        bars[row] = static_cast<std::uint8_t>(out ? bars[row] | bar_stock : bars[row] & ~bar_stock);
    }
    ++revision_;
}

void Shelf::reckon(const Budgets& budgets) {
    spent.clear();
    for (std::uint32_t row = 0; row < size(); ++row) {
        if (budgets.spent(catalogue.offers[row])) spent.push_back(row);
    }
}

}  // namespace vitrine::offers
