#include "agent/engine/engine.hpp"

#include <algorithm>

namespace vitrine::engine {

using consent::Purpose;

namespace {

constexpr std::string_view kHlcKey = "hlc";

/// Grows with every lesson, a correction too.
std::uint64_t lessons_of(const offers::Statistics& statistics) {
    return statistics.outcomes + statistics.positives;
}

Bytes bytes_of(std::uint64_t value) {
    Bytes bytes(8);
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (8 * i));
    return bytes;
}

Result<std::uint64_t> value_of(ByteView bytes) {
    if (bytes.size() != 8) return corrupt("the memo has not 8 bytes");
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
    return value;
}

std::vector<KioskId> names_of(const std::vector<presence::Kiosk>& kiosks) {
    std::vector<KioskId> names;
    for (const presence::Kiosk& each : kiosks) names.push_back(each.id);
    return names;
}

Result<void> refuse_older(Epoch news, Epoch present, std::string_view what) {
    if (news >= present) return {};
    return conflict(std::string(what) + " epoch " + std::to_string(news.value()) +
                    " is older than the present " + std::to_string(present.value()));
}

}  // namespace

Engine::Engine(Setup setup)
    : setup_(std::move(setup)),
      tracker_(setup_.layout, setup_.calibration, setup_.presence_limits),
      check_ins_(names_of(setup_.layout.kiosks)),
      kiosks_(setup_.layout.kiosks.size()),
      rng_(setup_.seed) {
    for (std::size_t i = 0; i < kiosks_.size(); ++i) {
        kiosks_[i].screen.kiosk = setup_.layout.kiosks[i].id;
    }
    snapshot_.model = offers::prior_model(Epoch{}, snapshot_.model.base_rate);
    learner_.adopt(snapshot_.model).value();
}

Engine::~Engine() = default;

void Engine::on(const radio::Advert& advert, Now now) {
    const auto sighting = recogniser_.recognise(advert);
    if (!sighting) return;
    if (!gate_.permit<Purpose::recognise>(sighting->member, now.wall)) return;
    tracker_.hear(sighting->member, sighting->scanner, sighting->rssi, sighting->at);
}

void Engine::tick(Now now, Effects& effects) {
    table_.turn(now.wall);
    if (table_.busy()) table_.step();
    prepare();
    claims_.expire(now.wall);
    settle_decisions(now, effects);
    settle_rewards(now, effects);
    drop_unpermitted(now);
    tracker_.tick(now.instant, changes_);
    apply_changes(now, effects);
    for (std::size_t i = 0; i < kiosks_.size(); ++i) update(i, now, effects);

    const bool something_learned = lessons_of(learner_.statistics()) != lessons_handed_up_;
    if (something_learned && !model_delta_due_) {
        model_delta_due_ = now.instant + setup_.model_delta_every;
    }
    if (model_delta_due_ && now.instant >= *model_delta_due_) hand_up_model(now, effects);
}

void Engine::apply_changes(Now now, Effects& effects) {
    for (const presence::Change& change : changes_) {
        if (setup_.presence_limits.explain) {
            effects.explanations.push_back(presence::explain(change, tracker_.layout()));
        }
        changed(change, now, effects);
    }
    changes_.clear();
}

void Engine::changed(const presence::Change& change, Now now, Effects& effects) {
    using Kind = presence::Change::Kind;
    switch (change.kind) {
        case Kind::arrived:
            start_visit(change.member, now, effects);
            visits_[change.member].kiosk = setup_.layout.kiosks[change.place].id;
            break;
        case Kind::zone_changed:
            start_visit(change.member, now, effects);
            break;
        case Kind::left:
            if (const auto visit = visits_.find(change.member);
                visit != visits_.end() && !checked_in(change.member)) {
                visit->second.kiosk = {};
            }
            break;
        case Kind::gone:
            // Whoever checked in stands there, whether their phone is heard or not.
            if (!checked_in(change.member)) end_visit(change.member, now, effects);
            break;
        case Kind::conflicted:
        case Kind::settled:
            return;
    }
    effects.staff_board_changed |= staff_may_see(change.member, now.wall);
}

