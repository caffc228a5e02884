#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "sync/central/members.hpp"
#include "sync/sql/sql.hpp"

namespace vitrine::central {

/// What became of a file of rows. Nothing is dropped silently: each row that was not taken stands
/// here with its line.
struct ImportReport {
    struct Refusal {
        std::uint64_t line = 0;
        std::string reason;
    };
    static constexpr std::size_t kRefusalsMax = 1000;  ///< Further ones are only counted.

    std::uint64_t rows = 0;
    std::uint64_t taken = 0;
    std::uint64_t refused = 0;
    std::vector<Refusal> refusals;
};

/// A shop that bundles are published for.
Result<void> add_shop(sql::Connection& connection, StoreId shop);

/// Keeps a catalogue (docs/catalogue.md) or a policy as the one to publish. `invalid` with every
/// problem, a line each.
Result<void> put_catalogue(sql::Connection& connection, std::string_view json);
Result<void> put_policy(sql::Connection& connection, std::string_view json);

/// Members, one JSON object a line (docs/enrolment.md): `member` and `identity_key` in hexadecimal,
/// and what they chose; `consents` names the purposes that they granted. Good rows are taken even
/// where others are refused. `unavailable` from the database.
Result<ImportReport> import_members(sql::Connection& connection, std::istream& rows, WallTime now);

/// Purchases, one JSON object a line: `member`, `day` (2026-11-22), `product`, `category`,
/// `quantity`, `cents`. A day in the future, a negative quantity or an unknown member is refused.
Result<ImportReport> import_purchases(sql::Connection& connection, std::istream& rows,
                                      WallTime now);

/// Visits other than at the till, and what was left behind in the web shop's basket, one JSON
/// object a line: `member`, `day`, and `channel` (store, web, app) or `basket` (products, in the
/// order in which they were put in). Of several baskets of a member the latest day's counts, of one
/// day the last row's; an empty one says that nothing is left.
Result<ImportReport> import_visits(sql::Connection& connection, std::istream& rows, WallTime now);

/// What members voluntarily said of themselves for the fairness audit (docs/fairness.md), one JSON
/// object a line: first `dimension` and `values`, which say what answers there are; then `member`
/// and `audit`, an object of dimensions and values. Refused for who does not allow `measure`.
Result<ImportReport> import_audit(sql::Connection& connection, std::istream& rows, WallTime now);

}  // namespace vitrine::central
