#include <algorithm>

#include "agent/engine/engine.hpp"
#include "agent/session/render.hpp"

namespace vitrine::engine {

using consent::Purpose;

namespace {

constexpr std::size_t kListedMax = 64;
constexpr std::size_t kCategoriesMax = 5;

/// The names of those categories that may be told, best first.
template <class Ids>
std::vector<LocalText> tellable(const Ids& ids, const profiles::Catalogue& catalogue) {
    std::vector<LocalText> names;
    for (const CategoryId id : ids) {
        if (names.size() == kCategoriesMax) break;
        if (!catalogue.sensitive(id)) names.push_back(catalogue.category(id)->name);
    }
    return names;
}

std::vector<CategoryId> by_weight(std::vector<profiles::Habit> habits) {
    std::ranges::stable_sort(habits, std::ranges::greater{}, &profiles::Habit::weight);
    std::vector<CategoryId> ids;
    for (const profiles::Habit& habit : habits) ids.push_back(habit.category);
    return ids;
}

}  // namespace

bool Engine::staff_may_see(MemberId member, WallTime now) const {
    return gate_.permit<Purpose::recognise>(member, now).has_value() &&
           gate_.permit<Purpose::staff_view>(member, now).has_value();
}

void Engine::choose_next_best(MemberId member, Now now) {
    const auto permitted = gate_.permit<Purpose::personalise>(member, now.wall);
    if (!permitted || !staff_may_see(member, now.wall)) return;
    prepare();
    const bool context_allowed = gate_.permit<Purpose::context>(member, now.wall).has_value();
    visits_[member].next_best =
        chooser_.personal(*permitted, context_allowed, context(now, profiles::Placement::staff),
                          exposures_, DecisionId(rng_.next() | 1), rng_);
}

/// What a kiosk just showed counts for the tablet too, as long as nobody has seen its own choice.
void Engine::renew_next_best(MemberId member, Now now, Effects& effects) {
    const auto visit = visits_.find(member);
    if (visit == visits_.end() || !visit->second.next_best || visit->second.next_best_counted) {
        return;
    }
    choose_next_best(member, now);
    effects.staff_board_changed = true;
}

/// What staff see they may speak of: it counts as shown, once a visit (REQUIREMENTS T14).
void Engine::count_next_best(MemberId member, Visit& visit, Now now, Effects& effects) {
    if (!visit.next_best || visit.next_best_counted) return;
    if (visit.next_best->path != offers::Path::personal) return;
    visit.next_best_counted = true;
    count_exposures(member, *visit.next_best, now, effects);
}

session::StaffEntry Engine::staff_entry(MemberId member, const Visit& visit, WallTime now) const {
    session::StaffEntry entry{.ref = visit.ref, .kiosk = visit.kiosk, .since = visit.since};
    const auto named = setup_.kiosk_names.find(visit.kiosk);
    if (named != setup_.kiosk_names.end()) entry.place = named->second;
    if (const auto permitted = gate_.permit<Purpose::staff_view>(member, now)) {
        if (const profiles::StaffCard* card = snapshot_.profiles.read(*permitted)) {
            entry.calls_me = card->calls_me;
            entry.wishes = card->wishes;
        }
    }
    const auto permitted = gate_.permit<Purpose::personalise>(member, now);
    if (!permitted) return entry;
    entry.tailored = true;
    if (const profiles::Profile* profile = snapshot_.profiles.read(*permitted)) {
        const bool full = profile->level == profiles::Level::full;
        if (full) entry.often_buys = tellable(by_weight(profile->habits), snapshot_.catalogue);
        entry.favourites = tellable(profile->favourites, snapshot_.catalogue);
        entry.last_visit_day = full ? profile->last_visit_day : 0;
    }
    if (visit.next_best) {
        entry.next_best = session::cards_of(*visit.next_best, snapshot_.catalogue,
                                            session::Readers::staff, visit.saved);
        if (entry.next_best.size() > 3) entry.next_best.resize(3);
    }
    return entry;
}

session::StaffBoard Engine::staff_board(WallTime now) const {
    std::vector<std::pair<MemberId, const Visit*>> seen;
    for (const auto& [member, visit] : visits_) {
        if (staff_may_see(member, now)) seen.emplace_back(member, &visit);
    }
    std::ranges::sort(seen, {}, [](const auto& each) {
        return std::pair(each.second->started, each.second->id);
    });
    session::StaffBoard board{.condition = condition_};
    if (seen.size() > kListedMax) {
        board.present_not_shown = static_cast<std::uint32_t>(seen.size() - kListedMax);
        seen.resize(kListedMax);
    }
    for (const auto& [member, visit] : seen)
        board.members.push_back(staff_entry(member, *visit, now));
    return board;
}

void Engine::looked(StaffId staff, Now now, Effects& effects) {
    for (auto& [member, visit] : visits_) {
        if (!staff_may_see(member, now.wall)) continue;
        if (std::ranges::find(visit.looked, staff) != visit.looked.end()) continue;
        visit.looked.push_back(staff);
        emit(session::StaffViewed{staff}, member, visit.kiosk, now, effects);
        count_next_best(member, visit, now, effects);
    }
}

}  // namespace vitrine::engine
