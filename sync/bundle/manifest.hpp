#pragma once

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
inline constexpr std::size_t kKinds = 6;
std::string_view name_of(Kind kind);
Result<Kind> kind_from(std::string_view name);

inline constexpr std::size_t kPayloadBytesMax = 64U << 20;
inline constexpr std::size_t kChunkBytesMax = 128U << 10;

/// What one published state consists of: everything that a shop must know to fetch, check and apply
/// it.
struct Manifest {
    TenantId tenant;
    StoreId store;
    Kind kind = Kind::catalogue;
    Epoch epoch;
    std::optional<Epoch> base;  ///< A delta on top of that epoch; without: the whole state.
    WallTime not_before;
    WallTime expires;                 ///< From then on the shop shows that its data is old.
    std::uint64_t payload_bytes = 0;  ///< Unpacked.
    Digest payload{};                 ///< SHA-256 of the unpacked payload.
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

}  // namespace vitrine::bundle
