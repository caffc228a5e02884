#include "sync/outbox/files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace vitrine::outbox {
namespace {

constexpr int kDamagedMax = 1000;

Error error_of(const std::string& path, int code) {
    Error error = unavailable(path + ": " + std::strerror(code));
    if (code == EACCES || code == EPERM || code == EROFS) error.code = ErrorCode::denied;
    if (code == ENOSPC || code == EDQUOT) error.code = ErrorCode::exhausted;
    return error;
}

bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

/// A rename is durable only when its folder is.
void sync_folder_of(const std::string& path) {
    const auto slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    fsync(fd);
    close(fd);
}

}  // namespace

bool is_memory(const std::string& path) { return path == ":memory:"; }

Result<FileLock> FileLock::take(const std::string& path) {
    FileLock lock;
    if (is_memory(path)) return lock;
    const std::string name = path + ".lock";
    lock.fd_ = open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock.fd_ < 0) return error_of(name, errno);
    if (flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) return conflict(path + ": another process has this outbox open");
        return error_of(name, errno);
    }
    return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
}

FileLock::~FileLock() {
    if (fd_ >= 0) close(fd_);
}

Ballast::Ballast(std::string path, std::uint64_t bytes) : path_(std::move(path)), bytes_(bytes) {
    struct stat found {};
    in_place_ = bytes_ > 0 && stat(path_.c_str(), &found) == 0 &&
                static_cast<std::uint64_t>(found.st_blocks) * 512 >= bytes_;
}

void Ballast::put_back() {
    if (bytes_ == 0 || in_place_) return;
    const int fd = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return;
    struct statvfs space {};
    const bool roomy = fstatvfs(fd, &space) == 0 && space.f_bavail * space.f_frsize >= 2 * bytes_;
    in_place_ = roomy && posix_fallocate(fd, 0, static_cast<off_t>(bytes_)) == 0;
    close(fd);
    if (!in_place_) unlink(path_.c_str());
}

bool Ballast::release() {
    if (bytes_ == 0 || !exists(path_)) return false;
    in_place_ = false;
    return unlink(path_.c_str()) == 0;
}

std::string file_witness(const std::string& path) {
    struct statx found {};
    if (is_memory(path) || statx(AT_FDCWD, path.c_str(), 0, STATX_INO | STATX_BTIME, &found) != 0) {
        return {};
    }
    return std::to_string(found.stx_ino) + ":" + std::to_string(found.stx_btime.tv_sec) + "." +
           std::to_string(found.stx_btime.tv_nsec);
}

Result<std::string> set_database_aside(const std::string& path) {
    for (int n = 1; n <= kDamagedMax; ++n) {
        const std::string aside = path + ".damaged-" + std::to_string(n);
        if (exists(aside)) continue;
        if (std::rename(path.c_str(), aside.c_str()) != 0) return error_of(path, errno);
        // The log goes along, so that whoever looks into it later finds everything.
        std::rename((path + "-wal").c_str(), (aside + "-wal").c_str());
        unlink((path + "-shm").c_str());
        sync_folder_of(path);
        return aside;
    }
    return exhausted(path + ": " + std::to_string(kDamagedMax) + " damaged databases lie here");
}

}  // namespace vitrine::outbox
