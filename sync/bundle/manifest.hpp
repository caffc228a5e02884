#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "agent/base/bytes.hpp"
#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "sync/bundle/keys.hpp"

namespace vitrine::bundle {

/// What the centre publishes to shops, in the order in which a shop that was away applies it: who
/// is to be forgotten comes before anything that might show them.
enum class Kind : std::uint8_t { erasures, recognition, profiles, catalogue, policy, model };
inline constexpr std::array kEveryKind{Kind::erasures,  Kind::recognition, Kind::profiles,
                                       Kind::catalogue, Kind::policy,      Kind::model};
inline constexpr std::size_t kKinds = kEveryKind.size();
std::string_view name_of(Kind kind);
Result<Kind> kind_from(std::string_view name);

/// Kinds that are large and change a little at a time; the others always travel whole.
constexpr bool travels_as_deltas(Kind kind) {
    return kind == Kind::erasures || kind == Kind::recognition || kind == Kind::profiles;
}

inline constexpr std::size_t kPayloadBytesMax = 64U << 20;
inline constexpr std::size_t kChunkBytesMax = 128U << 10;

/// The state that a delta changes: its epoch, and the SHA-256 of its unpacked payload, so that two
/// states which came to bear one epoch are not taken for each other.
struct Base {
    Epoch epoch;
    Digest payload{};
    friend bool operator==(const Base&, const Base&) = default;
};

/// What one published state consists of: everything that a shop must know to fetch, check and apply
/// it.
struct Manifest {
    TenantId tenant;
    StoreId store;
    Kind kind = Kind::catalogue;
    Epoch epoch;
    std::optional<Base> base;         ///< A delta on top of that; without: the whole state.
    WallTime not_before;              ///< When it was published.
    WallTime expires;                 ///< From then on the shop shows that its data is old.
    std::uint64_t payload_bytes = 0;  ///< Of the whole state, unpacked.
    Digest payload{};                 ///< SHA-256 of the whole state, unpacked: of a delta too.
    std::uint64_t packed_bytes = 0;   ///< The chunks together: one zstd frame.
    std::uint32_t chunk_bytes = 0;    ///< Of each chunk but the last, which may be shorter.
    std::vector<Digest> chunks;       ///< SHA-256 of each chunk.
    friend bool operator==(const Manifest&, const Manifest&) = default;
};

/// The one way to write a manifest (docs/sync.md): what is signed.
Bytes canonical_bytes(const Manifest& manifest);

/// The manifest as it is published: canonical bytes, the signer's public key, the signature.
Bytes sign(const Manifest& manifest, const SecretKey& key);

/// A manifest whose signature was checked. Only `verify` makes one.
class VerifiedManifest {
  public:
    const Manifest& manifest() const { return manifest_; }
    const PublicKey& signer() const { return signer_; }

  private:
    friend Result<VerifiedManifest> verify(ByteView, std::span<const PublicKey>);
    VerifiedManifest(Manifest manifest, const PublicKey& signer)
        : manifest_(std::move(manifest)), signer_(signer) {}
    Manifest manifest_;
    PublicKey signer_;
};

/// Reads what `sign` wrote. `denied` for an unknown signer or a wrong signature, before anything
/// else is looked at; `invalid` for sizes that do not belong together or are out of bounds.
Result<VerifiedManifest> verify(ByteView signed_manifest, std::span<const PublicKey> trusted);

/// The same manifest signed by another key: what a new key vouches for is what the old one did.
/// `denied` or `invalid` for what nobody signed.
Result<Bytes> resign(ByteView signed_manifest, const SecretKey& key);

/// Who says to have signed this; nobody for what is too short. Proves nothing.
std::optional<PublicKey> signer_of(ByteView signed_manifest);

}  // namespace vitrine::bundle
