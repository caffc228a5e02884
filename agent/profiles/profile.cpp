#include "agent/profiles/profile.hpp"

#include <algorithm>

namespace vitrine::profiles {

namespace {

template <class Item, class Key, class Id>
const Item* find_sorted(const std::vector<Item>& sorted, Key Item::*key, Id wanted) {
    const auto at =
        std::lower_bound(sorted.begin(), sorted.end(), wanted,
                         [key](const Item& item, const Id& id) { return item.*key < id; });
    return at != sorted.end() && (*at).*key == wanted ? &*at : nullptr;
}

/// In order of member, the last of each kept.
template <class Item>
void keep_last_of_each(std::vector<Item>& items) {
    std::stable_sort(items.begin(), items.end(),
                     [](const Item& one, const Item& other) { return one.member < other.member; });
    const auto first_kept =
        std::unique(items.rbegin(), items.rend(),
                    [](const Item& one, const Item& other) { return one.member == other.member; });
    items.erase(items.begin(), first_kept.base());
    items.shrink_to_fit();
}

}  // namespace

const Habit* Profile::habit(CategoryId category) const {
    return find_sorted(habits, &Habit::category, category);
}

const ProductHabit* Profile::bought(ProductId product) const {
    return find_sorted(products, &ProductHabit::product, product);
}

ProfileBook::ProfileBook(Epoch epoch, std::vector<Profile> profiles, std::vector<StaffCard> cards)
    : epoch_(epoch), profiles_(std::move(profiles)), cards_(std::move(cards)) {
    keep_last_of_each(profiles_);
    keep_last_of_each(cards_);
}

const Profile* ProfileBook::read(
    const consent::Permitted<consent::Purpose::personalise>& permitted) const {
    return find_sorted(profiles_, &Profile::member, permitted.member());
}

namespace {

/// Room for one more is made by the one that was bought longest ago.
template <class Item, class Id>
void note(std::vector<Item>& sorted, Id Item::*key, Id id, std::int32_t day, std::size_t max) {
    const auto by_key = [key](const Item& item, const Id& wanted) { return item.*key < wanted; };
    auto at = std::lower_bound(sorted.begin(), sorted.end(), id, by_key);
    if (at == sorted.end() || (*at).*key != id) {
        if (sorted.size() >= max) {
            sorted.erase(std::min_element(sorted.begin(), sorted.end(),
                                          [](const Item& one, const Item& other) {
                                              return one.last_bought_day < other.last_bought_day;
                                          }));
            at = std::lower_bound(sorted.begin(), sorted.end(), id, by_key);
        }
        Item fresh;
        fresh.*key = id;
        at = sorted.insert(at, fresh);
    }
    at->last_bought_day = std::max(at->last_bought_day, day);
    at->weight += 1;
}

}  // namespace

void ProfileBook::note_bought(const consent::Permitted<consent::Purpose::personalise>& permitted,
                              ProductId product, CategoryId category, std::int32_t day) {
    const auto at = std::lower_bound(
        profiles_.begin(), profiles_.end(), permitted.member(),
        [](const Profile& profile, MemberId member) { return profile.member < member; });
    if (at == profiles_.end() || at->member != permitted.member()) return;
    if (at->level != Level::full) return;
    note(at->habits, &Habit::category, category, day, Profile::kHabitsMax);
    note(at->products, &ProductHabit::product, product, day, Profile::kProductsMax);
}

const StaffCard* ProfileBook::read(
    const consent::Permitted<consent::Purpose::staff_view>& permitted) const {
    return find_sorted(cards_, &StaffCard::member, permitted.member());
}

}  // namespace vitrine::profiles
