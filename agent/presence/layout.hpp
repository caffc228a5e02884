#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"
#include "agent/base/units.hpp"

namespace vitrine::presence {

/// "No such scanner, zone or kiosk" where an index is expected.
inline constexpr std::uint16_t kNowhere = 0xffff;

/// How many a list below, or one beside it, holds: check() has seen to it that this fits an index.
template <typename List>
constexpr std::uint16_t count_of(const List& list) {
    return static_cast<std::uint16_t>(list.size());
}

inline constexpr std::size_t kScannersMax = 64;
inline constexpr std::size_t kKiosksMax = 64;
inline constexpr std::size_t kZonesMax = 64;
/// A shop floor is at most this long or wide between its outermost scanners and kiosks.
inline constexpr double kFloorMaxM = 500;

/// One receiver: an adapter of this machine, a gateway, another agent in the scanner's role.
struct Scanner {
    ScannerId id;
    /// Where it hangs; without it the scanner counts by its level alone.
    std::optional<Point> at;
    /// The zone that it stands for: an index into Layout::zones, or kNowhere.
    std::uint16_t zone = kNowhere;
    /// The kiosk that it is mounted on: an index into Layout::kiosks, or kNowhere. Where the
    /// locator cannot work, this scanner's level says who is at that kiosk.
    std::uint16_t kiosk = kNowhere;
    friend bool operator==(const Scanner&, const Scanner&) = default;
};

/// One screen. A member is at it from `enter_m` on until beyond `exit_m`, in the plane.
struct Kiosk {
    KioskId id;
    Point at;
    double enter_m = 2.5;
    double exit_m = 3.5;
    friend bool operator==(const Kiosk&, const Kiosk&) = default;
};

/// What stands where in one shop. Everything else names scanners, kiosks and zones by their index
/// here.
struct Layout {
    std::vector<ZoneId> zones;
    std::vector<Scanner> scanners;
    std::vector<Kiosk> kiosks;

    /// `invalid`, naming the entry, on an empty or repeated id, an index that names nothing, a
    /// place that is not finite, a floor over kFloorMaxM, `exit_m` below `enter_m`, no scanner, or
    /// more than the limits above.
    Result<void> check() const;

    /// Three or more scanners at known places that are not all the same: the locator can work.
    bool locatable() const;

    /// Index of the scanner called `id`, or kNowhere.
    std::uint16_t scanner_named(const ScannerId& id) const;
    /// Index of the kiosk called `id`, or kNowhere.
    std::uint16_t kiosk_named(const KioskId& id) const;

    friend bool operator==(const Layout&, const Layout&) = default;
};

}  // namespace vitrine::presence
