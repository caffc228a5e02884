#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "agent/base/units.hpp"
#include "agent/presence/calibration.hpp"
#include "agent/presence/layout.hpp"

namespace vitrine::presence {

/// Bounds and deadlines of a Tracker.
struct Limits {
    /// Members present at once; a newcomer beyond is not tracked, only counted.
    std::size_t members_max = 4096;
    /// Silence that ends a presence: `silence_max` where the last level was at least
    /// `weak_below`, `weak_silence_max` where it was weaker (gaps of 5 s are common below −90 dBm).
    std::chrono::milliseconds silence_max{10'000};
    std::chrono::milliseconds weak_silence_max{20'000};
    Rssi weak_below{-85};
    /// An advert older than what was already heard of its member is taken as just heard up to this
    /// age, and dropped beyond.
    std::chrono::milliseconds late_max{2'000};
    /// Fill Change::evidence, for support.
    bool explain = false;

    /// `invalid`, naming the field, on a limit that is not positive.
    Result<void> check() const;
};

/// Why a change happened.
enum class Cause : std::uint8_t {
    level,       ///< One scanner's smoothed level passed a threshold.
    location,    ///< The locator's probability passed a threshold.
    silence,     ///< Nothing was heard for too long.
    withdrawal,  ///< `forget` was called.
    far_apart,   ///< Heard strongly at two far places at once.
};

/// What the decision rested on: the loudest scanners and their smoothed levels. No member in it.
struct Evidence {
    struct Heard {
        std::uint16_t scanner = kNowhere;
        float level_dbm = 0;
        friend bool operator==(const Heard&, const Heard&) = default;
    };
    std::array<Heard, 3> loudest{};
    std::uint8_t size = 0;
    friend bool operator==(const Evidence&, const Evidence&) = default;
};

/// Something that the rest of the house should know.
struct Change {
    enum class Kind : std::uint8_t {
        arrived,       ///< At kiosk `place`.
        left,          ///< No longer at kiosk `place`.
        zone_changed,  ///< In zone `place` now.
        gone,          ///< No longer in the shop; every `left` came before. Nothing is kept.
        conflicted,    ///< Heard strongly at two far places at once: a cloned identity?
        settled,       ///< The conflict is over.
    };
    MemberId member;
    Kind kind = Kind::gone;
    /// A kiosk's or zone's index by `kind`; kNowhere for the others.
    std::uint16_t place = kNowhere;
    Instant at;
    /// 0 to 1: how sure the tracker is of `kind`.
    double confidence = 0;
    Cause cause = Cause::level;
    Evidence evidence;
    friend bool operator==(const Change&, const Change&) = default;
};

/// One line for support, without personal data: "entered zone b: P=0.83 by location, scanners
/// door -61 dBm, till -70 dBm".
std::string explain(const Change& change, const Layout& layout);

/// A member at a kiosk.
struct Present {
    MemberId member;
    double confidence = 0;
    Instant since;
    bool conflicted = false;
    friend bool operator==(const Present&, const Present&) = default;
};

/// Who is at one kiosk, longest first.
struct Audience {
    static constexpr std::size_t kListedMax = 8;
    std::array<Present, kListedMax> listed{};
    std::size_t size = 0;
    /// How many there are, listed or not.
    std::size_t total = 0;
    /// Somebody is at the border, or a conflict or fading signal makes the answer doubtful: show
    /// what suits all.
    bool unsure = false;
    std::span<const Present> members() const { return {listed.data(), size}; }
};

/// Where one member is.
struct Whereabouts {
    std::uint16_t zone = kNowhere;
    double zone_confidence = 0;
    /// Best estimate of the place, where the locator works.
    std::optional<Point> at;
    Instant last_heard;
    bool conflicted = false;
};

/// What was not used, and why; for metrics.
struct Counts {
    std::uint64_t heard = 0;
    std::uint64_t late = 0;             ///< Older than `late_max`.
    std::uint64_t crowded_out = 0;      ///< Beyond `members_max`.
    std::uint64_t unknown_scanner = 0;  ///< Not in the layout.
    std::uint64_t too_often = 0;        ///< More of one member at one scanner than a phone sends.
    std::uint64_t unknown_level = 0;    ///< kRssiUnknown, or outside −127 to 20 dBm.
};

class Floor;

/// Turns sightings of members into who is at which kiosk and in which zone. Keyed on the member
/// alone: whatever addresses a phone uses, it is one member. Knows no clock and keeps nothing of a
/// member who is gone. Deterministic: the same calls give the same changes on every machine.
///
/// `hear` and `tick` allocate only while the number of members present reaches a new high.
class Tracker {
  public:
    /// The three arguments must pass their `check`.
    Tracker(Layout layout, Calibration calibration, Limits limits = {});
    ~Tracker();
    Tracker(Tracker&&) noexcept;
    Tracker& operator=(Tracker&&) noexcept;

    /// One advert of `member` heard by a scanner of the layout. Takes effect at the next tick.
    void hear(MemberId member, std::uint16_t scanner, Rssi rssi, Instant at);

    /// Appends what changed up to `now`, in order of time. Call it after each batch of adverts and
    /// at least every 500 ms: a call between two half-seconds costs only the members just heard.
    void tick(Instant now, std::vector<Change>& changes);

    /// Drops everything about a member at once (withdrawal, pause, erasure), with the `left` and
    /// `gone` that follow from it.
    void forget(MemberId member, Instant now, std::vector<Change>& changes);

    /// Who is at a kiosk, as of the last tick.
    Audience audience(std::uint16_t kiosk) const;
    /// Nothing for a member who is not present.
    std::optional<Whereabouts> whereabouts(MemberId member) const;
    std::size_t members_present() const;
    const Counts& counts() const;
    const Layout& layout() const;

  private:
    std::unique_ptr<Floor> floor_;
};

}  // namespace vitrine::presence
