#pragma once

#include <string>

#include "sync/central/importing.hpp"

// How far an import came, as a row of its table. Only this module's .cpp files include this.
namespace vitrine::central {

struct ImportState {
    ImportKind kind = ImportKind::members;
    /// Of the file: the hash of its ends, and its size. Empty: kept nowhere.
    std::string content;
    std::string file;
    WallTime started;
    WallTime now;
    rows::Position position;
    std::uint64_t passed = 0;
    std::uint64_t refused_bytes = 0;  ///< Of the file of refused rows.
    bool finished = false;
    ImportReport report;
};

/// Whether the last import of a file of that kind and name stopped in the middle, and was of
/// another content.
Result<bool> stopped_with_other_content(sql::Connection& connection, const ImportState& state);

/// Reads how far the same content came; false where nothing is known of it, or it is to begin anew.
Result<bool> load_state(sql::Connection& connection, ImportState& state, bool resume);

/// Within the transaction of a chunk. Drops what is beyond kImportsKept.
Result<void> keep_state(sql::Connection& connection, const ImportState& state);

}  // namespace vitrine::central
