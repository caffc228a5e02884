#pragma once

#include <optional>
#include <vector>

#include "sync/bundle/manifest.hpp"

namespace vitrine::bundle {

/// A state made ready to travel, to whatever shops: whole, or as what changed since another one.
struct Packed {
    std::uint64_t payload_bytes = 0;  ///< Of the state, unpacked.
    Digest payload{};
    std::optional<Base> base;  ///< Of a delta.
    Bytes frame;               ///< One zstd frame.
    Digest frame_digest{};
    std::vector<Digest> chunks;  ///< Of pieces of kChunkBytesMax.
};

/// Both are `exhausted` above kPayloadBytesMax.
Result<Packed> pack_whole(ByteView payload);
Result<Packed> pack_delta(Epoch base_epoch, ByteView base, ByteView payload);

/// What the publisher decides about one published state; the rest of its manifest is computed.
struct Terms {
    TenantId tenant;
    StoreId store;
    Kind kind = Kind::catalogue;
    Epoch epoch;
    WallTime not_before;
    WallTime expires;
};

/// The signed manifest of a packed state. `invalid` for a base that is not older than the epoch, an
/// expiry before the beginning, or nobody to send it to.
Result<Bytes> manifest_of(const Terms& terms, const Packed& packed, const SecretKey& key,
                          std::size_t chunk_bytes = kChunkBytesMax);

/// A published state, ready to send: the signed manifest and the chunks in order.
struct Package {
    Bytes manifest;
    std::vector<Bytes> chunks;
};

/// A whole state packed, cut and signed. Errors as above.
Result<Package> pack(const Terms& terms, ByteView payload, const SecretKey& key,
                     std::size_t chunk_bytes = kChunkBytesMax);
Result<Package> package_of(const Terms& terms, const Packed& packed, const SecretKey& key,
                           std::size_t chunk_bytes = kChunkBytesMax);

/// The bytes cut into pieces of `chunk_bytes`, the last one shorter; one empty piece for none.
std::vector<Bytes> cut(ByteView bytes, std::size_t chunk_bytes);

/// Puts a published state together from its chunks, in whatever order and how often they come.
/// Holds at most the manifest's packed size.
class Assembler {
  public:
    explicit Assembler(VerifiedManifest manifest);

    enum class Added : std::uint8_t { taken, duplicate };
    /// `denied` for bytes that are not that chunk, `invalid` for an index the manifest has not.
    Result<Added> add(std::uint32_t index, ByteView chunk);

    const VerifiedManifest& manifest() const { return manifest_; }
    bool complete() const { return missing_ == 0; }
    std::size_t missing() const { return missing_; }
    bool has(std::uint32_t index) const { return index < have_.size() && have_[index]; }

    /// The unpacked payload; of a delta with `base` in place. `unavailable` while chunks are
    /// missing; `conflict` for another base; `denied` if it is not the one that the manifest
    /// promised.
    Result<Bytes> payload(ByteView base = {}) const;

  private:
    VerifiedManifest manifest_;
    std::vector<std::uint8_t> packed_;
    std::vector<bool> have_;
    std::size_t missing_ = 0;
};

}  // namespace vitrine::bundle
