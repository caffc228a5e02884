#include "agent/identity/eid_cipher.hpp"

#include <openssl/evp.h>

#include "agent/base/check.hpp"

namespace vitrine::identity {
namespace {

struct FreeCipher {
    void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
};
struct FreeContext {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

}  // namespace

struct EidCipher::Context {
    std::unique_ptr<EVP_CIPHER, FreeCipher> cipher;
    std::unique_ptr<EVP_CIPHER_CTX, FreeContext> evp;
};

// AES-128 is in every build of OpenSSL, so what fails here is an installation that cannot work.
EidCipher::EidCipher() : context_(std::make_unique<Context>()) {
    context_->cipher.reset(EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr));
    context_->evp.reset(EVP_CIPHER_CTX_new());
    CHECK(context_->cipher != nullptr && context_->evp != nullptr);
    const Block zero{};
    CHECK(EVP_EncryptInit_ex2(context_->evp.get(), context_->cipher.get(), zero.data(), nullptr,
                              nullptr) == 1);
    // Padding is left on: it matters only to EVP_EncryptFinal, which is never called, and
    // OpenSSL 3.0 would spend as long on switching it off again at each new key as on the key
    // itself.
}

EidCipher::~EidCipher() = default;

void EidCipher::set_key(const Block& key) {
    CHECK(EVP_EncryptInit_ex2(context_->evp.get(), nullptr, key.data(), nullptr, nullptr) == 1);
}

void EidCipher::encrypt(std::span<Block> blocks) {
    static_assert(sizeof(Block) == 16);
    const int size = static_cast<int>(blocks.size_bytes());
    int written = 0;
    std::uint8_t* bytes = blocks.front().data();
    CHECK(EVP_EncryptUpdate(context_->evp.get(), bytes, &written, bytes, size) == 1);
    CHECK(written == size);
}

}  // namespace vitrine::identity
