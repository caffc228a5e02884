#pragma once

#include <optional>
#include <vector>

#include "sync/bundle/manifest.hpp"

namespace vitrine::bundle {

/// What the publisher decides about one published state; the rest of its manifest is computed.
struct Terms {
    TenantId tenant;
    StoreId store;
    Kind kind = Kind::catalogue;
    Epoch epoch;
    std::optional<Epoch> base;
    WallTime not_before;
    WallTime expires;
};

/// A published state, ready to send: the signed manifest and the chunks in order.
struct Package {
    Bytes manifest;
    std::vector<Bytes> chunks;
};

/// Packs, cuts and signs a payload. `exhausted` above kPayloadBytesMax; `invalid` for a base that
/// is not older than the epoch or an expiry before the beginning.
Result<Package> pack(const Terms& terms, ByteView payload, const SecretKey& key,
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

    /// The unpacked payload. `unavailable` while chunks are missing; `denied` if it is not the one
    /// that the manifest promised.
    Result<Bytes> payload() const;

  private:
    VerifiedManifest manifest_;
    std::vector<std::uint8_t> packed_;
    std::vector<bool> have_;
    std::size_t missing_ = 0;
};

}  // namespace vitrine::bundle
