#include "sync/bundle/manifest.hpp"

#include <algorithm>

#include "sync/wire/binary.hpp"

namespace vitrine::bundle {

namespace {

constexpr std::array<std::string_view, kKinds> kNames{"erasures",  "recognition", "profiles",
                                                      "catalogue", "policy",      "model"};

/// Stands before the signed bytes, so that no signature of another purpose fits.
constexpr std::string_view kPurpose = "vitrine bundle manifest 1\n";
constexpr std::size_t kSignatureBytes = 64;
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kManifestBytesMax = 64U << 10;

Bytes signed_bytes(ByteView canonical) {
    Bytes bytes(kPurpose.size() + canonical.size());
    std::ranges::copy(canonical, std::ranges::copy(kPurpose, bytes.begin()).out);
    return bytes;
}

template <class Id>
Id read_name(wire::ByteReader& in) {
    auto name = Id::parse(in.text(31));
    if (!name) in.fail("a name that is none");
    return std::move(name).value_or({});
}

WallTime read_time(wire::ByteReader& in) {
    return wall_at(std::chrono::milliseconds(in.signed_varint()));
}

std::uint64_t chunks_for(const Manifest& manifest) {
    return std::max<std::uint64_t>(
        1, (manifest.packed_bytes + manifest.chunk_bytes - 1) / manifest.chunk_bytes);
}

Result<void> check(const Manifest& manifest) {
    if (manifest.payload_bytes > kPayloadBytesMax) return invalid("payload_bytes: too many");
    // Packing never makes anything much larger.
    if (manifest.packed_bytes > kPayloadBytesMax + (kPayloadBytesMax >> 7)) {
        return invalid("packed_bytes: too many");
    }
    if (manifest.chunk_bytes == 0 || manifest.chunk_bytes > kChunkBytesMax) {
        return invalid("chunk_bytes: out of bounds");
    }
    if (manifest.chunks.size() != chunks_for(manifest)) {
        return invalid("chunks: not as many as the packed bytes need");
    }
    if (manifest.base && manifest.base->epoch >= manifest.epoch) {
        return invalid("base: not older than the epoch");
    }
    if (manifest.expires <= manifest.not_before) return invalid("expires: before it begins");
    return {};
}

Result<Manifest> read_canonical(ByteView bytes) {
    wire::ByteReader in(bytes);
    Manifest manifest;
    manifest.tenant = read_name<TenantId>(in);
    manifest.store = read_name<StoreId>(in);
    manifest.kind = static_cast<Kind>(in.byte() % kKinds);
    manifest.epoch = Epoch(in.varint());
    if (in.byte() != 0) {
        const Epoch epoch(in.varint());
        manifest.base = Base{.epoch = epoch, .payload = in.raw<32>()};
    }
    manifest.not_before = read_time(in);
    manifest.expires = read_time(in);
    manifest.payload_bytes = in.varint();
    manifest.payload = in.raw<32>();
    manifest.packed_bytes = in.varint();
    manifest.chunk_bytes = static_cast<std::uint32_t>(in.varint(kChunkBytesMax));
    manifest.chunks.resize(in.count(kManifestBytesMax / 32, 32));
    for (Digest& each : manifest.chunks) each = in.raw<32>();
    const Result<void> finished = in.finish();
    if (!finished) return finished.error();
    // One way to write it: whatever was read in another form is not a manifest.
    const Bytes again = canonical_bytes(manifest);
    if (!std::equal(again.begin(), again.end(), bytes.begin(), bytes.end())) {
        return invalid("not written the one way");
    }
    return manifest;
}

}  // namespace

std::string_view name_of(Kind kind) { return kNames[static_cast<std::size_t>(kind)]; }

Result<Kind> kind_from(std::string_view name) {
    const auto found = std::find(kNames.begin(), kNames.end(), name);
    if (found != kNames.end()) return static_cast<Kind>(found - kNames.begin());
    return invalid("'" + std::string(name.substr(0, 64)) + "' is no kind of bundle");
}

Bytes canonical_bytes(const Manifest& manifest) {
    wire::ByteWriter out;
    out.text(manifest.tenant.view());
    out.text(manifest.store.view());
    out.byte(static_cast<std::uint8_t>(manifest.kind));
    out.varint(manifest.epoch.value());
    out.byte(manifest.base ? 1 : 0);
    if (manifest.base) {
        out.varint(manifest.base->epoch.value());
        out.raw(manifest.base->payload);
    }
    out.signed_varint(manifest.not_before.time_since_epoch().count());
    out.signed_varint(manifest.expires.time_since_epoch().count());
    out.varint(manifest.payload_bytes);
    out.raw(manifest.payload);
    out.varint(manifest.packed_bytes);
    out.varint(manifest.chunk_bytes);
    out.varint(manifest.chunks.size());
    for (const Digest& each : manifest.chunks) out.raw(each);
    return out.take();
}

Bytes sign(const Manifest& manifest, const SecretKey& key) {
    Bytes bytes = canonical_bytes(manifest);
    const auto signature = key.sign(signed_bytes(bytes));
    const PublicKey signer = key.public_key();
    bytes.insert(bytes.end(), signer.begin(), signer.end());
    bytes.insert(bytes.end(), signature.begin(), signature.end());
    return bytes;
}

Result<VerifiedManifest> verify(ByteView signed_manifest, std::span<const PublicKey> trusted) {
    if (signed_manifest.size() <= kKeyBytes + kSignatureBytes ||
        signed_manifest.size() > kManifestBytesMax) {
        return invalid("manifest: not of a manifest's size");
    }
    const std::size_t size = signed_manifest.size() - kKeyBytes - kSignatureBytes;
    const ByteView canonical = signed_manifest.first(size);
    wire::ByteReader tail(signed_manifest.subspan(size));
    const PublicKey signer = tail.raw<kKeyBytes>();
    const auto signature = tail.raw<kSignatureBytes>();
    if (std::find(trusted.begin(), trusted.end(), signer) == trusted.end()) {
        return denied("manifest: signed by an unknown key, " + to_hex(signer));
    }
    if (!verify(signer, signed_bytes(canonical), signature)) {
        return denied("manifest: the signature is wrong");
    }
    Manifest manifest = TRY(read_canonical(canonical).within("manifest"));
    const Result<void> checked = check(manifest).within("manifest");
    if (!checked) return checked.error();
    return VerifiedManifest(std::move(manifest), signer);
}

std::optional<PublicKey> signer_of(ByteView signed_manifest) {
    if (signed_manifest.size() < kKeyBytes + kSignatureBytes) return std::nullopt;
    wire::ByteReader in(signed_manifest.last(kKeyBytes + kSignatureBytes));
    return in.raw<kKeyBytes>();
}

Result<Bytes> resign(ByteView signed_manifest, const SecretKey& key) {
    const auto signer = signer_of(signed_manifest);
    if (!signer) return invalid("manifest: cut off");
    const std::array<PublicKey, 1> itself{*signer};
    const VerifiedManifest verified = TRY(verify(signed_manifest, itself));
    return sign(verified.manifest(), key);
}

}  // namespace vitrine::bundle
