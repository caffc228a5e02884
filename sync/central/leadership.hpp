#pragma once

#include <chrono>
#include <optional>

#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "sync/sql/sql.hpp"

namespace vitrine::central {

/// Which of several workers publishes, trains and reviews, and whether there is a database at all.
/// All of them merge; when the leader goes, another one has its place within seconds.
class Leadership {
  public:
    static constexpr std::chrono::seconds kReviveEvery{2};
    static constexpr std::chrono::seconds kAskEvery{1};

    explicit Leadership(sql::Connection& connection) : connection_(connection) {}

    /// Whether this worker leads. `unavailable` while the database is away.
    Result<bool> tick(Instant now);
    bool leads() const { return leads_; }

  private:
    sql::Connection& connection_;
    std::optional<Error> away_;
    Instant next_ = Instant::min();
    bool leads_ = false;
};

}  // namespace vitrine::central
