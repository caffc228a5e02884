#pragma once

#include <string>

#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "sync/central/import_report.hpp"
#include "sync/rows/reader.hpp"
#include "sync/sql/sql.hpp"

namespace vitrine::central {

/// Offers from a CSV, or as JSON lines as they stand in a catalogue (docs/imports.md): they replace
/// all offers of the catalogue to publish, whose categories stay. One mistake, and nothing is
/// changed: a campaign is published whole or not at all. `invalid` with every mistake, "FILE:12:
/// price_cents: …" a line each; `conflict` where there is no catalogue yet that could say what
/// categories there are.
Result<ImportReport> import_offers(sql::Connection& connection, const std::string& file,
                                   rows::Format format, WallTime now, bool dry_run);

}  // namespace vitrine::central
