#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

namespace vitrine::identity {

using Block = std::array<std::uint8_t, 16>;

/// AES-128 in ECB, one block or a few under one key. It keeps one OpenSSL context for all keys:
/// re-keying it costs 0.15 µs, where a fresh context for each key costs 1 µs.
class EidCipher {
  public:
    EidCipher();
    ~EidCipher();
    EidCipher(const EidCipher&) = delete;
    EidCipher& operator=(const EidCipher&) = delete;

    void set_key(const Block& key);
    /// In place, under the last key set.
    void encrypt(std::span<Block> blocks);

  private:
    struct Context;
    std::unique_ptr<Context> context_;
};

/// The block whose encryption under a temporary key begins with the EID.
Block eid_block(std::uint32_t unix_s, unsigned k);

}  // namespace vitrine::identity
