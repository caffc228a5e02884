#include "agent/offers/filter.hpp"

#include <algorithm>
#include <array>
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

/// By the bars of a row: the Removal of the lowest one.
constexpr std::array<std::uint8_t, 64> kFirstBar = [] {
    std::array<std::uint8_t, 64> first{};
    first[0] = Filter::kStays;
    for (unsigned bars = 1; bars < first.size(); ++bars) {
        first[bars] = static_cast<std::uint8_t>(std::countr_zero(bars));
    }
    return first;
}();

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

/// Whether `day` is less than so many days ago. One far in the future was a wrong clock's.
bool is_within(std::int32_t day, std::int32_t days, std::int32_t today) {
    return day > 0 && day <= today + 1 && today - day < days;
}

}  // namespace

Filter::Filter(const Shelf& shelf)
    : shelf_(shelf),
      data_(shelf.catalogue, room_),
      marks_(shelf.size()),
      category_marks_(shelf.parent.size()),
      category_full_(shelf.parent.size()),
      category_bought_(shelf.parent.size()),
      group_marks_(shelf.group_count),
      row_shown_(shelf.size()),
      removals_(shelf.size()),
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
                       revision_ == shelf_.revision() && now >= stands_from_ms_ &&
                       now < stands_until_ms_;
    if (holds) return;
    placement_ = context.placement;
    store_ = shelf_.here;
    revision_ = shelf_.revision();
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
    std::fill(category_full_.begin(), category_full_.end(), std::uint8_t{0});
    std::fill(category_bought_.begin(), category_bought_.end(), std::uint8_t{0});
    std::fill(group_marks_.begin(), group_marks_.end(), kStays);
    std::fill(row_shown_.begin(), row_shown_.end(), std::uint8_t{0});
    std::fill(admitted_.begin(), admitted_.end(), std::uint8_t{0});
    std::fill(shown_in_category.begin(), shown_in_category.end(), std::uint8_t{0});

    if (audience.dismissed != nullptr) {
        for (const OfferId offer : *audience.dismissed) {
            mark(shelf_.row_of(offer), Removal::dismissed);
        }
    }
    mark_seen(audience, history, policy);
    for (const std::uint32_t row : shelf_.spent) mark(row, Removal::budget);
    if (audience.path == Path::personal) {
        count_categories(*audience.exposure, today, shown_in_category);
        mark_seen_elsewhere(audience, shown_in_category);
        mark_categories(policy, shown_in_category);
        if (audience.profile->level == profiles::Level::full) {
            mark_purchases(tastes, history, today);
        }
    }
    group_marks_[0] = kStays;
    combine();
    ask_rules();
    spare_spreads();
    bind_experiments(audience.path == Path::personal ? audience.assignments : nullptr);
}

/// More than `today` and `total` allow, wherever it was shown.
void Filter::mark_capped(std::size_t row, unsigned total, unsigned today) {
    const profiles::Caps& cap = shelf_.caps[row];
    const bool day_is_full = cap.per_member_day > 0 && today >= cap.per_member_day;
    const bool total_is_full = cap.per_member_total > 0 && total >= cap.per_member_total;
    if (day_is_full || total_is_full) mark(row, Removal::offer_cap);
    if (today == 0) return;
    row_shown_[row] = 0xff;
    group_marks_[shelf_.group[row]] = static_cast<std::uint8_t>(Removal::exclusion_group);
}

void Filter::mark_seen(const Audience& audience, const History& history,
                       const profiles::Policy& policy) {
    const std::int32_t today = day_of(audience.context->now);
    const bool counts = audience.exposure != nullptr && audience.exposure->counts_for(today);
    for (const auto& [row, count] : history.seen) {
        if (count.dismissed) mark(row, Removal::dismissed);
        if (is_within(count.taken_day, shelf_.cool_down_days[row], today)) {
            mark(row, Removal::cool_down);
        }
        if (audience.path != Path::personal) continue;
        const bool tired =
            policy.rest_after_unopened > 0 && count.unopened >= policy.rest_after_unopened;
        if (tired && is_within(count.last_day, policy.rest_days, today)) {
            mark(row, Removal::fatigue);
        }
        mark_capped(row, count.total, counts ? count.today : 0);
    }
}

/// Adds what other shops and channels showed to what this one did.
void Filter::mark_seen_elsewhere(const Audience& audience, std::vector<std::uint8_t>& shown) {
    const std::int32_t today = day_of(audience.context->now);
    const Exposure& here = *audience.exposure;
    for (const profiles::Seen& seen : audience.profile->seen_elsewhere) {
        const std::size_t row = shelf_.row_of(seen.offer);
        if (row == shelf_.size()) continue;
        const unsigned there_today = seen.day >= today ? seen.that_day : 0;
        const Exposure::Count* count = here.of(seen.offer);
        const unsigned here_total = count == nullptr ? 0 : count->total;
        const unsigned here_today = count == nullptr || !here.counts_for(today) ? 0 : count->today;
        mark_capped(row, seen.total + here_total, there_today + here_today);
        std::uint8_t& in_category = shown[shelf_.category[row]];
        in_category = static_cast<std::uint8_t>(std::min(in_category + there_today, 255U));
    }
}

