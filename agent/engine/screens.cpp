#include <algorithm>

#include "agent/engine/engine.hpp"
#include "agent/session/render.hpp"

namespace vitrine::engine {

using consent::Purpose;
using session::Mode;
using session::Want;

namespace {

/// The ambient loop is chosen anew this often, so that a shop without visitors does not look dead;
/// a tailored choice for somebody who stays without touching anything, sooner.
constexpr std::chrono::minutes kAmbientFor{10};
constexpr std::chrono::minutes kTailoredFor{3};
/// A clock that moved so far against the steady one was set: other offers are valid now.
constexpr std::chrono::minutes kClockSet{1};

}  // namespace

Want Engine::wanted(std::size_t kiosk, Now now) const {
    if (const auto& here = kiosks_[kiosk].checked_in) {
        // Who checked in asked for a screen of their own: others near do not take it away.
        const bool wished = gate_.permit<Purpose::personalise>(here->member, now.wall).has_value();
        return wished ? Want{Mode::tailored, here->member} : Want{Mode::ambient, MemberId{}};
    }
    const presence::Audience audience = tracker_.audience(static_cast<std::uint16_t>(kiosk));
    if (audience.total == 0) return {Mode::ambient, MemberId{}};
    // Where nobody asked for a screen of their own, it stays everyone's and reacts to no one.
    const bool wished = std::ranges::any_of(audience.members(), [&](const presence::Present& each) {
        return gate_.permit<Purpose::personalise>(each.member, now.wall).has_value();
    });
    if (!wished) return {Mode::ambient, MemberId{}};
    const presence::Present& first = audience.listed[0];
    if (first.conflicted || checked_in_elsewhere(first.member, kiosk))
        return {Mode::conflict, MemberId{}};
    if (audience.total > 1 || audience.unsure) return {Mode::group, MemberId{}};
    return {Mode::tailored, first.member};
}

bool Engine::lost_permission(const Kiosk& kiosk, Now now) const {
    if (!kiosk.shown || kiosk.shown->member == MemberId{}) return false;
    const MemberId member = kiosk.shown->member;
    if (!gate_.permit<Purpose::personalise>(member, now.wall)) return true;
    if (kiosk.checked_in && kiosk.checked_in->member == member) return false;
    return !gate_.permit<Purpose::recognise>(member, now.wall);
}

std::optional<session::Verified> Engine::verified_at(const Kiosk& kiosk, Now now) const {
    if (!kiosk.checked_in) return std::nullopt;
    const MemberId member = kiosk.checked_in->member;
    const bool recognised = gate_.permit<Purpose::recognise>(member, now.wall).has_value();
    return session::Verified{
        .recognise = recognised,
        .paused = !recognised && ledger_.of(member).of(Purpose::recognise).paused,
        .personalise = gate_.permit<Purpose::personalise>(member, now.wall).has_value()};
}

bool Engine::clock_was_set(const Kiosk& kiosk, Now now) const {
    if (!kiosk.shown) return false;
    const auto drift = (now.wall - kiosk.shown->context.now) - (now.instant - kiosk.shown->since);
    return drift > kClockSet || drift < -kClockSet;
}

void Engine::update(std::size_t index, Now now, Effects& effects) {
    Kiosk& kiosk = kiosks_[index];
    if (kiosk.checked_in && now.instant >= kiosk.checked_in->until) {
        end_check_in(index, now, effects);
    }
    const Want want = wanted(index, now);
    if (kiosk.before && now.instant >= kiosk.before->ended + snapshot_.policy.touch_grace) {
        kiosk.before.reset();
    }
    if (lost_permission(kiosk, now)) {
        // A withdrawal does not wait for the loop, nor for the finger on the screen.
        kiosk.pacer.release();
        kiosk.before.reset();
        return show(index, want, now, effects);
    }
    if (kiosk.pacer.due(want, now.instant, snapshot_.policy, rng_)) {
        return show(index, want, now, effects);
    }
    const bool over = (now.instant >= kiosk.fresh_until || clock_was_set(kiosk, now)) &&
                      (kiosk.screen.mode == Mode::ambient || kiosk.screen.mode == Mode::tailored);
    if ((kiosk.refresh || over) && !kiosk.pacer.engaged(now.instant)) {
        return show(index, *kiosk.pacer.current(), now, effects);
    }
    const bool claim_over = kiosk.screen.claim && now.wall >= kiosk.screen.claim->valid_until;
    if (claim_over) kiosk.screen.claim.reset();
    const bool code_over = kiosk.screen.check_in && now.wall >= kiosk.screen.check_in->valid_until;
    if (code_over) kiosk.screen.check_in.reset();
    if (claim_over || code_over || kiosk.screen.condition != condition_ ||
        kiosk.screen.verified != verified_at(kiosk, now)) {
        render(kiosk, now, effects);
    }
}

offers::Context Engine::context(Now now, profiles::Placement placement) const {
    const auto local = now.wall + surroundings_.utc_offset;
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::sys_days date(std::chrono::days(day_of(local)));
    const auto hour = std::chrono::duration_cast<std::chrono::hours>(local - day).count();
    const unsigned month = static_cast<unsigned>(std::chrono::year_month_day(date).month());
    return {.now = now.wall,
            .store = setup_.store,
            .placement = placement,
            .hour = static_cast<std::uint8_t>(hour),
            .weekday = static_cast<std::uint8_t>(std::chrono::weekday(date).iso_encoding() - 1),
            .month = static_cast<std::uint8_t>(month),
            .weather = surroundings_.weather,
            .holiday = surroundings_.holiday};
}

/// What sets off the choice that replaces the one on the screen.
offers::Trigger Engine::trigger_of(const Kiosk& kiosk, const Want& want) const {
    if (kiosk.shown && kiosk.shown->context.weather != surroundings_.weather) {
        return offers::Trigger::weather_change;
    }
    if (want.mode != Mode::tailored) return offers::Trigger::none;
    const bool stays = kiosk.shown && kiosk.shown->member == want.member;
    return stays ? offers::Trigger::dwell : offers::Trigger::arrival;
}

offers::Decision Engine::decide(const Want& want, const offers::Context& context, Now now) {
    const DecisionId id(rng_.next() | 1);
    if (want.mode == Mode::tailored) {
        if (const auto permitted = gate_.permit<Purpose::personalise>(want.member, now.wall)) {
            const bool context_allowed =
                gate_.permit<Purpose::context>(want.member, now.wall).has_value();
            return chooser_.personal(*permitted, context_allowed, context, exposures_, id, rng_);
        }
    }
    if (want.mode == Mode::ambient) return chooser_.mass(context, id, rng_);
    return chooser_.group(context, id, rng_);
}

Language Engine::language_for(const Want& want, Now now) const {
    const auto permitted = gate_.permit<Purpose::personalise>(want.member, now.wall);
    const profiles::Profile* profile = permitted ? snapshot_.profiles.read(*permitted) : nullptr;
    return profile == nullptr ? Language::fr : profile->language;
}

void Engine::show(std::size_t index, const Want& want, Now now, Effects& effects) {
    Kiosk& kiosk = kiosks_[index];
    offers::Context moment = context(now, profiles::Placement::kiosk);
    moment.trigger = trigger_of(kiosk, want);

    if (kiosk.shown) {
        close(*kiosk.shown, now);
        kiosk.shown->ended = now.instant;
        if (!lost_permission(kiosk, now)) kiosk.before = std::move(kiosk.shown);
    }
    Shown shown{.decision = decide(want, moment, now),
                .context = moment,
                .member = want.member,
                .since = now.instant};
    chooser_.estimate(shown.decision);
    if (const auto visit = visits_.find(want.member); visit != visits_.end()) {
        shown.visit = visit->second.id;
    }
    const bool personal = shown.decision.path == offers::Path::personal;
    kiosk.screen.mode = want.mode == Mode::tailored && !personal ? Mode::ambient : want.mode;
    kiosk.screen.language = language_for(want, now);
    kiosk.screen.claim.reset();
    kiosk.refresh = false;
    kiosk.fresh_until = now.instant + (want.mode == Mode::tailored ? kTailoredFor : kAmbientFor);
    kiosk.pacer.shows(want, now.instant);
    kiosk.shown = shown;
    if (want.mode == Mode::conflict) ++conflicts_;

    if (personal) {
        take_examples(*kiosk.shown, now);
        await_rewards(*kiosk.shown, now, effects);
        count_exposures(shown.member, shown.decision, now, effects);
        renew_next_best(shown.member, now, effects);
    }
    if (shown.decision.slot_count > 0) {
        emit(
            session::PromotionViewed{
                .visit = shown.visit, .mode = kiosk.screen.mode, .decision = shown.decision},
            measured(want.member, now), kiosk.screen.kiosk, now, effects);
    }
    render(kiosk, now, effects);
}

void Engine::count_exposures(MemberId member, const offers::Decision& decision, Now now,
                             Effects& effects) {
    exposures_.decided(member, now.wall);
    for (std::size_t i = 0; i < decision.slot_count; ++i) {
        const OfferId id = decision.slots[i].offer;
        const profiles::Offer* offer = snapshot_.catalogue.offer(id);
        if (offer != nullptr) exposures_.shown(member, id, offer->category, now.wall);
    }
    remember_exposure(member, effects);
}

void Engine::render(Kiosk& kiosk, Now now, Effects& effects) {
    std::span<const OfferId> saved;
    if (kiosk.shown) {
        if (const auto visit = visits_.find(kiosk.shown->member); visit != visits_.end()) {
            saved = visit->second.saved;
        }
        const bool own = kiosk.checked_in && kiosk.checked_in->member == kiosk.shown->member;
        kiosk.screen.decision = kiosk.shown->decision.id;
        kiosk.screen.cards =
            session::cards_of(kiosk.shown->decision, snapshot_.catalogue,
                              own ? session::Readers::member : session::Readers::anyone, saved);
    }
    kiosk.screen.verified = verified_at(kiosk, now);
    kiosk.screen.condition = condition_;
    kiosk.screen.idle_after = snapshot_.policy.idle_after;
    kiosk.screen.idle_grace = snapshot_.policy.idle_grace;
    ++kiosk.screen.revision;
    effects.screens.push_back(kiosk.screen);
}

void Engine::close(Shown& shown, Now now) {
    // An ambient or group screen that nobody touched says nothing about its offers: perhaps nobody
    // was there.
    if (shown.member == MemberId{} && !shown.touched) return;
    for (std::size_t i = 0; i < shown.decision.slot_count; ++i) {
        using profiles::Reward;
        if (!shown.opened[i]) learn(shown, i, Reward::opened, false, now);
        if (!shown.saved[i]) learn(shown, i, Reward::saved, false, now);
    }
}

const session::Screen* Engine::screen(KioskId kiosk) const {
    const std::uint16_t index = setup_.layout.kiosk_named(kiosk);
    return index == presence::kNowhere ? nullptr : &kiosks_[index].screen;
}

}  // namespace vitrine::engine
