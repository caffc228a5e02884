#include "sync/bundle/keys.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstring>

namespace vitrine::bundle {

namespace {

constexpr std::size_t kSeedBytes = 32;

void start_sodium() { CHECK(sodium_init() >= 0); }

/// A file that is closed when it goes.
class File {
  public:
    File(const std::string& path, int flags, mode_t mode = 0)
        : fd_(::open(path.c_str(), flags | O_CLOEXEC, mode)), opened_errno_(errno) {}
    ~File() {
        if (fd_ >= 0) ::close(fd_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    bool is_open() const { return fd_ >= 0; }
    int fd() const { return fd_; }

    Error open_error(const std::string& path) const {
        const std::string message = path + ": " + std::strerror(opened_errno_);
        switch (opened_errno_) {
            case ENOENT:
                return not_found(message);
            case EEXIST:
                return conflict(message);
            case EACCES:
            case EPERM:
                return denied(message);
            default:
                return unavailable(message);
        }
    }

  private:
    int fd_;
    int opened_errno_;
};

Result<void> write_line(const File& file, const std::string& path, std::string line) {
    line += '\n';
    const bool written =
        ::write(file.fd(), line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
        ::fsync(file.fd()) == 0;
    sodium_memzero(line.data(), line.size());
    if (!written) return unavailable(path + ": " + std::strerror(errno));
    return {};
}

/// One line of 64 hexadecimal digits.
Result<std::array<std::uint8_t, kSeedBytes>> read_line(const File& file, const std::string& path) {
    std::array<char, 2 * kSeedBytes + 2> text{};
    const ssize_t size = ::read(file.fd(), text.data(), text.size());
    if (size < 0) return unavailable(path + ": " + std::strerror(errno));
    std::string_view line(text.data(), static_cast<std::size_t>(size));
    if (line.ends_with('\n')) line.remove_suffix(1);
    auto value = fixed_from_hex<kSeedBytes>(line).within(path);
    sodium_memzero(text.data(), text.size());
    return value;
}

}  // namespace

SecretKey SecretKey::generate() {
    start_sodium();
    std::array<std::uint8_t, kSeedBytes> seed{};
    randombytes_buf(seed.data(), seed.size());
    SecretKey key = from_seed(seed);
    sodium_memzero(seed.data(), seed.size());
    return key;
}

SecretKey SecretKey::from_seed(const std::array<std::uint8_t, 32>& seed) {
    start_sodium();
    SecretKey key;
    PublicKey unused{};
    crypto_sign_seed_keypair(unused.data(), key.bytes_.data(), seed.data());
    return key;
}

SecretKey::SecretKey(SecretKey&& other) noexcept : bytes_(other.bytes_) {
    sodium_memzero(other.bytes_.data(), other.bytes_.size());
}

SecretKey& SecretKey::operator=(SecretKey&& other) noexcept {
    if (this != &other) {
        bytes_ = other.bytes_;
        sodium_memzero(other.bytes_.data(), other.bytes_.size());
    }
    return *this;
}

SecretKey::~SecretKey() { sodium_memzero(bytes_.data(), bytes_.size()); }

PublicKey SecretKey::public_key() const {
    PublicKey key{};
    std::copy(bytes_.begin() + kSeedBytes, bytes_.end(), key.begin());
    return key;
}

std::array<std::uint8_t, 64> SecretKey::sign(ByteView message) const {
    std::array<std::uint8_t, 64> signature{};
    crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), bytes_.data());
    return signature;
}

Result<void> SecretKey::keep(const std::string& path) const {
    const File file(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (!file.is_open()) return file.open_error(path);
    std::string line = to_hex(ByteView(bytes_).first(kSeedBytes));
    Result<void> written = write_line(file, path, line);
    sodium_memzero(line.data(), line.size());
    return written;
}

Result<SecretKey> SecretKey::load(const std::string& path) {
    const File file(path, O_RDONLY);
    if (!file.is_open()) return file.open_error(path);
    struct stat status {};
    if (::fstat(file.fd(), &status) != 0) return unavailable(path + ": " + std::strerror(errno));
    if ((status.st_mode & 077) != 0) {
        return denied(path + ": others may read this key; chmod 600 it, and consider it known");
    }
    auto seed = TRY(read_line(file, path));
    SecretKey key = from_seed(seed);
    sodium_memzero(seed.data(), seed.size());
    return key;
}

bool verify(const PublicKey& key, ByteView message, const std::array<std::uint8_t, 64>& signature) {
    start_sodium();
    return crypto_sign_verify_detached(signature.data(), message.data(), message.size(),
                                       key.data()) == 0;
}

Result<void> keep_public_key(const PublicKey& key, const std::string& path) {
    const File file(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (!file.is_open()) return file.open_error(path);
    return write_line(file, path, to_hex(key));
}

Result<PublicKey> load_public_key(const std::string& path) {
    const File file(path, O_RDONLY);
    if (!file.is_open()) return file.open_error(path);
    return read_line(file, path);
}

Digest fingerprint_of(ByteView bytes) {
    Digest digest{};
    crypto_generichash(digest.data(), digest.size(), bytes.data(), bytes.size(), nullptr, 0);
    return digest;
}

Digest digest_of(ByteView bytes) {
    Digest digest{};
    crypto_hash_sha256(digest.data(), bytes.data(), bytes.size());
    return digest;
}

}  // namespace vitrine::bundle