void Filter::count_categories(const Exposure& exposure, std::int32_t today,
                              std::vector<std::uint8_t>& shown) const {
    if (!exposure.counts_for(today)) return;
    const auto& ids = shelf_.category_ids;
    auto at = ids.begin();
    for (const Exposure::CategoryCount& count : exposure.categories) {
        at = std::lower_bound(at, ids.end(), count.category);
        if (at == ids.end()) return;
        if (*at == count.category) shown[static_cast<std::size_t>(at - ids.begin())] = count.today;
    }
}

void Filter::mark_categories(const profiles::Policy& policy,
                             const std::vector<std::uint8_t>& shown) {
    if (policy.category_per_member_day == 0) return;
    for (const std::uint16_t category : shelf_.stocked) {
        if (shown[category] < policy.category_per_member_day) continue;
        category_full_[category] = 1;
        category_marks_[category] = static_cast<std::uint8_t>(Removal::category_cap);
    }
}

void Filter::mark_purchases(const Tastes& tastes, const History& history, std::int32_t today) {
    for (const std::uint16_t category : shelf_.stocked) {
        if (!tastes.of(category).just_bought) continue;
        category_bought_[category] = 1;
        category_marks_[category] = static_cast<std::uint8_t>(Removal::just_bought);
    }
    for (const History::Bought& each : history.bought) {
        // Who bought one of several products may still want the others.
        if (shelf_.catalogue.offers[each.row].products.size() > 1) continue;
        const std::int32_t rhythm = tastes.rhythm_of(shelf_.category[each.row]);
        if (today - each.last_day < rhythm) mark(each.row, Removal::just_bought);
    }
}

/// The earliest of all marks of each row. Without a branch: nobody could predict it.
void Filter::combine() {
    // A byte may be anything's: pointers of our own need not be read again after each one written.
    const std::span<std::uint8_t> removals(removals_);
    const std::span<const std::uint8_t> standing(standing_), marks(marks_), shown(row_shown_);
    const std::span<const std::uint8_t> of_group(group_marks_), of_category(category_marks_);
    const std::span<const std::uint16_t> groups(shelf_.group), categories(shelf_.category);
    const std::uint8_t barring = barring_;
    for (std::size_t row = 0; row < removals.size(); ++row) {
        const std::uint8_t bars = kFirstBar[standing[row] & barring];
        // Once a member saw one of a group today, it stays that one.
        const std::uint8_t group = std::max(of_group[groups[row]], shown[row]);
        const std::uint8_t category = of_category[categories[row]];
        removals[row] = std::min(std::min(bars, marks[row]), std::min(group, category));
    }
}

/// Asks only the rules of what nothing earlier keeps off.
void Filter::ask_rules() {
    constexpr auto kSegment = static_cast<std::uint8_t>(Removal::segment);
    for (const std::uint32_t row : shelf_.ruled) {
        if (removals_[row] > kSegment && !admits(shelf_.rule[row])) removals_[row] = kSegment;
    }
}

/// Of what covers several categories, one that was just bought leaves the others.
void Filter::spare_spreads() {
    constexpr auto kJustBought = static_cast<std::uint8_t>(Removal::just_bought);
    constexpr auto kFull = static_cast<std::uint8_t>(Removal::category_cap);
    for (const Shelf::Spread& each : shelf_.spreads) {
        const std::size_t row = each.row;
        if (removals_[row] != kJustBought || marks_[row] == kJustBought) continue;
        if (all_just_bought(row)) continue;
        const bool full = category_full_[shelf_.category[row]] != 0;
        removals_[row] = std::min(marks_[row], full ? kFull : kStays);
    }
}

void Filter::remove(std::size_t row, Removal removal) {
    removals_[row] = std::min(removals_[row], static_cast<std::uint8_t>(removal));
}

/// Comes last: an experiment is exposed where nothing else keeps its offer off.
void Filter::bind_experiments(const Assignments* assignments) {
    exposed_ = 0;
    for (const Shelf::Bound& each : shelf_.bound) {
        const bool known = assignments != nullptr && each.experiment != Shelf::kNoExperiment;
        const std::uint8_t arm = known ? assignments->arm_in(each.experiment) : std::uint8_t{0};
        if (arm != 0 && removals_[each.row] == kStays) {
            exposed_ = static_cast<std::uint8_t>(exposed_ | 1U << each.experiment);
        }
        if (arm == 0 || arm != each.arm) remove(each.row, Removal::experiment);
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

/// Whether nothing is left that the offer covers and the member did not just buy.
bool Filter::all_just_bought(std::size_t row) const {
    const Shelf::Spread& spread = shelf_.spreads[shelf_.spread_of[row]];
    return category_bought_[shelf_.category[row]] != 0 &&
           std::all_of(spread.also.begin(), spread.also.end(),
                       [&](std::uint16_t each) { return category_bought_[each] != 0; });
}

bool Filter::admitted_as_member(std::size_t row) const {
    const std::uint16_t rule = shelf_.rule[row];
    return rule != Shelf::kNone &&
           (shelf_.rules[rule].needs & (reads_choices | reads_behaviour)) != 0;
}

}  // namespace vitrine::offers
