#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "sync/central/import_report.hpp"
#include "sync/rows/reader.hpp"
#include "sync/sql/sql.hpp"

namespace vitrine::central {

/// What a file of rows tells of (docs/imports.md).
enum class ImportKind : std::uint8_t { members, purchases, products, visits, audit };
std::string_view name_of(ImportKind kind);
Result<ImportKind> import_kind_from(std::string_view name);

struct ImportProgress {
    const ImportReport& report;
    std::uint64_t passed = 0;  ///< Of `size`, in bytes of the file.
    std::uint64_t size = 0;
};

struct ImportSettings {
    rows::Format format = rows::Format::automatic;
    bool dry_run = false;  ///< Everything is looked at, nothing is written.
    /// Goes on where an import of the same file stopped, if one did.
    bool resume = false;
    /// Where rows that are refused are put as they stood, to be mended; empty: nowhere.
    std::string refused_file;
    std::size_t chunk_rows = 1000;  ///< Of one transaction.
    /// After each chunk. False stops there; `resume` goes on.
    std::function<bool(const ImportProgress&)> progress;
};

struct ImportOutcome {
    ImportReport report;
    std::uint64_t resumed_at = 0;  ///< The line on which this run went on; 0: at the beginning.
    bool finished = false;
    bool was_finished = false;  ///< To be resumed, but it is all in: nothing was done.
    /// Another import of a file of that name stopped in the middle, and that file was different.
    bool changed = false;
};

/// Takes a file in chunks: each is one transaction that also keeps how far it came, so a program
/// that dies goes on exactly there. Rows that are wrong are refused one by one; the others are
/// taken. Errors: `invalid` for a file that cannot be what it is said to be (nothing is taken), and
/// those of the database, after which the chunks before are in.
Result<ImportOutcome> import_file(sql::Connection& connection, ImportKind kind,
                                  const std::string& file, WallTime now,
                                  const ImportSettings& settings);

/// JSON lines from a stream, kept under no name and not to be resumed.
Result<ImportReport> import_stream(sql::Connection& connection, ImportKind kind,
                                   std::istream& lines, WallTime now);

/// One import, as kept: the newest kImportsKept of them.
struct KeptImport {
    ImportKind kind = ImportKind::members;
    std::string file;  ///< Its name, without folders.
    WallTime started;
    std::optional<WallTime> finished;
    ImportReport report;
};
inline constexpr std::size_t kImportsKept = 50;
/// The latest first.
Result<std::vector<KeptImport>> kept_imports(sql::Connection& connection, std::size_t count);

}  // namespace vitrine::central
