#pragma once

#include <signal.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/base/random.hpp"

namespace vitrine::outbox {

/// A disk that fails when told to: a layer over SQLite's unix VFS, the default one while it lives.
/// Of several disks the one that was made or named by `use` last is where databases are opened.
/// Besides passing everything through it keeps what a power cut would leave: per file the synced
/// content and the writes since.
class FaultDisk {
  public:
    explicit FaultDisk(std::string name = "fault")
        : name_(std::move(name)), real_(sqlite3_vfs_find("unix")), vfs_(*real_) {
        vfs_.zName = name_.c_str();
        vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
        vfs_.pAppData = this;
        vfs_.xOpen = open;
        vfs_.xDelete = remove;
        vfs_.pNext = nullptr;
        use();
    }
    ~FaultDisk() {
        sqlite3_vfs_unregister(&vfs_);
        sqlite3_vfs_register(real_, 1);
    }
    FaultDisk(const FaultDisk&) = delete;
    FaultDisk& operator=(const FaultDisk&) = delete;

    /// What is opened from now on is on this disk.
    void use() { sqlite3_vfs_register(&vfs_, 1); }
    /// The power has gone: nothing works any more.
    bool is_off() const { return power_off_at > 0 && operations >= power_off_at; }
    /// Room that files of this disk take now.
    std::uint64_t room_taken() const { return used(); }

    std::uint64_t operations = 0;     ///< Writes, syncs and truncations so far.
    std::uint64_t bytes_written = 0;  ///< By writes.
    std::uint64_t kill_at = 0;        ///< The process dies by SIGKILL at this operation.
    std::uint64_t power_off_at = 0;   ///< From this operation on nothing works any more.
    std::uint64_t fail_sync_at = 0;   ///< The sync that is due at or after it fails, once.
    std::uint64_t full_at = 0;        ///< The write that is due at or after it finds no room, once.
    bool log_writes = false;          ///< Needed for cut_power.
    bool sync_lies = false;           ///< Syncs promise and do nothing: what a bad disk does.
    /// Room for all files together; `reserved` says how much others occupy.
    std::optional<std::uint64_t> capacity;
    std::function<std::uint64_t()> reserved = [] { return std::uint64_t{0}; };

    /// Puts every file back to what a power cut leaves: all that was synced, and of later writes
    /// an arbitrary subset, each perhaps torn between sectors. The files must be closed.
    void cut_power(Rng& rng) {
        for (auto& [path, image] : images_) {
            if (image.deleted) continue;
            for (const Write& write : image.pending) {
                if (rng.below(2) == 0) apply(image.durable, write, rng.below(3) == 0 ? 512 : 0);
            }
            std::ofstream(path, std::ios::binary | std::ios::trunc)
                .write(image.durable.data(), static_cast<std::streamsize>(image.durable.size()));
            if (path.ends_with("-wal")) std::filesystem::remove(shm_of(path));
        }
        images_.clear();
        power_off_at = 0;
    }

  private:
    struct Write {
        std::int64_t offset;
        std::string bytes;
        bool truncates = false;
    };
    struct Image {
        std::string durable;
        std::vector<Write> pending;
        bool deleted = false;
    };
    struct File {
        sqlite3_file base;
        FaultDisk* disk;
        std::string* path;
        sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
    };

    static std::string shm_of(const std::string& wal) {
        return wal.substr(0, wal.size() - 4) + "-shm";
    }
    static File* of(sqlite3_file* file) { return reinterpret_cast<File*>(file); }

    static void apply(std::string& content, const Write& write, std::size_t torn_after) {
        const auto offset = static_cast<std::size_t>(write.offset);
        if (write.truncates) return content.resize(offset);
        const std::size_t size =
            torn_after > 0 ? std::min(torn_after, write.bytes.size()) : write.bytes.size();
        if (content.size() < offset + size) content.resize(offset + size);
        content.replace(offset, size, write.bytes, 0, size);
    }

    bool due() {
        ++operations;
        if (kill_at > 0 && operations >= kill_at) kill(getpid(), SIGKILL);
        return !is_off();
    }

    static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
        auto* disk = static_cast<FaultDisk*>(vfs->pAppData);
        File* self = of(file);
        self->base.pMethods = nullptr;
        if (disk->is_off()) return SQLITE_CANTOPEN;
        self->disk = disk;
        const int result = disk->real_->xOpen(disk->real_, name, self->real(), flags, out);
        if (result != SQLITE_OK) return result;
        self->path = new std::string(name ? name : "");
        self->base.pMethods = &methods();
        if (disk->log_writes && name && !disk->images_.contains(name)) {
            std::ifstream in(name, std::ios::binary);
            disk->images_[name].durable.assign(std::istreambuf_iterator<char>(in), {});
        }
        if (name && disk->images_.contains(name)) disk->images_[name].deleted = false;
        return SQLITE_OK;
    }

    static int remove(sqlite3_vfs* vfs, const char* name, int sync_folder) {
        auto* disk = static_cast<FaultDisk*>(vfs->pAppData);
        if (!disk->due()) return SQLITE_IOERR_DELETE;
        if (const auto found = disk->images_.find(name); found != disk->images_.end()) {
            found->second = Image{.durable = {}, .pending = {}, .deleted = true};
        }
        return disk->real_->xDelete(disk->real_, name, sync_folder);
    }

