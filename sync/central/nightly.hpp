#pragma once

#include <cstdint>
#include <optional>

#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "sync/central/audit.hpp"
#include "sync/central/trainer.hpp"
#include "sync/sql/sql.hpp"

namespace vitrine::central {

/// What the centre does once a night, at three o'clock UTC, and when it starts: learns what is
/// bought together, reviews how groups fare, drops old counts. It reads a year of purchases and
/// takes some seconds for a million of them; shops wait for their acknowledgement so long.
class Nightly {
  public:
    /// Counts by member and day are kept so long: caps, responses and audits need no more.
    static constexpr std::int32_t kMemberDays = 400;

    Nightly(sql::Connection& connection, Trainer& trainer, Audit& audit)
        : connection_(connection), trainer_(trainer), audit_(audit) {}

    /// True where it was time and all was done. After an error it waits for the next night.
    Result<bool> tick(WallTime now);

  private:
    sql::Connection& connection_;
    Trainer& trainer_;
    Audit& audit_;
    std::optional<std::int32_t> done_;  ///< The night of the last run.
};

}  // namespace vitrine::central
