#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "sync/bundle/keys.hpp"

namespace vitrine::bundle {

/// The signing keys in the centre's folder: the one in use, the next one while it is being made
/// known to the shops, and the last one until nobody needs it any more (docs/keys.md). Every step
/// is one rename, so that a power cut leaves the folder as it was or as it should be.
class KeyRing {
  public:
    explicit KeyRing(std::filesystem::path folder) : folder_(std::move(folder)) {}

    struct Keys {
        std::optional<PublicKey> current;
        std::optional<PublicKey> next;
        std::optional<PublicKey> last;
    };
    /// What is there, by public key. Errors: those of SecretKey::load.
    Result<Keys> look() const;

    /// The key in use; made where there is none.
    Result<SecretKey> current() const;
    /// Makes the next key. `conflict` if there is one.
    Result<PublicKey> make_next() const;
    /// The next key becomes the one in use, and that the last one. `not_found` without a next key;
    /// `conflict` while there is still a last one.
    Result<void> rotate() const;
    /// Destroys the last key. `not_found` where there is none.
    Result<void> retire() const;

  private:
    std::string path(const char* name) const { return (folder_ / name).string(); }
    Result<std::optional<PublicKey>> public_key_of(const char* name) const;

    std::filesystem::path folder_;
};

}  // namespace vitrine::bundle
