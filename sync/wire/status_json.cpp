#include "sync/wire/status_json.hpp"

#include "sync/wire/json.hpp"

namespace vitrine::wire {

namespace {

constexpr JsonLimits kLimits{.bytes = 1024, .depth = 2, .members = 8};

}  // namespace

std::string encode_status(const Status& status) {
    Json json;
    json["online"] = status.online;
    json["at"] = status.at.time_since_epoch().count();
    json["version"] = status.version;
    return dump_json(json).value();
}

Result<Status> decode_status(std::string_view text) {
    const Json json = TRY(parse_json(text, kLimits));
    Report report(1);
    const Place root;
    ObjectReader reader(json, root, report);
    Status status;
    status.online = reader.boolean_or("online", false);
    status.at = wall_at(std::chrono::milliseconds(reader.integer("at", 0, std::int64_t{1} << 52)));
    status.version = reader.text("version", 64);
    reader.finish();
    if (!report.clean()) return error_of(report.problems());
    return status;
}

Result<int> decode_weather(std::string_view text) {
    const Json json = TRY(parse_json(text, kLimits));
    Report report(1);
    const Place root;
    ObjectReader reader(json, root, report);
    const auto weather = reader.integer("weather", -1, 1);
    reader.finish();
    if (!report.clean()) return error_of(report.problems());
    return static_cast<int>(weather);
}

}  // namespace vitrine::wire
