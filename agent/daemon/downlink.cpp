#include "agent/daemon/downlink.hpp"

#include <algorithm>

namespace vitrine::daemon {

using bundle::Kind;

namespace {

std::size_t index_of(Kind kind) { return static_cast<std::size_t>(kind); }

}  // namespace

Downlink::Downlink(bundle::Destination here, std::vector<bundle::PublicKey> trusted)
    : here_(here), trusted_(std::move(trusted)) {}

Result<std::optional<Delivery>> Downlink::on(const bundle::Topic& topic, ByteView payload,
                                             WallTime now) {
    if (const auto* manifest = std::get_if<bundle::DownManifest>(&topic.leaf)) {
        return on_manifest(manifest->kind, payload, now);
    }
    if (const auto* chunk = std::get_if<bundle::DownChunk>(&topic.leaf))
        return on_chunk(*chunk, payload);
    return invalid("not a topic of a bundle");
}

Result<std::optional<Delivery>> Downlink::on_manifest(Kind kind, ByteView payload, WallTime now) {
    const auto verified = TRY(bundle::verify(payload, trusted_));
    if (verified.manifest().kind != kind)
        return denied("a manifest of another kind than its topic");
    std::optional<bundle::Assembler>& assembling = assembling_[index_of(kind)];
    if (assembling && assembling->manifest().manifest() == verified.manifest())
        return std::optional<Delivery>();
    TRY(ledger_.accept(verified, here_, current_[index_of(kind)], now));
    assembling.emplace(verified);
    signed_[index_of(kind)].assign(payload.begin(), payload.end());

    const Epoch epoch = verified.manifest().epoch;
    for (auto at = early_.begin(); at != early_.end();) {
        const auto& [early_kind, early_epoch, number] = at->first;
        if (early_kind != kind || early_epoch > epoch) {
            ++at;
            continue;
        }
        // A chunk that is not what the manifest says is somebody's mistake or malice: the right one
        // will be asked for.
        if (early_epoch == epoch) (void)assembling->add(number, at->second);
        early_bytes_ -= at->second.size();
        at = early_.erase(at);
    }
    return finish(kind);
}

Result<std::optional<Delivery>> Downlink::on_chunk(const bundle::DownChunk& chunk,
                                                   ByteView payload) {
    std::optional<bundle::Assembler>& assembling = assembling_[index_of(chunk.kind)];
    if (!assembling || assembling->manifest().manifest().epoch != chunk.epoch) {
        keep_early(chunk, payload);
        return std::optional<Delivery>();
    }
    TRY(assembling->add(chunk.chunk, payload));
    return finish(chunk.kind);
}

void Downlink::keep_early(const bundle::DownChunk& chunk, ByteView payload) {
    const std::optional<Epoch>& current = current_[index_of(chunk.kind)];
    if (payload.empty() || payload.size() > bundle::kChunkBytesMax) return;
    if (current && chunk.epoch <= *current) return;
    while (early_bytes_ + payload.size() > kEarlyBytesMax && !early_.empty()) {
        early_bytes_ -= early_.begin()->second.size();
        early_.erase(early_.begin());
    }
    Bytes& kept = early_[{chunk.kind, chunk.epoch, chunk.chunk}];
    early_bytes_ += payload.size() - kept.size();
    kept.assign(payload.begin(), payload.end());
}

Result<std::optional<Delivery>> Downlink::finish(Kind kind) {
    std::optional<bundle::Assembler>& assembling = assembling_[index_of(kind)];
    if (!assembling->complete()) return std::optional<Delivery>();
    auto payload = assembling->payload();
    Delivery delivery{assembling->manifest(), {}};
    assembling.reset();
    delivery.payload = TRY(std::move(payload));
    return std::optional<Delivery>(std::move(delivery));
}

void Downlink::applied(const Delivery& delivery) {
    ledger_.applied(delivery.manifest);
    current_[index_of(delivery.manifest.manifest().kind)] = delivery.manifest.manifest().epoch;
}

bool Downlink::wants_repeat(Instant now) {
    const bool waiting =
        std::ranges::any_of(assembling_, [](const auto& each) { return each.has_value(); });
    if (!waiting) {
        waiting_since_.reset();
        return false;
    }
    if (!waiting_since_) waiting_since_ = now;
    if (now - *waiting_since_ < kPatience) return false;
    waiting_since_ = now;
    return true;
}

Result<void> Downlink::restore_ledger(ByteView bytes) {
    ledger_ = TRY(bundle::EpochLedger::decode(bytes));
    return {};
}

}  // namespace vitrine::daemon
