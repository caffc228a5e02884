#include "sync/central/members.hpp"

#include <algorithm>
#include <map>

#include "sync/central/profile_reader.hpp"

namespace vitrine::central {

using consent::Purpose;

namespace {

std::string joined(const std::vector<CategoryId>& categories) {
    std::vector<std::uint32_t> numbers;
    for (const CategoryId each : categories) numbers.push_back(each.value());
    return joined_numbers(numbers);
}

std::vector<CategoryId> split(std::string_view text) {
    std::vector<CategoryId> categories;
    for (const std::uint32_t each : split_numbers(text)) {
        categories.emplace_back(static_cast<std::uint16_t>(each));
    }
    return categories;
}

consent::State read_state(const sql::Statement& row, int column) {
    return {.withdrawal = static_cast<std::uint32_t>(row.integer(column)),
            .paused = row.integer(column + 1) != 0,
            .granted = row.integer(column + 2) != 0,
            .grant = static_cast<std::uint32_t>(row.integer(column + 3)),
            .valid_until = wall_at(std::chrono::milliseconds(row.integer(column + 4)))};
}

std::int64_t ms_of(WallTime time) { return time.time_since_epoch().count(); }

/// Holds the row until the transaction's end: what two workers decide about one purpose is joined,
/// never overwritten. The row is made first, because nothing else could be held.
Result<consent::State> joined_with_known(sql::Connection& connection, const consent::Event& event) {
    auto insert = TRY(connection.prepare(
        "INSERT INTO consents VALUES (?, ?, 0, 0, 0, 0, ?) ON CONFLICT DO NOTHING"));
    TRY(insert
            .bind(event.subject.value(), static_cast<int>(event.purpose),
                  ms_of(consent::State{}.valid_until))
            .run());
    auto select = TRY(connection.prepare(
        std::string("SELECT withdrawal, paused, granted, grant_version, valid_until FROM consents "
                    "WHERE member = ? AND purpose = ?") +
        connection.for_update()));
    select.bind(event.subject.value(), static_cast<int>(event.purpose));
    const consent::State state = consent::state_of(event);
    return TRY(select.step()) ? consent::join(state, read_state(select, 0)) : state;
}

}  // namespace

Result<void> join_consent(sql::Connection& connection, const consent::Event& event) {
    const consent::State state = TRY(joined_with_known(connection, event));
    auto upsert = TRY(
        connection.prepare("UPDATE consents SET withdrawal = ?, paused = ?, granted = ?, "
                           "grant_version = ?, valid_until = ? WHERE member = ? AND purpose = ?"));
    upsert.bind(state.withdrawal, state.paused ? 1 : 0, state.granted ? 1 : 0, state.grant,
                ms_of(state.valid_until), event.subject.value(), static_cast<int>(event.purpose));
    TRY(upsert.run());
    auto insert = TRY(connection.prepare(
        "INSERT INTO consent_events (member, id, purpose, decision, version, hlc, channel, "
        "valid_until, notice, "
        "notice_version, notice_sha256, language, previous) VALUES (?, ?, ?, ?, ?, ?, ?, nullif(?, "
        "9223372036854775807), ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"));
    insert.bind(event.subject.value(), event.id, static_cast<int>(event.purpose),
                static_cast<int>(event.decision), event.version, event.time.value(),
                static_cast<int>(event.channel), ms_of(event.valid_until.value_or(WallTime::max())),
                event.notice.id, event.notice.version, ByteView(event.notice.sha256),
                static_cast<int>(event.notice.language), ByteView(event.previous));
    return insert.run();
}

Result<void> Members::enrol(const Member& member) {
    TRY(connection_.lock(sql::Lock::erasures, true));
    auto gone = TRY(connection_.prepare("SELECT 1 FROM tombstones WHERE member = ?"));
    if (TRY(gone.bind(member.id.value()).step())) {
        return denied("member " + to_text(member.id) + " was erased");
    }
    auto upsert = TRY(connection_.prepare(
        "INSERT INTO members VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (member) DO UPDATE SET "
        "identity_key = excluded.identity_key, level = excluded.level, language = "
        "excluded.language, age_proven = excluded.age_proven, birth_month = excluded.birth_month, "
        "favourites = excluded.favourites, calls_me = excluded.calls_me, wishes = "
        "excluded.wishes"));
    const std::string favourites = joined(member.favourites);
    upsert.bind(member.id.value(), ByteView(member.key.bytes), static_cast<int>(member.level),
                static_cast<int>(member.language), member.age_proven ? 1 : 0,
                int{member.birth_month}, favourites, member.calls_me, member.wishes);
    return upsert.run();
}

Result<void> Members::bought(MemberId member, const Purchase& purchase) {
    TRY(expect_known(member));
    auto upsert =
        TRY(connection_.prepare("INSERT INTO purchases VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT "
                                "(member, day, product) DO UPDATE SET category = "
                                "excluded.category, quantity = excluded.quantity, cents = "
                                "excluded.cents"));
    upsert.bind(member.value(), purchase.day, purchase.product.value(),
                int{purchase.category.value()}, purchase.quantity, purchase.cents);
    return upsert.run();
}

Result<void> Members::visited(MemberId member, const ChannelVisit& visit) {
    TRY(expect_known(member));
    auto insert =
        TRY(connection_.prepare("INSERT INTO channel_visits VALUES (?, ?, ?) ON CONFLICT DO "
                                "NOTHING"));
    return insert.bind(member.value(), visit.day, static_cast<int>(visit.channel)).run();
}

Result<void> Members::left_basket(MemberId member, const Basket& basket) {
    TRY(expect_known(member));
    std::vector<std::uint32_t> numbers;
    for (const ProductId each : basket.products) numbers.push_back(each.value());
    auto upsert =
        TRY(connection_.prepare("INSERT INTO baskets VALUES (?, ?, ?) ON CONFLICT (member) DO "
                                "UPDATE SET day = excluded.day, products = excluded.products WHERE "
                                "baskets.day <= excluded.day"));
    const std::string products = joined_numbers(numbers);
    return upsert.bind(member.value(), basket.day, products).run();
}

Result<void> Members::expect_known(MemberId member) {
    auto known = TRY(connection_.prepare("SELECT 1 FROM members WHERE member = ?"));
    if (!TRY(known.bind(member.value()).step())) return not_found("no member " + to_text(member));
    return {};
}

Result<std::vector<Member>> Members::all() {
    auto select =
        TRY(connection_.prepare("SELECT member, identity_key, level, language, age_proven, "
                                "birth_month, favourites, calls_me, wishes FROM "
                                "members"));
    select.bind();
    std::vector<Member> members;
    while (TRY(select.step())) {
        Member member{.id = MemberId(select.bits(0)),
                      .level = static_cast<profiles::Level>(select.integer(2)),
                      .language = static_cast<Language>(select.integer(3)),
                      .age_proven = select.integer(4) != 0,
                      .birth_month = static_cast<std::uint8_t>(select.integer(5)),
                      .favourites = split(select.text(6)),
                      .calls_me = std::string(select.text(7)),
                      .wishes = std::string(select.text(8))};
        const ByteView key = select.blob(1);
        if (key.size() != member.key.bytes.size())
            return corrupt("a member's key has not 16 bytes");
        std::ranges::copy(key, member.key.bytes.begin());
        members.push_back(std::move(member));
    }
    std::ranges::sort(members, {}, &Member::id);
    return members;
}

Result<std::vector<wire::ProfilesBundle::MemberConsents>> Members::consents() {
    auto select =
        TRY(connection_.prepare("SELECT member, purpose, withdrawal, paused, granted, "
                                "grant_version, valid_until FROM consents"));
    select.bind();
    std::map<MemberId, consent::Consents> by_member;
    while (TRY(select.step())) {
        const std::int64_t purpose = select.integer(1);
        if (purpose < 0 || purpose >= static_cast<std::int64_t>(consent::kPurposes.size()))
            continue;
        by_member[MemberId(select.bits(0))].of(static_cast<Purpose>(purpose)) =
            read_state(select, 2);
    }
    std::vector<wire::ProfilesBundle::MemberConsents> all;
    for (const auto& [member, consents] : by_member) all.push_back({member, consents});
    return all;
}

Result<wire::RecognitionBundle> Members::recognition(std::uint32_t first_period,
                                                     std::size_t periods, WallTime now) {
    wire::RecognitionBundle bundle{.first_period = first_period};
    std::map<MemberId, consent::Consents> decided;
    for (const auto& each : TRY(consents())) decided.emplace(each.member, each.consents);
    for (const Member& member : TRY(all())) {
        const auto known = decided.find(member.id);
        if (known == decided.end()) continue;
        // Who has only paused keeps the keys: a check-in is how they take the pause back. Without
        // one, shops recognise them no more than a stranger.
        const consent::State& state = known->second.of(Purpose::recognise);
        const bool paused = state.paused && state.granted && now < state.valid_until;
        if (!paused && !state.allows(now)) continue;
        wire::RecognitionBundle::Member one{.member = member.id, .consents = known->second};
        for (std::size_t i = 0; i < periods; ++i) {
            const auto period = first_period + static_cast<std::uint32_t>(i);
            one.keys.push_back(identity::temporary_key(member.key, period).bytes);
        }
        bundle.members.push_back(std::move(one));
    }
    return bundle;
}

Result<wire::ProfilesBundle> Members::profiles(WallTime now) {
    wire::ProfilesBundle bundle;
    bundle.consents = TRY(consents());
    std::map<MemberId, const consent::Consents*> decided;
    for (const auto& each : bundle.consents) decided.emplace(each.member, &each.consents);
    const std::int32_t today = day_of(now);
    if (prices_day_ != today) {
        prices_ = TRY(usual_prices(connection_, today));
        prices_day_ = today;
    }
    auto reader = TRY(ProfileReader::open(connection_));
    for (const Member& member : TRY(all())) {
        const auto known = decided.find(member.id);
        if (known == decided.end()) continue;
        const consent::Consents& consents = *known->second;
        if (!consents.of(Purpose::recognise).allows(now)) continue;
        if (consents.of(Purpose::personalise).allows(now)) {
            bundle.profiles.push_back(TRY(
                reader.read(member, consents.of(Purpose::measure).allows(now), prices_, today)));
        }
        if (consents.of(Purpose::staff_view).allows(now)) {
            bundle.cards.push_back({member.id, member.calls_me, member.wishes});
        }
    }
    return bundle;
}

Result<void> Members::add_seen_elsewhere(StoreId shop, wire::ProfilesBundle& bundle, WallTime now) {
    TRY(elsewhere_.refresh(connection_, now));
    elsewhere_.fill(shop, bundle.profiles);
    return {};
}

Result<wire::ErasuresBundle> Members::erasures() {
    auto select = TRY(connection_.prepare("SELECT member FROM tombstones"));
    select.bind();
    wire::ErasuresBundle bundle;
    while (TRY(select.step())) bundle.members.emplace_back(select.bits(0));
    std::ranges::sort(bundle.members);
    return bundle;
}

Result<MemberCounts> Members::counts(WallTime now) {
    MemberCounts counts;
    counts.enrolled =
        static_cast<std::uint64_t>(TRY(connection_.integer_of("SELECT count(*) FROM members")));
    counts.erased =
        static_cast<std::uint64_t>(TRY(connection_.integer_of("SELECT count(*) FROM tombstones")));
    for (const auto& each : TRY(consents())) {
        for (const Purpose purpose : consent::kPurposes) {
            if (each.consents.of(purpose).allows(now))
                ++counts.allowing[static_cast<std::size_t>(purpose)];
        }
    }
    return counts;
}

}  // namespace vitrine::central
