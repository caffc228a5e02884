#pragma once

#include <memory>
#include <string>

#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "sync/central/importing.hpp"
#include "sync/sql/sql.hpp"

namespace CLI {
class App;
}

namespace vitrine::ctl {

/// Where a centre keeps what it knows, as the command line says it.
struct CentreAt {
    std::string state = "/var/lib/vitrine-central";
    std::string database;
};
/// `--state` and `--database`; `centre` outlives the parsing.
void add_centre_options(CLI::App& command, CentreAt& centre);
/// Opens its database: that one, or the folder's own. The folder is made.
Result<std::unique_ptr<sql::Connection>> open_centre(const CentreAt& centre);

/// Imports one file and says how it goes: refused rows by line on standard error, what is strange
/// about the others as a table; how far it is, where standard error is a terminal. Returns how many
/// rows were refused. `report`: a file for all of it as JSON, or empty.
Result<std::uint64_t> import_and_tell(sql::Connection& connection, central::ImportKind kind,
                                      const std::string& file, WallTime now,
                                      central::ImportSettings settings, const std::string& report);

/// What is strange about the rows of a file, as lines for people; empty where nothing is.
std::string findings_table(const central::ImportReport& report);

}  // namespace vitrine::ctl
