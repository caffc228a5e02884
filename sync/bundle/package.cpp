#include "sync/bundle/package.hpp"

#include <algorithm>

#include "sync/wire/compress.hpp"

namespace vitrine::bundle {

namespace {
// Published once, fetched and unpacked by every shop.
constexpr int kLevel = 9;
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

Result<Package> pack(const Terms& terms, ByteView payload, const SecretKey& key,
                     std::size_t chunk_bytes) {
    CHECK(chunk_bytes > 0 && chunk_bytes <= kChunkBytesMax);
    if (payload.size() > kPayloadBytesMax) {
        return exhausted("a payload of " + std::to_string(payload.size()) + " bytes; at most " +
                         std::to_string(kPayloadBytesMax));
    }
    if (terms.tenant.empty() || terms.store.empty()) return invalid("a bundle for nobody");
    if (terms.base && *terms.base >= terms.epoch) return invalid("base: not older than the epoch");
    if (terms.expires <= terms.not_before) return invalid("expires: before it begins");
    const Bytes packed = wire::compress(payload, kLevel);
    Package package{.manifest = {}, .chunks = cut(packed, chunk_bytes)};
    Manifest manifest{.tenant = terms.tenant,
                      .store = terms.store,
                      .kind = terms.kind,
                      .epoch = terms.epoch,
                      .base = terms.base,
                      .not_before = terms.not_before,
                      .expires = terms.expires,
                      .payload_bytes = payload.size(),
                      .payload = digest_of(payload),
                      .packed_bytes = packed.size(),
                      .chunk_bytes = static_cast<std::uint32_t>(chunk_bytes),
                      .chunks = {}};
    for (const Bytes& each : package.chunks) manifest.chunks.push_back(digest_of(each));
    package.manifest = sign(manifest, key);
    // What is published is what can be verified, down to the limits.
    const std::array<PublicKey, 1> signers{key.public_key()};
    const Result<VerifiedManifest> verified = verify(package.manifest, signers);
    if (!verified) return verified.error();
    return package;
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

Result<Bytes> Assembler::payload() const {
    if (!complete()) return unavailable(std::to_string(missing_) + " chunks are missing");
    const Manifest& manifest = manifest_.manifest();
    Bytes payload = TRY(wire::decompress(packed_, manifest.payload_bytes).within("payload"));
    if (payload.size() != manifest.payload_bytes || digest_of(payload) != manifest.payload) {
        return denied("payload: not the bytes that were signed");
    }
    return payload;
}

}  // namespace vitrine::bundle
