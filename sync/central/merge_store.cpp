#include "sync/central/merge_store.hpp"

#include "sync/bundle/keys.hpp"

namespace vitrine::central {

using merge::AgentCursor;
using merge::Outcome;
using merge::Source;

namespace {

Source source_of(const wire::RecordIdentity& identity) {
    return {identity.store, identity.agent, identity.epoch};
}

Bytes encode_ranges(const std::vector<AgentCursor::Range>& ranges) {
    Bytes bytes;
    for (const auto& [first, last] : ranges) {
        for (const Sequence each : {first, last}) {
            for (unsigned shift = 0; shift < 64; shift += 8) {
                bytes.push_back(static_cast<std::uint8_t>(each.value() >> shift));
            }
        }
    }
    return bytes;
}

std::vector<AgentCursor::Range> decode_ranges(ByteView bytes) {
    const auto number = [&](std::size_t at) {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < 8; ++i) value |= std::uint64_t{bytes[at + i]} << (8 * i);
        return Sequence(value);
    };
    std::vector<AgentCursor::Range> ranges;
    for (std::size_t at = 0; at + 16 <= bytes.size(); at += 16)
        ranges.emplace_back(number(at), number(at + 8));
    return ranges;
}

bool is_news_of_members(const merge::Change& change) {
    if (std::holds_alternative<merge::JoinConsent>(change)) return true;
    const auto* interaction = std::get_if<merge::AddInteraction>(&change);
    return interaction != nullptr &&
           (interaction->value.dismissed > Hlc{} || interaction->value.wanted > Hlc{});
}

}  // namespace

/// The cursors of one batch, read once and written once.
struct MergeStore::Cursors {
    struct Entry {
        AgentCursor cursor;
        std::uint64_t taken = 0;
        WallTime last_time = WallTime(std::chrono::milliseconds(0));
    };
    std::map<Source, Entry> entries;
};

Result<sqlite::Statement*> MergeStore::statement(const char* sql) {
    const auto known = statements_.find(sql);
    if (known != statements_.end()) return &known->second;
    return &statements_.emplace(sql, TRY(connection_.prepare(sql))).first->second;
}

Result<MergeReport> MergeStore::merge(const Batch& batch, WallTime received) {
    MergeReport report;
    Cursors cursors;
    auto transaction = TRY(sqlite::Transaction::begin(connection_));
    for (const std::string& event : batch.events)
        TRY(take(batch, event, received, cursors, report));
    TRY(keep_cursors(cursors, batch, received));
    TRY(transaction.commit());
    for (const auto& [source, entry] : cursors.entries) {
        report.acks.push_back({.agent = source.agent,
                               .epoch = source.epoch,
                               .watermark = entry.cursor.watermark(),
                               .ranges = entry.cursor.ranges()});
    }
    return report;
}

Result<void> MergeStore::take(const Batch& batch, const std::string& event, WallTime received,
                              Cursors& cursors, MergeReport& report) {
    auto decoded = wire::decode_record(event);
    const auto identity = decoded ? Result(decoded->identity) : wire::decode_identity(event);
    const bool own = identity && identity->store == batch.store && identity->agent == batch.agent;
    if (!own) {
        ++report.dead;
        const std::string reason =
            identity ? "of another agent than its topic" : identity.error().message;
        return keep_dead_letter(batch.agent, std::nullopt, event, reason, received);
    }
    AgentCursor* cursor = TRY(this->cursor(source_of(*identity), cursors));
    const Digest digest = bundle::digest_of(view_of(event));
    std::optional<Digest> kept;
    if (cursor->contains(identity->sequence)) kept = TRY(kept_digest(*identity));
    const Outcome outcome = merge::admit(*cursor, identity->sequence, kept, digest);
    if (outcome == Outcome::duplicate) return ++report.duplicates, Result<void>();
    if (outcome == Outcome::refused) return ++report.refused, Result<void>();
    if (outcome == Outcome::cloned) {
        ++report.cloned;
        return keep_dead_letter(batch.agent, std::nullopt, event,
                                "another record has this identity: a cloned agent", received);
    }
    cursor->add(identity->sequence);
    Cursors::Entry& entry = cursors.entries[source_of(*identity)];
    ++entry.taken;
    if (!decoded) {
        ++report.dead;
        return keep_dead_letter(batch.agent, *identity, event, decoded.error().message, received);
    }
    ++report.merged;
    const bool about_erased = decoded->record && TRY(erased(merge::member_of(*decoded->record)));
    TRY(keep_event(*decoded, event, digest, received, about_erased));
    if (!decoded->record) return {};
    entry.last_time = std::max(entry.last_time, decoded->record->time);
    const merge::Arrival arrival{.source = source_of(*identity),
                                 .sequence = identity->sequence,
                                 .content = digest,
                                 .received = received,
                                 .record = *decoded->record};
    for (const merge::Change& change : merge::changes_of(arrival, about_erased)) {
        report.members_changed |= is_news_of_members(change);
        report.model_changed |= std::holds_alternative<merge::JoinStatistics>(change);
        TRY(apply(change, event));
    }
    return {};
}

