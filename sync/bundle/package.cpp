#include "sync/bundle/package.hpp"

#include <algorithm>

#include "sync/wire/compress.hpp"
#include "sync/wire/delta.hpp"

namespace vitrine::bundle {

namespace {
// Published once, fetched and unpacked by every shop.
constexpr int kLevel = 9;

Result<void> check_size(ByteView payload) {
    if (payload.size() <= kPayloadBytesMax) return {};
    return exhausted("a payload of " + std::to_string(payload.size()) + " bytes; at most " +
                     std::to_string(kPayloadBytesMax));
}

std::vector<Digest> digests_of_chunks(ByteView frame, std::size_t chunk_bytes) {
    std::vector<Digest> digests;
    do {
        const ByteView piece = frame.first(std::min(chunk_bytes, frame.size()));
        digests.push_back(digest_of(piece));
        frame = frame.subspan(piece.size());
    } while (!frame.empty());
    return digests;
}

Packed packed_of(ByteView payload, const std::optional<Base>& base, Bytes frame) {
    Packed packed{.payload_bytes = payload.size(),
                  .payload = digest_of(payload),
                  .base = base,
                  .frame = std::move(frame)};
    packed.frame_digest = digest_of(packed.frame);
    packed.chunks = digests_of_chunks(packed.frame, kChunkBytesMax);
    return packed;
}

}  // namespace

std::vector<Bytes> cut(ByteView bytes, std::size_t chunk_bytes) {
    CHECK(chunk_bytes > 0);
    std::vector<Bytes> chunks;
    do {
        const ByteView piece = bytes.first(std::min(chunk_bytes, bytes.size()));
        chunks.emplace_back(piece.begin(), piece.end());
        bytes = bytes.subspan(piece.size());
    } while (!bytes.empty());
    return chunks;
}

Result<Packed> pack_whole(ByteView payload) {
    TRY(check_size(payload));
    return packed_of(payload, std::nullopt, wire::compress(payload, kLevel));
}

Result<Packed> pack_delta(Epoch base_epoch, ByteView base, ByteView payload) {
    TRY(check_size(payload));
    return packed_of(payload, Base{.epoch = base_epoch, .payload = digest_of(base)},
                     wire::difference(base, payload));
}

Result<Bytes> manifest_of(const Terms& terms, const Packed& packed, const SecretKey& key,
                          std::size_t chunk_bytes) {
    CHECK(chunk_bytes > 0 && chunk_bytes <= kChunkBytesMax);
    if (terms.tenant.empty() || terms.store.empty()) return invalid("a bundle for nobody");
    Manifest manifest{.tenant = terms.tenant,
                      .store = terms.store,
                      .kind = terms.kind,
                      .epoch = terms.epoch,
                      .base = packed.base,
                      .not_before = terms.not_before,
                      .expires = terms.expires,
                      .payload_bytes = packed.payload_bytes,
                      .payload = packed.payload,
                      .packed_bytes = packed.frame.size(),
                      .chunk_bytes = static_cast<std::uint32_t>(chunk_bytes),
                      .chunks = chunk_bytes == kChunkBytesMax
                                    ? packed.chunks
                                    : digests_of_chunks(packed.frame, chunk_bytes)};
    Bytes signed_manifest = sign(manifest, key);
    // What is published is what can be verified, down to the limits.
    const std::array<PublicKey, 1> signers{key.public_key()};
    const Result<VerifiedManifest> verified = verify(signed_manifest, signers);
    if (!verified) return verified.error();
    return signed_manifest;
}

Result<Package> package_of(const Terms& terms, const Packed& packed, const SecretKey& key,
                           std::size_t chunk_bytes) {
    Package package{.manifest = TRY(manifest_of(terms, packed, key, chunk_bytes))};
    package.chunks = cut(packed.frame, chunk_bytes);
    return package;
}

Result<Package> pack(const Terms& terms, ByteView payload, const SecretKey& key,
                     std::size_t chunk_bytes) {
    return package_of(terms, TRY(pack_whole(payload)), key, chunk_bytes);
}

Assembler::Assembler(VerifiedManifest manifest)
    : manifest_(std::move(manifest)),
      packed_(manifest_.manifest().packed_bytes),
      have_(manifest_.manifest().chunks.size()),
      missing_(have_.size()) {}

Result<Assembler::Added> Assembler::add(std::uint32_t index, ByteView chunk) {
    const Manifest& manifest = manifest_.manifest();
    if (index >= have_.size()) {
        return invalid("chunk " + std::to_string(index) + ": there are only " +
                       std::to_string(have_.size()));
    }
    const std::size_t begin = std::size_t{index} * manifest.chunk_bytes;
    const std::size_t size = std::min<std::size_t>(manifest.chunk_bytes, packed_.size() - begin);
    if (chunk.size() != size || digest_of(chunk) != manifest.chunks[index]) {
        return denied("chunk " + std::to_string(index) + ": not the bytes that were signed");
    }
    if (have_[index]) return Added::duplicate;
    std::copy(chunk.begin(), chunk.end(), packed_.begin() + static_cast<std::ptrdiff_t>(begin));
    have_[index] = true;
    --missing_;
    return Added::taken;
}

Result<Bytes> Assembler::payload(ByteView base) const {
    if (!complete()) return unavailable(std::to_string(missing_) + " chunks are missing");
    const Manifest& manifest = manifest_.manifest();
    if (manifest.base && digest_of(base) != manifest.base->payload) {
        return conflict("payload: changes another state than the one that is here");
    }
    const auto bytes_max = static_cast<std::size_t>(manifest.payload_bytes);
    auto unpacked = manifest.base ? wire::apply_difference(base, packed_, bytes_max)
                                  : wire::decompress(packed_, bytes_max);
    Bytes payload = TRY(std::move(unpacked).within("payload"));
    if (payload.size() != manifest.payload_bytes || digest_of(payload) != manifest.payload) {
        return denied("payload: not the bytes that were signed");
    }
    return payload;
}

}  // namespace vitrine::bundle