    std::uint64_t used() const {
        std::uint64_t total = reserved();
        for (const auto& [path, size] : sizes_) total += size;
        return total;
    }

    static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
        File* self = of(file);
        FaultDisk& disk = *self->disk;
        if (!disk.due()) return SQLITE_IOERR_WRITE;
        if (disk.full_at > 0 && disk.operations >= disk.full_at) {
            disk.full_at = 0;
            return SQLITE_FULL;
        }
        std::uint64_t& known = disk.sizes_[*self->path];
        sqlite3_int64 now = 0;
        self->real()->pMethods->xFileSize(self->real(), &now);
        known = static_cast<std::uint64_t>(now);
        const auto end = static_cast<std::uint64_t>(offset + size);
        if (disk.capacity && end > known && disk.used() + (end - known) > *disk.capacity) {
            return SQLITE_FULL;
        }
        known = std::max(known, end);
        disk.bytes_written += static_cast<std::uint64_t>(size);
        if (disk.log_writes) {
            disk.images_[*self->path].pending.push_back(
                {offset,
                 std::string(static_cast<const char*>(data), static_cast<std::size_t>(size))});
        }
        return self->real()->pMethods->xWrite(self->real(), data, size, offset);
    }

    static int truncate(sqlite3_file* file, sqlite3_int64 size) {
        File* self = of(file);
        if (!self->disk->due()) return SQLITE_IOERR_TRUNCATE;
        self->disk->sizes_[*self->path] = static_cast<std::uint64_t>(size);
        if (self->disk->log_writes) {
            self->disk->images_[*self->path].pending.push_back({size, {}, true});
        }
        return self->real()->pMethods->xTruncate(self->real(), size);
    }

    static int sync(sqlite3_file* file, int) {
        File* self = of(file);
        FaultDisk& disk = *self->disk;
        if (!disk.due()) return SQLITE_IOERR_FSYNC;
        if (disk.fail_sync_at > 0 && disk.operations >= disk.fail_sync_at) {
            disk.fail_sync_at = 0;
            return SQLITE_IOERR_FSYNC;
        }
        if (disk.log_writes && !disk.sync_lies) {
            Image& image = disk.images_[*self->path];
            for (const Write& write : image.pending) apply(image.durable, write, 0);
            image.pending.clear();
        }
        return SQLITE_OK;  // Only a real power cut could tell the difference, at a real disk's
                           // pace.
    }

    static int close(sqlite3_file* file) {
        File* self = of(file);
        const int result = self->real()->pMethods->xClose(self->real());
        delete self->path;
        return result;
    }

    static const sqlite3_io_methods& methods() {
        static const sqlite3_io_methods table = {
            .iVersion = 2,
            .xClose = close,
            .xRead =
                [](sqlite3_file* f, void* to, int size, sqlite3_int64 offset) {
                    return of(f)->real()->pMethods->xRead(of(f)->real(), to, size, offset);
                },
            .xWrite = write,
            .xTruncate = truncate,
            .xSync = sync,
            .xFileSize =
                [](sqlite3_file* f, sqlite3_int64* size) {
                    return of(f)->real()->pMethods->xFileSize(of(f)->real(), size);
                },
            .xLock = [](sqlite3_file* f,
                        int level) { return of(f)->real()->pMethods->xLock(of(f)->real(), level); },
            .xUnlock =
                [](sqlite3_file* f, int level) {
                    return of(f)->real()->pMethods->xUnlock(of(f)->real(), level);
                },
            .xCheckReservedLock =
                [](sqlite3_file* f, int* out) {
                    return of(f)->real()->pMethods->xCheckReservedLock(of(f)->real(), out);
                },
            .xFileControl =
                [](sqlite3_file* f, int operation, void* argument) {
                    return of(f)->real()->pMethods->xFileControl(of(f)->real(), operation,
                                                                 argument);
                },
            .xSectorSize = [](sqlite3_file*) { return 512; },
            .xDeviceCharacteristics = [](sqlite3_file*) { return 0; },
            .xShmMap =
                [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
                    return of(f)->real()->pMethods->xShmMap(of(f)->real(), page, size, extend, out);
                },
            .xShmLock =
                [](sqlite3_file* f, int offset, int n, int flags) {
                    return of(f)->real()->pMethods->xShmLock(of(f)->real(), offset, n, flags);
                },
            .xShmBarrier =
                [](sqlite3_file* f) { of(f)->real()->pMethods->xShmBarrier(of(f)->real()); },
            .xShmUnmap =
                [](sqlite3_file* f, int remove_too) {
                    return of(f)->real()->pMethods->xShmUnmap(of(f)->real(), remove_too);
                },
            .xFetch = nullptr,
            .xUnfetch = nullptr,
        };
        return table;
    }

    std::string name_;
    sqlite3_vfs* real_;
    sqlite3_vfs vfs_;
    std::map<std::string, Image> images_;
    std::map<std::string, std::uint64_t> sizes_;
};

}  // namespace vitrine::outbox
