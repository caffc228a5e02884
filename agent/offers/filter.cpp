#include "agent/offers/filter.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace vitrine::offers {

namespace {

// The lowest bit of the bars names the removal.
static_assert(1U << static_cast<unsigned>(Removal::not_valid_now) == bar_validity);
static_assert(1U << static_cast<unsigned>(Removal::other_store) == bar_store);
static_assert(1U << static_cast<unsigned>(Removal::other_placement) == bar_placement);
static_assert(1U << static_cast<unsigned>(Removal::out_of_stock) == bar_stock);
static_assert(1U << static_cast<unsigned>(Removal::sensitive) == bar_sensitive);
static_assert(1U << static_cast<unsigned>(Removal::age) == bar_age);

/// What needs an age is never chosen for a person or a group on a screen in the shop, and elsewhere
/// only for a member whose age was proven. What everyone sees may contain it.
bool age_bars(const Audience& audience) {
    if (audience.path == Path::mass) return false;
    if (audience.path == Path::group) return true;
    return audience.context->placement == profiles::Placement::kiosk ||
           !audience.profile->age_proven;
}

std::uint8_t readable_to(const Audience& audience) {
    unsigned readable = audience.context_allowed ? reads_context : reads_nothing;
    if (audience.profile != nullptr) {
        if (audience.profile->level != profiles::Level::none) readable |= reads_choices;
        if (audience.profile->level == profiles::Level::full) readable |= reads_behaviour;
    }
    return static_cast<std::uint8_t>(readable);
}

}  // namespace

Filter::Filter(const Shelf& shelf)
    : shelf_(shelf),
      data_(shelf.catalogue, room_),
      marks_(shelf.size()),
      category_marks_(shelf.parent.size()),
      group_shown_(shelf.group_count),
      row_shown_(shelf.size()),
      admitted_(shelf.rules.size()),
      standing_(shelf.size()) {
    room_.resize(profiles::Profile::kHabitsMax + profiles::Profile::kProductsMax);
}

void Filter::mark(std::size_t row, Removal removal) {
    if (row >= marks_.size()) return;
    marks_[row] = std::min(marks_[row], static_cast<std::uint8_t>(removal));
}

/// Bars what is not for sale here, in this place and now, and finds how long that holds.
void Filter::stand(const Context& context) {
    const std::int64_t now = context.now.time_since_epoch().count();
    const bool holds = placement_ == context.placement && store_ == shelf_.here &&
                       now >= stands_from_ms_ && now < stands_until_ms_;
    if (holds) return;
    placement_ = context.placement;
    store_ = shelf_.here;
    stands_from_ms_ = std::numeric_limits<std::int64_t>::min();
    stands_until_ms_ = std::numeric_limits<std::int64_t>::max();
    const unsigned placement = 1U << static_cast<unsigned>(placement_);
    for (std::size_t row = 0; row < shelf_.size(); ++row) {
        unsigned bars = shelf_.bars[row];
        if ((shelf_.placements[row] & placement) == 0) bars |= bar_placement;
        const std::int64_t from = shelf_.from_ms[row];
        const std::int64_t until = shelf_.until_ms[row];
        if (now < from || now >= until) bars |= bar_validity;
        for (const std::int64_t turn : {from, until}) {
            if (turn <= now) stands_from_ms_ = std::max(stands_from_ms_, turn);
            if (turn > now) stands_until_ms_ = std::min(stands_until_ms_, turn);
        }
        standing_[row] = static_cast<std::uint8_t>(bars);
    }
}

void Filter::look_at(const Audience& audience, const Tastes& tastes, const History& history,
                     const profiles::Policy& policy, std::vector<std::uint8_t>& shown_in_category) {
    const std::int32_t today = day_of(audience.context->now);
    stand(*audience.context);
    barring_ = static_cast<std::uint8_t>(bar_validity | bar_store | bar_placement | bar_stock |
                                         bar_sensitive | (age_bars(audience) ? bar_age : 0));
    data_.look_at(*audience.context, audience.profile, readable_to(audience));
    std::fill(marks_.begin(), marks_.end(), kStays);
    std::fill(category_marks_.begin(), category_marks_.end(), kStays);
    std::fill(group_shown_.begin(), group_shown_.end(), std::uint8_t{0});
    std::fill(row_shown_.begin(), row_shown_.end(), std::uint8_t{0});
    std::fill(admitted_.begin(), admitted_.end(), std::uint8_t{0});
    std::fill(shown_in_category.begin(), shown_in_category.end(), std::uint8_t{0});

    if (audience.dismissed != nullptr) {
        for (const OfferId offer : *audience.dismissed) {
            mark(shelf_.row_of(offer), Removal::dismissed);
        }
    }
    mark_seen(audience, history);
    if (audience.path != Path::personal) return;
    if (audience.exposure->counts_for(today)) {
        mark_categories(*audience.exposure, policy, shown_in_category);
    }
    if (audience.profile->level == profiles::Level::full) {
        mark_purchases(tastes, history, today);
    }
}

