#include "sync/central/quality.hpp"

#include <nlohmann/json.hpp>

#include "sync/central/importing.hpp"

namespace vitrine::central {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kImportsShown = 10;
constexpr std::int64_t kLettersShown = 50;
constexpr std::size_t kReasonBytesMax = 160;
/// Of an agent's clock before ours: a batch's way and rounding stay below.
constexpr std::int64_t kClockAheadMs = 2000;

std::int64_t ms_of(WallTime time) { return time.time_since_epoch().count(); }

Result<Json> imports_json(sql::Connection& connection) {
    Json all = Json::array();
    for (const KeptImport& one : TRY(kept_imports(connection, kImportsShown))) {
        Json json = Json::parse(findings_json(one.report), nullptr, false);
        json["kind"] = name_of(one.kind);
        json["file"] = one.file;
        json["started"] = ms_of(one.started);
        json["finished"] = one.finished ? Json(ms_of(*one.finished)) : Json(nullptr);
        all.push_back(std::move(json));
    }
    return all;
}

/// By agent and reason, the most frequent first. What a reason quotes of an event is cut off.
Result<Json> letters_json(sql::Connection& connection) {
    auto select = TRY(connection.prepare(
        "SELECT shop, agent, kind, reason, count(*), max(received) FROM dead_letters GROUP BY "
        "shop, agent, kind, reason ORDER BY 5 DESC, shop, agent, reason LIMIT ?"));
    select.bind(kLettersShown);
    Json all = Json::array();
    while (TRY(select.step())) {
        all.push_back({{"store", select.text(0)},
                       {"agent", select.text(1)},
                       {"kind", select.text(2)},
                       {"reason", select.text(3).substr(0, kReasonBytesMax)},
                       {"count", select.integer(4)},
                       {"last", select.integer(5)}});
    }
    return all;
}

/// Agents whose clock is ahead, or of which something was given up; their newest outbox's.
Result<Json> agents_json(sql::Connection& connection) {
    auto select = TRY(connection.prepare(
        "SELECT shop, agent, sum(given_up), max(last_time - last_received), sum(cloned) FROM "
        "sources GROUP BY shop, agent HAVING sum(given_up) > 0 OR sum(cloned) > 0 OR "
        "max(last_time - last_received) > ? ORDER BY shop, agent LIMIT 1000"));
    select.bind(kClockAheadMs);
    Json all = Json::array();
    while (TRY(select.step())) {
        const std::int64_t ahead = select.integer(3);
        all.push_back({{"store", select.text(0)},
                       {"agent", select.text(1)},
                       {"given_up", select.integer(2)},
                       {"ahead_seconds", ahead > kClockAheadMs ? ahead / 1000 : 0},
                       {"cloned", select.integer(4)}});
    }
    return all;
}

}  // namespace

Result<std::string> quality_json(sql::Connection& connection) {
    Json json;
    json["imports"] = TRY(imports_json(connection));
    json["dead_letters"] = TRY(letters_json(connection));
    json["agents"] = TRY(agents_json(connection));
    // Who never bought anything and never came: an old list, or a feed that is missing.
    json["members_without_activity"] = TRY(connection.integer_of(
        "SELECT count(*) FROM members WHERE NOT EXISTS (SELECT 1 FROM purchases WHERE "
        "purchases.member = members.member) AND NOT EXISTS (SELECT 1 FROM order_lines WHERE "
        "order_lines.member = members.member) AND NOT EXISTS (SELECT 1 FROM channel_visits WHERE "
        "channel_visits.member = members.member)"));
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace vitrine::central
