#include "agent/offers/history.hpp"

#include <algorithm>

#include "agent/offers/features.hpp"

namespace vitrine::offers {

void History::lay_out(const Shelf& shelf) {
    seen.reserve(Exposure::kOffersMax);
    bought.reserve(shelf.size());
    left.reserve(shelf.size());
    is_left_.assign(shelf.size(), false);
    place_of_.assign(shelf.size(), kNowhere);
}

void History::clear() {
    for (const Bought& each : bought) place_of_[each.row] = kNowhere;
    for (const std::uint32_t row : left) is_left_[row] = false;
    seen.clear();
    bought.clear();
    left.clear();
}

// Both sides are in order and of the same size or so: walking along both is faster than searching,
// whose branches nobody can predict.

void History::find_seen(const Shelf& shelf, const Exposure& exposure) {
    auto at = shelf.ids.begin();
    for (const Exposure::Count& count : exposure.offers) {
        while (at != shelf.ids.end() && *at < count.offer) ++at;
        if (at == shelf.ids.end()) break;
        if (*at == count.offer) {
            seen.push_back({static_cast<std::uint32_t>(at - shelf.ids.begin()), count});
        }
    }
}

void History::find_bought(const Shelf& shelf, const profiles::Profile& profile) {
    auto at = shelf.products.begin();
    for (const profiles::ProductHabit& habit : profile.products) {
        while (at != shelf.products.end() && at->product < habit.product) ++at;
        for (; at != shelf.products.end() && at->product == habit.product; ++at) {
            std::uint32_t& place = place_of_[at->row];
            if (place == kNowhere) {
                place = static_cast<std::uint32_t>(bought.size());
                bought.push_back({.row = at->row});
            }
            Bought& each = bought[place];
            each.weight += bounded_weight(habit.weight);
            each.last_day = std::max(each.last_day, habit.last_bought_day);
        }
    }
}

void History::find_left(const Shelf& shelf, const profiles::Profile& profile) {
    for (const ProductId product : profile.basket) {
        auto at = std::ranges::lower_bound(shelf.products, product, {}, &Shelf::Product::product);
        for (; at != shelf.products.end() && at->product == product; ++at) {
            if (is_left_[at->row]) continue;
            is_left_[at->row] = true;
            left.push_back(at->row);
        }
    }
}

}  // namespace vitrine::offers
