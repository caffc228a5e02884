#pragma once

#include <optional>
#include <span>
#include <string>

#include "sync/outbox/database.hpp"
#include "sync/outbox/files.hpp"
#include "sync/outbox/outbox.hpp"
#include "sync/outbox/pressure.hpp"

namespace vitrine::outbox {

/// The outbox behind its public face. opening.cpp has what happens at start and after a failed
/// connection, outbox.cpp the daily work.
struct Outbox::State {
    std::string path;
    Limits limits;
    FileLock lock;
    Ballast ballast;  ///< For appends.
    Ballast reserve;  ///< For acknowledging: appends must not eat what lets the outbox shrink.
    Database database;
    Ledger ledger;
    OpenReport report;
    Pressure pressure;
    /// An append that failed though its records may be in the file: its first sequence. Whoever
    /// appended them was told that they are not and may append them again.
    std::optional<Sequence> unsure;

    Result<void> open(OutboxEpoch if_new);
    Result<void> open_or_set_aside();
    Result<void> begin_life(OutboxEpoch if_new);
    bool give_up_space();
    void take_space_back();
    void compact();
    Result<void> ready();
    Result<void> reopen();
    Result<void> take_back();
    Result<void> check(std::span<const Entry> records, std::span<const StateChange> state) const;
    Result<void> append_once(std::span<const Entry> records, std::span<const StateChange> state,
                             WallTime now);
    Result<std::uint64_t> change_state(std::span<const StateChange> state);
    Result<Sequence> was_kept_after_all(Sequence first, std::size_t count, Error error);
    bool relieve(int attempt, bool& log_restarted);
    void restart_log();
    Result<std::optional<Sequence>> remove_chunk(SequenceRange range);
    Result<std::uint64_t> remove(SequenceRange range);
    OutboxEpoch epoch_of(Sequence sequence) const;
    std::optional<SequenceRange> reign_of(OutboxEpoch epoch) const;
};

}  // namespace vitrine::outbox
