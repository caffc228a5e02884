#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "sync/wire/catalogue_reader.hpp"

namespace vitrine::wire {

namespace {

using profiles::Catalogue;
using profiles::Offer;
using profiles::ValueKind;

/// A taxonomy deeper than this counts as a loop: profiles::Catalogue does not look further.
constexpr std::size_t kDepthMax = 8;

std::string euros(Cents cents) {
    const std::int64_t value = cents.value();
    const std::string rest = std::to_string(value % 100);
    return std::to_string(value / 100) + (rest.size() == 1 ? ",0" : ",") + rest + " €";
}

/// An announced reduction names the lowest price of the last 30 days (C2), and does not promise
/// more than the prices show.
void check_reduction(const Offer& offer, const Place& place, Report& report) {
    const bool announced =
        offer.value_kind == ValueKind::percent_off || offer.value_kind == ValueKind::amount_off;
    const Place prior(place, "prior_price_cents");
    if (!offer.prior_price) {
        if (announced) {
            report.add(prior,
                       "an announced reduction needs the lowest price of the last 30 days "
                       "(REQUIREMENTS C2)");
        }
        return;
    }
    if (!offer.price) {
        if (!announced) report.add(Place(place, "price_cents"), "is missing beside a prior price");
        return;
    }
    const std::int64_t before = offer.prior_price->value();
    const std::int64_t reduced = before - offer.price->value();
    const std::string prices = "from " + euros(*offer.prior_price) + " to " + euros(*offer.price);
    if (reduced <= 0) {
        report.add(prior, prices + " is no reduction");
    } else if (offer.value_kind == ValueKind::amount_off && offer.value != reduced) {
        report.add(Place(place, "value"), prices + " is not the announced amount");
    } else if (offer.value_kind == ValueKind::percent_off &&
               offer.value * before * 2 > reduced * 200 + before) {
        // A percentage may be rounded to the nearest one, never beyond.
        report.add(Place(place, "value"), prices + " is less than the announced percentage");
    }
}

template <class Item>
void check_unique(const std::vector<Item>& items, const Place& place, Report& report) {
    std::unordered_map<decltype(Item::id), std::size_t> first;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto [seen, fresh] = first.emplace(items[i].id, i);
        if (fresh) continue;
        const Place here(place, i);
        report.add(Place(here, "id"), "is also the id of [" + std::to_string(seen->second) + "]");
    }
}

void check_parents(const Catalogue& catalogue, const Place& place, Report& report) {
    std::unordered_map<CategoryId, CategoryId> parents;
    for (const auto& category : catalogue.categories) parents.emplace(category.id, category.parent);
    for (std::size_t i = 0; i < catalogue.categories.size(); ++i) {
        const Place here(place, i);
        const Place parent(here, "parent");
        CategoryId at = catalogue.categories[i].parent;
        std::size_t depth = 1;
        while (at != CategoryId{} && parents.contains(at) && depth <= kDepthMax) {
            at = parents.at(at);
            ++depth;
        }
        if (depth > kDepthMax) {
            report.add(parent, "leads to itself, or deeper than " + std::to_string(kDepthMax));
        } else if (at != CategoryId{} && depth == 1) {
            report.add(parent, "no category has the id " + std::to_string(at.value()));
        }
    }
}

}  // namespace

void check_offer(const Offer& offer, const Place& place, Report& report) {
    check_reduction(offer, place, report);
    if (offer.value_kind == ValueKind::price && !offer.price) {
        report.add(Place(place, "price_cents"), "is missing for an offer of a price");
    }
    if (offer.valid_until <= offer.valid_from) {
        report.add(Place(place, "valid_until"), "is not after valid_from");
    }
}

void check_references(const Catalogue& catalogue, Report& report) {
    const Place root;
    const Place categories(root, "categories");
    const Place offers(root, "offers");
    check_unique(catalogue.categories, categories, report);
    check_unique(catalogue.offers, offers, report);
    check_parents(catalogue, categories, report);

    std::unordered_set<CategoryId> known;
    for (const auto& category : catalogue.categories) known.insert(category.id);
    for (std::size_t i = 0; i < catalogue.offers.size(); ++i) {
        const CategoryId wanted = catalogue.offers[i].category;
        if (known.contains(wanted)) continue;
        const Place here(offers, i);
        report.add(Place(here, "category"),
                   "no category has the id " + std::to_string(wanted.value()));
    }
}

}  // namespace vitrine::wire
