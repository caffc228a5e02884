#include "agent/daemon/calibration_json.hpp"

#include <chrono>
#include <cmath>
#include <fstream>
#include <iterator>
#include <set>
#include <type_traits>
#include <utility>

#include <nlohmann/json.hpp>

namespace vitrine::daemon {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr const char* kFormat = "vitrine-presence-1";
constexpr std::streamoff kFileMax = 32 << 20;
constexpr double kMillisecondsMax = 3'600'000;

/// One object of the file. Reading marks what it read, so that `finish` can name what nobody knows.
class Object {
  public:
    Object(const json& value, std::string path) : value_(value), path_(std::move(path)) {}

    Result<void> check() const {
        if (value_.is_object()) return {};
        return invalid((path_.empty() ? "the document" : path_) + " is not an object");
    }

    const json* find(const char* key) {
        known_.insert(key);
        const auto found = value_.find(key);
        return found == value_.end() ? nullptr : &*found;
    }

    Result<void> number(const char* key, double& into) {
        const json* value = find(key);
        if (value == nullptr) return {};
        if (!value->is_number()) return invalid(name(key) + " is not a number");
        into = value->get<double>();
        return {};
    }

    Result<void> whole(const char* key, std::uint16_t& into) {
        double value = into;
        TRY(number(key, value));
        if (!(value >= 0 && value <= 65'535) || value != std::floor(value)) {
            return invalid(name(key) + " is not a whole number of 0 to 65535");
        }
        into = static_cast<std::uint16_t>(value);
        return {};
    }

    Result<void> duration(const char* key, milliseconds& into) {
        double value = static_cast<double>(into.count());
        TRY(number(key, value));
        if (!(value >= 0 && value <= kMillisecondsMax)) {
            return invalid(name(key) + " is not between 0 and an hour");
        }
        into = milliseconds(std::llround(value));
        return {};
    }

    Result<void> finish() const {
        for (const auto& [key, value] : value_.items()) {
            if (!known_.contains(key)) {
                return invalid(name(key.substr(0, 64).c_str()) + " is no field of this file");
            }
        }
        return {};
    }

    std::string name(const char* key) const { return path_.empty() ? key : path_ + "." + key; }

  private:
    const json& value_;
    std::string path_;
    std::set<std::string, std::less<>> known_;
};

Result<void> read_offsets(const json& value, const std::string& path,
                          std::vector<presence::ScannerOffset>& into) {
    if (!value.is_object()) return invalid(path + " is not an object");
    for (const auto& [key, offset] : value.items()) {
        if (!offset.is_number()) return invalid(path + "." + key + " is not a number");
        into.push_back({TRY(ScannerId::parse(key).within(path)), offset.get<double>()});
    }
    return {};
}

Result<void> read_maps(const json& value, const std::string& path,
                       std::vector<presence::LevelMap>& into) {
    if (!value.is_object()) return invalid(path + " is not an object");
    for (const auto& [key, points] : value.items()) {
        presence::LevelMap map{.scanner = TRY(ScannerId::parse(key).within(path)),
                               .departure_db = {}};
        if (!points.is_array()) return invalid(path + "." + key + " is not an array");
        for (const json& point : points) {
            if (!point.is_number()) return invalid(path + "." + key + " holds no number");
            map.departure_db.push_back(point.get<float>());
        }
        into.push_back(std::move(map));
    }
    return {};
}

Result<void> read_frame(const json& value, const std::string& path, presence::MapFrame& frame) {
    Object object(value, path);
    TRY(object.check());
    TRY(object.number("origin_x_m", frame.origin_x_m));
    TRY(object.number("origin_y_m", frame.origin_y_m));
    TRY(object.number("spacing_m", frame.spacing_m));
    TRY(object.whole("columns", frame.columns));
    TRY(object.whole("rows", frame.rows));
    return object.finish();
}

Result<void> read_radio(const json& value, presence::RadioModel& radio) {
    Object object(value, "radio");
    TRY(object.check());
    TRY(object.number("rssi_at_1m_dbm", radio.rssi_at_1m_dbm));
    TRY(object.number("exponent", radio.exponent));
    TRY(object.number("sigma_db", radio.sigma_db));
    TRY(object.number("stroll_m2_per_s", radio.stroll_m2_per_s));
    TRY(object.number("carried_at_m", radio.carried_at_m));
    if (const json* offsets = object.find("offsets_db")) {
        TRY(read_offsets(*offsets, object.name("offsets_db"), radio.offsets));
    }
    if (const json* frame = object.find("frame")) {
        TRY(read_frame(*frame, object.name("frame"), radio.frame));
    }
    if (const json* maps = object.find("departures_db")) {
        TRY(read_maps(*maps, object.name("departures_db"), radio.maps));
    }
    return object.finish();
}

Result<void> read_level(const json& value, presence::LevelRule& level) {
    Object object(value, "level");
    TRY(object.check());
    TRY(object.number("enter_dbm", level.enter_dbm));
    TRY(object.number("exit_dbm", level.exit_dbm));
    TRY(object.duration("window_ms", level.window));
    TRY(object.number("zone_margin_db", level.zone_margin_db));
    return object.finish();
}

Result<void> read_locator(const json& value, presence::LocatorRule& locator) {
    Object object(value, "locator");
    TRY(object.check());
    TRY(object.number("enter_probability", locator.enter_probability));
    TRY(object.number("exit_probability", locator.exit_probability));
    TRY(object.duration("enter_dwell_ms", locator.enter_dwell));
    TRY(object.duration("exit_dwell_ms", locator.exit_dwell));
    TRY(object.number("zone_margin", locator.zone_margin));
    TRY(object.duration("zone_dwell_ms", locator.zone_dwell));
    return object.finish();
}

/// Tidy decimals: what is fitted has no more than four.
double rounded(double value) { return std::round(value * 1e4) / 1e4; }

json radio_to_json(const presence::RadioModel& radio) {
    json out{{"rssi_at_1m_dbm", rounded(radio.rssi_at_1m_dbm)},
             {"exponent", rounded(radio.exponent)},
             {"sigma_db", rounded(radio.sigma_db)},
             {"stroll_m2_per_s", radio.stroll_m2_per_s},
             {"carried_at_m", radio.carried_at_m}};
    for (const presence::ScannerOffset& each : radio.offsets) {
        out["offsets_db"][each.scanner.str()] = rounded(each.offset_db);
    }
    if (radio.maps.empty()) return out;
    out["frame"] = {{"origin_x_m", radio.frame.origin_x_m},
                    {"origin_y_m", radio.frame.origin_y_m},
                    {"spacing_m", radio.frame.spacing_m},
                    {"columns", radio.frame.columns},
                    {"rows", radio.frame.rows}};
    for (const presence::LevelMap& map : radio.maps) {
        json& points = out["departures_db"][map.scanner.str()] = json::array();
        for (const float db : map.departure_db) points.push_back(rounded(double{db}));
    }
    return out;
}

}  // namespace

std::string calibration_to_json(const presence::Calibration& calibration) {
    const presence::LevelRule& level = calibration.level;
    const presence::LocatorRule& locator = calibration.locator;
    const json out{{"format", kFormat},
                   {"radio", radio_to_json(calibration.radio)},
                   {"level",
                    {{"enter_dbm", level.enter_dbm},
                     {"exit_dbm", level.exit_dbm},
                     {"window_ms", level.window.count()},
                     {"zone_margin_db", level.zone_margin_db}}},
                   {"locator",
                    {{"enter_probability", locator.enter_probability},
                     {"exit_probability", locator.exit_probability},
                     {"enter_dwell_ms", locator.enter_dwell.count()},
                     {"exit_dwell_ms", locator.exit_dwell.count()},
                     {"zone_margin", locator.zone_margin},
                     {"zone_dwell_ms", locator.zone_dwell.count()}}}};
    return out.dump() + "\n";
}

Result<presence::Calibration> calibration_from_json(std::string_view text) {
    const json document = json::parse(text, nullptr, false);
    if (document.is_discarded()) return invalid("not JSON");
    Object object(document, "");
    TRY(object.check());
    const json* format = object.find("format");
    if (format == nullptr || *format != kFormat) {
        return invalid(std::string("format is not \"") + kFormat + "\"");
    }
    presence::Calibration calibration;
    if (const json* radio = object.find("radio")) TRY(read_radio(*radio, calibration.radio));
    if (const json* level = object.find("level")) TRY(read_level(*level, calibration.level));
    if (const json* locator = object.find("locator")) {
        TRY(read_locator(*locator, calibration.locator));
    }
    TRY(object.finish());
    TRY(calibration.check());
    return calibration;
}

Result<presence::Calibration> load_calibration(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return not_found(file.string() + ": cannot be opened");
    in.seekg(0, std::ios::end);
    if (in.tellg() > kFileMax) return invalid(file.string() + ": is too large");
    in.seekg(0);
    const std::string text(std::istreambuf_iterator<char>(in), {});
    return calibration_from_json(text).within(file.string());
}

}  // namespace vitrine::daemon
