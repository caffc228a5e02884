#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <unordered_set>

#include "agent/offers/rule_fields.hpp"
#include "sync/wire/catalogue_reader.hpp"

namespace vitrine::wire {

namespace {

using profiles::Catalogue;
using profiles::Offer;
using profiles::Placement;
using profiles::ValueKind;

using Index = std::uint32_t;
/// A product, or a category of an offer that names no products.
using Thing = std::uint64_t;
constexpr Thing thing_of(ProductId product) { return product.value(); }
constexpr Thing thing_of(CategoryId category) { return Thing{1} << 32 | category.value(); }

std::vector<Thing> things_of(const Offer& offer) {
    std::vector<Thing> things;
    for (const ProductId each : offer.products) things.push_back(thing_of(each));
    if (!things.empty()) return things;
    things.push_back(thing_of(offer.category));
    for (const CategoryId each : offer.also) things.push_back(thing_of(each));
    return things;
}

std::string name_of(Thing thing) {
    const bool is_category = thing >> 32 != 0;
    return (is_category ? "category " : "product ") + std::to_string(thing & 0xffffffff);
}

/// What one gets. A price that is named says it all, whatever the reduction is called.
using Value = std::tuple<int, std::int64_t, std::int64_t>;
Value value_of(const Offer& offer) {
    const std::int64_t price = offer.price ? offer.price->value() : -1;
    const bool of_money = offer.value_kind == ValueKind::price ||
                          offer.value_kind == ValueKind::percent_off ||
                          offer.value_kind == ValueKind::amount_off;
    if (of_money && offer.price) return {-1, 0, price};
    return {static_cast<int>(offer.value_kind), offer.value, price};
}

/// An invitation has no value that could be another for somebody else.
bool has_value(const Offer& offer) {
    return offer.value_kind != ValueKind::service || offer.value != 0 || offer.price.has_value();
}

bool asks_for_a_person(const Offer& offer) {
    return (offers::needs_of(offer.segment) & (offers::reads_choices | offers::reads_behaviour)) !=
           0;
}

bool depends_on_a_person(const Offer& offer) {
    return !offer.experiment.empty() || asks_for_a_person(offer);
}

/// Walks over offers of one thing in one place as they begin and end, and tells of two that are
/// there at once with different values, of which one depends on the person.
class Sweep {
  public:
    explicit Sweep(const Catalogue& catalogue) : catalogue_(catalogue) {}

    template <class Tell>
    void walk(const std::vector<Index>& offers, const Tell& tell) {
        events_.clear();
        for (const Index index : offers) {
            const Offer& offer = catalogue_.offers[index];
            events_.emplace_back(offer.valid_from, true, index);
            events_.emplace_back(offer.valid_until, false, index);
        }
        // An offer ends before another begins at the same moment.
        std::sort(events_.begin(), events_.end());
        there_.clear();
        values_.clear();
        personal_.clear();
        for (const auto& [when, begins, index] : events_) {
            if (!begins) {
                leave(index);
            } else if (const std::optional<Index> other = rival_of(index)) {
                tell(index, *other);
            } else {
                enter(index);
            }
        }
    }

  private:
    /// Among those that are there, all of one value or none depending on a person.
    std::optional<Index> rival_of(Index index) const {
        const Offer& offer = catalogue_.offers[index];
        const Value value = value_of(offer);
        const bool same = values_.empty() || (values_.size() == 1 && values_.contains(value));
        if (same) return std::nullopt;
        if (depends_on_a_person(offer)) {
            for (const auto& [other, offers] : values_) {
                if (other != value) return *offers.begin();
            }
        }
        for (const Index each : personal_) {
            if (value_of(catalogue_.offers[each]) != value) return each;
        }
        return std::nullopt;
    }
    void enter(Index index) {
        const Offer& offer = catalogue_.offers[index];
        there_.insert(index);
        values_[value_of(offer)].insert(index);
        if (depends_on_a_person(offer)) personal_.insert(index);
    }
    void leave(Index index) {
        if (there_.erase(index) == 0) return;
        const auto same = values_.find(value_of(catalogue_.offers[index]));
        same->second.erase(index);
        if (same->second.empty()) values_.erase(same);
        personal_.erase(index);
    }

