#include "agent/profiles/catalogue.hpp"

#include <algorithm>

namespace vitrine::profiles {

namespace {

// A taxonomy deeper than this is a loop.
constexpr int kDepthMax = 8;

template <class Item, class Id>
const Item* find_by_id(const std::vector<Item>& sorted, Id id) {
    const auto at = std::lower_bound(sorted.begin(), sorted.end(), id,
                                     [](const Item& item, Id wanted) { return item.id < wanted; });
    return at != sorted.end() && at->id == id ? &*at : nullptr;
}

/// Whether `holds` of the category or one above it; an unknown category or a loop counts as yes, to
/// be on the safe side.
template <class Predicate>
bool any_above(const Catalogue& catalogue, CategoryId id, Predicate holds) {
    for (int depth = 0; depth < kDepthMax; ++depth) {
        const Category* category = catalogue.category(id);
        if (category == nullptr || holds(*category)) return true;
        if (category->parent == CategoryId{}) return false;
        id = category->parent;
    }
    return true;
}

}  // namespace

const Offer* Catalogue::offer(OfferId id) const { return find_by_id(offers, id); }

const Category* Catalogue::category(CategoryId id) const { return find_by_id(categories, id); }

bool Catalogue::sensitive(CategoryId id) const {
    return any_above(*this, id, [](const Category& category) { return category.sensitive; });
}

bool Catalogue::needs_age_proof(CategoryId id) const {
    return any_above(*this, id, [](const Category& category) { return category.needs_age_proof; });
}

CategoryId Catalogue::root_of(CategoryId id) const {
    for (int depth = 0; depth < kDepthMax; ++depth) {
        const Category* known = category(id);
        if (known == nullptr || known->parent == CategoryId{}) return id;
        id = known->parent;
    }
    return id;
}

}  // namespace vitrine::profiles
