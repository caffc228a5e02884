#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "agent/profiles/profile.hpp"
#include "sync/sql/sql.hpp"

namespace vitrine::central {

/// What members were shown in which shop, so that each shop can be told what they saw in the others
/// (REQUIREMENTS T14). Only of members who allow `measure`, because only their records name them;
/// only what was tailored to them, because that is what caps count.
class Elsewhere {
  public:
    /// Counted anew this often and not with each record: otherwise a busy day would publish all
    /// profiles all the time.
    static constexpr std::chrono::minutes kEvery{15};
    /// An offer that was not shown for so long says nothing about too much.
    static constexpr std::int32_t kDays = 28;

    /// Reads the database where the last time is kEvery ago. Errors are the database's.
    Result<void> refresh(sql::Connection& connection, WallTime now);

    /// Fills `seen_elsewhere` of profiles in order of member, for one shop. Of more than
    /// Profile::kSeenMax offers the ones shown last.
    void fill(StoreId shop, std::vector<profiles::Profile>& profiles) const;

  private:
    struct Row {
        MemberId member;
        OfferId offer;
        StoreId shop;
        std::uint32_t total = 0;
        std::int32_t day = 0;
        std::uint32_t that_day = 0;
    };

    std::vector<Row> rows_;  ///< In order of member and offer.
    WallTime as_of_ = WallTime::min();
};

}  // namespace vitrine::central
