#include "agent/presence/floor.hpp"

#include <algorithm>
#include <cmath>

#include "agent/base/check.hpp"

namespace vitrine::presence {
namespace {

using std::chrono::milliseconds;

/// Between two decisions on one member: an advert reaches all scanners within some 15 ms, and one
/// decision on all of them is better than twelve on parts.
constexpr milliseconds kDecidePeriod{100};
constexpr milliseconds kSweepPeriod{500};
/// Ticks come every half-second, so that this far ahead of them lies no real advert.
constexpr milliseconds kAheadMax{60'000};
/// A member silent for so long is still present, but the kiosk's answer is doubtful.
constexpr milliseconds kDoubtfulSilence{3'000};
/// Two scanners so far apart are never both near.
constexpr double kFarM = 12;
constexpr double kStrongWithinM = 2;

double apart_m(const Point& a, const Point& b) { return std::hypot(a.x_m - b.x_m, a.y_m - b.y_m); }

bool plausible(Rssi rssi) { return rssi.value() >= -127 && rssi.value() <= 20; }

}  // namespace

Floor::Floor(Layout layout, Calibration calibration, Limits limits)
    : layout_(std::move(layout)),
      calibration_(std::move(calibration)),
      limits_(limits),
      roster_(limits.members_max) {
    CHECK(layout_.check().has_value());
    CHECK(calibration_.check().has_value());
    CHECK(limits_.check().has_value());
    const RadioModel& radio = calibration_.radio;
    strong_dbm_ = radio.rssi_at_1m_dbm - 10 * radio.exponent * std::log10(kStrongWithinM);
    if (layout_.locatable()) grid_.emplace(layout_, calibration_);
    const auto count = static_cast<std::uint16_t>(layout_.scanners.size());
    for (std::uint16_t i = 0; i < count; ++i) {
        const Scanner& one = layout_.scanners[i];
        offsets_db_.push_back(radio.offset_db(one.id));
        for (std::uint16_t j = 0; j < i; ++j) {
            const Scanner& other = layout_.scanners[j];
            if (one.at && other.at && apart_m(*one.at, *other.at) >= kFarM) {
                far_pairs_.emplace_back(j, i);
            }
        }
    }
    zone_sums_.resize(layout_.zones.size());
    dirty_.reserve(limits_.members_max);
}

void Floor::welcome(Visitor& visitor, MemberId member, Instant at) {
    visitor.member = member;
    visitor.present = true;
    visitor.dirty = visitor.decided = visitor.conflicted = visitor.far = false;
    visitor.last_heard = visitor.believed_at = visitor.decided_at = at;
    visitor.far_since = visitor.near_since = at;
    visitor.loudest = Rssi(-127);
    visitor.loudest_at = at;
    visitor.zone = visitor.next_zone = kNowhere;
    visitor.zone_confidence = 0;
    visitor.kiosks.assign(layout_.kiosks.size(), {});
    visitor.levels.assign(layout_.scanners.size(), {});
    if (grid_) grid_->reset(visitor.belief);
}

Visitor* Floor::visitor_for(MemberId member, Instant at) {
    if (const auto seat = roster_.find(member)) return &visitors_[*seat];
    const auto seat = roster_.seat(member);
    if (!seat) {
        ++counts_.crowded_out;
        return nullptr;
    }
    if (*seat >= visitors_.size()) visitors_.resize(*seat + 1);
    Visitor& visitor = visitors_[*seat];
    welcome(visitor, member, at);
    return &visitor;
}

void Floor::hear(MemberId member, std::uint16_t scanner, Rssi rssi, Instant at) {
    ++counts_.heard;
    if (scanner >= layout_.scanners.size()) {
        ++counts_.unknown_scanner;
        return;
    }
    if (!plausible(rssi)) {
        ++counts_.unknown_level;
        return;
    }
    if (ticked_ && (at > now_ + kAheadMax || at + limits_.late_max < now_)) {
        ++counts_.late;
        return;
    }
    Visitor* visitor = visitor_for(member, at);
    if (visitor == nullptr) return;
    if (at + limits_.late_max < visitor->last_heard) {
        ++counts_.late;
        return;
    }
    if (!visitor->levels[scanner].add(rssi, at, calibration_.level.window)) {
        ++counts_.too_often;
        return;
    }
    believe(*visitor, scanner, rssi, at);
    if (rssi > visitor->loudest || at > visitor->loudest_at + milliseconds(1000)) {
        visitor->loudest = rssi;
        visitor->loudest_at = at;
    }
    visitor->last_heard = std::max(visitor->last_heard, at);
    if (visitor->dirty) return;
    visitor->dirty = true;
    dirty_.push_back(static_cast<std::uint32_t>(visitor - visitors_.data()));
}

void Floor::believe(Visitor& visitor, std::uint16_t scanner, Rssi rssi, Instant at) {
    if (!grid_) return;
    // Within a burst the member has not moved; what comes late is taken as heard just now.
    if (at > visitor.believed_at + milliseconds(20)) {
        const std::chrono::duration<double> passed = at - visitor.believed_at;
        grid_->spread(visitor.belief, passed.count());
        visitor.believed_at = at;
    }
    grid_->weigh(visitor.belief, scanner, rssi);
}

void Floor::tick(Instant now, std::vector<Change>& changes) {
    now_ = ticked_ ? std::max(now_, now) : now;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < dirty_.size(); ++i) {
        Visitor& visitor = visitors_[dirty_[i]];
        if (visitor.decided && now_ < visitor.decided_at + kDecidePeriod) {
            dirty_[kept++] = dirty_[i];
            continue;
        }
        visitor.dirty = false;
        decide(visitor, changes);
    }
    dirty_.resize(kept);
    if (ticked_ && now_ < swept_ + kSweepPeriod) return;
    ticked_ = true;
    swept_ = now_;
    sweep(changes);
}

milliseconds Floor::silence_of(const Visitor& visitor) const {
    return visitor.loudest < limits_.weak_below ? limits_.weak_silence_max : limits_.silence_max;
}

void Floor::sweep(std::vector<Change>& changes) {
    for (Visitor& visitor : visitors_) {
        if (!visitor.present) continue;
        if (now_ >= visitor.last_heard + silence_of(visitor)) {
            depart(visitor, Cause::silence, changes);
        } else if (!grid_) {
            expire_kiosks(visitor, changes);
        }
    }
}

/// Other scanners still hear the member, but none of this kiosk's.
void Floor::expire_kiosks(Visitor& visitor, std::vector<Change>& changes) {
    for (std::uint16_t kiosk = 0; kiosk < count_of(visitor.kiosks); ++kiosk) {
        AtKiosk& here = visitor.kiosks[kiosk];
        if (!here.at) continue;
        bool heard = false;
        for (std::size_t i = 0; i < layout_.scanners.size(); ++i) {
            const LevelWindow& level = visitor.levels[i];
            heard = heard || (layout_.scanners[i].kiosk == kiosk && level.ever_heard() &&
                              now_ < level.last_heard() + silence_of(visitor));
        }
        if (heard) continue;
        here = {};
        changes.push_back(change_of(visitor, Change::Kind::left, kiosk, 1, Cause::silence));
    }
}

void Floor::depart(Visitor& visitor, Cause cause, std::vector<Change>& changes) {
    for (std::uint16_t kiosk = 0; kiosk < count_of(visitor.kiosks); ++kiosk) {
        if (!visitor.kiosks[kiosk].at) continue;
        changes.push_back(change_of(visitor, Change::Kind::left, kiosk, 1, cause));
    }
    changes.push_back(change_of(visitor, Change::Kind::gone, kNowhere, 1, cause));
    if (visitor.dirty) {
        std::erase(dirty_, static_cast<std::uint32_t>(&visitor - visitors_.data()));
    }
    roster_.leave(visitor.member);
    // Nothing of a member who is gone stays in memory (REQUIREMENTS P7); the room is kept.
    std::fill(visitor.belief.begin(), visitor.belief.end(), 0.0F);
    std::fill(visitor.levels.begin(), visitor.levels.end(), LevelWindow{});
    std::fill(visitor.kiosks.begin(), visitor.kiosks.end(), AtKiosk{});
    visitor.member = MemberId{};
    visitor.zone = kNowhere;
    visitor.present = visitor.dirty = false;
}

void Floor::forget(MemberId member, Instant now, std::vector<Change>& changes) {
    now_ = ticked_ ? std::max(now_, now) : now;
    const auto seat = roster_.find(member);
    if (seat) depart(visitors_[*seat], Cause::withdrawal, changes);
}

Audience Floor::audience(std::uint16_t kiosk) const {
    Audience audience;
    if (kiosk >= layout_.kiosks.size()) return audience;
    for (const Visitor& visitor : visitors_) {
        if (!visitor.present) continue;
        const AtKiosk& here = visitor.kiosks[kiosk];
        if (!here.at) {
            audience.unsure = audience.unsure || here.border;
            continue;
        }
        const bool fading = now_ >= visitor.last_heard + kDoubtfulSilence;
        audience.unsure = audience.unsure || visitor.conflicted || fading || here.crossing;
        ++audience.total;
        if (audience.size == Audience::kListedMax) continue;
        audience.listed[audience.size++] = {.member = visitor.member,
                                            .confidence = here.confidence,
                                            .since = here.since,
                                            .conflicted = visitor.conflicted};
    }
    std::sort(audience.listed.begin(),
              audience.listed.begin() + static_cast<std::ptrdiff_t>(audience.size),
              [](const Present& a, const Present& b) {
                  return a.since != b.since ? a.since < b.since : a.member < b.member;
              });
    return audience;
}

std::optional<Whereabouts> Floor::whereabouts(MemberId member) const {
    const auto seat = roster_.find(member);
    if (!seat) return std::nullopt;
    const Visitor& visitor = visitors_[*seat];
    Whereabouts where{.zone = visitor.zone,
                      .zone_confidence = visitor.zone_confidence,
                      .at = std::nullopt,
                      .last_heard = visitor.last_heard,
                      .conflicted = visitor.conflicted};
    if (grid_) where.at = grid_->centre(visitor.belief);
    return where;
}

}  // namespace vitrine::presence