Result<void> MergeStore::keep_event(const wire::DecodedRecord& decoded, const std::string& event,
                                    const Digest& digest, WallTime received, bool subject_erased) {
    auto* insert =
        TRY(statement("INSERT INTO events (agent, epoch, sequence, shop, type, received, merged, "
                      "member, digest, event) "
                      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, nullif(?8, 0), ?9, ?10)"));
    const MemberId member =
        decoded.record && !subject_erased ? merge::member_of(*decoded.record) : MemberId{};
    insert->bind(decoded.identity.agent.view(), decoded.identity.epoch,
                 decoded.identity.sequence.value(), decoded.identity.store.view(), decoded.type,
                 received.time_since_epoch().count(), decoded.record ? 1 : 0, member.value(),
                 ByteView(digest), subject_erased ? std::string_view() : std::string_view(event));
    return insert->run();
}

Result<void> MergeStore::keep_dead_letter(AgentId agent,
                                          const std::optional<wire::RecordIdentity>& identity,
                                          std::string_view event, std::string_view reason,
                                          WallTime received) {
    auto* insert =
        TRY(statement("INSERT INTO dead_letters (agent, epoch, sequence, received, reason, event) "
                      "VALUES (?, ?, ?, ?, ?, ?)"));
    const std::int64_t at = received.time_since_epoch().count();
    if (identity) {
        insert->bind(agent.view(), identity->epoch, identity->sequence.value(), at, reason, event);
    } else {
        insert->bind(agent.view(), nullptr, nullptr, at, reason, event);
    }
    return insert->run();
}

Result<std::optional<Digest>> MergeStore::kept_digest(const wire::RecordIdentity& identity) {
    auto* select =
        TRY(statement("SELECT digest FROM events WHERE agent = ? AND epoch = ? AND sequence = ?"));
    select->bind(identity.agent.view(), identity.epoch, identity.sequence.value());
    if (!TRY(select->step())) return std::optional<Digest>();
    Digest digest{};
    const ByteView blob = select->blob(0);
    if (blob.size() == digest.size()) std::copy(blob.begin(), blob.end(), digest.begin());
    select->reset();
    return std::optional(digest);
}

Result<bool> MergeStore::erased(MemberId member) {
    if (member == MemberId{}) return false;
    auto* select = TRY(statement("SELECT 1 FROM tombstones WHERE member = ?"));
    select->bind(member.value());
    const bool found = TRY(select->step());
    select->reset();
    return found;
}

Result<AgentCursor*> MergeStore::cursor(const Source& source, Cursors& cursors) {
    const auto known = cursors.entries.find(source);
    if (known != cursors.entries.end()) return &known->second.cursor;
    auto* select =
        TRY(statement("SELECT watermark, ranges, last_time FROM sources WHERE shop = ? AND agent = "
                      "? AND epoch = ?"));
    select->bind(source.store.view(), source.agent.view(), source.epoch);
    Cursors::Entry entry;
    if (TRY(select->step())) {
        entry.cursor = AgentCursor(Sequence(select->bits(0)), decode_ranges(select->blob(1)));
        entry.last_time = wall_at(std::chrono::milliseconds(select->integer(2)));
        select->reset();
    }
    return &cursors.entries.emplace(source, std::move(entry)).first->second.cursor;
}

Result<void> MergeStore::keep_cursors(Cursors& cursors, const Batch& batch, WallTime received) {
    auto* upsert = TRY(statement(
        "INSERT INTO sources VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO UPDATE SET "
        "watermark = ?4, ranges = ?5, given_up = given_up + ?6, records = records + ?7, "
        "last_received = ?8, "
        "last_time = ?9"));
    for (auto& [source, entry] : cursors.entries) {
        AgentCursor& settled = entry.cursor;
        // The floor is that of the outbox the batch comes from, which is the one of its own events.
        const std::uint64_t given_up =
            batch.floor && cursors.entries.size() == 1 ? settled.give_up_below(*batch.floor) : 0;
        const Bytes ranges = encode_ranges(settled.ranges());
        upsert->bind(source.store.view(), source.agent.view(), source.epoch,
                     settled.watermark().value(), ranges, given_up, entry.taken,
                     received.time_since_epoch().count(),
                     entry.last_time.time_since_epoch().count());
        TRY(upsert->run());
    }
    return {};
}

Result<void> MergeStore::erase(MemberId member, WallTime now) {
    auto transaction = TRY(sqlite::Transaction::begin(connection_));
    auto* tombstone = TRY(statement("INSERT INTO tombstones VALUES (?, ?) ON CONFLICT DO NOTHING"));
    TRY(tombstone->bind(member.value(), now.time_since_epoch().count()).run());
    for (const char* sql :
         {"DELETE FROM members WHERE member = ?", "DELETE FROM consents WHERE member = ?",
          "DELETE FROM consent_events WHERE member = ?", "DELETE FROM purchases WHERE member = ?",
          "DELETE FROM interactions WHERE member = ?", "DELETE FROM member_days WHERE member = ?",
          "DELETE FROM channel_visits WHERE member = ?", "DELETE FROM baskets WHERE member = ?",
          "DELETE FROM audit_segments WHERE member = ?",
          "UPDATE events SET member = NULL, event = '' WHERE member = ?"}) {
        auto* one = TRY(statement(sql));
        TRY(one->bind(member.value()).run());
    }
    return transaction.commit();
}

}  // namespace vitrine::central
