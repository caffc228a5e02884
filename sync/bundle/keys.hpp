#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "agent/base/bytes.hpp"
#include "agent/base/result.hpp"

namespace vitrine::bundle {

/// An Ed25519 public key.
using PublicKey = std::array<std::uint8_t, 32>;

/// An Ed25519 secret key. Moved, never copied, and wiped when it goes.
class SecretKey {
  public:
    /// A new one from the operating system's randomness.
    static SecretKey generate();
    /// The key of a 32-byte seed: for tests, and for what a key file holds.
    static SecretKey from_seed(const std::array<std::uint8_t, 32>& seed);

    SecretKey(SecretKey&& other) noexcept;
    SecretKey& operator=(SecretKey&& other) noexcept;
    SecretKey(const SecretKey&) = delete;
    SecretKey& operator=(const SecretKey&) = delete;
    ~SecretKey();

    PublicKey public_key() const;
    std::array<std::uint8_t, 64> sign(ByteView message) const;

    /// Writes the seed as one line of hexadecimal into a new file with mode 0600. `conflict` if the
    /// file exists: a key is never overwritten. `unavailable` on a failed write.
    Result<void> keep(const std::string& path) const;
    /// `not_found`; `denied` for a file that others may read; `invalid` for another content.
    static Result<SecretKey> load(const std::string& path);

  private:
    SecretKey() = default;
    std::array<std::uint8_t, 64> bytes_{};  ///< Seed, then public key, as libsodium has it.
};

bool verify(const PublicKey& key, ByteView message, const std::array<std::uint8_t, 64>& signature);

/// A public key as 64 hexadecimal digits, in a file (mode 0644, replaced if it exists) or a text.
Result<void> keep_public_key(const PublicKey& key, const std::string& path);
Result<PublicKey> load_public_key(const std::string& path);

/// SHA-256.
Digest digest_of(ByteView bytes);
/// BLAKE2b with 32 bytes, three times as fast: to tell contents apart where nobody else has to
/// agree on the hash.
Digest fingerprint_of(ByteView bytes);

}  // namespace vitrine::bundle
