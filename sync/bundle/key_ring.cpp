#include "sync/bundle/key_ring.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace vitrine::bundle {

namespace {

constexpr const char* kCurrent = "signing.key";
constexpr const char* kNext = "signing-next.key";
constexpr const char* kLast = "signing-last.key";
constexpr const char* kPublic = "signing.pub";
constexpr const char* kNextPublic = "signing-next.pub";

Result<void> rename(const std::string& from, const std::string& to) {
    if (std::rename(from.c_str(), to.c_str()) == 0) return {};
    return unavailable(from + ": cannot become " + to + ": " + std::strerror(errno));
}

Result<void> remember(const std::filesystem::path& folder) {
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool done = fd >= 0 && ::fsync(fd) == 0;
    const int code = errno;
    if (fd >= 0) ::close(fd);
    if (done) return {};
    return unavailable(folder.string() + ": " + std::strerror(code));
}

}  // namespace

Result<std::optional<PublicKey>> KeyRing::public_key_of(const char* name) const {
    const auto key = SecretKey::load(path(name));
    if (key) return std::optional(key->public_key());
    if (key.error().code == ErrorCode::not_found) return std::optional<PublicKey>();
    return key.error();
}

Result<KeyRing::Keys> KeyRing::look() const {
    return Keys{.current = TRY(public_key_of(kCurrent)),
                .next = TRY(public_key_of(kNext)),
                .last = TRY(public_key_of(kLast))};
}

Result<SecretKey> KeyRing::current() const {
    const Keys keys = TRY(look());
    if (!keys.current) {
        // A rotation that was cut off between its two steps.
        if (keys.last && keys.next) {
            TRY(rename(path(kNext), path(kCurrent)));
        } else {
            // Workers that start together make one key: the others take it.
            const auto kept = SecretKey::generate().keep(path(kCurrent));
            if (!kept && kept.error().code != ErrorCode::conflict) return kept.error();
        }
        TRY(remember(folder_));
    }
    SecretKey key = TRY(SecretKey::load(path(kCurrent)));
    TRY(keep_public_key(key.public_key(), path(kPublic)));
    return key;
}

Result<PublicKey> KeyRing::make_next() const {
    const SecretKey key = SecretKey::generate();
    TRY(key.keep(path(kNext)));
    TRY(keep_public_key(key.public_key(), path(kNextPublic)));
    TRY(remember(folder_));
    return key.public_key();
}

Result<void> KeyRing::rotate() const {
    const Keys keys = TRY(look());
    if (!keys.next) {
        return not_found(path(kNext) +
                         ": there is no next key; make it, and tell every shop first");
    }
    if (keys.last && keys.current) {
        return conflict(path(kLast) + ": the key before is still there; retire it first");
    }
    if (keys.current) TRY(rename(path(kCurrent), path(kLast)));
    TRY(rename(path(kNext), path(kCurrent)));
    TRY(keep_public_key(*keys.next, path(kPublic)));
    std::error_code ignored;
    std::filesystem::remove(path(kNextPublic), ignored);
    return remember(folder_);
}

Result<void> KeyRing::retire() const {
    if (!TRY(public_key_of(kLast))) return not_found(path(kLast) + ": there is no key to retire");
    std::error_code error;
    std::filesystem::remove(path(kLast), error);
    if (error) return unavailable(path(kLast) + ": " + error.message());
    return remember(folder_);
}

}  // namespace vitrine::bundle