    const Catalogue& catalogue_;
    std::vector<std::tuple<WallTime, bool, Index>> events_;
    std::set<Index> there_;
    std::map<Value, std::set<Index>> values_;
    std::set<Index> personal_;
};

class OneValue {
  public:
    OneValue(const Catalogue& catalogue, Report& report)
        : catalogue_(catalogue), report_(report), sweep_(catalogue) {}

    void check(Thing thing, const std::vector<Index>& offers) {
        const bool one_value = std::all_of(offers.begin(), offers.end(), [&](Index each) {
            return value_of(offer(each)) == value_of(offer(offers.front()));
        });
        // Many products are covered by the same offers.
        if (one_value || !seen_.insert(offers).second) return;
        for (const Placement placement : {Placement::kiosk, Placement::staff}) {
            std::vector<Index> here;
            std::copy_if(offers.begin(), offers.end(), std::back_inserter(here), [&](Index each) {
                const auto& placements = offer(each).placements;
                return placements.empty() ||
                       std::ranges::find(placements, placement) != placements.end();
            });
            check_stores(thing, here);
        }
    }

  private:
    const Offer& offer(Index index) const { return catalogue_.offers[index]; }

    void check_stores(Thing thing, const std::vector<Index>& offers) {
        std::vector<Index> everywhere;
        std::map<StoreId, std::vector<Index>> by_store;
        for (const Index each : offers) {
            if (offer(each).stores.empty()) everywhere.push_back(each);
            for (const StoreId& store : offer(each).stores) by_store[store].push_back(each);
        }
        walk(thing, everywhere);
        for (auto& [store, some] : by_store) {
            some.erase(std::unique(some.begin(), some.end()), some.end());
            some.insert(some.end(), everywhere.begin(), everywhere.end());
            walk(thing, some);
        }
    }

    void walk(Thing thing, const std::vector<Index>& offers) {
        if (report_.full()) return;
        sweep_.walk(offers, [&](Index one, Index other) {
            if (told_.emplace(std::min(one, other), std::max(one, other)).second) {
                tell(thing, one, other);
            }
        });
    }

    void tell(Thing thing, Index one, Index other) {
        if (!depends_on_a_person(offer(one))) std::swap(one, other);
        const Place root;
        const Place offers(root, "offers");
        const Place here(offers, one);
        const bool segment = asks_for_a_person(offer(one));
        report_.add(Place(here, segment ? "segment" : "experiment"),
                    "gives " + name_of(thing) + " another value than offers[" +
                        std::to_string(other) + "] (id " + std::to_string(offer(other).id.value()) +
                        ") at the same time in the same place, and the person decides who gets "
                        "which: one thing has one value for all (REQUIREMENTS T12)");
    }

    const Catalogue& catalogue_;
    Report& report_;
    Sweep sweep_;
    std::set<std::vector<Index>> seen_;
    std::set<std::pair<Index, Index>> told_;
};

}  // namespace

void check_one_value(const Catalogue& catalogue, const std::vector<bool>& faulty, Report& report) {
    const auto counts = [&](std::size_t i) { return !faulty[i] && has_value(catalogue.offers[i]); };
    // Only what some offer gives by the person can differ by the person.
    std::unordered_set<Thing> personal;
    for (std::size_t i = 0; i < catalogue.offers.size(); ++i) {
        if (!counts(i) || !depends_on_a_person(catalogue.offers[i])) continue;
        for (const Thing thing : things_of(catalogue.offers[i])) personal.insert(thing);
    }
    if (personal.empty()) return;
    std::vector<std::pair<Thing, Index>> given;
    for (std::size_t i = 0; i < catalogue.offers.size(); ++i) {
        if (!counts(i)) continue;
        for (const Thing thing : things_of(catalogue.offers[i])) {
            if (personal.contains(thing)) given.emplace_back(thing, static_cast<Index>(i));
        }
    }
    std::sort(given.begin(), given.end());
    OneValue check(catalogue, report);
    std::vector<Index> offers;
    for (auto at = given.begin(); at != given.end() && !report.full();) {
        const Thing thing = at->first;
        offers.clear();
        for (; at != given.end() && at->first == thing; ++at) {
            if (offers.empty() || offers.back() != at->second) offers.push_back(at->second);
        }
        check.check(thing, offers);
    }
}

}  // namespace vitrine::wire
