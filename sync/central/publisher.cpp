#include "sync/central/publisher.hpp"

#include <algorithm>

#include "sync/wire/binary.hpp"
#include "sync/wire/catalogue_json.hpp"
#include "sync/wire/members.hpp"
#include "sync/wire/model_binary.hpp"
#include "sync/wire/policy_json.hpp"

namespace vitrine::central {

using bundle::Kind;

namespace {

/// How long a bundle is good for. Recognition ends by its keys anyway; the others are shown as old
/// from then on.
std::chrono::hours life_of(Kind kind) {
    switch (kind) {
        case Kind::recognition:
            return std::chrono::hours(24 * 7);
        case Kind::catalogue:
            return std::chrono::hours(24 * 14);
        case Kind::profiles:
        case Kind::policy:
        case Kind::model:
        case Kind::erasures:
            return std::chrono::hours(24 * 60);
    }
    check_failed("known Kind", __FILE__, __LINE__);
}

/// What tells one shop's profiles from those of another day or shop, without packing them all.
Digest digest_with_seen(const Digest& common, std::span<const profiles::Profile> profiles) {
    wire::ByteWriter out;
    out.raw(common);
    for (const profiles::Profile& profile : profiles) {
        if (profile.seen_elsewhere.empty()) continue;
        out.fixed64(profile.member.value());
        out.varint(profile.seen_elsewhere.size());
        for (const profiles::Seen& seen : profile.seen_elsewhere) {
            out.varint(seen.offer.value());
            out.varint(seen.total);
            out.signed_varint(seen.day);
            out.varint(seen.that_day);
        }
    }
    return bundle::digest_of(out.bytes());
}

using Rows = std::vector<PackageRow>;

Rows::const_iterator whole_in(const Rows& rows) {
    return std::ranges::find_if(rows,
                                [](const PackageRow& row) { return row.ref.base == Epoch{}; });
}

/// Whether the way from the whole to the newest is long, with another delta of so many bytes.
bool is_long(const Rows& rows, std::uint64_t more) {
    const auto whole = whole_in(rows);
    std::uint64_t bytes = more;
    for (auto row = whole + 1; row < rows.end(); ++row) bytes += row->bytes;
    const auto count = static_cast<std::size_t>(rows.end() - whole);
    return bytes * Publisher::kDeltaShare > whole->bytes || count > Publisher::kDeltasMax;
}

}  // namespace

Result<std::vector<StoreId>> Publisher::stores() {
    auto select = TRY(connection_.prepare("SELECT shop FROM shops ORDER BY shop"));
    select.bind();
    std::vector<StoreId> stores;
    while (TRY(select.step())) stores.push_back(TRY(StoreId::parse(select.text(0))));
    return stores;
}

/// What is retained, after a start or where the broker may have lost it.
Result<void> Publisher::load() {
    TRY(packages_.resign(key_));
    const std::vector<PackageRef> all = TRY(packages_.all());
    waiting_.assign(all.begin(), all.end());
    sending_.reset();
    loaded_ = true;
    return {};
}

void Publisher::stand_down() {
    waiting_.clear();
    sending_.reset();
    round_.reset();
    memo_ = {};
    loaded_ = false;
}

Result<void> Publisher::refresh(WallTime now) {
    if (!loaded_) TRY(load());
    TRY(look_for_erasures(now));
    const std::vector<StoreId> stores = TRY(this->stores());
    for (const Kind kind : bundle::kEveryKind) {
        bool& due = due_[static_cast<std::size_t>(kind)];
        if (!due || (kind == Kind::profiles && round_)) continue;
        TRY(refresh(kind, stores, now).within(bundle::name_of(kind)));
        due = false;
    }
    memo_ = {};
    const auto gone_on = round_ ? go_on(now).within("profiles") : Result<void>();
    memo_ = {};
    // A round that fails begins anew.
    if (!gone_on) {
        round_.reset();
        touched(Kind::profiles);
    }
    return gone_on;
}

Result<void> Publisher::refresh(Kind kind, std::span<const StoreId> stores, WallTime now) {
    if (kind == Kind::profiles) return begin_round(stores, now);
    // Contents are compared under one and the same epoch, because the epoch is part of them.
    const Digest digest = bundle::digest_of(TRY(content(kind, Epoch(1), now)));
    const Epoch fresh =
        kind == Kind::model ? TRY(trainer_.current()).epoch : TRY(next_epoch(kind, now));
    memo_ = {};
    return together([&]() -> Result<void> {
        Payload payload;
        for (const StoreId store : stores) {
            const auto news = TRY(changed({store, kind}, digest, fresh, now));
            if (!news) continue;
            if (payload.bytes.empty()) {
                payload.bytes = TRY(content(kind, fresh, now));
                payload.digest = bundle::digest_of(payload.bytes);
            }
            TRY(publish(*news, payload));
        }
        return {};
    });
}

Result<void> Publisher::together(const std::function<Result<void>()>& steps) {
    auto transaction = TRY(sql::Transaction::begin(connection_));
    const std::size_t waited = waiting_.size();
    auto done = steps();
    if (done) done = transaction.commit();
    if (done) return done;
    waiting_.resize(waited);  // What was not kept is not announced, …
    loaded_ = false;          // … or it was, and the answer was lost.
    return done;
}

Result<void> Publisher::begin_round(std::span<const StoreId> stores, WallTime now) {
    Round round{.profiles = TRY(members_.profiles(now)),
                .stores = std::vector<StoreId>(stores.begin(), stores.end())};
    round.common = bundle::digest_of(TRY(wire::encode_profiles(round.profiles)));
    round.fresh = TRY(next_epoch(Kind::profiles, now));
    round_ = std::move(round);
    return {};
}

Result<void> Publisher::go_on(WallTime now) {
    Round& round = *round_;
    std::size_t published = 0;
    for (std::size_t looks = 0; round.next < round.stores.size(); ++round.next, ++looks) {
        if (published >= settings_.shops_at_once) break;
        if (looks / kLooksMax >= settings_.shops_at_once) break;
        const StoreId store = round.stores[round.next];
        TRY(members_.add_seen_elsewhere(store, round.profiles, now));
        const Digest digest = digest_with_seen(round.common, round.profiles.profiles);
        const auto news = TRY(changed({store, Kind::profiles}, digest, round.fresh, now));
        if (!news) continue;
        round.profiles.epoch = news->published.epoch;
        Payload payload{.bytes = TRY(wire::encode_profiles(round.profiles))};
        payload.digest = bundle::digest_of(payload.bytes);
        TRY(together([&] { return publish(*news, payload); }));
        ++published;
    }
    if (round.next == round.stores.size()) round_.reset();
    return {};
}

Result<std::optional<Publisher::News>> Publisher::changed(const Key& key, const Digest& content,
                                                          Epoch fresh, WallTime now) {
    const std::optional<Known> known = TRY(this->known(key.first, key.second));
    const bool forget = known && holds_erased(*known, key.second);
    if (known && known->content == content && !forget) return std::optional<News>();
    return std::optional(
        News{.published = {.store = key.first, .kind = key.second, .epoch = fresh, .at = now},
             .content = content,
             .forget = forget});
}

Result<void> Publisher::look_for_erasures(WallTime now) {
    auto select =
        TRY(connection_.prepare("SELECT coalesce(max(at), 0) FROM tombstones WHERE at <= ?"));
    select.bind((now - kForgottenWithin).time_since_epoch().count());
    TRY(select.step());
    erased_ = select.bits(0) / 1000;
    return {};
}

/// An epoch is not lower than the second in which it was made.
bool Publisher::holds_erased(const Known& known, Kind kind) const {
    return (kind == Kind::recognition || kind == Kind::profiles) && erased_ >= known.oldest.value();
}

Result<std::optional<Publisher::Known>> Publisher::known(StoreId store, Kind kind) {
    auto select = TRY(connection_.prepare(
        "SELECT (SELECT min(p.epoch) FROM bundle_packages p WHERE p.shop = b.shop AND p.kind = "
        "b.kind AND p.gone = 0), b.content FROM bundles b WHERE b.shop = ? AND b.kind = ?"));
    select.bind(store.view(), static_cast<int>(kind));
    if (!TRY(select.step()) || select.is_null(0)) return std::optional<Known>();
    Known known{.oldest = Epoch(select.bits(0))};
    const ByteView content = select.blob(1);
    if (content.size() == known.content.size()) std::ranges::copy(content, known.content.begin());
    return std::optional(known);
}

Result<const bundle::Packed*> Publisher::delta_to(const Payload& payload, const Rows& rows) {
    if (rows.empty() || !bundle::travels_as_deltas(rows.back().ref.kind)) return nullptr;
    const bool other_base = memo_.tail != rows.back().frame;
    if (other_base) {
        memo_.base = TRY(packages_.payload(rows));
        memo_.tail = rows.back().frame;
    }
    const Epoch epoch = rows.back().ref.epoch;
    const bool known = !other_base && memo_.delta && memo_.delta->payload == payload.digest &&
                       memo_.delta->base->epoch == epoch;
    if (!known) memo_.delta = TRY(bundle::pack_delta(epoch, memo_.base, payload.bytes));
    return &*memo_.delta;
}

Result<const bundle::Packed*> Publisher::whole_of(const Payload& payload) {
    if (!memo_.whole || memo_.whole->payload != payload.digest) {
        memo_.whole = TRY(bundle::pack_whole(payload.bytes));
    }
    return &*memo_.whole;
}

/// The delta for whoever has the newest, and a new whole where the way from the last one has
/// become long. Deltas since the whole before stay for those who were away for a while, unless they
/// may hold somebody who was erased.
Result<void> Publisher::publish(const News& news, const Payload& payload) {
    Published published = news.published;
    published.bytes = payload.bytes.size();
    const Rows rows = TRY(packages_.of(published.store, published.kind));
    const auto whole = whole_in(rows);
    const bundle::Packed* delta = TRY(delta_to(payload, rows));
    const bool worth =
        delta != nullptr && whole != rows.end() && delta->frame.size() * kDeltaShare < whole->bytes;
    PackageRef ref{.store = published.store, .kind = published.kind, .epoch = published.epoch};
    if (worth) {
        ref.base = rows.back().ref.epoch;
        TRY(add(ref, published, *delta));
    }
    if (!worth || news.forget || is_long(rows, delta->frame.size())) {
        ref.base = Epoch{};
        TRY(add(ref, published, *TRY(whole_of(payload))));
        for (const PackageRow& row : rows) {
            const bool after = worth && row.ref.epoch > whole->ref.epoch;
            if (!after || news.forget) TRY(take_off(row));
        }
    }
    auto upsert = TRY(connection_.prepare(
        "INSERT INTO bundles (shop, kind, epoch, content, published, bytes) VALUES (?, ?, ?, "
        "?, ?, ?) ON CONFLICT (shop, kind) DO UPDATE SET epoch = excluded.epoch, content = "
        "excluded.content, published = excluded.published, bytes = excluded.bytes"));
    upsert.bind(published.store.view(), static_cast<int>(published.kind), published.epoch.value(),
                ByteView(news.content), published.at.time_since_epoch().count(), published.bytes);
    TRY(upsert.run());
    return {};
}

Result<void> Publisher::add(const PackageRef& ref, const Published& published,
                            const bundle::Packed& packed) {
    const Bytes manifest = TRY(bundle::manifest_of({.tenant = settings_.tenant,
                                                    .store = ref.store,
                                                    .kind = ref.kind,
                                                    .epoch = ref.epoch,
                                                    .not_before = published.at,
                                                    .expires = published.at + life_of(ref.kind)},
                                                   packed, key_));
    TRY(packages_.add(ref, manifest, packed));
    waiting_.push_back(ref);
    return {};
}

Result<void> Publisher::take_off(const PackageRow& row) {
    TRY(packages_.mark_gone(row));
    waiting_.push_back(row.ref);
    waiting_.back().gone = true;
    return {};
}

/// Higher than any before, and than any that a lost database had: a centre that is restored from
/// last night's copy does not begin again with epochs that shops have seen. It publishes a kind
/// once a second at most.
Result<Epoch> Publisher::next_epoch(Kind kind, WallTime now) {
    auto select =
        TRY(connection_.prepare("SELECT coalesce(max(epoch), 0) + 1 FROM bundles WHERE kind = ?"));
    select.bind(static_cast<int>(kind));
    TRY(select.step());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
    return Epoch(std::max(select.bits(0), static_cast<std::uint64_t>(seconds.count())));
}

Result<Bytes> Publisher::setting(const char* key, std::string_view otherwise) {
    auto select = TRY(connection_.prepare("SELECT value FROM settings WHERE key = ?"));
    select.bind(key);
    if (!TRY(select.step())) return Bytes(otherwise.begin(), otherwise.end());
    const ByteView value = select.blob(0);
    return Bytes(value.begin(), value.end());
}

Result<Bytes> Publisher::content(Kind kind, Epoch epoch, WallTime now) {
    const auto bytes_of = [](const std::string& text) { return Bytes(text.begin(), text.end()); };
    switch (kind) {
        case Kind::erasures: {
            auto erasures = TRY(members_.erasures());
            erasures.epoch = epoch;
            return wire::encode_erasures(erasures);
        }
        case Kind::recognition: {
            // From the period of a quarter of an hour ago on: the window before now may still be in
            // it.
            const WallTime start = now - std::chrono::minutes(15);
            const auto first = identity::period_of(identity::beacon_seconds(start));
            auto recognition = TRY(members_.recognition(first, kHorizonPeriods, now));
            recognition.epoch = epoch;
            return wire::encode_recognition(recognition);
        }
        case Kind::profiles:
            break;  // Another one for each shop: go_on.
        case Kind::catalogue: {
            const Bytes kept = TRY(setting(
                "catalogue", R"({"format":"vitrine-catalogue-1","categories":[],"offers":[]})"));
            auto catalogue = TRY(wire::decode_catalogue(text_of(kept)));
            catalogue.epoch = epoch;
            return bytes_of(TRY(wire::encode_catalogue(catalogue)));
        }
        case Kind::policy: {
            auto policy = TRY(wire::decode_policy(
                text_of(TRY(setting("policy", R"({"format":"vitrine-policy-1"})")))));
            policy.epoch = epoch;
            return bytes_of(TRY(wire::encode_policy(policy)));
        }
        case Kind::model:
            return wire::encode_model(TRY(trainer_.current()));
    }
    check_failed("known Kind", __FILE__, __LINE__);
}

Result<std::vector<Publisher::Published>> Publisher::published() const {
    auto select = TRY(connection_.prepare(
        "SELECT shop, kind, epoch, published, bytes FROM bundles ORDER BY shop, kind"));
    select.bind();
    std::vector<Published> all;
    while (TRY(select.step())) {
        all.push_back({.store = TRY(StoreId::parse(select.text(0))),
                       .kind = static_cast<Kind>(select.integer(1)),
                       .epoch = Epoch(select.bits(2)),
                       .at = wall_at(std::chrono::milliseconds(select.integer(3))),
                       .bytes = select.bits(4)});
    }
    return all;
}

}  // namespace vitrine::central
