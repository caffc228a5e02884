#include "agent/daemon/downlink.hpp"

#include <algorithm>

namespace vitrine::daemon {

using bundle::Kind;
using bundle::Manifest;

namespace {

std::string topic_of(const Manifest& manifest, std::uint32_t chunk) {
    std::optional<Epoch> base;
    if (manifest.base) base = manifest.base->epoch;
    return bundle::format_topic(
        {manifest.tenant, manifest.store,
         bundle::DownChunk{
             .kind = manifest.kind, .epoch = manifest.epoch, .chunk = chunk, .base = base}});
}

/// The next few chunks that are not here.
void want_chunks(const bundle::Assembler& download, std::set<std::string>& wanted) {
    const Manifest& manifest = download.manifest().manifest();
    std::size_t asked = 0;
    for (std::uint32_t i = 0; i < manifest.chunks.size() && asked < Downlink::kWindow; ++i) {
        if (download.has(i)) continue;
        wanted.insert(topic_of(manifest, i));
        ++asked;
    }
}

bool begun(const bundle::Assembler& download) {
    return download.missing() < download.manifest().manifest().chunks.size();
}

}  // namespace

Downlink::Downlink(TenantId tenant, StoreId store, std::vector<bundle::PublicKey> trusted,
                   BaseOf base_of)
    : tenant_(tenant), store_(store), trusted_(std::move(trusted)), base_of_(std::move(base_of)) {}

Result<std::optional<Downlink::Taken>> Downlink::on(const bundle::Topic& topic, ByteView payload,
                                                    Instant now) {
    if (const auto* chunk = std::get_if<bundle::DownChunk>(&topic.leaf)) {
        return on_chunk(*chunk, payload, now);
    }
    TRY(on_manifest(topic, payload, now));
    return std::optional<Taken>();
}

Result<void> Downlink::on_manifest(const bundle::Topic& topic, ByteView payload, Instant now) {
    const auto* whole = std::get_if<bundle::DownManifest>(&topic.leaf);
    const auto* delta = std::get_if<bundle::DownLink>(&topic.leaf);
    if (whole == nullptr && delta == nullptr) return invalid("not a topic of a bundle");
    Announced news{TRY(bundle::verify(payload, trusted_)), Bytes(payload.begin(), payload.end())};
    const Manifest& manifest = news.verified.manifest();
    const Kind kind = whole != nullptr ? whole->kind : delta->kind;
    if (manifest.kind != kind) return denied("a manifest of another kind than its topic");
    if (manifest.tenant != tenant_ || manifest.store != store_) {
        return denied("a manifest for " + manifest.tenant.str() + "/" + manifest.store.str());
    }
    const bool fits =
        delta != nullptr ? manifest.base && manifest.base->epoch == delta->base : !manifest.base;
    if (!fits) return denied("a manifest of another base than its topic");
    // Of what always travels whole an honest broker has nothing that is older than what was here.
    const auto before = ledger_.highest(trusted_, kind);
    if (!bundle::travels_as_deltas(kind) && before && manifest.epoch < *before) {
        return denied(std::string(bundle::name_of(kind)) + " " +
                      std::to_string(manifest.epoch.value()) + " is older than " +
                      std::to_string(before->value()) + ", which was applied: rolled back");
    }
    Line& line = this->line(kind);
    std::optional<Announced>& place = delta != nullptr ? line.delta : line.whole;
    // Whoever repeats an older one gains nothing.
    if (delta != nullptr && !usable(news, line)) return {};
    if (place && place->verified.manifest().epoch > manifest.epoch && usable(*place, line))
        return {};
    if (place && place->bytes == news.bytes) return {};
    place = std::move(news);
    line.changed = now;
    look(line, now);
    return {};
}

Result<std::optional<Downlink::Taken>> Downlink::on_chunk(const bundle::DownChunk& chunk,
                                                          ByteView payload, Instant now) {
    Line& line = this->line(chunk.kind);
    if (!line.download) return std::optional<Taken>();
    const Manifest& manifest = line.download->chunks.manifest().manifest();
    std::optional<Epoch> base;
    if (manifest.base) base = manifest.base->epoch;
    // One that nobody asked for, or that came too late.
    if (manifest.epoch != chunk.epoch || base != chunk.base) return std::optional<Taken>();
    const auto added = TRY(line.download->chunks.add(chunk.chunk, payload));
    if (added == bundle::Assembler::Added::duplicate) return std::optional<Taken>();
    line.progress = now;
    asked_.reset();
    patience_ = kPatience;
    bytes_taken_ += payload.size();
    if (manifest.chunks.size() < kChunksWorthKeeping) return std::optional<Taken>();
    return std::optional(Taken{chunk.kind, line.download->signed_manifest, chunk.chunk});
}

void Downlink::resume(Kind kind, const Partial& partial, Instant now) {
    auto verified = bundle::verify(partial.signed_manifest, trusted_);
    if (!verified || verified->manifest().kind != kind) return;
    Announced announced{std::move(verified).value(), partial.signed_manifest};
    Line& line = this->line(kind);
    if (!usable(announced, line)) return;
    bundle::Assembler download(announced.verified);
    // A chunk that was cut off or is damaged is asked for again.
    for (const auto& [chunk, bytes] : partial.chunks) (void)download.add(chunk, bytes);
    (announced.verified.manifest().base ? line.delta : line.whole) = std::move(announced);
    line.download = Download{std::move(download), partial.signed_manifest};
    line.changed = now;
    look(line, now);
}

bool Downlink::usable(const Announced& announced, const Line& line) const {
    const Manifest& manifest = announced.verified.manifest();
    if (line.unusable == manifest.payload) return false;
    std::optional<bundle::Base> state;
    if (line.present) state = line.present->state;
    // Whether its time has come is asked when it is complete.
    return ledger_.accept(announced.verified, here(), state, manifest.not_before).has_value();
}

/// The same state, signed by another key: nothing to fetch, but to be kept under that signature,
/// before the old key is revoked.
bool Downlink::adopts(const Announced& announced, const Line& line) const {
    const Manifest& manifest = announced.verified.manifest();
    const auto vouched = ledger_.highest(announced.verified.signer(), manifest.kind);
    return line.present && line.present->state == bundle::Base{manifest.epoch, manifest.payload} &&
           vouched.value_or(Epoch()) < manifest.epoch;
}

bool Downlink::waits_for_delta(const Line& line, Instant now) const {
    const bool possible = line.present && !line.deltas_fail &&
                          bundle::travels_as_deltas(line.whole->verified.manifest().kind);
    return possible && now < line.changed + kDeltaGrace;
}

/// What to fetch now.
const Downlink::Announced* Downlink::target(const Line& line, Instant now) const {
    const bool whole = line.whole && usable(*line.whole, line);
    if (line.download && begun(line.download->chunks)) {
        // What is under way is brought to its end, unless something newer took its place.
        const bundle::VerifiedManifest& at = line.download->chunks.manifest();
        if (whole && at.manifest() == line.whole->verified.manifest()) return &*line.whole;
    }
    if (line.delta && !line.deltas_fail && usable(*line.delta, line)) return &*line.delta;
    if (!whole || waits_for_delta(line, now)) return nullptr;
    return &*line.whole;
}

/// Begins, goes on with or ends the download of a kind.
void Downlink::look(Line& line, Instant now) {
    const Announced* at = target(line, now);
    if (at == nullptr) {
        line.download.reset();
    } else if (!line.download ||
               line.download->chunks.manifest().manifest() != at->verified.manifest()) {
        line.download = Download{bundle::Assembler(at->verified), at->bytes};
    }
    const bool grace = at == nullptr && line.whole && usable(*line.whole, line);
    const bool pending = grace || (line.download && !line.download->chunks.complete());
    if (pending && !line.pending) {
        line.progress = now;
        asked_.reset();
    }
    line.pending = pending;
    // The delta that would save the whole does not come: the whole it is.
    if (pending && at != nullptr && at == (line.delta ? &*line.delta : nullptr) &&
        stalled(line, now) && line.whole && usable(*line.whole, line)) {
        line.deltas_fail = true;
        line.progress = now;
        line.download = Download{bundle::Assembler(line.whole->verified), line.whole->bytes};
    }
}

std::optional<Delivery> Downlink::next(WallTime wall, Instant now) {
    looked_ = now;
    for (const Kind kind : bundle::kEveryKind) {
        Line& line = this->line(kind);
        look(line, now);
        // Who is to be forgotten waits for nobody; everything else first hears what there is.
        if (kind != Kind::erasures && now < settled_at_) return std::nullopt;
        if (line.whole && adopts(*line.whole, line)) {
            auto payload = base_of_ ? base_of_(kind) : not_found("no cache");
            if (payload) {
                return Delivery{.manifest = line.whole->verified,
                                .payload = std::move(payload).value(),
                                .signed_manifest = line.whole->bytes};
            }
            line.present.reset();
            look(line, now);
        }
        if (line.download && line.download->chunks.complete()) {
            if (auto delivery = finish(kind, wall)) return delivery;
            look(line, now);
        }
        if (line.pending && !stalled(line, now)) return std::nullopt;
        // The next delta may follow.
        if (bundle::travels_as_deltas(kind) && now < line.changed + kFollow) return std::nullopt;
    }
    return std::nullopt;
}

std::optional<Delivery> Downlink::finish(Kind kind, WallTime wall) {
    Line& line = this->line(kind);
    const bundle::Assembler& chunks = line.download->chunks;
    const bundle::VerifiedManifest& manifest = chunks.manifest();
    std::optional<bundle::Base> state;
    if (line.present) state = line.present->state;
    const auto accepted = ledger_.accept(manifest, here(), state, wall);
    if (!accepted) {
        // Its time comes, or the clock is set right: it is here then.
        trouble_ = accepted.error().message;
        return std::nullopt;
    }
    const bool is_delta = manifest.manifest().base.has_value();
    Bytes base;
    if (is_delta) {
        auto loaded = base_of_ ? base_of_(kind) : not_found("no cache");
        if (!loaded) {
            // What is in place cannot be built on: the whole, once it is there.
            trouble_ = loaded.error().message;
            line.deltas_fail = true;
            line.present.reset();
            line.download.reset();
            return std::nullopt;
        }
        base = std::move(loaded).value();
    }
    auto payload = chunks.payload(base);
    if (payload) {
        return Delivery{.manifest = manifest,
                        .payload = std::move(payload).value(),
                        .behind = accepted->behind,
                        .signed_manifest = line.download->signed_manifest};
    }
    trouble_ = payload.error().message;
    if (is_delta) {
        line.deltas_fail = true;
        if (payload.error().code == ErrorCode::conflict) line.present.reset();
    } else {
        line.unusable = manifest.manifest().payload;
    }
    line.download.reset();  // `manifest` ends with it.
    return std::nullopt;
}

void Downlink::applied(const Delivery& delivery, Instant now) {
    const Manifest& manifest = delivery.manifest.manifest();
    Line& line = this->line(manifest.kind);
    // What is behind does not count: the deltas that follow lead to what does.
    const bool behind = is_behind(delivery.manifest);
    if (!behind) ledger_.applied(delivery.manifest);
    line.changed = now;
    line.present = Present{.state = {manifest.epoch, manifest.payload},
                           .signer = delivery.manifest.signer(),
                           .published = manifest.not_before,
                           .expires = manifest.expires,
                           .behind = behind};
    line.download.reset();
    line.delta.reset();
    line.deltas_fail = false;
    line.pending = false;
}

void Downlink::refused(const Delivery& delivery) {
    const Manifest& manifest = delivery.manifest.manifest();
    Line& line = this->line(manifest.kind);
    line.unusable = manifest.payload;
    line.download.reset();
    line.pending = false;
}

bool Downlink::is_behind(const bundle::VerifiedManifest& manifest) const {
    const auto highest = ledger_.highest(trusted_, manifest.manifest().kind);
    return manifest.manifest().epoch < highest.value_or(Epoch());
}

std::set<std::string> Downlink::wanted(Instant now) {
    std::set<std::string> wanted;
    for (const Kind kind : bundle::kEveryKind) {
        const Line& line = this->line(kind);
        if (line.present && bundle::travels_as_deltas(kind)) {
            wanted.insert(bundle::format_topic(
                {tenant_, store_, bundle::DownLink{kind, line.present->state.epoch}}));
        }
    }
    for (const Kind kind : bundle::kEveryKind) {
        Line& line = this->line(kind);
        look(line, now);
        if (line.download) want_chunks(line.download->chunks, wanted);
        // One kind after the other: what is applied first is fetched first.
        if (line.pending && !stalled(line, now)) break;
    }
    return wanted;
}

bool Downlink::wants_repeat(Instant now) {
    bool waiting = false;
    bool hopeful = false;
    for (const Line& each : lines_) {
        if (!each.download || each.download->chunks.complete()) continue;
        waiting = true;
        hopeful = hopeful || !stalled(each, now);
    }
    if (!waiting) {
        asked_.reset();
        patience_ = kPatience;
        return false;
    }
    if (!asked_) asked_ = now;
    if (now < *asked_ + patience_) return false;
    asked_ = now;
    patience_ = hopeful ? kPatience : std::min(patience_ * 2, kPatienceMax);
    return true;
}

std::optional<Instant> Downlink::wake_at() const {
    const bool waits = std::ranges::any_of(
        lines_, [](const Line& each) { return each.pending || each.download.has_value(); });
    if (!waits) return std::nullopt;
    return std::max(looked_, Instant{}) + kLookEvery;
}

Result<void> Downlink::restore_ledger(ByteView bytes) {
    ledger_ = TRY(bundle::EpochLedger::decode(bytes));
    return {};
}

}  // namespace vitrine::daemon
