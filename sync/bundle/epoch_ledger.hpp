#pragma once

#include <array>
#include <map>
#include <optional>

#include "sync/bundle/manifest.hpp"

namespace vitrine::bundle {

/// For whom a shop takes bundles.
struct Destination {
    TenantId tenant;
    StoreId store;
    friend bool operator==(const Destination&, const Destination&) = default;
};

/// A manifest that may be applied.
struct Acceptance {
    bool expired = false;  ///< Better than nothing: apply it, and say that it is old.
    friend bool operator==(const Acceptance&, const Acceptance&) = default;
};

/// Which epochs a shop has applied, by signing key and kind: an older state never comes back, and a
/// new signing key starts its own count. Kept with the state it describes, in one transaction.
class EpochLedger {
  public:
    static constexpr std::size_t kSignersMax = 64;

    /// Whether to fetch and apply a manifest now. Errors: `denied` for another tenant or store;
    /// `conflict` for an epoch that is not newer than what was applied of this signer and kind, or
    /// a delta whose base is not `current` (ask for the whole state); `unavailable` before its
    /// time. An expired one is accepted and marked.
    Result<Acceptance> accept(const VerifiedManifest& verified, const Destination& here,
                              std::optional<Epoch> current, WallTime now) const;

    /// To be called when the payload is in place.
    void applied(const VerifiedManifest& verified);

    std::optional<Epoch> highest(const PublicKey& signer, Kind kind) const;

    /// The ledger as bytes and back; `corrupt` on bytes that this did not write.
    Bytes encode() const;
    static Result<EpochLedger> decode(ByteView bytes);

    friend bool operator==(const EpochLedger&, const EpochLedger&) = default;

  private:
    std::map<PublicKey, std::array<Epoch, kKinds>> applied_;  ///< Epoch 0: none yet.
};

}  // namespace vitrine::bundle
