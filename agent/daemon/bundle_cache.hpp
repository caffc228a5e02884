#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "agent/base/bytes.hpp"
#include "agent/base/result.hpp"
#include "sync/bundle/manifest.hpp"

namespace vitrine::daemon {

/// A bundle whose signature and content were checked, ready to be decoded and applied.
struct Delivery {
    bundle::VerifiedManifest manifest;
    Bytes payload;        ///< The whole state, also where the manifest is that of a delta.
    bool behind = false;  ///< Only the base of deltas: to be kept, not to be applied.
    Bytes signed_manifest;
};

/// What came of a bundle before the agent was stopped. Nothing of it is checked yet.
struct Partial {
    Bytes signed_manifest;
    std::vector<std::pair<std::uint32_t, Bytes>> chunks;
};

/// The last bundle of each kind on disk, so that a shop opens in the morning without the network.
/// Each file holds the signed manifest and the payload; it is replaced whole or not at all, and
/// checked again when it is read.
class BundleCache {
  public:
    /// Makes the folder. `unavailable` where that is not possible.
    static Result<BundleCache> open(std::filesystem::path folder);

    /// Durable when it returns. `unavailable` or `exhausted` from the file system; what was there
    /// before stays.
    Result<void> keep(bundle::Kind kind, ByteView signed_manifest, ByteView payload) const;

    /// Nothing where there is none. `corrupt` for a file that does not check, `denied` for one
    /// whose key is not trusted any more; it is renamed aside, because a fresh one will come.
    Result<std::optional<Delivery>> load(bundle::Kind kind,
                                         std::span<const bundle::PublicKey> trusted) const;

    /// Adds a chunk of a bundle that is not complete yet; one of another manifest takes the place
    /// of what was there. One file a kind, of the manifest's size at most. Not durable: what a
    /// power cut takes is fetched again.
    Result<void> keep_chunk(bundle::Kind kind, ByteView signed_manifest, std::uint32_t chunk,
                            ByteView bytes) const;
    /// Nothing where there is none, or none that can be read.
    std::optional<Partial> load_partial(bundle::Kind kind) const;
    void drop_partial(bundle::Kind kind) const;

  private:
    explicit BundleCache(std::filesystem::path folder) : folder_(std::move(folder)) {}
    std::filesystem::path path_of(bundle::Kind kind) const;
    std::filesystem::path partial_path_of(bundle::Kind kind) const;

    std::filesystem::path folder_;
};

}  // namespace vitrine::daemon
