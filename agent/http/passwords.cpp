#include "agent/http/passwords.hpp"

#include <array>
#include <utility>

#include <sodium.h>

#include "agent/base/check.hpp"

namespace vitrine::http {
namespace {

constexpr std::size_t kPasswordBytesMin = 8;
constexpr std::size_t kMemoryBytes = 19 * 1024 * 1024;
constexpr unsigned long long kPasses = 2;
constexpr std::string_view kPrefix = "$argon2id$v=19$m=19456,t=2,p=1$";

}  // namespace

Result<std::string> hash_password(std::string_view password) {
    if (password.size() < kPasswordBytesMin || password.size() > kPasswordBytesMax) {
        return invalid("a password has 8 to 256 bytes");
    }
    CHECK(sodium_init() >= 0);
    std::array<char, crypto_pwhash_STRBYTES> hash{};
    if (crypto_pwhash_str_alg(hash.data(), password.data(), password.size(), kPasses, kMemoryBytes,
                              crypto_pwhash_ALG_ARGON2ID13) != 0) {
        return exhausted("not enough memory to hash a password");
    }
    return std::string(hash.data());
}

bool is_password_hash(std::string_view hash) {
    return hash.starts_with(kPrefix) && hash.size() < crypto_pwhash_STRBYTES;
}

bool verify_password(const std::string& hash, std::string_view password) {
    CHECK(sodium_init() >= 0);
    return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

const std::string& nobodys_hash() {
    // Of 32 random bytes that were thrown away.
    static const std::string kHash =
        std::string(kPrefix) + "+sTULFt7dn15cZJLAy9gyA$e6U5jGNYDB6QU4gDTqi62Y5+mGdZ6JwDti6N8wbJ8uc";
    return kHash;
}

PasswordDesk::PasswordDesk(host::Loop& loop, std::size_t waiting_max)
    : waiting_max_(waiting_max), results_(loop, 1, [this](std::span<Verdict> results) {
          finish(results.front() == Verdict::fits);
      }) {}

PasswordDesk::~PasswordDesk() {
    if (worker_.joinable()) worker_.join();
}

bool PasswordDesk::try_check(std::string hash, std::string password, Done done) {
    if (waiting_.size() >= waiting_max_) return false;
    waiting_.push_back({std::move(hash), std::move(password), std::move(done)});
    if (!worker_.joinable()) start_next();
    return true;
}

void PasswordDesk::start_next() {
    Job job = std::move(waiting_.front());
    waiting_.pop_front();
    under_way_ = std::move(job.done);
    worker_ = std::thread(
        [this, hash = std::move(job.hash), password = std::move(job.password)]() mutable {
            const bool fits = verify_password(hash, password);
            sodium_memzero(password.data(), password.size());
            CHECK(results_.try_post(fits ? Verdict::fits : Verdict::wrong));
        });
}

void PasswordDesk::finish(bool fits) {
    worker_.join();
    worker_ = std::thread();
    const Done done = std::exchange(under_way_, {});
    if (!waiting_.empty()) start_next();
    done(fits);
}

}  // namespace vitrine::http
