#include "agent/engine/check_ins.hpp"

#include <algorithm>

#include "agent/base/check.hpp"

namespace vitrine::engine {

using identity::ChallengeBook;
using identity::CheckInOutcome;

CheckIns::CheckIns(const std::vector<KioskId>& kiosks)
    // One each kFreshEvery for five minutes, and those that were answered meanwhile: less than
    // this for each kiosk, so that no open challenge ever gives way.
    : book_(ChallengeBook::kOpenMax * std::max<std::size_t>(kiosks.size(), 1)) {
    for (const KioskId& each : kiosks) kiosks_.push_back({.id = each});
}

CheckIns::Kiosk* CheckIns::kiosk_named(const KioskId& id) {
    const auto found = std::ranges::find(kiosks_, id, &Kiosk::id);
    return found == kiosks_.end() ? nullptr : &*found;
}

Result<identity::Challenge> CheckIns::challenge(const KioskId& kiosk, const identity::Nonce& fresh,
                                                Instant now) {
    Kiosk* const here = kiosk_named(kiosk);
    if (here == nullptr) return not_found("no kiosk '" + kiosk.str() + "'");
    const bool recent = here->last && now < here->last_at + kFreshEvery;
    if (recent && book_.kiosk_of(*here->last, now)) {
        return identity::Challenge{*here->last, kiosk};
    }
    TRY(book_.open(fresh, kiosk, now));
    here->last = fresh;
    here->last_at = now;
    return identity::Challenge{fresh, kiosk};
}

bool CheckIns::held_off(const Kiosk& kiosk, Instant now) {
    if (kiosk.refused < kRefusedMax) return false;
    return now < kiosk.refused_at[kiosk.refused % kRefusedMax] + kRefusedWithin;
}

CheckIns::Verdict CheckIns::counted(Verdict verdict) {
    ++counts_[static_cast<std::size_t>(verdict.outcome)];
    return verdict;
}

CheckIns::Verdict CheckIns::answer(const identity::RecognitionTable& table,
                                   const identity::CheckIn& claim, Instant now) {
    const auto kiosk = book_.kiosk_of(claim.nonce, now);
    if (!kiosk) return counted({.outcome = CheckInOutcome::over});
    Kiosk* const here = kiosk_named(*kiosk);
    CHECK(here != nullptr);
    if (held_off(*here, now)) return counted({.outcome = CheckInOutcome::later, .kiosk = *kiosk});
    const auto checked = identity::check_in(book_, table, claim, now);
    if (checked) return counted({CheckInOutcome::welcome, checked->member, checked->kiosk});
    here->refused_at[here->refused++ % kRefusedMax] = now;
    return counted({.outcome = CheckInOutcome::refused, .kiosk = *kiosk});
}

}  // namespace vitrine::engine
