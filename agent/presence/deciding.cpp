#include <algorithm>
#include <cmath>

#include "agent/presence/floor.hpp"

namespace vitrine::presence {
namespace {

using std::chrono::milliseconds;

/// A conflict must last, so that a phone handed across the counter or one wild burst is none; and
/// it must be over for longer, so that it does not flap.
constexpr milliseconds kConflictAfter{3'000};
constexpr milliseconds kSettledAfter{5'000};
/// Half-way to an entry, somebody is at the border.
constexpr double kBorderShare = 0.5;
constexpr double kBorderDb = 3;

/// 0.5 half-way between the thresholds, rising to 1 as far above the upper one as they lie apart.
double confidence_of(double level_dbm, const LevelRule& rule) {
    const double middle = (rule.enter_dbm + rule.exit_dbm) / 2;
    const double span = std::max(1.0, rule.enter_dbm - rule.exit_dbm);
    return std::clamp(0.5 + (level_dbm - middle) / (3 * span), 0.0, 1.0);
}

}  // namespace

void Floor::decide(Visitor& visitor, std::vector<Change>& changes) {
    visitor.decided = true;
    visitor.decided_at = now_;
    decide_conflict(visitor, changes);
    if (grid_) {
        decide_by_location(visitor, changes);
        zone_by_location(visitor, changes);
    } else {
        decide_by_level(visitor, changes);
        zone_by_level(visitor, changes);
    }
}

/// Moves `at` when the wish to change it has lasted for its dwell.
void Floor::hold(Visitor& visitor, std::uint16_t kiosk, bool wants, Cause cause,
                 std::vector<Change>& changes) {
    AtKiosk& here = visitor.kiosks[kiosk];
    if (!wants) {
        here.crossing = false;
        return;
    }
    if (!here.crossing) here.crossing_since = now_;
    here.crossing = true;
    const LocatorRule& rule = calibration_.locator;
    if (grid_ && now_ < here.crossing_since + (here.at ? rule.exit_dwell : rule.enter_dwell)) {
        return;
    }
    here.at = !here.at;
    here.crossing = here.border = false;
    here.since = now_;
    const double confidence = here.at ? here.confidence : 1 - here.confidence;
    const auto kind = here.at ? Change::Kind::arrived : Change::Kind::left;
    changes.push_back(change_of(visitor, kind, kiosk, confidence, cause));
}

void Floor::decide_by_location(Visitor& visitor, std::vector<Change>& changes) {
    const LocatorRule& rule = calibration_.locator;
    for (std::uint16_t kiosk = 0; kiosk < count_of(visitor.kiosks); ++kiosk) {
        AtKiosk& here = visitor.kiosks[kiosk];
        const Grid::Nearness near = grid_->nearness(visitor.belief, kiosk);
        here.confidence = std::min(1.0, here.at ? near.exit : near.enter);
        const bool outside = near.exit < rule.exit_probability;
        const bool inside = near.enter >= rule.enter_probability && !outside;
        here.border = !here.at && near.enter >= kBorderShare * rule.enter_probability;
        hold(visitor, kiosk, here.at ? outside : inside, Cause::location, changes);
    }
}

void Floor::decide_by_level(Visitor& visitor, std::vector<Change>& changes) {
    const LevelRule& rule = calibration_.level;
    for (std::uint16_t kiosk = 0; kiosk < count_of(visitor.kiosks); ++kiosk) {
        const auto level = kiosk_level_dbm(visitor, kiosk);
        // A fade is not a departure; a silence that lasts has its deadline.
        if (!level) continue;
        AtKiosk& here = visitor.kiosks[kiosk];
        here.confidence = confidence_of(*level, rule);
        here.border = !here.at && *level >= rule.enter_dbm - kBorderDb;
        const bool wants = here.at ? *level < rule.exit_dbm : *level >= rule.enter_dbm;
        hold(visitor, kiosk, wants, Cause::level, changes);
    }
}

std::optional<double> Floor::level_dbm(const Visitor& visitor, std::uint16_t scanner) const {
    const auto mean = visitor.levels[scanner].mean_dbm(now_, calibration_.level.window);
    if (!mean) return std::nullopt;
    return *mean - offsets_db_[scanner];
}

std::optional<double> Floor::kiosk_level_dbm(const Visitor& visitor, std::uint16_t kiosk) const {
    std::optional<double> loudest;
    for (std::uint16_t i = 0; i < count_of(layout_.scanners); ++i) {
        if (layout_.scanners[i].kiosk != kiosk) continue;
        const auto level = level_dbm(visitor, i);
        if (level && (!loudest || *level > *loudest)) loudest = level;
    }
    return loudest;
}

bool Floor::heard_far_apart(const Visitor& visitor) const {
    const auto strong = [&](std::uint16_t scanner) {
        const auto level = level_dbm(visitor, scanner);
        return level && *level >= strong_dbm_;
    };
    std::uint64_t strongly = 0;
    for (std::uint16_t i = 0; i < count_of(layout_.scanners); ++i) {
        if (strong(i)) strongly |= std::uint64_t{1} << i;
    }
    return std::any_of(far_pairs_.begin(), far_pairs_.end(), [&](const auto& pair) {
        return ((strongly >> pair.first) & (strongly >> pair.second) & 1) != 0;
    });
}

void Floor::decide_conflict(Visitor& visitor, std::vector<Change>& changes) {
    const bool far = !far_pairs_.empty() && heard_far_apart(visitor);
    if (far && !visitor.far) visitor.far_since = now_;
    if (!far && visitor.far) visitor.near_since = now_;
    visitor.far = far;
    const bool begins = far && !visitor.conflicted && now_ >= visitor.far_since + kConflictAfter;
    const bool ends = !far && visitor.conflicted && now_ >= visitor.near_since + kSettledAfter;
    if (!begins && !ends) return;
    visitor.conflicted = begins;
    const auto kind = begins ? Change::Kind::conflicted : Change::Kind::settled;
    changes.push_back(change_of(visitor, kind, kNowhere, 1, Cause::far_apart));
}

void Floor::enter_zone(Visitor& visitor, std::uint16_t zone, double confidence, Cause cause,
                       std::vector<Change>& changes) {
    visitor.zone = zone;
    visitor.zone_confidence = confidence;
    changes.push_back(change_of(visitor, Change::Kind::zone_changed, zone, confidence, cause));
}

void Floor::zone_by_location(Visitor& visitor, std::vector<Change>& changes) {
    if (zone_sums_.empty()) return;
    grid_->zones(visitor.belief, zone_sums_);
    const auto likeliest = std::max_element(zone_sums_.begin(), zone_sums_.end());
    const auto zone = static_cast<std::uint16_t>(likeliest - zone_sums_.begin());
    if (*likeliest <= 0) return;
    const bool first = visitor.zone == kNowhere;
    const double own = first ? 0 : zone_sums_[visitor.zone];
    visitor.zone_confidence = std::min(1.0, own);
    const LocatorRule& rule = calibration_.locator;
    if (!first && (zone == visitor.zone || *likeliest < own + rule.zone_margin)) {
        visitor.next_zone = kNowhere;
        return;
    }
    if (visitor.next_zone != zone) visitor.next_zone_since = now_;
    visitor.next_zone = zone;
    if (!first && now_ < visitor.next_zone_since + rule.zone_dwell) return;
    enter_zone(visitor, zone, std::min(1.0, *likeliest), Cause::location, changes);
}

void Floor::zone_by_level(Visitor& visitor, std::vector<Change>& changes) {
    std::optional<double> own, loudest, second;
    std::uint16_t zone = kNowhere;
    for (std::uint16_t i = 0; i < count_of(layout_.scanners); ++i) {
        const std::uint16_t its_zone = layout_.scanners[i].zone;
        if (its_zone == kNowhere) continue;
        const auto level = level_dbm(visitor, i);
        if (!level) continue;
        if (its_zone == visitor.zone) own = std::max(own.value_or(*level), *level);
        if (!loudest || *level > *loudest) {
            if (its_zone != zone) second = loudest;
            loudest = level;
            zone = its_zone;
        } else if (its_zone != zone && (!second || *level > *second)) {
            second = level;
        }
    }
    if (!loudest) return;
    // 4 dB apart is about as often right as wrong by one zone; 20 dB leave no doubt.
    const double lead_db = second ? *loudest - *second : 20;
    const double confidence = std::clamp(0.5 + lead_db / 40, 0.0, 1.0);
    if (zone == visitor.zone) {
        visitor.zone_confidence = confidence;
        return;
    }
    if (own && *loudest < *own + calibration_.level.zone_margin_db) return;
    enter_zone(visitor, zone, confidence, Cause::level, changes);
}

Change Floor::change_of(const Visitor& visitor, Change::Kind kind, std::uint16_t place,
                        double confidence, Cause cause) const {
    return {.member = visitor.member,
            .kind = kind,
            .place = place,
            .at = now_,
            .confidence = confidence,
            .cause = cause,
            .evidence = limits_.explain ? evidence_of(visitor) : Evidence{}};
}

Evidence Floor::evidence_of(const Visitor& visitor) const {
    Evidence evidence;
    for (std::uint16_t i = 0; i < count_of(layout_.scanners); ++i) {
        const auto level = level_dbm(visitor, i);
        if (!level) continue;
        Evidence::Heard heard{.scanner = i, .level_dbm = static_cast<float>(*level)};
        for (std::size_t place = 0; place < evidence.loudest.size(); ++place) {
            Evidence::Heard& each = evidence.loudest[place];
            if (each.scanner != kNowhere && each.level_dbm >= heard.level_dbm) continue;
            std::swap(each, heard);
            evidence.size = std::max(evidence.size, static_cast<std::uint8_t>(place + 1));
            if (heard.scanner == kNowhere) break;
        }
    }
    return evidence;
}

}  // namespace vitrine::presence
