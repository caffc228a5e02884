#include "sync/central/merge_store.hpp"

#include <algorithm>

#include "sync/bundle/keys.hpp"
#include "sync/central/merging.hpp"
#include "sync/central/ranges_binary.hpp"

namespace vitrine::central {

using merge::Outcome;

namespace {

constexpr int kKeptAtOnce = 500;

bool is_news_of_members(const merge::Change& change) {
    if (std::holds_alternative<merge::JoinConsent>(change)) return true;
    const auto* interaction = std::get_if<merge::AddInteraction>(&change);
    return interaction != nullptr &&
           (interaction->value.dismissed > Hlc{} || interaction->value.wanted > Hlc{});
}

std::int64_t signed_of(std::uint64_t bits) { return static_cast<std::int64_t>(bits); }

}  // namespace

MergeStore::MergeStore(sql::Connection& connection)
    : connection_(connection),
      source_sql_(
          std::string("SELECT watermark, ranges, last_time FROM sources WHERE shop = ? AND agent = "
                      "? AND epoch = ?") +
          connection.for_update()),
      kept_sql_(
          "SELECT sequence, digest FROM events WHERE shop = ? AND agent = ? AND epoch = ? AND "
          "sequence IN " +
          std::string(connection.listed())),
      erased_sql_("SELECT member FROM tombstones WHERE member IN " +
                  std::string(connection.listed())) {}

Result<sql::Statement*> MergeStore::statement(const char* sql) {
    const auto known = statements_.find(sql);
    if (known != statements_.end()) return &known->second;
    return &statements_.emplace(sql, TRY(connection_.prepare(sql))).first->second;
}

// Reading: nothing here touches the database.

MergeStore::Incoming MergeStore::read(const Batch& batch, const std::string& event) {
    Incoming one{
        .batch = &batch, .event = &event, .digest = bundle::fingerprint_of(view_of(event))};
    auto decoded = wire::decode_record(event);
    if (decoded) {
        one.identity = decoded->identity;
        one.decoded = std::move(*decoded);
    } else {
        one.fate = Fate::unreadable;
        one.reason = decoded.error().message;
        auto identity = wire::decode_identity(event);
        if (identity) one.identity = *identity;
    }
    if (one.identity &&
        (one.identity->store != batch.store || one.identity->agent != batch.agent)) {
        one.fate = Fate::foreign;
        one.reason = "of another agent than its topic";
        one.identity.reset();
        one.decoded.reset();
    }
    return one;
}

// Admitting: what of it is new.

/// Holds the source's row until the end, so that of two workers with batches of one outbox the
/// second sees what the first has done.
Result<void> MergeStore::load_source(const merge::Source& key, Merging& merging) {
    auto* insert = TRY(statement(
        "INSERT INTO sources VALUES (?, ?, ?, 0, ?, 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING"));
    insert->bind(key.store.view(), key.agent.view(), key.epoch, Bytes{});
    TRY(insert->run());
    auto* select = TRY(statement(source_sql_.c_str()));
    select->bind(key.store.view(), key.agent.view(), key.epoch);
    if (!TRY(select->step())) return corrupt("sources: a row that was just made is not there");
    Source& source = merging.sources[key];
    source.cursor = merge::AgentCursor(Sequence(select->bits(0)), decode_ranges(select->blob(1)));
    source.last_time = wall_at(std::chrono::milliseconds(select->integer(2)));
    select->reset();
    return {};
}

/// Reads the digests of what came before under the identities of this batch.
Result<void> MergeStore::load_kept(Merging& merging) {
    std::map<merge::Source, std::vector<std::int64_t>> known;
    for (const Incoming& one : merging.events) {
        if (!one.identity) continue;
        const Sequence sequence = one.identity->sequence;
        const merge::Source key = one.source();
        if (merging.sources.at(key).cursor.contains(sequence)) {
            known[key].push_back(signed_of(sequence.value()));
        }
    }
    auto* select = TRY(statement(kept_sql_.c_str()));
    for (const auto& [key, sequences] : known) {
        const std::string list = connection_.list_of(sequences);
        select->bind(key.store.view(), key.agent.view(), key.epoch, list);
        while (TRY(select->step())) {
            Digest digest{};
            const ByteView blob = select->blob(1);
            if (blob.size() == digest.size()) std::ranges::copy(blob, digest.begin());
            merging.sources.at(key).kept.emplace(Sequence(select->bits(0)), digest);
        }
    }
    return {};
}

void MergeStore::admit(Incoming& one, Merging& merging) {
    MergeReport& report = merging.report;
    if (!one.identity) {
        ++report.dead;
        ++report.dead_of[one.batch->agent];
        return;
    }
    Source& source = merging.sources.at(one.source());
    const Sequence sequence = one.identity->sequence;
    const auto kept = source.kept.find(sequence);
    const auto digest =
        kept == source.kept.end() ? std::nullopt : std::optional<Digest>(kept->second);
    switch (merge::admit(source.cursor, sequence, digest, one.digest)) {
        case Outcome::duplicate:
            one.fate = Fate::duplicate;
            ++report.duplicates;
            return;
        case Outcome::refused:
            one.fate = Fate::refused;
            ++report.refused;
            return;
        case Outcome::cloned:
            one.fate = Fate::cloned;
            one.reason = "another record has this identity: a cloned agent";
            ++source.cloned;
            ++report.cloned;
            ++report.cloned_of[one.batch->agent];
            return;
        case Outcome::merged:
            break;
    }
    source.cursor.add(sequence);
    source.kept.emplace(sequence, one.digest);
    ++source.taken;
    if (one.fate == Fate::unreadable) {
        ++report.dead;
        ++report.dead_of[one.batch->agent];
    } else if (one.decoded->record) {
        ++report.merged;
        source.last_time = std::max(source.last_time, one.decoded->record->time);
    } else {
        ++report.unknown;
    }
}

Result<std::set<MemberId>> MergeStore::erased_among(const std::set<MemberId>& members) {
    std::set<MemberId> erased;
    if (members.empty()) return erased;
    std::vector<std::int64_t> ids;
    for (const MemberId member : members) ids.push_back(signed_of(member.value()));
    auto* select = TRY(statement(erased_sql_.c_str()));
    const std::string list = connection_.list_of(ids);
    select->bind(list);
    while (TRY(select->step())) erased.insert(MemberId(select->bits(0)));
    return erased;
}

void MergeStore::gather(const Incoming& one, WallTime received, bool erased, Merging& merging) {
    if (!one.decoded || !one.decoded->record) return;
    const merge::Arrival arrival{.source = one.source(),
                                 .sequence = one.identity->sequence,
                                 .content = one.digest,
                                 .received = received,
                                 .record = *one.decoded->record};
    for (const merge::Change& change : merge::changes_of(arrival, erased)) {
        merging.report.members_changed |= is_news_of_members(change);
        merging.report.model_changed |= std::holds_alternative<merge::JoinStatistics>(change);
        merging.gathered.add(change, *one.event);
    }
}

Result<MergeReport> MergeStore::merge(std::span<const Batch> batches, WallTime received) {
    Merging merging;
    std::map<merge::Source, Sequence> sources;
    std::set<MemberId> members;
    for (const Batch& batch : batches) {
        std::set<merge::Source> own;
        for (const std::string& event : batch.events) {
            const Incoming& one = merging.events.emplace_back(read(batch, event));
            if (one.identity) own.insert(one.source());
            if (one.member() != MemberId{}) members.insert(one.member());
        }
        for (const merge::Source& source : own) {
            Sequence& floor = sources[source];
            if (own.size() == 1 && batch.floor) floor = std::max(floor, *batch.floor);
        }
    }
    auto transaction = TRY(sql::Transaction::begin(connection_));
    TRY(connection_.lock(sql::Lock::erasures, true));
    for (const auto& [source, floor] : sources) {
        TRY(load_source(source, merging));
        merging.sources[source].floor = floor;
    }
    TRY(load_kept(merging));
    merging.erased = TRY(erased_among(members));
    for (Incoming& one : merging.events) {
        admit(one, merging);
        if (one.fate == Fate::fresh) {
            gather(one, received, merging.erased.contains(one.member()), merging);
        }
    }
    TRY(settle(received, merging));
    TRY(transaction.commit());
    for (const auto& [key, source] : merging.sources) {
        merging.report.acks.push_back({{.agent = key.agent,
                                        .epoch = key.epoch,
                                        .watermark = source.cursor.watermark(),
                                        .ranges = source.cursor.ranges()},
                                       key.store});
    }
    return std::move(merging.report);
}

Result<void> MergeStore::settle(WallTime received, Merging& merging) {
    TRY(keep_events(received, merging));
    TRY(keep_letters(received, merging));
    TRY(apply(merging.gathered));
    TRY(keep_sources(received, merging));
    if (merging.report.members_changed) TRY(tell_news(connection_));
    return {};
}

// After an upgrade.

Result<std::uint64_t> MergeStore::merge_kept() {
    std::uint64_t merged = 0;
    merge::Source after;
    Sequence after_sequence;
    for (bool more = true; more;) {
        auto transaction = TRY(sql::Transaction::begin(connection_));
        TRY(connection_.lock(sql::Lock::erasures, true));
        auto* select = TRY(statement(
            "SELECT shop, agent, epoch, sequence, received, event FROM events WHERE merged = 0 AND "
            "(shop, agent, epoch, sequence) > (?, ?, ?, ?) ORDER BY shop, agent, epoch, sequence "
            "LIMIT ?"));
        select->bind(after.store.view(), after.agent.view(), after.epoch, after_sequence.value(),
                     kKeptAtOnce);
        struct Kept {
            std::string event;
            WallTime received;
            Incoming read;
        };
        std::vector<Kept> all;
        while (TRY(select->step())) {
            after = {TRY(StoreId::parse(select->text(0))), TRY(AgentId::parse(select->text(1))),
                     select->bits(2)};
            after_sequence = Sequence(select->bits(3));
            all.push_back({.event = std::string(select->text(5)),
                           .received = wall_at(std::chrono::milliseconds(select->integer(4)))});
        }
        more = all.size() == static_cast<std::size_t>(kKeptAtOnce);
        std::set<MemberId> members;
        for (Kept& kept : all) {
            auto decoded = wire::decode_record(kept.event);
            if (!decoded || !decoded->record) continue;
            kept.read.event = &kept.event;
            kept.read.digest = bundle::fingerprint_of(view_of(kept.event));
            kept.read.identity = decoded->identity;
            kept.read.decoded = std::move(*decoded);
            members.insert(kept.read.member());
        }
        Merging merging;
        merging.erased = TRY(erased_among(members));
        for (const Kept& kept : all) {
            const Incoming& one = kept.read;
            if (!one.decoded) continue;
            if (!merging.sources.contains(one.source())) TRY(load_source(one.source(), merging));
            const bool erased = merging.erased.contains(one.member());
            gather(one, kept.received, erased, merging);
            TRY(mark_merged(one, erased));
            ++merged;
        }
        TRY(apply(merging.gathered));
        if (merging.report.members_changed) TRY(tell_news(connection_));
        TRY(transaction.commit());
    }
    return merged;
}

Result<void> MergeStore::mark_merged(const Incoming& one, bool erased) {
    auto* update = TRY(
        statement("UPDATE events SET merged = 1, member = ?, event = CASE WHEN ? = 1 THEN '' ELSE "
                  "event END WHERE shop = ? AND agent = ? AND epoch = ? AND sequence = ?"));
    const merge::Source source = one.source();
    update->bind(erased ? std::uint64_t{0} : one.member().value(), erased ? 1 : 0,
                 source.store.view(), source.agent.view(), source.epoch,
                 one.identity->sequence.value());
    return update->run();
}

// Forgetting.

Result<bool> MergeStore::erase(MemberId member, WallTime now) {
    if (member == MemberId{}) return invalid("0 is nobody");
    auto transaction = TRY(sql::Transaction::begin(connection_));
    TRY(connection_.lock(sql::Lock::erasures, false));
    auto* enrolled = TRY(statement("SELECT count(*) FROM members WHERE member = ?"));
    TRY(enrolled->bind(member.value()).step());
    const bool was_enrolled = enrolled->integer(0) > 0;
    enrolled->reset();
    auto* tombstone = TRY(statement("INSERT INTO tombstones VALUES (?, ?) ON CONFLICT DO NOTHING"));
    TRY(tombstone->bind(member.value(), now.time_since_epoch().count()).run());
    for (const char* sql :
         {"DELETE FROM members WHERE member = ?", "DELETE FROM consents WHERE member = ?",
          "DELETE FROM consent_events WHERE member = ?", "DELETE FROM purchases WHERE member = ?",
          "DELETE FROM order_lines WHERE member = ?", "DELETE FROM interactions WHERE member = ?",
          "DELETE FROM member_days WHERE member = ?", "DELETE FROM channel_visits WHERE member = ?",
          "DELETE FROM baskets WHERE member = ?", "DELETE FROM audit_segments WHERE member = ?",
          "UPDATE events SET member = 0, event = '' WHERE member = ?",
          "UPDATE dead_letters SET member = 0, event = '' WHERE member = ?"}) {
        auto* one = TRY(statement(sql));
        TRY(one->bind(member.value()).run());
    }
    TRY(tell_news(connection_));
    TRY(transaction.commit());
    return was_enrolled;
}

}  // namespace vitrine::central
