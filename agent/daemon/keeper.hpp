#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "agent/engine/effects.hpp"
#include "agent/host/log.hpp"
#include "sync/outbox/outbox.hpp"

namespace vitrine::daemon {

/// Whether somebody waits for a step to be durable: a touch or a claim that is to be answered, a
/// program that ends.
enum class Waits : std::uint8_t { nobody, somebody };

/// Keeps what the engine wants remembered before anything of it is shown: records and memos of one
/// step in one transaction.
///
/// Each commit syncs the disk and writes whole pages, so what nobody waits for gathers: up to
/// kGatherFor or kRecordsGathered. A screen, an answer, a consent, an erasure, a claim and whatever
/// is to be forgotten commit at once and take along what has gathered, in order. (At 20 records a
/// second a quarter of a second would write twice as much: S4.) So a kill or a power cut loses
/// kGatherFor of visits, staff views, health and model totals, and nothing that was shown or
/// answered; a step that ends with Waits::somebody leaves nothing behind.
///
/// Where the disk fails, the shop goes on: the effects wait, bounded, and are tried again with the
/// next step; screens wait with them up to kScreensWait and are then shown all the same.
class Keeper {
  public:
    static constexpr std::size_t kRecordsWaitingMax = 4096;
    static constexpr std::chrono::seconds kScreensWait{3};
    static constexpr std::chrono::milliseconds kGatherFor{1000};
    static constexpr std::size_t kRecordsGathered = 64;

    Keeper(outbox::Outbox& outbox, StoreId store, AgentId agent, host::Log& log)
        : outbox_(outbox), store_(store), agent_(agent), log_(log) {}

    /// Takes the effects over and leaves them empty. Returns the screens that may now be shown.
    std::vector<session::Screen> keep(engine::Effects& effects, Instant now, WallTime wall,
                                      Waits waits = Waits::nobody);

    /// Whether everything handed in is durable.
    bool settled() const { return waiting_.records.empty() && waiting_.memos.empty(); }
    /// When what has gathered is to be committed: `keep` once more, with no effects. Nothing where
    /// nothing waits, or where it waits for the disk.
    std::optional<Instant> due_at() const;
    /// The disk refused the last commit.
    bool failing() const { return failing_since_.has_value(); }
    std::uint64_t records_lost() const { return records_lost_; }

  private:
    void take_over(engine::Effects& effects);
    bool cannot_wait(Instant now) const;
    Result<void> append(WallTime wall);

    outbox::Outbox& outbox_;
    const StoreId store_;
    const AgentId agent_;
    host::Log& log_;
    engine::Effects waiting_;
    std::optional<Instant> gathering_since_;
    std::optional<Instant> failing_since_;
    std::uint64_t records_lost_ = 0;
};

}  // namespace vitrine::daemon