void Engine::start_visit(MemberId member, Now now, Effects& effects) {
    const auto [visit, is_new] = visits_.try_emplace(member);
    if (!is_new) return;
    visit->second = {.id = rng_.next(), .started = now.instant, .since = now.wall};
    visit->second.ref = to_text(DecisionId(rng_.next()));
    choose_next_best(member, now);
    if (const auto subject = measured(member, now)) {
        emit(session::VisitStarted{visit->second.id}, subject, {}, now, effects);
    }
}

void Engine::end_visit(MemberId member, Now now, Effects& effects) {
    const auto visit = visits_.find(member);
    if (visit == visits_.end()) return;
    const auto lasted =
        std::chrono::duration_cast<std::chrono::seconds>(now.instant - visit->second.started);
    if (const auto subject = measured(member, now)) {
        emit(session::VisitEnded{.visit = visit->second.id,
                                 .seconds = static_cast<std::uint32_t>(lasted.count()),
                                 .touches = visit->second.touches},
             subject, {}, now, effects);
    }
    visits_.erase(visit);
}

void Engine::drop_unpermitted(Now now) {
    for (const auto& [member, visit] : visits_) {
        if (gate_.permit<Purpose::recognise>(member, now.wall)) continue;
        tracker_.forget(member, now.instant, changes_);
    }
}

std::optional<MemberId> Engine::measured(MemberId member, Now now) const {
    const auto permitted = gate_.permit<Purpose::measure>(member, now.wall);
    return permitted ? std::optional(permitted->member()) : std::nullopt;
}

void Engine::emit(session::RecordBody body, std::optional<MemberId> subject, KioskId kiosk, Now now,
                  Effects& effects) {
    hlc_ = advance(hlc_, now.wall);
    effects.records.push_back({.time = now.wall,
                               .hlc = hlc_,
                               .kiosk = kiosk,
                               .subject = subject,
                               .body = std::move(body)});
    effects.remember(kHlcKey, bytes_of(hlc_.value()));
}

void Engine::remember_exposure(MemberId member, Effects& effects) const {
    effects.remember(exposure_key(member), exposures_.encode(member));
}

void Engine::report(session::AgentHealth health, Now now, Effects& effects) {
    health.adverts_heard = recogniser_.counters().heard;
    health.adverts_recognised = recogniser_.counters().recognised;
    health.epochs = snapshot_.epochs();
    emit(std::move(health), std::nullopt, {}, now, effects);
}

void Engine::hand_up_model(Now now, Effects& effects) {
    model_delta_due_.reset();
    const offers::Statistics& statistics = learner_.statistics();
    if (lessons_of(statistics) == lessons_handed_up_) return;
    lessons_handed_up_ = lessons_of(statistics);
    effects.remember(kLearnerKey, learner_.encode());
    effects.remember(kHandedUpKey, bytes_of(lessons_handed_up_));
    emit(session::ModelDelta{statistics}, std::nullopt, {}, now, effects);
}

void Engine::prepare() {
    if (dirty_) chooser_.prepare(snapshot_, learner_);
    if (dirty_ || supplies_changed_) chooser_.supply(snapshot_.stock, budgets_);
    dirty_ = false;
    supplies_changed_ = false;
}

void Engine::on(profiles::Stock stock) {
    if (stock == snapshot_.stock) return;
    snapshot_.stock = std::move(stock);
    supplies_changed_ = true;
    for (Kiosk& kiosk : kiosks_) kiosk.refresh = true;
}

Result<void> Engine::on(Recognition recognition, Now now) {
    TRY(refuse_older(recognition.epoch, snapshot_.recognition, "recognition"));
    TRY(table_.load(recognition.keys));
    table_.turn(now.wall);
    for (const auto& [member, consents] : recognition.consents) {
        ledger_.learn(member, consents);
        if (decided_.known_by(member, consents)) known_to_centre_.push_back(member);
    }
    snapshot_.recognition = recognition.epoch;
    return {};
}

