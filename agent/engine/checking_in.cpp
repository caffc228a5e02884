#include <algorithm>

#include "agent/engine/engine.hpp"
#include "agent/engine/notices.hpp"
#include "agent/identity/checkin_text.hpp"

namespace vitrine::engine {

using consent::Decision;
using consent::Purpose;
using identity::CheckInOutcome;
using session::TouchKind;

namespace {

/// A pause ends by itself, which its notice says.
constexpr std::chrono::hours kPauseFor{24};

constexpr Purpose purpose_of(TouchKind kind) {
    return kind == TouchKind::depersonalise ? Purpose::personalise : Purpose::recognise;
}

constexpr Decision decision_by(TouchKind kind) {
    if (kind == TouchKind::pause) return Decision::paused;
    return kind == TouchKind::resume ? Decision::granted : Decision::withdrawn;
}

}  // namespace

Result<identity::Challenge> Engine::challenge(const KioskId& kiosk, const identity::Nonce& nonce,
                                              Now now) {
    return check_ins_.challenge(kiosk, nonce, now.instant);
}

void Engine::show_code(Kiosk& kiosk, const Secret& secret, Now now, Effects& effects) {
    if (kiosk.checked_in) return;
    identity::Nonce nonce{};
    std::copy_n(secret.begin(), nonce.size(), nonce.begin());
    const auto challenge = check_ins_.challenge(kiosk.screen.kiosk, nonce, now.instant);
    if (!challenge) return;
    kiosk.asked = challenge->nonce;
    kiosk.screen.check_in =
        session::CheckInCode{.url = setup_.check_in_prefix + identity::to_text(*challenge),
                             .valid_until = now.wall + snapshot_.policy.claim_valid};
    render(kiosk, now, effects);
}

CheckInOutcome Engine::on(const identity::CheckIn& claim, Now now, Effects& effects) {
    const CheckIns::Verdict verdict = check_ins_.answer(table_, claim, now.instant);
    if (verdict.kiosk.empty() || verdict.outcome == CheckInOutcome::later) return verdict.outcome;
    const std::size_t index = setup_.layout.kiosk_named(verdict.kiosk);
    Kiosk& kiosk = kiosks_[index];
    // A code that was answered answers no second time: it leaves the screen.
    const bool used = kiosk.screen.check_in && kiosk.asked == claim.nonce;
    if (used) kiosk.screen.check_in.reset();
    if (verdict.outcome == CheckInOutcome::welcome) {
        welcome(index, verdict.member, now, effects);
    } else if (used) {
        render(kiosk, now, effects);
    }
    return verdict.outcome;
}

bool Engine::heard_at(std::size_t kiosk, MemberId member) const {
    const presence::Audience audience = tracker_.audience(static_cast<std::uint16_t>(kiosk));
    return std::ranges::find(audience.members(), member, &presence::Present::member) !=
           audience.members().end();
}

bool Engine::checked_in(MemberId member) const {
    return checked_in_elsewhere(member, kiosks_.size());
}

bool Engine::checked_in_elsewhere(MemberId member, std::size_t kiosk) const {
    for (std::size_t i = 0; i < kiosks_.size(); ++i) {
        const auto& checked = kiosks_[i].checked_in;
        if (i != kiosk && checked && checked->member == member) return true;
    }
    return false;
}

void Engine::welcome(std::size_t index, MemberId member, Now now, Effects& effects) {
    const profiles::Policy& policy = snapshot_.policy;
    Kiosk& kiosk = kiosks_[index];
    // One kiosk has one member, and one member one kiosk: the later proof counts.
    if (kiosk.checked_in && kiosk.checked_in->member != member) end_check_in(index, now, effects);
    start_visit(member, now, effects);
    kiosk.checked_in = {member, now.instant + policy.verified_for};
    for (std::size_t i = 0; i < kiosks_.size(); ++i) {
        const auto& there = kiosks_[i].checked_in;
        if (i != index && there && there->member == member) end_check_in(i, now, effects);
    }
    kiosk.screen.check_in.reset();
    visits_[member].kiosk = kiosk.screen.kiosk;
    effects.staff_board_changed |= staff_may_see(member, now.wall);
    kiosk.pacer.engage(now.instant + policy.idle_after + policy.idle_grace);
    const session::Want want = wanted(index, now);
    prepare();
    if (kiosk.pacer.current() == want) return render(kiosk, now, effects);
    show(index, want, now, effects);
}

void Engine::end_check_in(std::size_t index, Now now, Effects& effects) {
    Kiosk& kiosk = kiosks_[index];
    const MemberId member = kiosk.checked_in->member;
    kiosk.checked_in.reset();
    kiosk.pacer.release();
    const bool heard = tracker_.whereabouts(member).has_value();
    if (!heard && !checked_in(member)) end_visit(member, now, effects);
    if (const auto visit = visits_.find(member);
        visit != visits_.end() && visit->second.kiosk == kiosk.screen.kiosk) {
        visit->second.kiosk = heard_at(index, member) ? kiosk.screen.kiosk : KioskId{};
    }
    effects.staff_board_changed |= staff_may_see(member, now.wall);
    // What stood there in full was for one reader: it does not wait for the loop.
    const session::Want want = wanted(index, now);
    prepare();
    if (kiosk.pacer.current() == want && !lost_permission(kiosk, now)) {
        return render(kiosk, now, effects);
    }
    kiosk.screen.claim.reset();
    show(index, want, now, effects);
    kiosk.before.reset();
}

Result<void> Engine::decided(const Touched& touched, const session::Touch& touch, Now now,
                             Effects& effects) {
    Kiosk& kiosk = touched.kiosk;
    if (!kiosk.checked_in) return denied("only for somebody who has checked in at this kiosk");
    if (!kiosk.shown || &touched.shown != &*kiosk.shown) {
        return conflict("the screen has changed since");
    }
    const MemberId member = kiosk.checked_in->member;
    const Purpose purpose = purpose_of(touch.kind);
    const consent::State state = ledger_.of(member).of(purpose);
    if (touch.kind == TouchKind::resume && !(state.paused && !state.allows(now.wall))) {
        // What was never granted, or was withdrawn, is granted where its whole notice can be read.
        return denied("only a pause is taken back at a kiosk");
    }
    consent::Event event = decision_of(member, purpose, decision_by(touch.kind), now);
    event.notice = notice_of(touch.kind, touch.language.value_or(kiosk.screen.language));
    take_decision(event, kiosk.screen.kiosk, now, effects);
    kiosk.checked_in->until = now.instant + snapshot_.policy.verified_for;
    if (touch.kind == TouchKind::pause || touch.kind == TouchKind::forget) {
        tracker_.forget(member, now.instant, changes_);
        end_check_in(static_cast<std::size_t>(&kiosk - kiosks_.data()), now, effects);
        apply_changes(now, effects);
    }
    if (touch.kind == TouchKind::forget) forget_here(member, effects);
    return {};
}

consent::Event Engine::decision_of(MemberId member, Purpose purpose, Decision decision, Now now) {
    const consent::State state = ledger_.of(member).of(purpose);
    const std::uint32_t seen = std::max(state.withdrawal, state.grant);
    const std::uint32_t next = seen == UINT32_MAX ? seen : seen + 1;
    hlc_ = advance(hlc_, now.wall);
    consent::Event event{.id = rng_.next(),
                         .subject = member,
                         .purpose = purpose,
                         .decision = decision,
                         .version = decision == Decision::granted ? state.withdrawal : next,
                         .time = hlc_,
                         .channel = consent::Channel::kiosk};
    if (decision == Decision::paused) event.valid_until = now.wall + kPauseFor;
    // What is resumed lasts no longer than what was paused.
    if (decision == Decision::granted && state.valid_until != WallTime::max()) {
        event.valid_until = state.valid_until;
    }
    return event;
}

void Engine::take_decision(const consent::Event& event, const KioskId& kiosk, Now now,
                           Effects& effects) {
    ledger_.learn(event);
    consent::Consents news;
    news.of(event.purpose) = state_of(event);
    decided_.add(event.subject, news);
    if (event.purpose == Purpose::recognise) {
        const bool paused = event.decision == Decision::paused;
        decided_.resume(event.subject, paused ? event.valid_until : std::nullopt);
    }
    remember_decided(event.subject, effects);
    emit(session::ConsentChanged{event}, event.subject, kiosk, now, effects);
    effects.staff_board_changed = true;
}

void Engine::forget_here(MemberId member, Effects& effects) {
    table_.remove(member);
    exposures_.forget(member);
    claims_.forget(member);
    rewards_.forget(member);
    effects.remember(exposure_key(member), std::nullopt);
    effects.remember(reward_key(member), std::nullopt);
}

void Engine::remember_decided(MemberId member, Effects& effects) {
    effects.remember(decided_key(member), decided_.encode(member));
    for (const MemberId gone : decided_.take_crowded_out()) {
        effects.remember(decided_key(gone), std::nullopt);
    }
}

void Engine::settle_decisions(Now now, Effects& effects) {
    for (const MemberId member : std::exchange(known_to_centre_, {})) {
        decided_.forget(member);
        remember_decided(member, effects);
    }
    for (const MemberId member : decided_.due(now.wall)) {
        const consent::State state = ledger_.of(member).of(Purpose::recognise);
        decided_.resume(member, std::nullopt);
        remember_decided(member, effects);
        // Decided anew meanwhile, here or elsewhere.
        if (!state.paused || state.allows(now.wall)) continue;
        consent::Event event = decision_of(member, Purpose::recognise, Decision::granted, now);
        event.notice = notice_of(TouchKind::pause, Language::fr);
        take_decision(event, {}, now, effects);
    }
}

}  // namespace vitrine::engine
