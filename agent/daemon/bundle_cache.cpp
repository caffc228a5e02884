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

std::size_t number_at(ByteView bytes) {
    std::size_t number = 0;
    for (std::size_t i = 0; i < 4; ++i) number |= std::size_t{bytes[i]} << (8 * i);
    return number;
}

/// A size, and so many bytes; nothing where the file ends before.
std::optional<ByteView> take(ByteView& rest) {
    if (rest.size() < 4) return std::nullopt;
    const std::size_t size = number_at(rest);
    if (size > rest.size() - 4) return std::nullopt;
    const ByteView taken = rest.subspan(4, size);
    rest = rest.subspan(4 + size);
    return taken;
}

Result<Delivery> check(const Bytes& file, bundle::Kind kind,
                       std::span<const bundle::PublicKey> trusted) {
    ByteView payload = file;
    const auto signed_manifest = take(payload);
    if (!signed_manifest) return corrupt("cut off");
    auto manifest = TRY(bundle::verify(*signed_manifest, trusted));
    if (manifest.manifest().kind != kind) return corrupt("of another kind");
    if (bundle::digest_of(payload) != manifest.manifest().payload)
        return corrupt("not what its manifest says");
    return Delivery{.manifest = std::move(manifest),
                    .payload = Bytes(payload.begin(), payload.end()),
                    .signed_manifest = Bytes(signed_manifest->begin(), signed_manifest->end())};
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
    const bool revoked = checked.error().code == ErrorCode::denied;
    std::filesystem::path aside = path;
    aside += revoked ? ".refused" : ".damaged";
    std::error_code ignored;
    std::filesystem::rename(path, aside, ignored);
    const std::string message =
        path.string() + ": " + checked.error().message + " (set aside as " + aside.string() + ")";
    return revoked ? denied(message) : corrupt(message);
}

std::filesystem::path BundleCache::partial_path_of(bundle::Kind kind) const {
    return folder_ / (std::string(bundle::name_of(kind)) + ".part");
}

Result<void> BundleCache::keep_chunk(bundle::Kind kind, ByteView signed_manifest,
                                     std::uint32_t chunk, ByteView bytes) const {
    const std::filesystem::path path = partial_path_of(kind);
    Bytes header = size_prefix(signed_manifest.size());
    header.insert(header.end(), signed_manifest.begin(), signed_manifest.end());
    const File file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (file.fd() < 0) return from_errno(path, "write");
    Bytes there(header.size());
    const ssize_t got = ::pread(file.fd(), there.data(), there.size(), 0);
    const bool same = got == static_cast<ssize_t>(header.size()) && there == header;
    if (!same) {
        if (::ftruncate(file.fd(), 0) != 0) return from_errno(path, "write");
        TRY(write_all(file, header, path));
    }
    if (::lseek(file.fd(), 0, SEEK_END) < 0) return from_errno(path, "write");
    Bytes record = size_prefix(chunk);
    const Bytes size = size_prefix(bytes.size());
    record.insert(record.end(), size.begin(), size.end());
    record.insert(record.end(), bytes.begin(), bytes.end());
    return write_all(file, record, path);
}

std::optional<Partial> BundleCache::load_partial(bundle::Kind kind) const {
    const std::filesystem::path path = partial_path_of(kind);
    const File file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (file.fd() < 0) return std::nullopt;
    const auto all = read_all(file, path);
    if (!all) {
        drop_partial(kind);
        return std::nullopt;
    }
    ByteView rest = *all;
    const auto manifest = take(rest);
    if (!manifest) return std::nullopt;
    Partial partial{.signed_manifest = Bytes(manifest->begin(), manifest->end()), .chunks = {}};
    std::size_t whole = all->size() - rest.size();
    while (rest.size() >= 4) {
        const auto number = static_cast<std::uint32_t>(number_at(rest));
        rest = rest.subspan(4);
        const auto bytes = take(rest);
        if (!bytes || bytes->empty()) break;
        partial.chunks.emplace_back(number, Bytes(bytes->begin(), bytes->end()));
        whole = all->size() - rest.size();
    }
    // What was being written when the power went is cut off, so that the next chunk can follow.
    if (whole < all->size() && ::ftruncate(file.fd(), static_cast<off_t>(whole)) != 0) {
        drop_partial(kind);
    }
    return partial;
}

void BundleCache::drop_partial(bundle::Kind kind) const {
    std::error_code ignored;
    std::filesystem::remove(partial_path_of(kind), ignored);
}

}  // namespace vitrine::daemon
