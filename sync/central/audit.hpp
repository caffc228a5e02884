#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "sync/central/fairness.hpp"
#include "sync/sql/sql.hpp"

namespace vitrine::central {

// What members voluntarily said of themselves so that the shop can be audited (docs/fairness.md):
// a table of its own at the centre. It is in no profile, no rule field and no bundle, and it counts
// only while the member allows `measure`.

inline constexpr std::size_t kAuditDimensionsMax = 8;
inline constexpr std::size_t kAuditValuesMax = 12;

/// Whether a dimension or a value speaks of what Art. 9 GDPR protects (origin, opinion, belief,
/// union, genes, body, health, sexuality): such things are not asked, not even for an audit.
bool is_protected_by_article_9(std::string_view text);

/// A difference between groups that somebody has to look at.
struct FairnessFinding {
    std::uint64_t id = 0;
    WallTime opened;
    std::string dimension;
    std::string value;
    std::string best;
    std::string measure;
    OfferId offer;  ///< 0: all offers together.
    RatioInterval ratio;
    // Empty and absent while it is open.
    std::string signed_by;
    std::optional<WallTime> signed_at;
    std::string reason;
};

/// A review of how groups fared.
struct FairnessReview {
    WallTime as_of;
    std::vector<AuditGroup> groups;  ///< Of all offers together; small ones with their size as 0.
    std::vector<FairComparison> comparisons;  ///< The same, compared.
    /// Of single offers only what is an alarm.
    std::vector<FairComparison> of_offers;
};

/// The audit's side of the centre's database.
class Audit {
  public:
    /// Members are compared by what they did in so many days.
    static constexpr std::int32_t kDays = 90;
    /// Offers that are looked at one by one, those shown most.
    static constexpr int kOffersMax = 50;
    static constexpr std::size_t kFindingsMax = 200;
    static constexpr std::size_t kReasonBytesMax = 500;
    /// A difference that was signed off is raised again after this time, if it is still there.
    static constexpr std::chrono::hours kSignedFor{24 * 90};

    explicit Audit(sql::Connection& connection) : connection_(connection) {}

    /// Drops what members said who do not allow `measure` any more, compares, and opens a finding
    /// for each alarm that has none. Errors are the database's; nothing is changed then.
    Result<void> review(WallTime now);
    /// The last review; nothing before the first.
    const std::optional<FairnessReview>& last() const { return last_; }

    /// The newest first, at most kFindingsMax; open ones before all others.
    Result<std::vector<FairnessFinding>> findings();

    /// A named person answers for it. `invalid` without a reason of at most kReasonBytesMax, and
    /// `not_found` or `conflict` where there is no such finding or it was signed off before.
    Result<void> sign_off(std::uint64_t finding, const StaffId& by, std::string_view reason,
                          WallTime now);

    /// GET /api/v1/fairness (docs/fairness.md).
    Result<std::string> json();

  private:
    Result<void> forget_withdrawn();
    Result<std::vector<AuditGroup>> groups(WallTime now);
    Result<std::vector<AuditGroup>> groups_by_offer(WallTime now);
    Result<void> open(const FairComparison& alarm, WallTime now);

    sql::Connection& connection_;
    std::optional<FairnessReview> last_;
};

}  // namespace vitrine::central
