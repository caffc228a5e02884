#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "agent/base/time.hpp"
#include "agent/radio/advert.hpp"
#include "drivers/replay/recording.hpp"

namespace vitrine::replay {

/// Plays a recording against a clock that it is handed: the adverts come at the recorded distances,
/// divided by `speed`, with the time at which they are played.
class Player {
  public:
    /// `speed` is at least 0.001; 2 plays twice as fast.
    Player(Recording recording, double speed);

    /// Begins anew: the first advert is due at `now`.
    void start(Instant now);

    /// When the next advert is due; nothing at the end.
    std::optional<Instant> due() const;

    /// Appends what is due at `now`, at most `max` adverts. A phone's advert has the EID of `wall`.
    void play(Instant now, WallTime wall, std::size_t max, std::vector<radio::Advert>& out);

    const Recording& recording() const { return recording_; }
    std::size_t played() const { return next_; }

  private:
    Instant time_of(const Heard& heard) const;

    Recording recording_;
    double speed_;
    Instant start_{};
    std::size_t next_ = 0;
};

}  // namespace vitrine::replay
