#include "sync/bundle/epoch_ledger.hpp"

#include <algorithm>

#include "sync/wire/binary.hpp"

namespace vitrine::bundle {

namespace {
constexpr std::uint32_t kMagic = 0x314c4556;  // "VEL1"

std::string described(const Manifest& manifest) {
    return std::string(name_of(manifest.kind)) + " " + std::to_string(manifest.epoch.value());
}
}  // namespace

Result<Acceptance> EpochLedger::accept(const VerifiedManifest& verified, const Destination& here,
                                       const std::optional<Base>& present, WallTime now) const {
    const Manifest& manifest = verified.manifest();
    const std::string what = described(manifest);
    if (manifest.tenant != here.tenant || manifest.store != here.store) {
        return denied(what + ": for " + manifest.tenant.str() + "/" + manifest.store.str());
    }
    if (present && manifest.epoch <= present->epoch) {
        return conflict(what + ": " + std::to_string(present->epoch.value()) + " is here already");
    }
    if (manifest.base && manifest.base != present) {
        return conflict(what + ": changes " + std::to_string(manifest.base->epoch.value()) +
                        ", which is not what is here");
    }
    const Epoch before = highest(here.trusted, manifest.kind).value_or(Epoch());
    if (manifest.epoch < before && !travels_as_deltas(manifest.kind)) {
        return conflict(what + ": " + std::to_string(before.value()) + " was applied already");
    }
    // Whom to forget is never wrong to know; the rest waits until the clock is right.
    if (manifest.kind != Kind::erasures && now + kClockSlack < manifest.not_before) {
        return unavailable(what + ": not valid yet");
    }
    return Acceptance{.expired = now >= manifest.expires, .behind = manifest.epoch < before};
}

void EpochLedger::applied(const VerifiedManifest& verified) {
    // Keys come from configuration, a few at a time: the full ledger holds those of decades.
    if (applied_.size() == kSignersMax && !applied_.contains(verified.signer())) {
        applied_.erase(applied_.begin());
    }
    Epoch& epoch = applied_[verified.signer()][static_cast<std::size_t>(verified.manifest().kind)];
    epoch = std::max(epoch, verified.manifest().epoch);
}

std::optional<Epoch> EpochLedger::highest(std::span<const PublicKey> signers, Kind kind) const {
    std::optional<Epoch> highest;
    for (const PublicKey& signer : signers)
        highest = std::max(highest, this->highest(signer, kind));
    return highest;
}

std::optional<Epoch> EpochLedger::highest(const PublicKey& signer, Kind kind) const {
    const auto found = applied_.find(signer);
    if (found == applied_.end()) return std::nullopt;
    const Epoch epoch = found->second[static_cast<std::size_t>(kind)];
    if (epoch == Epoch{}) return std::nullopt;
    return epoch;
}

Bytes EpochLedger::encode() const {
    wire::ByteWriter out;
    out.fixed32(kMagic);
    out.varint(applied_.size());
    for (const auto& [signer, epochs] : applied_) {
        out.raw(signer);
        for (const Epoch epoch : epochs) out.varint(epoch.value());
    }
    return out.take();
}

Result<EpochLedger> EpochLedger::decode(ByteView bytes) {
    wire::ByteReader in(bytes);
    if (in.fixed32() != kMagic) in.fail("not an epoch ledger");
    EpochLedger ledger;
    const std::size_t signers = in.count(kSignersMax, 32 + kKinds);
    for (std::size_t i = 0; i < signers; ++i) {
        const PublicKey signer = in.raw<32>();
        for (Epoch& epoch : ledger.applied_[signer]) epoch = Epoch(in.varint());
    }
    if (ledger.applied_.size() != signers) in.fail("a signer twice");
    const Result<void> finished = in.finish();
    if (!finished) return corrupt("epoch ledger: " + finished.error().message);
    return ledger;
}

}  // namespace vitrine::bundle
