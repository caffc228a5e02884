#include "agent/daemon/bundle_cache.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace vitrine::daemon {

namespace {

Error from_errno(const std::filesystem::path& path, std::string_view doing) {
    const int code = errno;
    const std::string message =
        path.string() + ": cannot " + std::string(doing) + ": " + std::strerror(code);
    return code == ENOSPC || code == EDQUOT ? exhausted(message) : unavailable(message);
}

/// A file descriptor that is closed at the end of its scope.
class File {
  public:
    explicit File(int fd) : fd_(fd) {}
    ~File() {
        if (fd_ >= 0) ::close(fd_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    int fd() const { return fd_; }

  private:
    int fd_;
};

Result<void> write_all(const File& file, ByteView bytes, const std::filesystem::path& path) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file.fd(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return from_errno(path, "write");
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

Result<Bytes> read_all(const File& file, const std::filesystem::path& path) {
    struct stat status {};
    if (::fstat(file.fd(), &status) != 0) return from_errno(path, "read");
    if (status.st_size > static_cast<off_t>(bundle::kPayloadBytesMax + (4U << 20))) {
        return corrupt(path.string() + ": too large");
    }
    Bytes bytes(static_cast<std::size_t>(status.st_size));
    std::size_t have = 0;
    while (have < bytes.size()) {
        const ssize_t got = ::read(file.fd(), bytes.data() + have, bytes.size() - have);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return from_errno(path, "read");
        if (got == 0) break;
        have += static_cast<std::size_t>(got);
    }
    bytes.resize(have);
    return bytes;
}

Result<void> sync_folder(const std::filesystem::path& folder) {
    const File directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.fd() < 0 || ::fsync(directory.fd()) != 0) return from_errno(folder, "sync");
    return {};
}

/// The size of the manifest as four bytes, least significant first; then the manifest; then the
/// payload.
Bytes size_prefix(std::size_t size) {
    Bytes prefix(4);
    for (std::size_t i = 0; i < 4; ++i) prefix[i] = static_cast<std::uint8_t>(size >> (8 * i));
    return prefix;
}

Result<Delivery> check(const Bytes& file, bundle::Kind kind,
                       std::span<const bundle::PublicKey> trusted) {
    if (file.size() < 4) return corrupt("cut off");
    std::size_t size = 0;
    for (std::size_t i = 0; i < 4; ++i) size |= std::size_t{file[i]} << (8 * i);
    if (size > file.size() - 4) return corrupt("cut off");
    const ByteView rest = ByteView(file).subspan(4);
    auto manifest = TRY(bundle::verify(rest.first(size), trusted));
    const ByteView payload = rest.subspan(size);
    if (manifest.manifest().kind != kind) return corrupt("of another kind");
    if (bundle::digest_of(payload) != manifest.manifest().payload)
        return corrupt("not what its manifest says");
    return Delivery{std::move(manifest), Bytes(payload.begin(), payload.end())};
}

}  // namespace

Result<BundleCache> BundleCache::open(std::filesystem::path folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return unavailable(folder.string() + ": cannot be made: " + error.message());
    return BundleCache(std::move(folder));
}

std::filesystem::path BundleCache::path_of(bundle::Kind kind) const {
    return folder_ / std::string(bundle::name_of(kind));
}

Result<void> BundleCache::keep(bundle::Kind kind, ByteView signed_manifest,
                               ByteView payload) const {
    const std::filesystem::path path = path_of(kind);
    std::filesystem::path fresh = path;
    fresh += ".new";
    {
        const File file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        if (file.fd() < 0) return from_errno(fresh, "write");
        TRY(write_all(file, size_prefix(signed_manifest.size()), fresh));
        TRY(write_all(file, signed_manifest, fresh));
        TRY(write_all(file, payload, fresh));
        if (::fsync(file.fd()) != 0) return from_errno(fresh, "write");
    }
    if (::rename(fresh.c_str(), path.c_str()) != 0) return from_errno(path, "replace");
    return sync_folder(folder_);
}

Result<std::optional<Delivery>> BundleCache::load(
    bundle::Kind kind, std::span<const bundle::PublicKey> trusted) const {
    const std::filesystem::path path = path_of(kind);
    const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.fd() < 0 && errno == ENOENT) return std::optional<Delivery>();
    if (file.fd() < 0) return from_errno(path, "read");
    auto checked = check(TRY(read_all(file, path)), kind, trusted);
    if (checked) return std::optional<Delivery>(std::move(checked).value());
    std::filesystem::path aside = path;
    aside += ".damaged";
    std::error_code ignored;
    std::filesystem::rename(path, aside, ignored);
    return corrupt(path.string() + ": " + checked.error().message + " (set aside as " +
                   aside.string() + ")");
}

}  // namespace vitrine::daemon
