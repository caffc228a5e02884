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

constexpr std::array kEveryKind{Kind::erasures,  Kind::recognition, Kind::profiles,
                                Kind::catalogue, Kind::policy,      Kind::model};

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

/// Shops with a clock that is behind take a bundle all the same.
constexpr std::chrono::hours kClockSlack{24};

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

}  // namespace

Result<std::vector<StoreId>> Publisher::stores() {
    auto select = TRY(connection_.prepare("SELECT shop FROM shops ORDER BY shop"));
    select.bind();
    std::vector<StoreId> stores;
    while (TRY(select.step())) stores.push_back(TRY(StoreId::parse(select.text(0))));
    return stores;
}

Result<void> Publisher::refresh(WallTime now) {
    const std::vector<StoreId> stores = TRY(this->stores());
    for (const Kind kind : kEveryKind) {
        if (!due_[static_cast<std::size_t>(kind)]) continue;
        TRY(refresh(kind, stores, now).within(bundle::name_of(kind)));
        due_[static_cast<std::size_t>(kind)] = false;
    }
    return {};
}

Result<void> Publisher::refresh(Kind kind, std::span<const StoreId> stores, WallTime now) {
    if (kind == Kind::profiles) return refresh_profiles(stores, now);
    // Contents are compared under one and the same epoch, because the epoch is part of them.
    const Digest digest = bundle::digest_of(TRY(content(kind, Epoch(1), now)));
    const Epoch fresh = kind == Kind::model ? TRY(trainer_.current()).epoch : TRY(next_epoch(kind));
    std::map<Epoch, Bytes> payloads;
    for (const StoreId store : stores) {
        auto kept = TRY(changed({store, kind}, digest, fresh, now));
        if (!kept) continue;
        Bytes& payload = payloads[kept->published.epoch];
        if (payload.empty()) payload = TRY(content(kind, kept->published.epoch, now));
        TRY(publish(std::move(*kept), payload, digest));
    }
    return {};
}

Result<void> Publisher::refresh_profiles(std::span<const StoreId> stores, WallTime now) {
    auto profiles = TRY(members_.profiles(now));
    const Digest common = bundle::digest_of(TRY(wire::encode_profiles(profiles)));
    const Epoch fresh = TRY(next_epoch(Kind::profiles));
    for (const StoreId store : stores) {
        TRY(members_.add_seen_elsewhere(store, profiles, now));
        const Digest digest = digest_with_seen(common, profiles.profiles);
        auto kept = TRY(changed({store, Kind::profiles}, digest, fresh, now));
        if (!kept) continue;
        profiles.epoch = kept->published.epoch;
        TRY(publish(std::move(*kept), TRY(wire::encode_profiles(profiles)), digest));
    }
    return {};
}

Result<std::optional<Publisher::Kept>> Publisher::changed(const Key& key, const Digest& content,
                                                          Epoch fresh, WallTime now) {
    const std::optional<Known> known = TRY(this->known(key.first, key.second));
    const bool same = known && known->content == content;
    if (same && kept_.contains(key)) return std::optional<Kept>();
    return std::optional(Kept{.published = {.store = key.first,
                                            .kind = key.second,
                                            .epoch = same ? known->epoch : fresh,
                                            .at = same ? known->published : now},
                              .old_chunks = known ? known->chunks : 0,
                              .old_epoch = known ? known->epoch : Epoch{}});
}

Result<std::optional<Publisher::Known>> Publisher::known(StoreId store, Kind kind) {
    auto select = TRY(connection_.prepare(
        "SELECT epoch, content, published, chunks FROM bundles WHERE shop = ? AND kind = ?"));
    select.bind(store.view(), static_cast<int>(kind));
    if (!TRY(select.step())) return std::optional<Known>();
    Known known{.epoch = Epoch(select.bits(0)),
                .published = wall_at(std::chrono::milliseconds(select.integer(2))),
                .chunks = static_cast<std::uint32_t>(select.integer(3))};
    const ByteView content = select.blob(1);
    if (content.size() == known.content.size()) std::ranges::copy(content, known.content.begin());
    return std::optional(known);
}

Result<void> Publisher::publish(Kept kept, ByteView payload, const Digest& content) {
    Published& published = kept.published;
    published.bytes = payload.size();
    kept.package = TRY(bundle::pack({.tenant = settings_.tenant,
                                     .store = published.store,
                                     .kind = published.kind,
                                     .epoch = published.epoch,
                                     .not_before = published.at - kClockSlack,
                                     .expires = published.at + life_of(published.kind)},
                                    payload, key_));
    auto upsert =
        TRY(connection_.prepare("INSERT INTO bundles VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT "
                                "(shop, kind) DO UPDATE SET epoch = excluded.epoch, content = "
                                "excluded.content, published = excluded.published, bytes = "
                                "excluded.bytes, chunks = excluded.chunks"));
    upsert.bind(published.store.view(), static_cast<int>(published.kind), published.epoch.value(),
                ByteView(content), published.at.time_since_epoch().count(), payload.size(),
                kept.package.chunks.size());
    TRY(upsert.run());
    const Key key{published.store, published.kind};
    queue(key, kept);
    kept.old_chunks = 0;
    kept_.insert_or_assign(key, std::move(kept));
    return {};
}

Result<Epoch> Publisher::next_epoch(Kind kind) {
    auto select =
        TRY(connection_.prepare("SELECT coalesce(max(epoch), 0) + 1 FROM bundles WHERE kind = ?"));
    select.bind(static_cast<int>(kind));
    TRY(select.step());
    return Epoch(select.bits(0));
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
            break;  // Another one for each shop: refresh_profiles.
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

void Publisher::queue(const Key& key, const Kept& kept) {
    // clang 14 cannot capture the names of a structured binding.
    const StoreId store = key.first;
    const Kind kind = key.second;
    const auto retained = [&](bundle::Leaf leaf, Bytes payload) {
        outgoing_.push_back(
            {.topic = bundle::format_topic({settings_.tenant, store, std::move(leaf)}),
             .payload = std::move(payload),
             .retain = true});
    };
    const Epoch epoch = kept.published.epoch;
    for (std::uint32_t i = 0; i < kept.package.chunks.size(); ++i) {
        retained(bundle::DownChunk{kind, epoch, i}, kept.package.chunks[i]);
    }
    retained(bundle::DownManifest{kind}, kept.package.manifest);
    if (kept.old_epoch == epoch) return;
    // An empty retained message takes the old chunk off the broker.
    for (std::uint32_t i = 0; i < kept.old_chunks; ++i)
        retained(bundle::DownChunk{kind, kept.old_epoch, i}, {});
}

void Publisher::republish() {
    outgoing_.clear();
    for (const auto& [key, kept] : kept_) queue(key, kept);
}

void Publisher::pump(uplink::Link& link) {
    while (!outgoing_.empty() && link.is_up()) {
        const auto ticket = link.publish(outgoing_.front());
        if (!ticket && ticket.error().code != ErrorCode::invalid) return;
        outgoing_.pop_front();
    }
}

std::vector<Publisher::Published> Publisher::published() const {
    std::vector<Published> all;
    for (const auto& [key, kept] : kept_) all.push_back(kept.published);
    return all;
}

}  // namespace vitrine::central
