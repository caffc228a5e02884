#include "sync/central/audit.hpp"

#include <algorithm>
#include <map>

#include "agent/consent/consent.hpp"
#include "sync/central/kept_catalogue.hpp"

namespace vitrine::central {

namespace {

constexpr int kMeasure = static_cast<int>(consent::Purpose::measure);

/// The report of all offers and that of single ones may each raise half of the false alarms.
constexpr FairLimits kLimits{.false_alarms = 0.005};

std::int64_t ms_of(WallTime time) { return time.time_since_epoch().count(); }

/// What one claim is worth: what is paid less than before. Nothing where that is not known in
/// money.
std::optional<std::int64_t> worth_of(const profiles::Offer* offer) {
    if (offer == nullptr) return std::nullopt;
    if (offer->price && offer->prior_price && *offer->prior_price >= *offer->price) {
        return offer->prior_price->value() - offer->price->value();
    }
    if (offer->value_kind == profiles::ValueKind::amount_off) return offer->value;
    return std::nullopt;
}

using GroupKey = std::pair<std::string, std::string>;

GroupKey key_of(const AuditGroup& group) { return {group.dimension, group.value}; }

/// Members by group, and what they did with which offer, in the order of the query.
AuditGroup group_at(const sql::Statement& row) {
    AuditGroup group{.dimension = std::string(row.text(0)),
                     .value = std::string(row.text(1)),
                     .offer = OfferId(static_cast<std::uint32_t>(row.integer(2))),
                     .members = row.bits(3),
                     .exposures = row.bits(7)};
    for (std::size_t i = 0; i < group.yes.size(); ++i) {
        group.yes[i] = row.bits(4 + static_cast<int>(i));
    }
    return group;
}

/// The people of an audit: what they said, while they allow `measure`; and what they did.
constexpr const char* kAudited =
    "FROM audit_segments s JOIN audit_values v ON v.dimension = s.dimension AND v.value = s.value "
    "JOIN consents c ON c.member = s.member AND c.purpose = ?1 AND c.granted = 1 AND "
    "c.grant_version >= c.withdrawal AND ?2 < c.valid_until JOIN member_days d ON d.member = "
    "s.member AND d.day > ?3 ";

constexpr const char* kCounted =
    "count(DISTINCT CASE WHEN d.viewed > 0 THEN d.member END), count(DISTINCT CASE WHEN d.tailored "
    "> 0 THEN d.member END), count(DISTINCT CASE WHEN d.clicked > 0 THEN d.member END), "
    "count(DISTINCT CASE WHEN d.saved + d.claimed > 0 THEN d.member END), sum(d.tailored) ";

FairnessFinding finding_at(const sql::Statement& row) {
    const auto time = [&](int column) {
        return wall_at(std::chrono::milliseconds(row.integer(column)));
    };
    FairnessFinding finding{
        .id = row.bits(0),
        .opened = time(1),
        .dimension = std::string(row.text(2)),
        .value = std::string(row.text(3)),
        .best = std::string(row.text(4)),
        .measure = std::string(row.text(5)),
        .offer = OfferId(static_cast<std::uint32_t>(row.integer(6))),
        .ratio = {.ratio = row.real(7), .low = row.real(8), .high = row.real(9)}};
    if (row.is_null(11)) return finding;
    finding.signed_by = std::string(row.text(10));
    finding.signed_at = time(11);
    finding.reason = std::string(row.text(12));
    return finding;
}

}  // namespace

Result<void> Audit::forget_withdrawn() {
    // A pause keeps what was said; a withdrawal ends it.
    auto remove = TRY(connection_.prepare(
        "DELETE FROM audit_segments WHERE member NOT IN (SELECT member FROM consents WHERE purpose "
        "= ? AND granted = 1 AND (grant_version >= withdrawal OR paused = 1))"));
    return remove.bind(kMeasure).run();
}

Result<std::vector<AuditGroup>> Audit::groups(WallTime now) {
    auto select = TRY(
        connection_.prepare(std::string("SELECT s.dimension, s.value, 0, ") + kCounted + kAudited +
                            "GROUP BY s.dimension, v.position, s.value ORDER BY s.dimension, "
                            "v.position"));
    select.bind(kMeasure, ms_of(now), day_of(now) - kDays);
    std::vector<AuditGroup> groups;
    std::map<GroupKey, std::size_t> places;
    while (TRY(select.step())) {
        groups.push_back(group_at(select));
        places.emplace(key_of(groups.back()), groups.size() - 1);
    }
    const profiles::Catalogue catalogue = TRY(kept_catalogue(connection_));
    auto claims = TRY(connection_.prepare(
        std::string("SELECT s.dimension, s.value, d.offer, sum(d.claimed) ") + kAudited +
        "WHERE d.claimed > 0 GROUP BY s.dimension, s.value, d.offer"));
    claims.bind(kMeasure, ms_of(now), day_of(now) - kDays);
    while (TRY(claims.step())) {
        const auto place = places.find({std::string(claims.text(0)), std::string(claims.text(1))});
        if (place == places.end()) continue;
        AuditGroup& group = groups[place->second];
        const auto worth =
            worth_of(catalogue.offer(OfferId(static_cast<std::uint32_t>(claims.integer(2)))));
        group.claims += claims.bits(3);
        group.benefit_cents += worth.value_or(0) * claims.integer(3);
        if (!worth) group.claims_of_no_value += claims.bits(3);
    }
    return groups;
}

Result<std::vector<AuditGroup>> Audit::groups_by_offer(WallTime now) {
    // Everybody of the group who saw anything is asked about each offer, not only who saw it.
    std::map<GroupKey, std::uint64_t> members;
    for (const AuditGroup& group : TRY(groups(now))) members[key_of(group)] = group.members;
    auto select = TRY(connection_.prepare(
        std::string("SELECT s.dimension, s.value, d.offer, ") + kCounted + kAudited +
        "WHERE d.offer IN (SELECT offer FROM member_days WHERE day > ?3 GROUP BY offer ORDER BY "
        "sum(tailored) DESC, offer LIMIT ?4) GROUP BY s.dimension, d.offer, v.position, s.value"));
    select.bind(kMeasure, ms_of(now), day_of(now) - kDays, kOffersMax);
    std::map<std::pair<std::string, OfferId>, std::map<std::string, AuditGroup>> seen;
    while (TRY(select.step())) {
        AuditGroup group = group_at(select);
        seen[{group.dimension, group.offer}].emplace(group.value, std::move(group));
    }
    std::vector<AuditGroup> groups;
    for (auto& [family, values] : seen) {
        for (const auto& [key, count] : members) {
            if (key.first != family.first) continue;
            // Nobody of a group saw it: that is the very thing to find.
            AuditGroup& group = values[key.second];
            group.dimension = key.first;
            group.value = key.second;
            group.offer = family.second;
            group.members = count;
            groups.push_back(group);
        }
    }
    return groups;
}

Result<void> Audit::open(const FairComparison& alarm, WallTime now) {
    auto known = TRY(connection_.prepare(
        "SELECT 1 FROM fairness_findings WHERE dimension = ? AND value = ? AND measure = ? AND "
        "offer = ? AND (signed_at IS NULL OR signed_at > ?)"));
    known.bind(alarm.dimension, alarm.value, name_of(alarm.measure), alarm.offer.value(),
               ms_of(now - kSignedFor));
    if (TRY(known.step())) return {};
    known.reset();
    auto insert =
        TRY(connection_.prepare("INSERT INTO fairness_findings (opened, dimension, value, best, "
                                "measure, offer, ratio, low, high) VALUES (?, ?, ?, ?, ?, ?, ?, ?, "
                                "?)"));
    insert.bind(ms_of(now), alarm.dimension, alarm.value, alarm.best, name_of(alarm.measure),
                alarm.offer.value(), alarm.ratio.ratio, alarm.ratio.low, alarm.ratio.high);
    return insert.run();
}

Result<void> Audit::review(WallTime now) {
    auto transaction = TRY(sql::Transaction::begin(connection_));
    TRY(forget_withdrawn());
    FairnessReview review{.as_of = now, .groups = TRY(groups(now))};
    review.comparisons = compare(review.groups, kLimits);
    for (FairComparison& each : compare(TRY(groups_by_offer(now)), kLimits)) {
        if (each.verdict == FairVerdict::alarm) review.of_offers.push_back(std::move(each));
    }
    for (AuditGroup& group : review.groups) {
        if (group.members >= kLimits.members_min) continue;
        group = {.dimension = group.dimension, .value = group.value};
    }
    for (const auto* comparisons : {&review.comparisons, &review.of_offers}) {
        for (const FairComparison& each : *comparisons) {
            if (each.verdict == FairVerdict::alarm) TRY(open(each, now));
        }
    }
    TRY(transaction.commit());
    last_ = std::move(review);
    return {};
}

Result<std::vector<FairnessFinding>> Audit::findings() {
    auto select = TRY(connection_.prepare(
        "SELECT id, opened, dimension, value, best, measure, offer, ratio, low, high, signed_by, "
        "signed_at, reason FROM fairness_findings ORDER BY signed_at IS NOT NULL, id DESC LIMIT "
        "?"));
    select.bind(std::uint64_t{kFindingsMax});
    std::vector<FairnessFinding> findings;
    while (TRY(select.step())) findings.push_back(finding_at(select));
    return findings;
}

Result<void> Audit::sign_off(std::uint64_t finding, const StaffId& by, std::string_view reason,
                             WallTime now) {
    if (reason.find_first_not_of(" \t\r\n") == std::string_view::npos ||
        reason.size() > kReasonBytesMax) {
        return invalid("reason: expected a text of 1 to " + std::to_string(kReasonBytesMax) +
                       " bytes");
    }
    auto select = TRY(connection_.prepare("SELECT signed_at FROM fairness_findings WHERE id = ?"));
    if (!TRY(select.bind(finding).step())) return not_found("no such finding");
    if (!select.is_null(0)) return conflict("the finding was signed off before");
    select.reset();
    auto update = TRY(connection_.prepare(
        "UPDATE fairness_findings SET signed_by = ?, signed_at = ?, reason = ? WHERE id = ?"));
    return update.bind(by.view(), ms_of(now), reason, finding).run();
}

}  // namespace vitrine::central
