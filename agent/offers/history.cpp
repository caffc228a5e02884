#include "agent/offers/history.hpp"

#include <algorithm>

namespace vitrine::offers {

void History::lay_out(const Shelf& shelf) {
    seen.reserve(Exposure::kOffersMax);
    bought.reserve(shelf.products.size());
}

void History::clear() {
    seen.clear();
    bought.clear();
}

// Both sides are in order: each search starts where the last one ended.

void History::find_seen(const Shelf& shelf, const Exposure& exposure) {
    auto at = shelf.ids.begin();
    for (const Exposure::Count& count : exposure.offers) {
        at = std::lower_bound(at, shelf.ids.end(), count.offer);
        if (at == shelf.ids.end()) break;
        if (*at == count.offer) {
            seen.push_back({static_cast<std::uint32_t>(at - shelf.ids.begin()), count});
        }
    }
}

void History::find_bought(const Shelf& shelf, const profiles::Profile& profile) {
    auto at = shelf.products.begin();
    for (const profiles::ProductHabit& habit : profile.products) {
        at = std::lower_bound(
            at, shelf.products.end(), habit.product,
            [](const Shelf::Product& product, ProductId id) { return product.product < id; });
        for (; at != shelf.products.end() && at->product == habit.product; ++at) {
            bought.push_back({at->row, habit});
        }
    }
}

}  // namespace vitrine::offers
