#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/base/time.hpp"
#include "agent/base/units.hpp"
#include "agent/presence/belief.hpp"
#include "agent/presence/level_window.hpp"
#include "agent/presence/roster.hpp"
#include "agent/presence/tracker.hpp"

namespace vitrine::presence {

/// One member's relation to one kiosk.
struct AtKiosk {
    bool at = false;
    /// Beyond the threshold that would change `at`, since `crossing_since`.
    bool crossing = false;
    /// Not at it, but so near that the screen should not take another for alone.
    bool border = false;
    Instant since;
    Instant crossing_since;
    double confidence = 0;
};

/// All that is known of one member present.
struct Visitor {
    MemberId member;
    bool present = false;
    /// Heard since the last decision; then it is in Floor's list of those to decide on.
    bool dirty = false;
    bool decided = false;
    bool conflicted = false;
    /// Heard strongly at two far places, since `far_since`; no longer, since `near_since`.
    bool far = false;
    Instant last_heard;
    Instant believed_at;
    Instant decided_at;
    Instant far_since;
    Instant near_since;
    /// The loudest reading of the last second heard.
    Rssi loudest;
    Instant loudest_at;
    std::uint16_t zone = kNowhere;
    std::uint16_t next_zone = kNowhere;
    Instant next_zone_since;
    double zone_confidence = 0;
    std::vector<AtKiosk> kiosks;
    std::vector<LevelWindow> levels;
    /// Empty where the locator cannot work.
    Belief belief;
};

/// The state behind a Tracker.
class Floor {
  public:
    Floor(Layout layout, Calibration calibration, Limits limits);

    void hear(MemberId member, std::uint16_t scanner, Rssi rssi, Instant at);
    void tick(Instant now, std::vector<Change>& changes);
    void forget(MemberId member, Instant now, std::vector<Change>& changes);
    Audience audience(std::uint16_t kiosk) const;
    std::optional<Whereabouts> whereabouts(MemberId member) const;
    std::size_t members_present() const { return roster_.taken(); }
    const Counts& counts() const { return counts_; }
    const Layout& layout() const { return layout_; }

  private:
    Visitor* visitor_for(MemberId member, Instant at);
    void welcome(Visitor& visitor, MemberId member, Instant at);
    void believe(Visitor& visitor, std::uint16_t scanner, Rssi rssi, Instant at);
    void sweep(std::vector<Change>& changes);
    void expire_kiosks(Visitor& visitor, std::vector<Change>& changes);
    void depart(Visitor& visitor, Cause cause, std::vector<Change>& changes);
    std::chrono::milliseconds silence_of(const Visitor& visitor) const;

    // Deciding; in deciding.cpp.
    void decide(Visitor& visitor, std::vector<Change>& changes);
    void decide_by_location(Visitor& visitor, std::vector<Change>& changes);
    void decide_by_level(Visitor& visitor, std::vector<Change>& changes);
    void decide_conflict(Visitor& visitor, std::vector<Change>& changes);
    bool heard_far_apart(const Visitor& visitor) const;
    void hold(Visitor& visitor, std::uint16_t kiosk, bool wants, Cause cause,
              std::vector<Change>& changes);
    void zone_by_location(Visitor& visitor, std::vector<Change>& changes);
    void zone_by_level(Visitor& visitor, std::vector<Change>& changes);
    void enter_zone(Visitor& visitor, std::uint16_t zone, double confidence, Cause cause,
                    std::vector<Change>& changes);
    /// Smoothed level at one scanner with its offset taken away; nothing in a silence.
    std::optional<double> level_dbm(const Visitor& visitor, std::uint16_t scanner) const;
    /// The loudest of the kiosk's own scanners, or nothing.
    std::optional<double> kiosk_level_dbm(const Visitor& visitor, std::uint16_t kiosk) const;
    Change change_of(const Visitor& visitor, Change::Kind kind, std::uint16_t place,
                     double confidence, Cause cause) const;
    Evidence evidence_of(const Visitor& visitor) const;

    Layout layout_;
    Calibration calibration_;
    Limits limits_;
    std::optional<Grid> grid_;
    std::vector<double> offsets_db_;
    /// Scanners so far apart that nobody is near both.
    std::vector<std::pair<std::uint16_t, std::uint16_t>> far_pairs_;
    double strong_dbm_ = 0;
    Roster roster_;
    std::vector<Visitor> visitors_;
    std::vector<std::uint32_t> dirty_;
    std::vector<double> zone_sums_;
    Counts counts_;
    Instant now_{};
    Instant swept_{};
    bool ticked_ = false;
};

}  // namespace vitrine::presence