Result<void> Engine::on(profiles::Catalogue catalogue) {
    TRY(refuse_older(catalogue.epoch, snapshot_.catalogue.epoch, "catalogue"));
    snapshot_.catalogue = std::move(catalogue);
    dirty_ = true;
    for (Kiosk& kiosk : kiosks_) kiosk.refresh = true;
    return {};
}

Result<void> Engine::on(profiles::ProfileBook profiles,
                        std::span<const std::pair<MemberId, consent::Consents>> consents) {
    TRY(refuse_older(profiles.epoch(), snapshot_.profiles.epoch(), "profiles"));
    for (const auto& [member, decided] : consents) {
        ledger_.learn(member, decided);
        if (decided_.known_by(member, decided)) known_to_centre_.push_back(member);
    }
    snapshot_.profiles = std::move(profiles);
    profiles_changed_ = true;
    dirty_ = true;
    return {};
}

Result<void> Engine::on(profiles::Model model, Now now, Effects& effects) {
    TRY(refuse_older(model.epoch, snapshot_.model.epoch, "model"));
    if (model.epoch == snapshot_.model.epoch) return {};
    hand_up_model(now, effects);
    TRY(learner_.adopt(model));
    lessons_handed_up_ = 0;
    effects.remember(kHandedUpKey, std::nullopt);
    snapshot_.model = std::move(model);
    dirty_ = true;
    return {};
}

Result<void> Engine::on(profiles::Policy policy) {
    TRY(refuse_older(policy.epoch, snapshot_.policy.epoch, "policy"));
    snapshot_.policy = std::move(policy);
    dirty_ = true;
    for (Kiosk& kiosk : kiosks_) kiosk.refresh = true;
    return {};
}

void Engine::on_erasures(std::span<const MemberId> members, Now now, Effects& effects) {
    for (const MemberId member : members) {
        if (ledger_.erased(member)) continue;
        ledger_.erase(member);
        forget_here(member, effects);
        decided_.forget(member);
        remember_decided(member, effects);
        tracker_.forget(member, now.instant, changes_);
        for (std::size_t i = 0; i < kiosks_.size(); ++i) {
            const auto& checked = kiosks_[i].checked_in;
            if (checked && checked->member == member) end_check_in(i, now, effects);
        }
    }
    apply_changes(now, effects);
}

Result<void> Engine::restore(const Memo& memo) {
    if (!memo.value) return {};
    const std::string_view key = memo.key;
    if (key == kLearnerKey) {
        TRY(learner_.restore(*memo.value).within("memo learner"));
    } else if (key.starts_with(kExposurePrefix)) {
        const auto member =
            TRY(id_from_text<MemberId>(key.substr(kExposurePrefix.size())).within(key));
        TRY(exposures_.restore(member, *memo.value).within(key));
    } else if (key.starts_with(kDecidedPrefix)) {
        const auto member =
            TRY(id_from_text<MemberId>(key.substr(kDecidedPrefix.size())).within(key));
        ledger_.learn(member, TRY(decided_.restore(member, *memo.value).within(key)));
    } else if (key.starts_with(kRewardPrefix)) {
        const auto member =
            TRY(id_from_text<MemberId>(key.substr(kRewardPrefix.size())).within(key));
        TRY(rewards_.restore(member, *memo.value).within(key));
    } else if (key.starts_with(kTillPrefix)) {
        const auto till = TRY(KioskId::parse(key.substr(kTillPrefix.size())).within(key));
        TRY(tills_.restore(till, *memo.value).within(key));
    } else if (key == kBudgetsKey) {
        TRY(budgets_.restore(*memo.value).within(key));
        supplies_changed_ = true;
    } else if (key == kHandedUpKey) {
        lessons_handed_up_ = TRY(value_of(*memo.value).within(key));
    } else if (key == kHlcKey) {
        hlc_ = std::max(hlc_, Hlc(TRY(value_of(*memo.value).within(key))));
    }
    return {};
}

}  // namespace vitrine::engine
