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

const StaffCard* ProfileBook::read(
    const consent::Permitted<consent::Purpose::staff_view>& permitted) const {
    return find_sorted(cards_, &StaffCard::member, permitted.member());
}

}  // namespace vitrine::profiles
