#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "agent/offers/rules.hpp"
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
        if (offer.value_kind == ValueKind::amount_off &&
            offer.value >= offer.prior_price->value()) {
            report.add(Place(place, "value"), "takes off all of the price before");
        }
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

/// A text that announces a reduction is one, whatever the kind of the value says. The terms of a
/// purchase of several, "the third one free", are none (Directive 98/6/EC, Article 6a, and the
/// Commission's guidance on it).
void check_announcement(const Offer& offer, const Place& place, Report& report) {
    const bool announced =
        offer.value_kind == ValueKind::percent_off || offer.value_kind == ValueKind::amount_off;
    if (announced || offer.prior_price || offer.value_kind == ValueKind::multi_buy) return;
    const auto check = [&](std::string_view name, const LocalText& text) {
        const Place local(place, name);
        for (const auto& [language, words] :
             {std::pair("fr", &text.fr), std::pair("en", &text.en)}) {
            const std::string_view found = announced_reduction(*words);
            if (found.empty()) continue;
            report.add(Place(local, language),
                       "\"" + std::string(found) +
                           "\" announces a reduction, which needs the lowest price of the last 30 "
                           "days in prior_price_cents (REQUIREMENTS C2)");
            return;
        }
    };
    check("title", offer.title);
    check("detail", offer.detail);
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

/// Which categories there are, and which of them are sensitive by themselves or by one above.
class Taxonomy {
  public:
    explicit Taxonomy(const Catalogue& catalogue) {
        for (const auto& each : catalogue.categories) categories_.emplace(each.id, &each);
    }
    bool has(CategoryId id) const { return categories_.contains(id); }
    bool sensitive(CategoryId id) const {
        for (std::size_t depth = 0; depth <= kDepthMax; ++depth) {
            const auto found = categories_.find(id);
            if (found == categories_.end()) return false;
            if (found->second->sensitive) return true;
            id = found->second->parent;
        }
        return false;
    }

  private:
    std::unordered_map<CategoryId, const profiles::Category*> categories_;
};

void check_category(const Taxonomy& taxonomy, CategoryId id, const Place& place, Report& report) {
    if (!taxonomy.has(id)) {
        report.add(place, "no category has the id " + std::to_string(id.value()));
    }
}

/// A rule asks for a category by its number: "days_since_bought.11".
void check_segment(const Taxonomy& taxonomy, const profiles::Rule& rule, const Place& place,
                   Report& report) {
    for (const std::string& name : rule.texts) {
        const std::size_t dot = name.rfind('.');
        if (dot == name.npos || name.starts_with("days_since_product.")) continue;
        if (!offers::slot_of(name)) continue;
        std::uint16_t number = 0;
        std::from_chars(name.data() + dot + 1, name.data() + name.size(), number);
        const CategoryId category(number);
        check_category(taxonomy, category, place, report);
        if (taxonomy.sensitive(category)) {
            report.add(place, "'" + name +
                                  "' asks for a sensitive category: what somebody buys of it is "
                                  "nobody's business (REQUIREMENTS P2)");
        }
    }
}

}  // namespace

void check_offer(const Offer& offer, const Place& place, Report& report) {
    check_reduction(offer, place, report);
    check_announcement(offer, place, report);
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

    const Taxonomy taxonomy(catalogue);
    for (std::size_t i = 0; i < catalogue.offers.size(); ++i) {
        if (report.full()) return;
        const Offer& offer = catalogue.offers[i];
        const Place here(offers, i);
        check_category(taxonomy, offer.category, Place(here, "category"), report);
        for (const CategoryId each : offer.also) {
            check_category(taxonomy, each, Place(here, "also"), report);
            if (each == offer.category) {
                report.add(Place(here, "also"), "names the offer's own category");
            }
        }
        check_segment(taxonomy, offer.segment, Place(here, "segment"), report);
    }
}

void check_bindings(const Catalogue& catalogue, const profiles::Policy& policy, Report& report) {
    const Place root;
    const Place offers(root, "offers");
    for (std::size_t i = 0; i < catalogue.offers.size(); ++i) {
        const Offer& offer = catalogue.offers[i];
        if (offer.experiment.empty()) continue;
        const Place here(offers, i);
        const Place binding(here, "experiment");
        const auto experiment =
            std::ranges::find(policy.experiments, offer.experiment, &profiles::Experiment::id);
        if (experiment == policy.experiments.end()) {
            report.add(Place(binding, "id"),
                       "the policy has no experiment '" + offer.experiment + "'");
        } else if (std::ranges::find(experiment->arms, offer.arm) == experiment->arms.end()) {
            report.add(Place(binding, "arm"), "the experiment '" + offer.experiment +
                                                  "' has no arm '" + offer.arm.substr(0, 64) + "'");
        }
    }
}

}  // namespace vitrine::wire
