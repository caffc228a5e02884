#include "agent/presence/layout.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "agent/base/result.hpp"

namespace vitrine::presence {
namespace {

bool finite(const Point& point) {
    return std::isfinite(point.x_m) && std::isfinite(point.y_m) && std::isfinite(point.z_m);
}

/// The extent of everything placed, in the plane.
struct Extent {
    double low_x = 0, high_x = 0, low_y = 0, high_y = 0;
    bool any = false;

    void cover(const Point& point) {
        low_x = any ? std::min(low_x, point.x_m) : point.x_m;
        high_x = any ? std::max(high_x, point.x_m) : point.x_m;
        low_y = any ? std::min(low_y, point.y_m) : point.y_m;
        high_y = any ? std::max(high_y, point.y_m) : point.y_m;
        any = true;
    }
    double span() const { return std::max(high_x - low_x, high_y - low_y); }
};

template <class Things, class Id>
Result<void> check_ids(const char* kind, const Things& things, Id id_of) {
    for (std::size_t i = 0; i < things.size(); ++i) {
        const std::string name = std::string(kind) + " " + std::to_string(i + 1);
        if (id_of(things[i]).empty()) return invalid(name + " has no id");
        for (std::size_t j = 0; j < i; ++j) {
            if (id_of(things[j]) == id_of(things[i])) {
                return invalid(name + " repeats the id '" + id_of(things[i]).str() + "'");
            }
        }
    }
    return {};
}

Result<void> check_scanner(const Scanner& scanner, const Layout& layout) {
    const std::string name = "scanner '" + scanner.id.str() + "'";
    if (scanner.at && !finite(*scanner.at)) return invalid(name + ": its place is not finite");
    if (scanner.zone != kNowhere && scanner.zone >= layout.zones.size()) {
        return invalid(name + ": no zone has the index " + std::to_string(scanner.zone));
    }
    if (scanner.kiosk != kNowhere && scanner.kiosk >= layout.kiosks.size()) {
        return invalid(name + ": no kiosk has the index " + std::to_string(scanner.kiosk));
    }
    return {};
}

Result<void> check_kiosk(const Kiosk& kiosk) {
    const std::string name = "kiosk '" + kiosk.id.str() + "'";
    if (!finite(kiosk.at)) return invalid(name + ": its place is not finite");
    if (!(kiosk.enter_m > 0) || !std::isfinite(kiosk.enter_m)) {
        return invalid(name + ": enter_m must be positive");
    }
    if (!(kiosk.exit_m >= kiosk.enter_m) || !std::isfinite(kiosk.exit_m)) {
        return invalid(name + ": exit_m must be at least enter_m");
    }
    return {};
}

Result<void> check_sizes(const Layout& layout) {
    if (layout.scanners.empty()) return invalid("a layout needs a scanner");
    if (layout.scanners.size() > kScannersMax) {
        return invalid("more than " + std::to_string(kScannersMax) + " scanners");
    }
    if (layout.kiosks.size() > kKiosksMax) {
        return invalid("more than " + std::to_string(kKiosksMax) + " kiosks");
    }
    if (layout.zones.size() > kZonesMax) {
        return invalid("more than " + std::to_string(kZonesMax) + " zones");
    }
    return {};
}

template <class Things, class Id>
std::uint16_t index_of(const Things& things, const Id& id) {
    const auto found =
        std::find_if(things.begin(), things.end(), [&](const auto& each) { return each.id == id; });
    return found == things.end() ? kNowhere : static_cast<std::uint16_t>(found - things.begin());
}

}  // namespace

Result<void> Layout::check() const {
    TRY(check_sizes(*this));
    TRY(check_ids("zone", zones, [](const ZoneId& zone) { return zone; }));
    TRY(check_ids("scanner", scanners, [](const Scanner& each) { return each.id; }));
    TRY(check_ids("kiosk", kiosks, [](const Kiosk& each) { return each.id; }));
    Extent extent;
    for (const Scanner& scanner : scanners) {
        TRY(check_scanner(scanner, *this));
        if (scanner.at) extent.cover(*scanner.at);
    }
    for (const Kiosk& kiosk : kiosks) {
        TRY(check_kiosk(kiosk));
        extent.cover(kiosk.at);
    }
    if (extent.span() > kFloorMaxM) {
        return invalid("the floor is over " + std::to_string(static_cast<int>(kFloorMaxM)) +
                       " m long: are the places in metres?");
    }
    return {};
}

bool Layout::locatable() const {
    std::size_t placed = 0;
    Extent extent;
    for (const Scanner& scanner : scanners) {
        if (!scanner.at) continue;
        ++placed;
        extent.cover(*scanner.at);
    }
    return placed >= 3 && extent.span() > 0;
}

std::uint16_t Layout::scanner_named(const ScannerId& id) const { return index_of(scanners, id); }

std::uint16_t Layout::kiosk_named(const KioskId& id) const { return index_of(kiosks, id); }

}  // namespace vitrine::presence
