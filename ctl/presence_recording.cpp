#include "ctl/presence_recording.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <variant>

#include "agent/presence/calibration.hpp"

namespace vitrine::ctl {
namespace {

constexpr std::size_t kPlacedMin = 3;
/// A scanner with fewer readings than this leans on the common curve.
constexpr std::size_t kReadingsFew = 20;

/// One mark with its kiosk's place.
struct Stand {
    double time_s = 0;
    Point at;
};

double seconds(std::chrono::nanoseconds time) {
    return std::chrono::duration<double>(time).count();
}

Result<std::vector<Stand>> stands_of(const replay::Recording& recording,
                                     const presence::Layout& layout) {
    std::vector<Stand> stands;
    bool moved = false;
    for (const replay::Mark& mark : recording.marks) {
        const std::uint16_t kiosk = layout.kiosk_named(mark.kiosk);
        if (kiosk == presence::kNowhere) {
            return invalid("a mark at '" + mark.kiosk.str() + "', which is no kiosk of this shop");
        }
        Point at = layout.kiosks[kiosk].at;
        at.z_m = presence::RadioModel{}.carried_at_m;
        moved = moved || (!stands.empty() && stands.back().at != at);
        stands.push_back({seconds(mark.at), at});
    }
    if (!moved) {
        return invalid(
            "marks of at least two kiosks are needed: record with --walk, and type a "
            "kiosk's name whenever you stand at it");
    }
    return stands;
}

/// Nothing before the first mark and after the last.
std::optional<Point> place_at(const std::vector<Stand>& stands, double time_s) {
    const auto after = std::lower_bound(stands.begin(), stands.end(), time_s,
                                        [](const Stand& s, double t) { return s.time_s < t; });
    if (after == stands.end() || (after == stands.begin() && after->time_s > time_s)) {
        return std::nullopt;
    }
    if (after == stands.begin()) return after->at;
    const Stand& before = *std::prev(after);
    const double share = (time_s - before.time_s) / (after->time_s - before.time_s);
    return Point{.x_m = std::lerp(before.at.x_m, after->at.x_m, share),
                 .y_m = std::lerp(before.at.y_m, after->at.y_m, share),
                 .z_m = before.at.z_m};
}

/// The key of the phone that was carried.
Result<identity::IdentityKey> carried(const replay::Recording& recording) {
    std::optional<identity::IdentityKey> key;
    for (const replay::Heard& heard : recording.heard) {
        const auto* own = std::get_if<identity::IdentityKey>(&heard.sent);
        if (own == nullptr) continue;
        if (key && *key != *own) return invalid("holds several phones' walks: record one a file");
        key = *own;
    }
    if (!key) return invalid("holds no advert of your own phone: record with --key-file");
    return *key;
}

/// The sensor of each scanner of the layout, which may have no place.
std::vector<std::optional<std::uint16_t>> sensor_by_scanner(const presence::Layout& layout) {
    std::vector<std::optional<std::uint16_t>> sensors;
    std::uint16_t next = 0;
    for (const presence::Scanner& scanner : layout.scanners) {
        sensors.push_back(scanner.at ? std::optional(next++) : std::nullopt);
    }
    return sensors;
}

Result<Walk> read_walk(const replay::Recording& recording, const presence::Layout& layout) {
    if (sensors_of(layout).size() < kPlacedMin) {
        return invalid("three or more scanners with x and y are needed");
    }
    const std::vector<Stand> stands = TRY(stands_of(recording, layout));
    TRY(carried(recording));
    const auto sensors = sensor_by_scanner(layout);
    Walk walk;
    for (const replay::Heard& heard : recording.heard) {
        const auto at = place_at(stands, seconds(heard.at));
        const bool own = std::holds_alternative<identity::IdentityKey>(heard.sent);
        if (!own || !at || !sensors[heard.scanner] || heard.rssi == kRssiUnknown) continue;
        walk.readings.push_back({.time_s = seconds(heard.at),
                                 .sensor = *sensors[heard.scanner],
                                 .rssi = heard.rssi,
                                 .at = *at});
    }
    if (walk.readings.size() < kWalkReadingsMin) {
        return invalid("only " + std::to_string(walk.readings.size()) +
                       " readings between the first mark and the last: walk for two minutes");
    }
    const double start_s = walk.readings.front().time_s;
    for (Reading& reading : walk.readings) reading.time_s -= start_s;
    return walk;
}

}  // namespace

std::vector<Sensor> sensors_of(const presence::Layout& layout) {
    std::vector<Sensor> sensors;
    for (const presence::Scanner& scanner : layout.scanners) {
        if (!scanner.at) continue;
        sensors.push_back({.address = scanner.id.str(), .name = scanner.id, .at = *scanner.at});
    }
    return sensors;
}

Result<Walk> walk_of(const replay::Recording& recording, const std::string& file,
                     const presence::Layout& layout) {
    Walk walk = TRY(read_walk(recording, layout).within(file));
    walk.name = file;
    return walk;
}

std::vector<ScannerId> hard_of_hearing(const std::vector<Walk>& walks,
                                       const std::vector<Sensor>& sensors) {
    std::vector<std::size_t> readings(sensors.size());
    for (const Walk& walk : walks) {
        for (const Reading& reading : walk.readings) ++readings[reading.sensor];
    }
    std::vector<ScannerId> few;
    for (std::size_t i = 0; i < sensors.size(); ++i) {
        if (readings[i] < kReadingsFew) few.push_back(sensors[i].name);
    }
    return few;
}

}  // namespace vitrine::ctl
