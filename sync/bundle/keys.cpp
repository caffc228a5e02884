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

Error error_of(const std::string& path, int code) {
    const std::string message = path + ": " + std::strerror(code);
    switch (code) {
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

/// A file that is closed when it goes.
class File {
  public:
    explicit File(int fd) : fd_(fd) {}
    ~File() {
        if (fd_ >= 0) ::close(fd_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    bool is_open() const { return fd_ >= 0; }
    int fd() const { return fd_; }

  private:
    int fd_;
};

enum class Existing : std::uint8_t { stays, goes };

/// The file is there whole or not at all, whoever makes it at the same time and whenever the power
/// goes: it is written beside its place.
Result<void> write_line(const std::string& path, std::string line, mode_t mode, Existing existing) {
    std::string beside = path + ".XXXXXX";
    const File file(::mkostemp(beside.data(), O_CLOEXEC));
    if (!file.is_open()) return error_of(path, errno);
    line += '\n';
    const bool written =
        ::write(file.fd(), line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
        ::fchmod(file.fd(), mode) == 0 && ::fsync(file.fd()) == 0;
    sodium_memzero(line.data(), line.size());
    const bool replaces = existing == Existing::goes;
    const bool placed = written && (replaces ? ::rename(beside.c_str(), path.c_str())
                                             : ::link(beside.c_str(), path.c_str())) == 0;
    const int code = errno;
    if (!placed || !replaces) ::unlink(beside.c_str());
    if (!placed) return error_of(path, code);
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
    return write_line(path, to_hex(ByteView(bytes_).first(kSeedBytes)), 0600, Existing::stays);
}

Result<SecretKey> SecretKey::load(const std::string& path) {
    const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) return error_of(path, errno);
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
    return write_line(path, to_hex(key), 0644, Existing::goes);
}

Result<PublicKey> load_public_key(const std::string& path) {
    const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) return error_of(path, errno);
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
