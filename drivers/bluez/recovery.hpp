#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "agent/base/time.hpp"

namespace vitrine::bluez {

/// What has been done last for a radio from which nothing comes.
enum class RecoveryStage : std::uint8_t {
    well,            ///< Nothing: the radio gives signs of life, or has not been silent for long.
    register_again,  ///< The daemon was asked anew to listen.
    power_cycle,     ///< The adapter was switched off and on.
    reset,           ///< The kernel's switch (rfkill) was thrown and thrown back.
    given_up,        ///< All of it, in vain: after a pause, longer each time, it begins again.
};

std::string_view name_of(RecoveryStage stage);

/// How often each was done since the start.
struct RecoveryCounts {
    std::uint64_t register_again = 0;
    std::uint64_t power_cycle = 0;
    std::uint64_t reset = 0;
    std::uint64_t given_up = 0;
    std::uint64_t recovered = 0;  ///< A sign of life came after one of the above.
    friend bool operator==(const RecoveryCounts&, const RecoveryCounts&) = default;
};

/// Decides when a radio that may be dead is shaken, and how hard. Takes what happened and the time;
/// does nothing itself.
///
/// A dead adapter shows only as silence, and so does an empty shop. Where something is on the air
/// at all times (all adverts are seen by way of the kernel, or another kiosk's beacon is heard),
/// silence is suspicious after 90 s a stage. Where only members would be heard, it first has the
/// daemon asked anew, which harms nothing, and the adapter is switched off and on after half an
/// hour. Either way the pauses between two rounds double up to four hours: a night of silence costs
/// some power cycles and not hundreds.
class Recovery {
  public:
    struct Waits {
        std::chrono::nanoseconds silence = std::chrono::seconds(90);
        std::chrono::nanoseconds quiet_shop = std::chrono::minutes(30);
        std::chrono::nanoseconds pause = std::chrono::minutes(5);
        std::chrono::nanoseconds pause_max = std::chrono::hours(4);
    };

    /// So many failures of the daemon in a row call for the next stage: with the scanner's pauses
    /// of 1, 2, 4, 8 and 16 s that is half a minute.
    static constexpr unsigned kFailuresMax = 5;

    Recovery() : Recovery(Waits()) {}
    explicit Recovery(Waits waits) : waits_(waits) {}

    /// The daemon says that it listens. `life_expected`: silence would be suspicious.
    void listening(Instant now, bool life_expected);
    /// Nothing to shake: no bus, daemon or adapter, switched off by somebody, or stopped.
    void absent();
    /// A sign of life from the radio.
    void heard(Instant now);
    /// The daemon did not do what was asked, for a reason that the radio may be.
    void failed(Instant now);

    /// What is to be done now: `well` stands for nothing. `given_up` is done by saying so.
    RecoveryStage due(Instant now);

    /// When `due` is worth asking again; nothing while there is nothing to watch.
    std::optional<Instant> deadline() const { return deadline_; }
    RecoveryStage stage() const { return stage_; }
    const RecoveryCounts& counts() const { return counts_; }

  private:
    std::chrono::nanoseconds patience() const;

    Waits waits_;
    RecoveryStage stage_ = RecoveryStage::well;
    RecoveryCounts counts_;
    std::optional<Instant> deadline_;
    bool life_expected_ = false;
    unsigned failures_ = 0;
    unsigned rounds_ = 0;  ///< Given up so often since the last sign of life.
};

}  // namespace vitrine::bluez
