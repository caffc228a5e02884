#include "sync/central/members.hpp"
#include "sync/central/merge_store.hpp"

// Each change of sync/merge as one row: read and joined, or added to, in the batch's transaction.
namespace vitrine::central {

namespace {

/// The model totals that a kept event carries; nothing for an empty one.
Result<std::optional<offers::Statistics>> statistics_in(std::string_view event) {
    if (event.empty()) return std::optional<offers::Statistics>();
    const auto decoded = TRY(wire::decode_record(event).within("statistics"));
    const auto* delta =
        decoded.record ? std::get_if<session::ModelDelta>(&decoded.record->body) : nullptr;
    if (delta == nullptr) return corrupt("statistics: a row without statistics");
    return std::optional(delta->statistics);
}

}  // namespace

Result<void> MergeStore::apply(const merge::Change& change, const std::string& event) {
    return std::visit([&](const auto& one) { return apply_one(one, event); }, change);
}

Result<void> MergeStore::apply_one(const merge::JoinConsent& change, const std::string&) {
    return join_consent(connection_, change.event);
}

Result<void> MergeStore::apply_one(const merge::AddInteraction& change, const std::string&) {
    auto* upsert = TRY(statement(
        "INSERT INTO interactions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO "
        "UPDATE SET "
        "dismissed = max(dismissed, ?3), wanted = max(wanted, ?4), last_viewed = max(last_viewed, "
        "?5), "
        "viewed = viewed + ?6, clicked = clicked + ?7, saved = saved + ?8, claimed = claimed + ?9, "
        "dismissals = dismissals + ?10"));
    const merge::Interaction& value = change.value;
    upsert->bind(change.key.member.value(), change.key.offer.value(), value.dismissed.value(),
                 value.wanted.value(), value.last_viewed.value(), value.viewed, value.clicked,
                 value.saved, value.claimed, value.dismissals);
    return upsert->run();
}

Result<void> MergeStore::apply_one(const merge::AddMemberDay& change, const std::string&) {
    auto* upsert = TRY(
        statement("INSERT INTO member_days VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT "
                  "DO UPDATE SET viewed = viewed + ?5, tailored = tailored + ?6, clicked = clicked "
                  "+ ?7, saved = saved + ?8, claimed = claimed + ?9"));
    const merge::MemberDay& value = change.value;
    upsert->bind(change.key.member.value(), change.key.day, change.key.offer.value(),
                 change.key.store.view(), value.viewed, value.tailored, value.clicked, value.saved,
                 value.claimed);
    return upsert->run();
}

Result<void> MergeStore::apply_one(const merge::AddOfferCounts& change, const std::string&) {
    auto* upsert =
        TRY(statement("INSERT INTO offer_counts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) "
                      "ON CONFLICT DO UPDATE SET "
                      "viewed = viewed + ?5, clicked = clicked + ?6, dismissed = dismissed + ?7, "
                      "saved = saved + ?8, "
                      "explained = explained + ?9, claimed = claimed + ?10"));
    const merge::OfferCounts& value = change.value;
    upsert->bind(change.key.store.view(), change.key.day, change.key.offer.value(),
                 static_cast<int>(change.key.path), value.viewed, value.clicked, value.dismissed,
                 value.saved, value.explained, value.claimed);
    return upsert->run();
}

Result<void> MergeStore::apply_one(const merge::AddStoreCounts& change, const std::string&) {
    auto* upsert = TRY(statement(
        "INSERT INTO shop_counts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO UPDATE SET "
        "visits = visits + ?3, visits_ended = visits_ended + ?4, visit_seconds = visit_seconds + "
        "?5, "
        "touches = touches + ?6, decisions = decisions + ?7, staff_views = staff_views + ?8"));
    const merge::StoreCounts& value = change.value;
    upsert->bind(change.key.store.view(), change.key.day, value.visits, value.visits_ended,
                 value.visit_seconds, value.touches, value.decisions, value.staff_views);
    return upsert->run();
}

Result<void> MergeStore::apply_one(const merge::JoinStatistics& change, const std::string& event) {
    const merge::Source& source = change.key.source;
    auto* select = TRY(statement(
        "SELECT event FROM statistics WHERE model = ? AND shop = ? AND agent = ? AND epoch = ?"));
    select->bind(change.key.model.value(), source.store.view(), source.agent.view(), source.epoch);
    if (TRY(select->step())) {
        const std::string kept(select->text(0));
        select->reset();
        const auto present = TRY(statistics_in(kept));
        if (present && merge::join(*present, change.value) == *present) return {};
    }
    auto* upsert =
        TRY(statement("INSERT INTO statistics VALUES (?1, ?2, ?3, ?4, ?5, ?6, '') ON CONFLICT DO "
                      "UPDATE SET outcomes = ?5, "
                      "event = ?6"));
    upsert->bind(change.key.model.value(), source.store.view(), source.agent.view(), source.epoch,
                 change.value.outcomes, event);
    return upsert->run();
}

Result<void> MergeStore::apply_one(const merge::JoinHealth& change, const std::string& event) {
    auto* upsert =
        TRY(statement("INSERT INTO health VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE "
                      "SET hlc = ?4, sequence = ?5, "
                      "event = ?6 WHERE (?4, ?5) > (hlc, sequence)"));
    upsert->bind(change.key.store.view(), change.key.agent.view(), change.key.epoch,
                 change.value.at.value(), change.value.sequence.value(), event);
    return upsert->run();
}

Result<std::vector<MergeStore::Learned>> MergeStore::learned(Epoch model) {
    auto* select =
        TRY(statement("SELECT shop, agent, epoch, event, used FROM statistics WHERE model = ?"));
    select->bind(model.value());
    std::vector<Learned> all;
    while (TRY(select->step())) {
        const auto total = TRY(statistics_in(select->text(3)));
        if (!total) continue;
        all.push_back({.source = {TRY(StoreId::parse(select->text(0))),
                                  TRY(AgentId::parse(select->text(1))), select->bits(2)},
                       .total = *total,
                       .used = TRY(statistics_in(select->text(4)))});
    }
    return all;
}

Result<std::vector<Epoch>> MergeStore::epochs_with_news() {
    auto* select =
        TRY(statement("SELECT DISTINCT model FROM statistics WHERE event <> used ORDER BY model"));
    select->bind();
    std::vector<Epoch> epochs;
    while (TRY(select->step())) epochs.emplace_back(select->bits(0));
    return epochs;
}

Result<void> MergeStore::mark_used(Epoch model) {
    auto* update = TRY(statement("UPDATE statistics SET used = event WHERE model = ?"));
    return update->bind(model.value()).run();
}

}  // namespace vitrine::central
