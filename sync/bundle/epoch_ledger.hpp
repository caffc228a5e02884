#pragma once

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <span>

#include "sync/bundle/manifest.hpp"

namespace vitrine::bundle {

/// For whom a shop takes bundles, and whose.
struct Destination {
    TenantId tenant;
    StoreId store;
    std::span<const PublicKey> trusted;
};

/// A manifest that may be applied.
struct Acceptance {
    bool expired = false;  ///< Better than nothing: apply it, and say that it is old.
    /// Older than what was applied here before and was lost since: not to be applied, but good as
    /// the base of the deltas that lead on from it.
    bool behind = false;
    friend bool operator==(const Acceptance&, const Acceptance&) = default;
};

/// Which epochs a shop has applied, by signing key and kind: an older state never comes back. Only
/// the keys that are trusted now count, so that a lost or stolen key is replaced by taking it from
/// the list. Kept with the state it describes, in one transaction.
class EpochLedger {
  public:
    static constexpr std::size_t kSignersMax = 64;
    /// A shop's clock may be behind by this much.
    static constexpr std::chrono::hours kClockSlack{24};

    /// Whether to fetch and apply a manifest now. `present` is the state in place; nothing where it
    /// was lost. Errors: `denied` for another tenant or store; `conflict` for an epoch that is not
    /// newer than what is in place, a whole state older than what was applied before (unless it
    /// can be the base of deltas), or a delta on top of another state; `unavailable` before its
    /// time, which erasures do not wait for. An expired one is accepted and marked.
    Result<Acceptance> accept(const VerifiedManifest& verified, const Destination& here,
                              const std::optional<Base>& present, WallTime now) const;

    /// To be called when the payload is in place.
    void applied(const VerifiedManifest& verified);

    /// The highest epoch applied of a kind.
    std::optional<Epoch> highest(const PublicKey& signer, Kind kind) const;
    std::optional<Epoch> highest(std::span<const PublicKey> signers, Kind kind) const;

    /// The ledger as bytes and back; `corrupt` on bytes that this did not write.
    Bytes encode() const;
    static Result<EpochLedger> decode(ByteView bytes);

    friend bool operator==(const EpochLedger&, const EpochLedger&) = default;

  private:
    std::map<PublicKey, std::array<Epoch, kKinds>> applied_;  ///< Epoch 0: none yet.
};

}  // namespace vitrine::bundle
