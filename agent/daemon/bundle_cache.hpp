#pragma once

#include <filesystem>
#include <optional>
#include <span>

#include "agent/base/bytes.hpp"
#include "agent/base/result.hpp"
#include "sync/bundle/manifest.hpp"

namespace vitrine::daemon {

/// A bundle whose signature and content were checked, ready to be decoded and applied.
struct Delivery {
    bundle::VerifiedManifest manifest;
    Bytes payload;
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

    /// Nothing where there is none. `corrupt` for a file that does not check; it is renamed aside,
    /// because a fresh one will come.
    Result<std::optional<Delivery>> load(bundle::Kind kind,
                                         std::span<const bundle::PublicKey> trusted) const;

  private:
    explicit BundleCache(std::filesystem::path folder) : folder_(std::move(folder)) {}
    std::filesystem::path path_of(bundle::Kind kind) const;

    std::filesystem::path folder_;
};

}  // namespace vitrine::daemon
