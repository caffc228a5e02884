#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agent/base/result.hpp"

namespace vitrine::outbox {

/// A path beside which nothing is kept: no lock, no ballast, nothing to set aside.
bool is_memory(const std::string& path);

/// Holds `<path>.lock`, so that one outbox at a time has the database. Released when it goes, also
/// by a kill.
class FileLock {
  public:
    FileLock() = default;
    /// `conflict` when another holder lives, `denied` or `unavailable` from the file system.
    static Result<FileLock> take(const std::string& path);

    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&& other) noexcept;
    ~FileLock();

  private:
    int fd_ = -1;
};

/// Space kept back for the day when the disk is full: a file of nothing.
class Ballast {
  public:
    Ballast() = default;
    /// 0 bytes: none.
    Ballast(std::string path, std::uint64_t bytes);

    /// Occupies the space if twice as much is free; otherwise it stays as it is.
    void put_back();
    /// True if there was something to release.
    bool release();
    bool in_place() const { return in_place_; }

  private:
    std::string path_;
    std::uint64_t bytes_ = 0;
    bool in_place_ = false;
};

/// What tells this file from a copy of it: inode and time of birth. Empty when there is no file.
std::string file_witness(const std::string& path);

/// Renames a database and its write-ahead log to `<path>.damaged-<n>` with the first n that is
/// free, and returns the new name. `exhausted` after 1000 of them.
Result<std::string> set_database_aside(const std::string& path);

}  // namespace vitrine::outbox
