#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "agent/profiles/model.hpp"
#include "sync/sql/sql.hpp"

namespace vitrine::central {

/// Something of a category was on a member's receipt of that day.
struct ReceiptLine {
    MemberId member;
    std::int32_t day = 0;
    CategoryId category;
    friend auto operator<=>(const ReceiptLine&, const ReceiptLine&) = default;
};

/// From when on something is said about categories.
struct ComplementLimits {
    std::uint32_t receipts_min = 20;  ///< Receipts that a category is on.
    std::uint32_t members_min = 5;  ///< Different members who bought both of a pair (k-anonymity).
    std::uint32_t categories_per_receipt_max = 64;  ///< The rest of a larger one is left out.
};

/// Which categories are bought together, as directions: the more often two are, beyond what their
/// popularity alone explains, the closer they point (docs/enrolment.md). For each pair that enough
/// members bought, the pointwise mutual information, shrunken and shifted, negative ones as 0;
/// the sixteen largest positive eigenvalues of that matrix and their vectors, by subspace iteration
/// from a fixed start; each category's row made unit length and rounded to ±127. In order of
/// category; a category with too few receipts or no partner has none. The same lines, in any order,
/// give the same bytes.
std::vector<profiles::ItemVector> complements_of(std::vector<ReceiptLine> lines,
                                                 const ComplementLimits& limits = {});

/// The same from what the database has of the last year: of members who allow `measure` now, and of
/// categories that the kept catalogue knows and does not call sensitive. Errors are the database's,
/// or the catalogue's.
Result<std::vector<profiles::ItemVector>> learn_complements(sql::Connection& connection,
                                                            WallTime now);

}  // namespace vitrine::central
