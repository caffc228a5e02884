#include <algorithm>

#include "agent/engine/engine.hpp"
#include "agent/session/render.hpp"

namespace vitrine::engine {

using consent::Purpose;
using session::PromotionTouched;
using session::TouchKind;

namespace {

bool is_about_an_offer(TouchKind kind) {
    switch (kind) {
        case TouchKind::open:
        case TouchKind::why:
        case TouchKind::dismiss:
        case TouchKind::save:
            return true;
        case TouchKind::close:
        case TouchKind::unsave:
        case TouchKind::stay:
        case TouchKind::leave:
        case TouchKind::identify:
        case TouchKind::pause:
        case TouchKind::resume:
        case TouchKind::forget:
        case TouchKind::depersonalise:
            return false;
    }
    check_failed("known TouchKind", __FILE__, __LINE__);
}

}  // namespace

Result<Engine::Touched> Engine::locate(const session::Touch& touch, Now now) {
    const std::uint16_t index = setup_.layout.kiosk_named(touch.kiosk);
    if (index == presence::kNowhere) return not_found("no kiosk '" + touch.kiosk.str() + "'");
    Kiosk& kiosk = kiosks_[index];
    const auto grace = snapshot_.policy.touch_grace;
    Shown* shown = nullptr;
    if (kiosk.shown && kiosk.shown->decision.id == touch.decision) {
        shown = &*kiosk.shown;
    } else if (kiosk.before && kiosk.before->decision.id == touch.decision &&
               now.instant < kiosk.before->ended + grace) {
        shown = &*kiosk.before;
    } else {
        return conflict("the screen has changed since");
    }
    std::size_t slot = offers::Decision::kSlotsMax;
    if (is_about_an_offer(touch.kind)) {
        const auto begin = shown->decision.slots.begin();
        const auto end = begin + shown->decision.slot_count;
        const auto at = std::find_if(
            begin, end, [&](const offers::Slot& each) { return each.offer == touch.offer; });
        if (at == end)
            return not_found("offer " + std::to_string(touch.offer.value()) +
                             " is not on the screen");
        slot = static_cast<std::size_t>(at - begin);
    }
    return Touched{kiosk, *shown, slot};
}

Result<void> Engine::on(const session::Touch& touch, const Secret& secret, Now now,
                        Effects& effects) {
    const Touched touched = TRY(locate(touch, now));
    if (session::is_own_decision(touch.kind)) return decided(touched, touch, now, effects);
    const profiles::Policy& policy = snapshot_.policy;
    touched.shown.touched = true;
    if (const auto visit = visits_.find(touched.shown.member); visit != visits_.end()) {
        if (visit->second.touches < 0xffff) ++visit->second.touches;
    }
    touched.kiosk.pacer.engage(now.instant + policy.idle_after + policy.idle_grace);
    if (touched.kiosk.checked_in) {
        touched.kiosk.checked_in->until = now.instant + policy.verified_for;
    }
    switch (touch.kind) {
        case TouchKind::open:
            opened(touched, now, effects);
            break;
        case TouchKind::why:
            record_touch(touched, PromotionTouched::Kind::explained, now, effects);
            break;
        case TouchKind::dismiss:
            dismissed(touched, now, effects);
            break;
        case TouchKind::save:
            return saved(touched, secret, now, effects);
        case TouchKind::identify:
            show_code(touched.kiosk, secret, now, effects);
            break;
        case TouchKind::leave:
            left(touched.kiosk, now, effects);
            break;
        case TouchKind::unsave:
        case TouchKind::close:
            take_codes_off(touched.kiosk, touch.kind == TouchKind::unsave,
                           touch.kind == TouchKind::close, now, effects);
            break;
        case TouchKind::stay:
            break;
        case TouchKind::pause:
        case TouchKind::resume:
        case TouchKind::forget:
        case TouchKind::depersonalise:
            check_failed("decided() took it", __FILE__, __LINE__);
    }
    return {};
}

void Engine::left(Kiosk& kiosk, Now now, Effects& effects) {
    kiosk.pacer.release();
    take_codes_off(kiosk, true, true, now, effects);
    if (kiosk.checked_in) {
        end_check_in(static_cast<std::size_t>(&kiosk - kiosks_.data()), now, effects);
    }
}

void Engine::take_codes_off(Kiosk& kiosk, bool claim, bool check_in, Now now, Effects& effects) {
    claim = claim && kiosk.screen.claim;
    check_in = check_in && kiosk.screen.check_in;
    if (claim) kiosk.screen.claim.reset();
    if (check_in) kiosk.screen.check_in.reset();
    if (claim || check_in) render(kiosk, now, effects);
}

void Engine::record_touch(const Touched& touched, PromotionTouched::Kind kind, Now now,
                          Effects& effects) {
    const offers::Slot& slot = touched.shown.decision.slots[touched.slot];
    emit(PromotionTouched{.kind = kind,
                          .visit = touched.shown.visit,
                          .decision = touched.shown.decision.id,
                          .offer = slot.offer,
                          .position = static_cast<std::uint8_t>(touched.slot),
                          .probability = slot.probability,
                          .path = touched.shown.decision.path},
         measured(touched.shown.member, now), touched.kiosk.screen.kiosk, now, effects);
}

void Engine::opened(const Touched& touched, Now now, Effects& effects) {
    // A second tap on the same card is the same interest: one record, one lesson.
    if (std::exchange(touched.shown.opened[touched.slot], true)) return;
    record_touch(touched, PromotionTouched::Kind::clicked, now, effects);
    learn(touched.shown, touched.slot, profiles::Reward::opened, true, now);
    if (touched.shown.decision.path != offers::Path::personal) return;
    exposures_.opened(touched.shown.member, touched.shown.decision.slots[touched.slot].offer);
    remember_exposure(touched.shown.member, effects);
}

void Engine::dismissed(const Touched& touched, Now now, Effects& effects) {
    if (std::exchange(touched.shown.dismissed[touched.slot], true)) return;
    record_touch(touched, PromotionTouched::Kind::dismissed, now, effects);
    if (touched.shown.decision.path != offers::Path::personal) return;
    const profiles::Policy& policy = snapshot_.policy;
    exposures_.dismissed(touched.shown.member, touched.shown.decision.slots[touched.slot].offer,
                         now.wall, policy.dismissals_before_quiet,
                         std::chrono::minutes(policy.quiet_minutes_after_dismissals));
    remember_exposure(touched.shown.member, effects);
    if (&touched.shown != &*touched.kiosk.shown) return;
    // The visitor asked for something else and is watching: no need to wait for the loop.
    const auto index = static_cast<std::size_t>(&touched.kiosk - kiosks_.data());
    prepare();
    show(index, *touched.kiosk.pacer.current(), now, effects);
}

Result<void> Engine::saved(const Touched& touched, const Secret& secret, Now now,
                           Effects& effects) {
    const OfferId offer = touched.shown.decision.slots[touched.slot].offer;
    const profiles::Offer* known = snapshot_.catalogue.offer(offer);
    // A code that is given holds: those still open count with those used.
    if (known != nullptr && budgets_.spent(*known, claims_.open_of(offer, now.wall))) {
        touched.kiosk.refresh = true;
        return conflict("this shop has handed out all of this offer");
    }
    record_touch(touched, PromotionTouched::Kind::saved, now, effects);
    if (!std::exchange(touched.shown.saved[touched.slot], true)) {
        learn(touched.shown, touched.slot, profiles::Reward::saved, true, now);
    }
    if (const auto visit = visits_.find(touched.shown.member); visit != visits_.end()) {
        std::vector<OfferId>& kept = visit->second.saved;
        if (std::ranges::find(kept, offer) == kept.end() && kept.size() < 64) kept.push_back(offer);
    }
    const Claims::Claim& claim =
        claims_.open(secret, offer, touched.shown.visit, touched.shown.member,
                     now.wall + snapshot_.policy.claim_valid);
    touched.kiosk.screen.claim = session::Claim{
        .offer = offer, .url = setup_.claim_prefix + claim.token, .valid_until = claim.valid_until};
    render(touched.kiosk, now, effects);
    return {};
}

ClaimState Engine::claim_state(std::string_view token, WallTime now) const {
    return claims_.state(token, now);
}

std::optional<session::Card> Engine::claim_card(std::string_view token) const {
    const Claims::Claim* claim = claims_.find(token);
    if (claim == nullptr) return std::nullopt;
    offers::Decision one;
    one.slot_count = 1;
    one.slots[0].offer = claim->offer;
    std::vector<session::Card> cards =
        session::cards_of(one, snapshot_.catalogue, session::Readers::anyone, {});
    return cards.empty() ? std::nullopt : std::optional(std::move(cards.front()));
}

ClaimState Engine::claim(std::string_view token, Now now, Effects& effects) {
    const ClaimState state = claims_.state(token, now.wall);
    if (state != ClaimState::ready) return state;
    const Claims::Claim claim = *claims_.use(token, now.wall);
    const profiles::Offer* offer = snapshot_.catalogue.offer(claim.offer);
    if (offer != nullptr && offer->budget != 0) {
        budgets_.claimed(claim.offer);
        budgets_.keep_only(snapshot_.catalogue);
        effects.remember(kBudgetsKey, budgets_.encode());
        supplies_changed_ = true;
    }
    if (gate_.permit<Purpose::personalise>(claim.member, now.wall)) {
        exposures_.taken(claim.member, claim.offer, now.wall);
        remember_exposure(claim.member, effects);
    }
    settle(claim.member, rewards_.claimed(claim.member, claim.offer, now.wall), now, effects);
    emit(session::CouponClaimed{.visit = claim.visit, .offer = claim.offer},
         measured(claim.member, now), {}, now, effects);
    for (Kiosk& kiosk : kiosks_) {
        if (!kiosk.screen.claim || !kiosk.screen.claim->url.ends_with(token)) continue;
        kiosk.screen.claim.reset();
        render(kiosk, now, effects);
    }
    return state;
}

std::string Engine::claim_code(std::string_view token) const {
    const Claims::Claim* claim = claims_.find(token);
    return claim == nullptr ? std::string() : claim->code;
}

}  // namespace vitrine::engine
