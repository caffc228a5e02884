#include "sync/bundle/epoch_ledger.hpp"

#include <algorithm>

#include "sync/wire/binary.hpp"

namespace vitrine::bundle {

namespace {
constexpr std::uint32_t kMagic = 0x314c4556;  // "VEL1"
}

Result<Acceptance> EpochLedger::accept(const VerifiedManifest& verified, const Destination& here,
                                       std::optional<Epoch> current, WallTime now) const {
    const Manifest& manifest = verified.manifest();
    const std::string what =
        std::string(name_of(manifest.kind)) + " " + std::to_string(manifest.epoch.value());
    if (manifest.tenant != here.tenant || manifest.store != here.store) {
        return denied(what + ": for " + manifest.tenant.str() + "/" + manifest.store.str());
    }
    const std::optional<Epoch> applied = highest(verified.signer(), manifest.kind);
    if (manifest.epoch <= applied.value_or(Epoch())) {
        return conflict(what + ": " + std::to_string(applied.value_or(Epoch()).value()) +
                        " was applied already");
    }
    if (manifest.base && manifest.base != current) {
        return conflict(what + ": changes " + std::to_string(manifest.base->value()) +
                        ", which is not what is here");
    }
    if (now < manifest.not_before) return unavailable(what + ": not valid yet");
    return Acceptance{.expired = now >= manifest.expires};
}

void EpochLedger::applied(const VerifiedManifest& verified) {
    const auto found = applied_.find(verified.signer());
    // Signers come from configuration; more than that many is a bug there.
    CHECK(found != applied_.end() || applied_.size() < kSignersMax);
    Epoch& epoch = applied_[verified.signer()][static_cast<std::size_t>(verified.manifest().kind)];
    epoch = std::max(epoch, verified.manifest().epoch);
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
