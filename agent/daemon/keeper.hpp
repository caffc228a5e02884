#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "agent/engine/effects.hpp"
#include "agent/host/log.hpp"
#include "sync/outbox/outbox.hpp"

namespace vitrine::daemon {

/// Keeps what the engine wants remembered before anything of it is shown: records and memos of one
/// step in one transaction.
///
/// Where the disk fails, the shop goes on: the effects wait, bounded, and are tried again with the
/// next step; screens wait with them up to kScreensWait and are then shown all the same.
class Keeper {
  public:
    static constexpr std::size_t kRecordsWaitingMax = 4096;
    static constexpr std::chrono::seconds kScreensWait{3};

    Keeper(outbox::Outbox& outbox, StoreId store, AgentId agent, host::Log& log)
        : outbox_(outbox), store_(store), agent_(agent), log_(log) {}

    /// Takes the effects over and leaves them empty. Returns the screens that may now be shown.
    std::vector<session::Screen> keep(engine::Effects& effects, Instant now, WallTime wall);

    /// Whether everything handed in is durable.
    bool settled() const { return waiting_.records.empty() && waiting_.memos.empty(); }
    std::uint64_t records_lost() const { return records_lost_; }

  private:
    void take_over(engine::Effects& effects);
    Result<void> append(WallTime wall);

    outbox::Outbox& outbox_;
    const StoreId store_;
    const AgentId agent_;
    host::Log& log_;
    engine::Effects waiting_;
    std::optional<Instant> failing_since_;
    std::uint64_t records_lost_ = 0;
};

}  // namespace vitrine::daemon