void Filter::mark_seen(const Audience& audience, const History& history) {
    const bool counts = audience.exposure != nullptr &&
                        audience.exposure->counts_for(day_of(audience.context->now));
    for (const auto& [row, count] : history.seen) {
        if (count.dismissed) mark(row, Removal::dismissed);
        if (audience.path != Path::personal) continue;
        const profiles::Caps& cap = shelf_.caps[row];
        const bool day_is_full =
            counts && cap.per_member_day > 0 && count.today >= cap.per_member_day;
        const bool total_is_full = cap.per_member_total > 0 && count.total >= cap.per_member_total;
        if (day_is_full || total_is_full) mark(row, Removal::offer_cap);
        if (!counts || count.today == 0) continue;
        row_shown_[row] = 1;
        group_shown_[shelf_.group[row]] = 1;
    }
    group_shown_[0] = 0;
}

void Filter::mark_categories(const Exposure& exposure, const profiles::Policy& policy,
                             std::vector<std::uint8_t>& shown) {
    const auto& ids = shelf_.category_ids;
    auto at = ids.begin();
    for (const Exposure::CategoryCount& count : exposure.categories) {
        at = std::lower_bound(at, ids.end(), count.category);
        if (at == ids.end()) return;
        if (*at != count.category) continue;
        const auto index = static_cast<std::size_t>(at - ids.begin());
        shown[index] = count.today;
        if (policy.category_per_member_day > 0 && count.today >= policy.category_per_member_day) {
            category_marks_[index] = static_cast<std::uint8_t>(Removal::category_cap);
        }
    }
}

void Filter::mark_purchases(const Tastes& tastes, const History& history, std::int32_t today) {
    constexpr auto kJustBought = static_cast<std::uint8_t>(Removal::just_bought);
    for (const std::uint16_t category : shelf_.stocked) {
        if (tastes.of(category).just_bought) category_marks_[category] = kJustBought;
    }
    for (const History::Bought& each : history.bought) {
        const std::int32_t rhythm = tastes.rhythm_of(shelf_.category[each.row]);
        if (today - each.last_day < rhythm) mark(each.row, Removal::just_bought);
    }
}

bool Filter::admits(std::size_t rule) {
    std::uint8_t& known = admitted_[rule];
    if (known == 0) {
        // What may not be read cannot admit: null would pass "fewer than three visits".
        const std::uint8_t needs = shelf_.rules[rule].needs;
        const bool readable = (needs & ~data_.readable()) == 0;
        const bool holds =
            readable && is_truthy(evaluate(*shelf_.rules[rule].rule, data_, scratch_));
        known = holds ? 2 : 1;
    }
    return known == 2;
}

std::uint8_t Filter::removal_of(std::size_t row) {
    const unsigned bars = standing_[row] & unsigned{barring_};
    if (bars != 0) return static_cast<std::uint8_t>(std::countr_zero(bars));
    const std::uint16_t rule = shelf_.rule[row];
    if (rule != Shelf::kNone && !admits(rule)) return static_cast<std::uint8_t>(Removal::segment);
    // Once a member saw one of a group today, it stays that one.
    if (group_shown_[shelf_.group[row]] != 0 && row_shown_[row] == 0) {
        return static_cast<std::uint8_t>(Removal::exclusion_group);
    }
    return std::min(marks_[row], category_marks_[shelf_.category[row]]);
}

bool Filter::admitted_as_member(std::size_t row) const {
    const std::uint16_t rule = shelf_.rule[row];
    return rule != Shelf::kNone &&
           (shelf_.rules[rule].needs & (reads_choices | reads_behaviour)) != 0;
}

}  // namespace vitrine::offers
